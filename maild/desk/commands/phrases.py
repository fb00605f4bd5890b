"""What transcripts say, in the agent's language: one row a phrase."""

from collections.abc import Mapping

from maild.desk.commands.spanish import PRIORITIES_ES, STATUSES_ES, TYPES_ES
from maild.desk.commands.verbs import VERBS

PHRASES: dict[str, tuple[str, str]] = {
    "status": ("the ticket is {status}", "el ticket queda {status}"),
    "until": ("the ticket is {status} until {until}", "el ticket queda {status} hasta {until}"),
    "assigned": ("assigned to {who}", "asignado a {who}"),
    "to-team": ("given to the team {team}; {who} has it", "dado al equipo {team}; lo tiene {who}"),
    "nobody": ("nobody", "nadie"),
    "unassigned": ("nobody has it now", "ahora no lo tiene nadie"),
    "queue": ("moved to the queue {queue}", "movido a la cola {queue}"),
    "cc": ("on copy: {who}", "en copia: {who}"),
    "supplier": (
        "your words go to {who}, and not to the requester",
        "tus palabras van a {who}, y no al solicitante",
    ),
    "supplier-left": ("suppliers: {who}", "proveedores: {who}"),
    "no-supplier": (
        "this ticket has no supplier; write #supplier +name or +address",
        "este ticket no tiene proveedor; escribe #proveedor +nombre o +dirección",
    ),
    "own-supplier": ("{who} is an agent or on this ticket already", "{who} es un agente o ya está en este ticket"),
    "watch": ("you will see all that happens to it", "verás todo lo que pase"),
    "mute": ("you will hear no more of it", "no sabrás más de él"),
    "note": ("your words are kept inside the desk", "tus palabras quedan como nota interna"),
    "reply": ("your words go to the requester", "tus palabras van al solicitante"),
    "lang": ("the language is {language}", "el idioma es {language}"),
    "send-at": ("your words leave on {when}", "tus palabras salen el {when}"),
    "waits": (
        "your words leave on {when}; #cancel takes them back until then",
        "tus palabras salen el {when}; #cancelar las retira hasta entonces",
    ),
    "cancelled": ("{count} mail(s) taken back", "{count} correo(s) retirado(s)"),
    "canned": ("with the canned text {name}", "con el texto preparado {name}"),
    "no-canned": ("there is no canned text {name}", "no hay ningún texto preparado {name}"),
    "canned-names": ("canned texts: {names}", "textos preparados: {names}"),
    "full": ("your whole text is used", "se usa el texto completo"),
    "priority": ("the priority is {priority}", "la prioridad es {priority}"),
    "subject": ("the subject is “{subject}”", "el asunto es «{subject}»"),
    "type": ("the type is {type}", "el tipo es {type}"),
    "open-tasks": (
        "it waits for its tasks: {keys}; #parent -N unties one, #close ends it without them",
        "espera a sus tareas: {keys}; #padre -N desata una, #cerrar lo termina sin ellas",
    ),
    "wants-approval": (
        "before it is resolved it needs the approval {policy}: #ask-approval {policy}",
        "antes de resolverlo hace falta la aprobación {policy}: #pedir-aprobacion {policy}",
    ),
    "category": ("the category is {category}", "la categoría es {category}"),
    "tag": ("tags: {tags}", "etiquetas: {tags}"),
    "linked": ("linked to {key}", "enlazado con {key}"),
    "parent": ("{key} is its parent", "{key} es su padre"),
    "merged": ("merged into {key}; everything about it goes there", "unido a {key}; todo lo suyo va allí"),
    "unmerged": ("{key} is a ticket of its own again, {status}", "{key} vuelve a ser un ticket propio, {status}"),
    "blocked": ("{who} is blocked", "{who} queda bloqueado"),
    "unblocked": ("{who} is no longer blocked", "{who} ya no está bloqueado"),
    "duplicate": ("closed as a duplicate of {key}", "cerrado como duplicado de {key}"),
    "split": ("{key} is a ticket of {who} now", "{key} es ahora un ticket de {who}"),
    "child": ("{key} is opened below it", "se abre {key} debajo"),
    "forwarded": (
        "a ticket of {who}, whose mail you forwarded",
        "un ticket de {who}, cuyo correo has reenviado",
    ),
    "field": ("field {field}", "campo {field}"),
    "time-total": ("time worked on it in all: {total}", "tiempo trabajado en total: {total}"),
    "none-found": ("there is none", "no hay ninguno"),
    "escalated": ("escalated to {team}", "escalado a {team}"),
    "announced": ("your words go to {count} requester(s)", "tus palabras van a {count} solicitante(s)"),
    "workaround": (
        "kept as what helps meanwhile; requesters may read it",
        "guardado como rodeo; lo leen los solicitantes",
    ),
    "no-workaround-words": ("what helps meanwhile is missing: write it below", "falta el rodeo: escríbelo debajo"),
    "no-workaround": ("there is no workaround now", "ya no hay rodeo"),
    "known-error": (
        "new tickets with these words belong to it: {words}; requesters read: {title}",
        "los tickets nuevos con estas palabras son suyos: {words}; los solicitantes leen: {title}",
    ),
    "no-known-error": ("no new ticket belongs to it now", "ya ningún ticket nuevo es suyo"),
    "not-parent": ("{key} is not its parent", "{key} no es su padre"),
    "no-parent": ("{key} is no longer its parent", "{key} ya no es su padre"),
    "approval-asked": ("asked to approve: {who}; the ticket waits", "se pide aprobación a {who}; el ticket espera"),
    "approved": ("your approval counts", "tu aprobación cuenta"),
    "rejected": ("your rejection counts", "tu rechazo cuenta"),
    "returned": ("given back to {team}; {who} has it", "devuelto a {team}; lo tiene {who}"),
    "snooze": ("you will be reminded on {when}", "se te recordará el {when}"),
    "draft-sent": ("the kept text is sent", "se envía el texto guardado"),
    "undone": ("taken back: {what}", "deshecho: {what}"),
    "dry-run": ("nothing is done", "no se hace nada"),
    "spam": ("marked as spam", "marcado como basura"),
    "on-call": ("on call: {who}", "de guardia: {who}"),
    "are-away": ("away: {who}", "ausente: {who}"),
    "away": ("you are away from {start} to {end}", "faltas del {start} al {end}"),
    "away-open": ("you are away from {start} until you write #back", "faltas desde el {start} hasta escribir #vuelta"),
    "away-substitute": (
        "{who} gets your new tickets and hears of your {count} open ones",
        "{who} recibe tus tickets nuevos y sabrá de los {count} que tienes abiertos",
    ),
    "away-nobody": (
        "nobody stands in for you: the team on duty hears of your {count} open tickets, which stay yours",
        "nadie te sustituye: el equipo de turno sabrá de tus {count} tickets abiertos, que siguen siendo tuyos",
    ),
    "away-too": ("{who} is away himself then", "{who} también falta entonces"),
    "is-away": ("{who} is away; {substitute} stands in", "{who} falta; le sustituye {substitute}"),
    "unreached": (
        "no mail reaches {who} now, who will not hear of it",
        "ahora no le llega correo a {who}, que no sabrá de él",
    ),
    "back": ("you are back", "has vuelto"),
    "back-planned": ("you will not be away from {start}", "ya no faltarás desde el {start}"),
    "blank": ("", ""),
    # faults
    "no-verb": ("there is no verb #{verb}", "no existe la orden #{verb}"),
    "too-many": ("more than {most} commands", "más de {most} órdenes"),
    "not-allowed": ("not possible while the ticket is {status}", "no es posible con el ticket {status}"),
    "missing": ("a value is missing: #{verb} {values}", "falta un valor: #{verb} {values}"),
    "no-value": ("#{verb} takes no value", "#{verb} no lleva valor"),
    "no-away": ("nothing says that you are away", "nada dice que faltes"),
    "report-sent": ("sent: {title}", "enviado: {title}"),
    "no-report": (
        "{text} is no report that you may have; #report {names}, a team, or 2026-11-01..2026-11-30",
        "{text} no es un informe que puedas pedir; #informe {names}, un equipo, o 2026-11-01..2026-11-30",
    ),
    "digest-now": ("you are written to at once", "se te escribe enseguida"),
    "digest-hourly": ("your news come in one mail an hour", "las novedades te llegan en un correo cada hora"),
    "digest-daily": (
        "your news come in one mail a day, at {clock}",
        "las novedades te llegan en un correo al día, a las {clock}",
    ),
    "digest-off": (
        "you hear only of what cannot wait: new work, missed targets, what you ask for",
        "solo sabrás lo que no puede esperar: trabajo nuevo, plazos incumplidos y lo que pidas",
    ),
    "digest-default": ("as the desk is set up: {how}", "como está configurado: {how}"),
    "no-digest": (
        "{text} is no digest; #digest now, hourly, daily, daily 17:00, off or default",
        "{text} no es un resumen; #resumen ahora, cada-hora, diario, diario 17:00, no o normal",
    ),
    "away-in-file": (
        "the roster file says that you are away; its administrator can change it",
        "lo dice el fichero de turnos; puede cambiarlo quien lo administra",
    ),
    "away-self": ("nobody is his own substitute", "nadie se sustituye a sí mismo"),
    "no-days": (
        "{text} is no time to be away; #away fri..mon sub=eva, 2026-08-01..15, 3d",
        "{text} no es un tiempo de ausencia; #ausente vie..lun sub=eva, 2026-08-01..15, 3d",
    ),
    "no-agent": ("nobody is called {who}", "no hay nadie llamado {who}"),
    "many-agents": ("{who} may be {found}", "{who} puede ser {found}"),
    "no-queue": ("there is no queue {queue}", "no existe la cola {queue}"),
    "no-ticket": ("there is no ticket {key}", "no existe el ticket {key}"),
    "itself": ("that is this ticket itself", "es este mismo ticket"),
    "nothing-merged": ("no ticket was merged into this one", "no hay ningún ticket unido a este"),
    "no-link": (
        "{text} is no kind of link; related, duplicate, blocks, parent or child",
        "{text} no es un tipo de enlace; relacionado, duplicado, bloquea, padre o hijo",
    ),
    "no-block": ("{who} is an agent", "{who} es un agente"),
    "no-code": (
        "this code was used, is more than an hour old, or is not yours; send your mail again",
        "este código ya se usó, tiene más de una hora o no es tuyo; envía tu correo otra vez",
    ),
    "no-message": ("there is no message {text} of hers to split", "no hay ningún mensaje suyo {text} que dividir"),
    "split-first": (
        "its first message is the ticket itself",
        "su primer mensaje es el ticket mismo",
    ),
    "no-field": ("{text} is no name=value", "{text} no es nombre=valor"),
    "no-span": ("{text} is no time worked; 15m, 1h 30m", "{text} no es un tiempo; 15m, 1h 30m"),
    "no-query": (
        "{text} means nothing here; status=open queue=… assignee=me tag=… and words",
        "{text} no significa nada; estado=abierto cola=… asignado=yo etiqueta=… y palabras",
    ),
    "no-lower": (
        "no team of level {level} hands its tickets up to this one",
        "ningún equipo de nivel {level} escala a este",
    ),
    "no-way": (
        "{text} is no level; 1, 2, 3, lead or manager, and then tried: …",
        "{text} no es un nivel; 1, 2, 3, responsable o gerente, y después intentado: …",
    ),
    "no-level": ("no team of level {level} stands above it", "no hay por encima un equipo de nivel {level}"),
    "forwarded-new": (
        "#forwarded opens a new ticket: send the forward to a queue's address",
        "#reenviado abre un ticket nuevo: envía el reenvío a la dirección de una cola",
    ),
    "no-forward": (
        "no forwarded mail with a sender was found in yours",
        "no se ha encontrado en el tuyo ningún correo reenviado con remitente",
    ),
    "no-undo": (
        "there are no commands of yours on this ticket to take back",
        "no hay órdenes tuyas en este ticket que deshacer",
    ),
    "undo-sent": (
        "the requester was written to because of {what}; mail that has been sent cannot be taken back",
        "por {what} se escribió al solicitante; el correo enviado no se puede deshacer",
    ),
    "undo-opened": (
        "a ticket was opened by {what}; close it if it is not wanted",
        "{what} abrió un ticket; ciérralo si sobra",
    ),
    "undo-merged": ("#unmerge takes {what} back", "#separar deshace {what}"),
    "undo-changed": (
        "{names} changed since {what}",
        "{names} ha cambiado desde {what}",
    ),
    "undo-approval": (
        "people were asked, or have decided, because of {what}; that cannot be taken back",
        "por {what} se ha preguntado o decidido; eso no se puede deshacer",
    ),
    "no-children": ("nobody waits for it: it has no open children", "nadie lo espera: no tiene hijos abiertos"),
    "announce-words": ("an announcement needs words below it", "un aviso necesita palabras debajo"),
    "announce-resolves": (
        "#resolve tells them too; leave #announce out",
        "#resolver también los avisa; quita #anunciar",
    ),
    "not-problem": ("it is no problem; #type problem makes it one", "no es un problema; #tipo problema lo cambia"),
    "no-policy": ("there is no policy of approval {who}", "no existe la política de aprobación {who}"),
    "no-approver": (
        "nobody who may approve is found for {who}; name people: #ask-approval boss@example.com",
        "no hay quien pueda aprobar por {who}; nombra personas: #pedir-aprobacion jefa@example.com",
    ),
    "own-approval": (
        "{who} cannot approve what comes from the same person",
        "{who} no puede aprobar lo que pide la misma persona",
    ),
    "no-need": (
        "{who} approvals cannot come of this; need=any, need=all or a number",
        "no pueden salir {who} aprobaciones; need=any, need=all o un número",
    ),
    "no-approval-of-type": (
        "a ticket of the type {who} has nothing to approve; #type request",
        "un ticket del tipo {who} no tiene nada que aprobar; #tipo solicitud",
    ),
    "approval-open": ("an approval is asked for already", "ya hay una aprobación pedida"),
    "approval-over": ("not possible while the ticket is {status}", "no es posible con el ticket {status}"),
    "not-asked": ("no decision of yours is waited for", "no se espera ninguna decisión tuya"),
    "needs-approval": (
        "this {type} needs the approval {policy} first: #ask-approval {policy}; #close ends it without",
        "esto ({type}) necesita antes la aprobación {policy}: #pedir-aprobacion {policy}; #cerrar lo termina sin ella",
    ),
    "no-address": ("{text} is no address", "{text} no es una dirección"),
    "no-priority": (
        "{text} is no priority; low, normal, high or urgent",
        "{text} no es una prioridad; baja, normal, alta o urgente",
    ),
    "no-type": (
        "{text} is no type; incident, request, question, problem or change",
        "{text} no es un tipo; incidente, solicitud, pregunta, problema o cambio",
    ),
    "type-not": (
        "open requests wait for this problem; it stays one until they are done",
        "hay solicitudes abiertas que esperan este problema; lo sigue siendo hasta que acaben",
    ),
    "type-no": ("a {type} has no #{verb}; #type first", "#{verb} no es para {type}; antes #tipo"),
    "no-degree": ("{text} is no degree; low, medium or high", "{text} no es un grado; bajo, medio o alto"),
    "no-service": ("there is no service {text}; {known}", "no existe el servicio {text}; {known}"),
    "no-resolution": (
        "{text} is no resolution code of this type; {known}",
        "{text} no es un código de resolución de este tipo; {known}",
    ),
    "priority-stays": (
        "the priority stays {priority}: {who} has set it",
        "la prioridad sigue en {priority}: la fijó {who}",
    ),
    "no-language": ("{text} is no language of this desk; {known}", "{text} no es un idioma del servicio; {known}"),
    "no-time": (
        "{text} is no time to come; 15m, fri 9:00 or 2026-12-01",
        "{text} no es una hora futura; 15m, vie 9:00 o 2026-12-01",
    ),
    "no-draft": ("there is no kept text of yours", "no hay ningún texto tuyo guardado"),
    "ok-alone": (
        "#ok sends the kept text as it is; leave the words below it out, or leave #ok out to send them",
        "#vale envía el texto guardado tal cual; quita las palabras de debajo, o quita #vale para enviarlas",
    ),
    "nothing-waits": ("no words of yours are waiting", "no hay palabras tuyas en espera"),
    "tried": ("say what was tried: #escalate tried: …", "di qué se ha intentado: #escalar intentado: …"),
    "not-served": ("#{verb} is not served by this version", "#{verb} aún no está disponible en esta versión"),
    "closed-words": (
        "the ticket is {status}: nothing goes to its requester",
        "el ticket está {status}: nada va al solicitante",
    ),
    "requester": ("the requester is {who}", "el solicitante es {who}"),
    # the batch mailbox
    "batch-sum": ("{failed} of {count} failed", "{failed} de {count} con fallo"),
    "batch-empty": ("there was no command in it", "no traía ninguna orden"),
    "batch-failed": ("failed: {reason}", "con fallo: {reason}"),
    "batch-no-verb": ("a line is a ticket and a command: 10427 close", "una línea es ticket y orden: 10427 cerrar"),
    "batch-ticket": ("{verb} wants a ticket before it: 10427 {verb}", "{verb} pide un ticket delante: 10427 {verb}"),
    "batch-many": ("{count} tickets", "{count} tickets"),
    "batch-limit": ("outside limit {limit}: {keys}", "fuera del límite {limit}: {keys}"),
    "batch-not-here": ("{verb} is not done here so", "{verb} no se hace así aquí"),
    "nearest": ("; nearest: {near}", "; parecida: {near}"),
    # notes of the transcript itself
    "wants-code": (
        "it cannot easily be taken back, so it wants a code: {what}",
        "no es fácil de deshacer, así que pide un código: {what}",
    ),
    "kept-internal": (
        "kept as a note, since you answered an internal mail; #reply sends it",
        "guardado como nota, porque respondiste a un correo interno; #responder lo envía",
    ),
    "kept-no-token": (
        "kept as a note, since your mail carries no token of ours; #reply sends it",
        "guardado como nota, porque tu correo no lleva nuestra marca; #responder lo envía",
    ),
    "has-it": (
        "the requester has your mail already; it was not sent again",
        "el solicitante ya tiene tu correo; no se ha vuelto a enviar",
    ),
    "named-only": (
        "not put on copy, since you answered an internal mail: {who}",
        "no se ponen en copia, porque respondiste a un correo interno: {who}",
    ),
}
# Values of a phrase that are words of ours, by the name that they are put in under.
_SPANISH: Mapping[str, Mapping[str, str]] = {
    "status": STATUSES_ES,
    "priority": PRIORITIES_ES,
    "type": TYPES_ES,
    "verb": {verb.word: verb.spanish for verb in VERBS},
}


def say(language: str, phrase: str, /, **values: object) -> str:
    """Return a phrase in Spanish for "es", in English for every other language, with its values put in.

    Statuses, priorities, types and verbs are given by their English words and read in the language of the phrase.
    """
    english, spanish = PHRASES[phrase]
    if language != "es":
        return english.format(**values)
    return spanish.format(**{name: _SPANISH.get(name, {}).get(str(value), value) for name, value in values.items()})
