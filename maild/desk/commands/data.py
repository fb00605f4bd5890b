"""Verbs about a ticket's data: priority, subject, type, category, tag, field, time."""

import re

from maild.base.booking import booked, booked_seconds, hours_and_minutes
from maild.base.instants import read_duration
from maild.base.text import plain
from maild.base.words import Priority, TicketType
from maild.desk.bench import Case
from maild.desk.commands.model import Command
from maild.desk.commands.phrases import PRIORITIES_ES, TYPES_ES
from maild.desk.commands.running import Refused, Run
from maild.desk.posting import SUBJECT_CHARACTERS_MAX
from maild.sla.model import Fact, FactKind

_PRIORITIES = {**{p.value: p for p in Priority}, **{es: Priority(en) for en, es in PRIORITIES_ES.items()}}
_TYPES = {**{t.value: t for t in TicketType}, **{es: TicketType(en) for en, es in TYPES_ES.items()}}


def set_priority(case: Case, actor: str, priority: Priority, why: str) -> None:
    """Change the priority; the clocks are counted anew with its targets."""
    if priority is case.ticket.priority:
        return
    before = case.ticket.priority
    case.change(priority=priority)
    fact = Fact(case.bench.at, FactKind.TARGETS, priority=priority, sla=case.ticket.sla)
    case.event(actor, "priority", f"{before} to {priority}: {why}", fact)


def _priority(run: Run, command: Command) -> str:
    text = run.value(command)
    priority = _PRIORITIES.get(plain(text))
    if priority is None:
        raise Refused(run.say("no-priority", text=text))
    set_priority(run.case, run.agent, priority, "#priority")
    return run.say("priority", priority=PRIORITIES_ES[priority] if run.language == "es" else priority)


def _subject(run: Run, command: Command) -> str:
    run.value(command)
    subject = (command.values[0] if len(command.values) == 1 else command.rest)[:SUBJECT_CHARACTERS_MAX]
    run.case.change(subject=subject)
    run.case.event(run.agent, "subject", subject)
    return run.say("subject", subject=subject)


def _type(run: Run, command: Command) -> str:
    text = run.value(command)
    kind = _TYPES.get(plain(text))
    if kind is None:
        raise Refused(run.say("no-type", text=text))
    run.case.change(type=kind)
    run.case.event(run.agent, "type", str(kind))
    return run.say("type", type=TYPES_ES[kind] if run.language == "es" else kind)


def _category(run: Run, command: Command) -> str:
    run.value(command)
    run.case.change(category=command.rest)
    run.case.event(run.agent, "category", command.rest)
    return run.say("category", category=command.rest)


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
    found = _FIELD.fullmatch(command.rest)
    if found is None:
        raise Refused(run.say("no-field", text=command.rest))
    name, value = found["name"].lower(), found["value"].strip(' "“”«»')[:FIELD_CHARACTERS_MAX]
    fields = dict(run.case.ticket.fields) | {name: value}
    run.case.change(fields=tuple(sorted((n, v) for n, v in fields.items() if v)))
    run.case.event(run.agent, "field", f"{name}={value}")
    return run.say("field", field=f"{name}={value}")


def _time(run: Run, command: Command) -> str:
    """Book time worked; the timeline holds it."""
    run.value(command)
    try:
        worked = read_duration(command.rest)
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
