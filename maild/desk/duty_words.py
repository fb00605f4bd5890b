"""The words of the mails to leads, in both languages: who is on duty, what is to be mended, how the day begins."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from maild.sla.coverage import Finding, FindingKind, Stretch
from maild.sla.duty import Duty

Name = Callable[[str], str]

_SAYS: dict[str, tuple[str, str]] = {
    "gap": ("service hours, and nobody of {team} is on duty", "horario de servicio sin nadie de {team} de turno"),
    "double": ("{who} is in two shifts at once: {shifts}", "{who} está en dos turnos a la vez: {shifts}"),
    "absent": ("{who} is away from {team}, and nobody stands in", "{who} falta en {team} y nadie le sustituye"),
    "hours": ("{who} has {hours:g} hours of duty this week", "{who} tiene {hours:g} horas de turno esa semana"),
    "tickets": ("{who} has {tickets} new and open tickets", "{who} tiene {tickets} tickets nuevos y abiertos"),
    "for": ("{who} (for {away})", "{who} (por {away})"),
    "now": ("Tickets", "Tickets"),
    "counts": (
        "{new} new, {open} open, {pending} pending, {on_hold} on hold",
        "{new} nuevos, {open} abiertos, {pending} pendientes, {on_hold} en pausa",
    ),
    "yesterday": ("Yesterday", "Ayer"),
    "volumes": (
        "{opened} opened, {resolved} resolved, {mails_in} mails in, {mails_out} out",
        "{opened} abiertos, {resolved} resueltos, {mails_in} correos recibidos, {mails_out} enviados",
    ),
    "rating": ("rating", "valoración"),
    "unanswered": ("Unanswered, oldest first", "Sin respuesta, del más antiguo"),
    "late": ("Past their target", "Con el plazo incumplido"),
    "soon": ("Due today", "Vencen hoy"),
    "unassigned": ("Nobody has them", "Sin asignar"),
    "for-approval": ("Waiting for an approval", "Esperan una aprobación"),
    "for-supplier": ("Waiting for a supplier", "Esperan a un proveedor"),
    "quarantined": ("Held mail that waits for a person", "Correo retenido que espera revisión"),
    "on-duty": ("On duty in {team}", "De turno en {team}"),
    "away": ("Away", "Ausentes"),
    "nobody": ("nobody", "nadie"),
    "recurring": ("Perhaps one problem ({count})", "Quizá un mismo problema ({count})"),
    "well": ("nothing is to be mended in the coming weeks", "no hay nada que corregir en las próximas semanas"),
}


def say(language: str, phrase: str, /, **values: object) -> str:
    """Return a phrase in a language, in English where it has no other."""
    return _SAYS[phrase][language == "es"].format(**values)


def finding_in_words(finding: Finding, language: str, name: Name) -> str:
    """Return what is wrong, without when."""
    who = name(finding.who) if finding.who else finding.team
    phrase = str(finding.kind)
    if finding.kind is FindingKind.OVERLOAD:
        phrase = "tickets" if finding.tickets else "hours"
    return say(
        language,
        phrase,
        team=finding.team,
        who=who,
        shifts=", ".join(finding.shifts),
        hours=round(finding.seconds / 3600, 1),
        tickets=finding.tickets,
    )


def people_in_words(duty: Duty, language: str, name: Name) -> str:
    """Return who is on duty, and for whom substitutes are."""
    instead = {substitute: who for who, substitute in duty.substitutes}

    def one(who: str) -> str:
        """Return a name, with that of the one for whom he stands in."""
        return say(language, "for", who=name(who), away=name(instead[who])) if who in instead else name(who)

    return ", ".join(map(one, duty.on)) or say(language, "nobody")


def when_in_words(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """Return a stretch of time as people of a zone read it; its day once when it is one."""
    begins, ends = start.astimezone(zone), end.astimezone(zone)
    until = ends.strftime("%H:%M") if begins.date() == ends.date() else ends.strftime("%Y-%m-%d %H:%M")
    return f"{begins.strftime('%Y-%m-%d %H:%M')} – {until}"


def stretch_in_words(stretch: Stretch, language: str, name: Name, zone: ZoneInfo) -> tuple[str, str]:
    """Return when, and who is on duty in which team."""
    people = people_in_words(stretch.duty, language, name)
    return when_in_words(stretch.start, stretch.end, zone), f"{stretch.team}: {people}"
