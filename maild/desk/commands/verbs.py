"""Every verb of the command language, in English and in Spanish: one row a verb, nothing elsewhere."""

import difflib
from dataclasses import dataclass
from enum import IntEnum

from maild.base.text import plain


class Tier(IntEnum):
    """How much harm a verb can do: T0 reads, T1 changes, T2 destroys or widens and wants a confirmation."""

    READS = 0
    CHANGES = 1
    DESTROYS = 2


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb with its Spanish word, its values as the help shows them, and what it does in both languages."""

    word: str
    spanish: str
    tier: Tier
    values: str
    does: str
    hace: str
    valores: str = ""  # the values in Spanish, where they differ

    def shown(self, language: str) -> tuple[str, str, str]:
        """Return word, values and what it does, for "es" in Spanish, else in English."""
        if language == "es":
            return self.spanish, self.valores or self.values, self.hace
        return self.word, self.values, self.does


_C, _R, _D = Tier.CHANGES, Tier.READS, Tier.DESTROYS

VERBS: tuple[Verb, ...] = (
    Verb("open", "abrir", _C, "", "opens the ticket", "abre el ticket"),
    Verb("pending", "espera", _C, "[until]", "waits for the requester", "espera al solicitante", valores="[hasta]"),
    Verb(
        "hold",
        "pausar",
        _C,
        "[until]",
        "waits for a third party or a date",
        "espera a un tercero o una fecha",
        valores="[hasta]",
    ),
    Verb("resolve", "resolver", _C, "[code]", "resolves the ticket", "resuelve el ticket", valores="[código]"),
    Verb("close", "cerrar", _C, "", "closes the ticket", "cierra el ticket"),
    Verb("reopen", "reabrir", _C, "", "opens it again", "lo reabre"),
    Verb("spam", "basura", _C, "", "marks it as spam", "lo marca como basura"),
    Verb("duplicate", "duplicado", _C, "N", "closes it as a duplicate of N", "lo cierra como duplicado de N"),
    Verb("take", "tomar", _C, "", "takes the ticket yourself", "toma el ticket"),
    Verb("assign", "asignar", _C, "who", "gives it to an agent or team", "lo da a un agente o equipo", valores="quién"),
    Verb("unassign", "desasignar", _C, "", "gives it back to the team", "lo devuelve al equipo"),
    Verb("queue", "cola", _C, "name", "moves it to a queue", "lo mueve a una cola", valores="nombre"),
    Verb("cc", "copia", _C, "+a -b", "puts people on copy or takes them off", "pone o quita personas en copia"),
    Verb("supplier", "proveedor", _C, "+a -b", "writes your words to a third party", "escribe a un tercero"),
    Verb("requester", "solicitante", _D, "a", "makes somebody else its requester", "cambia el solicitante"),
    Verb("watch", "seguir", _C, "", "shows you all that happens to it", "te muestra todo lo que pasa"),
    Verb("mute", "silenciar", _C, "", "shows you nothing more of it", "ya no te muestra nada"),
    Verb("block", "bloquear", _D, "a", "blocks an address", "bloquea una dirección"),
    Verb("note", "nota", _C, "", "keeps your words inside the desk", "guarda tus palabras como nota interna"),
    Verb("reply", "responder", _C, "", "sends your words to the requester", "envía tus palabras al solicitante"),
    Verb(
        "canned",
        "plantilla",
        _C,
        "[name [above]]",
        "adds a canned text, or lists them",
        "añade un texto preparado, o los lista",
        valores="[nombre [encima]]",
    ),
    Verb("lang", "idioma", _C, "es", "sets the requester's language", "fija el idioma del solicitante"),
    Verb("send-at", "enviar-el", _C, "t", "sends your words later", "envía tus palabras más tarde"),
    Verb("cancel", "cancelar", _C, "", "takes back your words not yet sent", "retira tus palabras aún no enviadas"),
    Verb("full", "completo", _C, "", "sends your whole text, quotes too", "envía el texto completo, citas incluidas"),
    Verb("forwarded", "reenviado", _C, "", "takes the forwarded mail's sender", "toma el remitente del reenviado"),
    Verb("priority", "prioridad", _C, "p", "low, normal, high or urgent", "baja, normal, alta o urgente"),
    Verb("subject", "asunto", _C, '"…"', "changes the ticket's own subject", "cambia el asunto del ticket"),
    Verb(
        "type",
        "tipo",
        _C,
        "t",
        "incident, request, question, problem, change",
        "incidente, solicitud, pregunta, problema, cambio",
    ),
    Verb("category", "categoria", _C, "a/b", "sets the category", "fija la categoría"),
    Verb("tag", "etiqueta", _C, "+x -y", "adds and removes tags", "pone y quita etiquetas"),
    Verb("field", "campo", _C, "n=v", "sets a field", "fija un campo"),
    Verb("time", "tiempo", _C, "15m", "books time worked", "anota tiempo trabajado"),
    Verb("merge", "unir", _D, "N", "merges this ticket into N", "une este ticket al N"),
    Verb("unmerge", "separar", _C, "[N]", "takes a merge back", "deshace una unión"),
    Verb(
        "split",
        "dividir",
        _C,
        "[message]",
        "makes a message a ticket of its own",
        "hace de un mensaje otro ticket",
        valores="[mensaje]",
    ),
    Verb("link", "enlazar", _C, "N [kind]", "ties it to N", "lo enlaza con N", valores="N [tipo]"),
    Verb("parent", "padre", _C, "N", "makes N its parent", "hace de N su padre"),
    Verb("child", "hijo", _C, '"title"', "opens a child ticket", "abre un ticket hijo", valores='"título"'),
    Verb(
        "escalate",
        "escalar",
        _C,
        "[level] tried: …",
        "hands it up, or back down",
        "lo sube o devuelve de nivel",
        valores="[nivel] intentado: …",
    ),
    Verb(
        "ask-approval",
        "pedir-aprobacion",
        _C,
        "a [: why]",
        "asks for an approval",
        "pide una aprobación",
        valores="a [: motivo]",
    ),
    Verb("approve", "aprobar", _C, "", "approves", "aprueba"),
    Verb("reject", "rechazar", _C, "why", "rejects", "rechaza", valores="motivo"),
    Verb("announce", "anunciar", _C, "", "tells all who wait for it", "avisa a todos los que esperan"),
    Verb(
        "workaround",
        "rodeo",
        _C,
        "[text]",
        "what helps until it is solved",
        "lo que ayuda hasta resolverlo",
        valores="[texto]",
    ),
    Verb(
        "known-error",
        "error-conocido",
        _C,
        "+x -y title=…",
        "ties new tickets to it",
        "le enlaza tickets nuevos",
        valores="+x -y titulo=…",
    ),
    Verb("snooze", "posponer", _C, "t", "reminds you then", "te lo recuerda entonces"),
    Verb("show", "ver", _R, "[N]", "shows a ticket", "muestra un ticket"),
    Verb("mine", "mis", _R, "", "lists your tickets", "lista tus tickets"),
    Verb("list", "lista", _R, "query", "lists tickets", "lista tickets", valores="consulta"),
    Verb("history", "historia", _R, "", "shows what happened", "muestra lo ocurrido"),
    Verb("kb", "ayudas", _R, "words", "searches the knowledge base", "busca en las ayudas", valores="palabras"),
    Verb("sla", "plazos", _R, "", "shows the clocks", "muestra los plazos"),
    Verb("report", "informe", _R, "[name]", "sends a report", "envía un informe", valores="[nombre]"),
    Verb("who-is-on", "turno", _R, "", "shows who is on duty", "muestra quién está de turno"),
    Verb("help", "ayuda", _R, "", "sends this page", "envía esta página"),
    Verb(
        "away",
        "ausente",
        _C,
        "from..to sub=who",
        "says when you are away",
        "dice cuándo faltas",
        valores="desde..hasta sus=quién",
    ),
    Verb("back", "vuelta", _C, "", "says that you are back", "dice que has vuelto"),
    Verb(
        "digest",
        "resumen",
        _C,
        "[daily]",
        "how often you are written to",
        "cada cuánto se te escribe",
        valores="[diario]",
    ),
    Verb("dry-run", "ensayo", _R, "", "says what would be done", "dice lo que se haría"),
    Verb("undo", "deshacer", _C, "", "takes your last commands back", "deshace tus últimas órdenes"),
    Verb(
        "ok",
        "vale",
        _C,
        "[code]",
        "sends the kept draft, or confirms",
        "envía el borrador o confirma",
        valores="[código]",
    ),
    Verb("end", "fin", _R, "", "ends the commands", "termina las órdenes"),
)


_BY_WORD = {name: verb for verb in VERBS for name in (verb.word, plain(verb.spanish))}


def find_verb(word: str) -> Verb | None:
    """Return the verb of an English or Spanish word, in any case, accents optional."""
    return _BY_WORD.get(plain(word))


def only_asks(word: str) -> bool:
    """Tell whether a word is that of a verb which changes nothing."""
    verb = find_verb(word)
    return verb is not None and verb.tier is Tier.READS


def nearest_verb(word: str) -> str:
    """Return the verb that was probably meant, in the language it resembles; "" when none is near."""
    near = difflib.get_close_matches(plain(word), _BY_WORD, n=1, cutoff=0.6)
    return near[0] if near else ""
