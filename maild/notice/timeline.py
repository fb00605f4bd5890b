"""The timeline's reasons in the reader's language: the English sentence is the key, as the desk writes it.

A sentence that has no row here is shown as it was written.
"""

import re
from collections.abc import Callable

from jinja2 import pass_context
from jinja2.runtime import Context

from maild.desk.commands.phrases import PRIORITIES_ES, STATUSES_ES

_CLOCKS = {
    "first_response": "primera respuesta",
    "next_response": "siguiente respuesta",
    "resolution": "resolución",
    "approval": "aprobación",
    "supplier": "respuesta del proveedor",
}
_NEEDS = {"any": "uno", "all": "todos"}
_OUTCOMES = {
    "approval-granted": "aprobación concedida",
    "approval-rejected": "aprobación rechazada",
    "approval-expired": "aprobación caducada",
}
_WORDS = STATUSES_ES | PRIORITIES_ES | _CLOCKS | _NEEDS | _OUTCOMES
_CLOCK = "|".join(_CLOCKS)
_PRIORITY = "|".join(PRIORITIES_ES)

# Sentence, and what stands for it; groups called `rest…` are sentences too, `word` and `then` are single known words.
_SPANISH = (
    (rf"(?P<word>{_CLOCK}) at (?P<n>\d+) % since (?P<at>\S+)", "{word} al {n} % desde {at}"),
    (rf"(?P<word>{_CLOCK}) at (?P<n>\d+) %", "{word} al {n} %"),
    (rf"(?P<word>{'|'.join(STATUSES_ES)}): (?P<rest>.+)", "{word}: {rest}"),
    (rf"(?P<word>{_PRIORITY}) to (?P<then>{_PRIORITY}): (?P<rest>.+)", "de {word} a {then}: {rest}"),
    (r"to the lead (?P<who>.+?): (?P<rest>.+)", "al responsable {who}: {rest}"),
    (r"to the manager (?P<who>.+?): (?P<rest>.+)", "al gerente {who}: {rest}"),
    (r"to (?P<who>[\w.-]+): (?P<rest>.+)", "a {who}: {rest}"),
    (r"to (?P<who>[\w.-]+)", "a {who}"),
    (r"tried: (?P<who>.+)", "intentado: {who}"),
    (r"(?P<who>\S+@\S+): (?P<rest>.+)", "{who}: {rest}"),
    (r"least loaded of its team \((?P<n>\d+) active\)", "el menos cargado de su equipo ({n} activos)"),
    (r"longest not assigned of its team", "el que lleva más tiempo sin asignaciones en su equipo"),
    (r"its team assigns by hand", "su equipo asigna a mano"),
    (r"nobody of its team may have it", "nadie de su equipo puede llevarlo"),
    (r"its queue has no team", "su cola no tiene equipo"),
    (r"the first public answer takes an unassigned ticket", "la primera respuesta pública toma un ticket sin asignar"),
    (
        r"Reply-To (?P<who>\S+) is of another organisation than From (?P<at>\S+)",
        "Reply-To {who} es de otra organización que From {at}",
    ),
    (r"Reply-To names the agent (?P<who>\S+), From names (?P<at>\S+)", "Reply-To es del agente {who}, From de {at}"),
    (
        r"its body could not be read, the mail is attached: (?P<who>.+)",
        "no se pudo leer su contenido, va adjunto el correo: {who}",
    ),
    (r"its time (?P<at>\S+) has come", "ha llegado su hora, {at}"),
    (r"the snooze is over", "se acabó el aplazamiento"),
    (r"moved to (?P<who>.+)", "pasa a {who}"),
    (r"until (?P<who>.+)", "hasta {who}"),
    (r"of (?P<who>\S+)", "de {who}"),
    (r"(?P<who>\S+) joins", "{who} se incorpora"),
    (r"(?P<who>\S+) leaves", "{who} se va"),
    (r"an agent took it", "lo tomó un agente"),
    (r"by (?P<who>\S+)", "por {who}"),
    (r"the supplier (?P<who>\S+) answered", "el proveedor {who} respondió"),
    (r"waits for (?P<who>.+)", "espera a {who}"),
    (r"(?P<who>\S+) was merged into this one", "{who} se unió a este"),
    (r"(?P<who>\S+) is a ticket of its own again", "{who} vuelve a ser un ticket propio"),
    (r"resolved (?P<n>\d+) days? ago", "resuelto hace {n} días"),
    (r"it waited (?P<n>\d+) days? for the requester", "esperó {n} días al solicitante"),
    (r"the requester, after (?P<n>\d+) days? in pending", "al solicitante, tras {n} días pendiente"),
    (r"sent to the requester", "enviado al solicitante"),
    (r"kept inside the desk", "se queda dentro"),
    (r"the requester has an answer", "el solicitante tiene respuesta"),
    (r"a new mail", "un correo nuevo"),
    (r"none", "ninguna"),
    # Who gets it.
    (
        r"least loaded of its team \((?P<n>\d+) active, weight (?P<at>\d+)\)",
        "el menos cargado de su equipo ({n} activos, peso {at})",
    ),
    (r"had it before", "lo tuvo antes"),
    (r"had the requester's last ticket", "tuvo el último ticket del solicitante"),
    (r"has (?P<who>[^;]+)", "tiene {who}"),
    (r"answers in (?P<who>\w+)", "habla {who}"),
    (r"stands in for (?P<who>\S+)", "sustituye a {who}"),
    (r"nobody of its team is on duty", "nadie de su equipo está de turno"),
    (r"nobody on duty has (?P<who>.+)", "nadie de turno tiene {who}"),
    # Approvals.
    (
        r"(?P<who>(?:[^,]+, )?)step (?P<n>\d+) of (?P<at>\d+): (?P<word>any|all|\d+) of (?P<people>.+)",
        "{who}paso {n} de {at}: {word} de {people}",
    ),
    (rf"(?P<word>{'|'.join(_OUTCOMES)})", "{word}"),
    (r"waits for an approval", "espera una aprobación"),
    (r"without a comment", "sin comentario"),
    (r"asked for by (?P<who>\S+)", "pedida por {who}"),
    (r"(?P<who>\S+), who has not decided", "a {who}, que no ha decidido"),
    (r"nobody decided in time; (?P<who>\S+) decides", "nadie decidió a tiempo; decide {who}"),
    (r"without a reason, so it does not count as yet", "sin motivo, así que aún no cuenta"),
    (r"words of an approver, kept inside the desk", "palabras de un aprobador, se quedan dentro"),
    # Catalogue and priorities.
    (r"(?P<who>.+) for the service (?P<at>\S+)", "{who}, para el servicio {at}"),
    (r"the requester is asked for (?P<who>.+)", "se pide al solicitante {who}"),
    (r"all that the service (?P<who>.+) needs is known", "se sabe todo lo que necesita el servicio {who}"),
    (r"that of the service (?P<who>.+)", "la del servicio {who}"),
    (r"the words “(?P<who>.+)” stand in it", "contiene las palabras «{who}»"),
    (r"(?P<who>\S+) is a VIP", "{who} es VIP"),
    # Problems, and tickets out of others.
    (r"resolved with (?P<who>\S+)", "resuelto con {who}"),
    (r"announced with (?P<who>\S+)", "anunciado con {who}"),
    (r"to (?P<n>\d+) requesters of (?P<at>\d+) tickets", "a {n} solicitantes de {at} tickets"),
    (r"with (?P<who>\S+): it needs the approval (?P<at>\S+) first", "con {who}: antes necesita la aprobación {at}"),
    (r"with (?P<who>\S+), by the mail of (?P<at>\S+)", "con {who}, por el correo de {at}"),
    (r"split from (?P<who>\S+) by (?P<at>\S+)", "separado de {who} por {at}"),
    (r"a task of (?P<who>\S+)", "una tarea de {who}"),
    (r"(?P<at>\S+) of (?P<who>\S+) is (?P<n>\S+) now", "{at} de {who} es ahora {n}"),
    (r"(?P<rest>[^;]+); (?P<rest_too>.+)", "{rest}; {rest_too}"),
)
_PHRASES = {"es": tuple((re.compile(sentence, re.DOTALL), said) for sentence, said in _SPANISH)}
_DEPTH_MAX = 4  # sentences within sentences


@pass_context
def told(context: Context, detail: str) -> str:
    """Return a timeline's reason in the language of the mail."""
    return in_language(detail, context["language"])


def in_language(detail: str, language: str, depth: int = 0) -> str:
    """Return a reason of the timeline in a language; as it is when there is no row for it."""
    for sentence, said in _PHRASES.get(language, ()):
        found = sentence.fullmatch(detail)
        if found is not None and depth < _DEPTH_MAX:
            return said.format(**{name: _part(name, text, language, depth) for name, text in found.groupdict().items()})
    return detail


def _part(name: str, text: str, language: str, depth: int) -> str:
    if name.startswith("rest"):
        return in_language(text, language, depth + 1)
    return _WORDS.get(text, text) if name in {"word", "then"} else text


FILTERS: dict[str, Callable[..., object]] = {"told": told}
