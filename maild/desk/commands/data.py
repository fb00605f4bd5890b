"""Verbs about a ticket's data: priority, subject, type, category, tag, field, time."""

import re

from maild.base.booking import booked, booked_seconds, hours_and_minutes
from maild.base.instants import read_duration
from maild.base.text import plain
from maild.base.words import Priority, TicketType
from maild.desk.bench import Case
from maild.desk.catalogue import ask_approval, ask_for_fields, give_service
from maild.desk.commands.model import Command
from maild.desk.commands.people import tell_holder
from maild.desk.commands.running import Refused, Run
from maild.desk.commands.spanish import FIELDS_ES, PRIORITIES_ES, TYPES_ES
from maild.desk.decide.approval import missing_approval
from maild.desk.decide.family import may_become
from maild.desk.model import is_machine
from maild.desk.posting import SUBJECT_CHARACTERS_MAX
from maild.desk.priority import IMPACT, URGENCY, degree, set_priority, weigh

_PRIORITIES = {**{p.value: p for p in Priority}, **{es: Priority(en) for en, es in PRIORITIES_ES.items()}}
_TYPES = {
    **{t.value: t for t in TicketType},
    **{es: TicketType(en) for en, es in TYPES_ES.items()},
    **{"incidencia": TicketType.INCIDENT, "peticion": TicketType.REQUEST, "consulta": TicketType.QUESTION},
}


def _priority(run: Run, command: Command) -> str:
    text = run.value(command)
    priority = _PRIORITIES.get(plain(text))
    if priority is None:
        raise Refused(run.say("no-priority", text=text))
    if is_machine(run.agent) and run.case.ticket.priority_by:
        return run.say("priority-stays", priority=str(run.case.ticket.priority), who=run.case.ticket.priority_by)
    if not is_machine(run.agent):
        run.case.change(priority_by=run.agent)
    set_priority(run.case, run.agent, priority, "#priority")
    return run.say("priority", priority=str(priority))


def _subject(run: Run, command: Command) -> str:
    run.value(command)
    subject = command.whole[:SUBJECT_CHARACTERS_MAX]
    run.case.change(subject=subject)
    run.case.event(run.agent, "subject", subject)
    return run.say("subject", subject=subject)


def _type(run: Run, command: Command) -> str:
    text = run.value(command)
    kind = _TYPES.get(plain(text))
    if kind is None:
        raise Refused(run.say("no-type", text=text))
    if not may_become(run.case, kind):
        raise Refused(run.say("type-not"))
    run.case.change(type=kind)
    run.case.event(run.agent, "type", str(kind))
    said, policy = run.say("type", type=str(kind)), missing_approval(run.case)
    return f"{said}; {run.say('wants-approval', policy=policy)}" if policy else said


def _category(run: Run, command: Command) -> str:
    """File it under a category; `-` takes it away."""
    run.value(command)
    category = "" if command.whole == "-" else command.whole
    run.case.change(category=category)
    run.case.event(run.agent, "category", category or "none")
    return run.say("category", category=category or "-")


def set_tags(case: Case, actor: str, words: tuple[str, ...]) -> None:
    """Add the tags written `+x` or `x`, remove those written `-x`."""
    tags = list(case.ticket.tags)
    for word in words:
        tag = word.lstrip("+-").strip(",").lower()
        if word.startswith("-"):
            tags = [t for t in tags if t != tag]
        elif tag and tag not in tags:
            tags.append(tag)
    case.change(tags=tuple(tags))
    case.event(actor, "tags", " ".join(tags) or "none")


def _tag(run: Run, command: Command) -> str:
    run.value(command)
    set_tags(run.case, run.agent, command.values)
    return run.say("tag", tags=" ".join(run.case.ticket.tags) or "-")


_FIELD = re.compile(r"(?P<name>[^\W\d_][\w.-]{0,39})\s*=\s*(?P<value>.*)", re.DOTALL)
FIELD_CHARACTERS_MAX = 500


def _field(run: Run, command: Command) -> str:
    """Give a field of the ticket's own a value; without one it is taken away."""
    run.value(command)
    found = _FIELD.fullmatch(command.whole)
    if found is None:
        raise Refused(run.say("no-field", text=command.rest))
    name, value = found["name"].lower(), found["value"].strip(' "“”«»')[:FIELD_CHARACTERS_MAX]
    name = FIELDS_ES.get(plain(name), name)
    if name == "service":
        return _service(run, value)
    if name in {IMPACT, URGENCY} and value:
        value = degree(value) or ""
        if not value:
            raise Refused(run.say("no-degree", text=found["value"]))
    fields = dict(run.case.ticket.fields) | {name: value}
    run.case.change(fields=tuple(sorted((n, v) for n, v in fields.items() if v)))
    run.case.event(run.agent, "field", f"{name}={value}")
    weigh(run.case, run.agent)
    return run.say("field", field=f"{name}={value}")


def _service(run: Run, name: str) -> str:
    """Give the ticket a service of the catalogue, and ask for what is missing; no name takes it away."""
    if not name:
        run.case.change(service="", fields_asked=0)
        run.case.event(run.agent, "service", "none")
        return run.say("field", field="service=")
    service = run.case.bench.settings.service_named(name)
    if service is None:
        known = ", ".join(s.name for s in run.case.bench.settings.service) or "-"
        raise Refused(run.say("no-service", text=name, known=known))
    before = run.case.ticket
    give_service(run.case, run.agent, service, "#field")
    if not run.case.bench.assigns_later:
        if (before.team, before.assignee) != (run.case.ticket.team, run.case.ticket.assignee):
            tell_holder(run.case, run.agent)
        ask_for_fields(run.case)
        ask_approval(run.case)
    return run.say("field", field=f"service={service.name}")


def _time(run: Run, command: Command) -> str:
    """Book time worked; the timeline holds it."""
    run.value(command)
    try:
        worked = read_duration(command.whole)
    except (ValueError, OverflowError):
        raise Refused(run.say("no-span", text=command.rest)) from None
    details = [e.detail for e in run.case.past.events if e.verb == "time"] + [booked(worked)]
    run.case.event(run.agent, "time", f"{booked(worked)}: #time {command.rest}")
    return run.say("time-total", total=hours_and_minutes(booked_seconds(details)))


HANDLERS = {
    "priority": _priority,
    "subject": _subject,
    "type": _type,
    "category": _category,
    "tag": _tag,
    "field": _field,
    "time": _time,
}
