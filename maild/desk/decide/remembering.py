"""What a block of commands found, kept so that its author may take it back with `#undo`."""

from dataclasses import replace
from typing import Any

from maild.base.booking import booked_seconds
from maild.base.words import Audience, Direction
from maild.desk.bench import Bench, Case
from maild.desk.commands.model import Block
from maild.desk.commands.verbs import only_asks
from maild.desk.effects import (
    AddEvent,
    AddLink,
    ChangeTicket,
    KeepAbsence,
    KeepApproval,
    KeepRhythm,
    KeepUndo,
    MarkPost,
    OpenTicket,
    PutParticipant,
    RememberPerson,
    RemoveLink,
)
from maild.desk.model import Participant, Undo
from maild.sla.model import FactKind
from maild.sla.roster import Absence

# These follow from others, or tell when something was done: going back does it now.
_NOT_KEPT = frozenset({"updated_at", "reminded_at", "status_since", "assigned_at"})
_OF_PERSONS = ("language", "blocked")  # what commands change of a person; the rest is learnt from mail


def remember_block(before: Case, trial: Bench, agent: str, block: Block) -> None:
    """Keep what a trial changed on a ticket, with the commands that did; what asks alone is not kept."""
    lines = [c.line for c in block.commands if not only_asks(c.verb)]
    if not lines or any(c.verb == "undo" for c in block.commands):
        return
    number, stands = before.ticket.number, trial.cases[before.ticket.number].ticket
    names = [n for e in trial.effects if isinstance(e, ChangeTicket) and e.number == number for n, _ in e.changes]
    kept = [name for name in dict.fromkeys(names) if name not in _NOT_KEPT]
    changes = tuple((name, getattr(before.ticket, name), getattr(stands, name)) for name in kept)
    undo = Undo(
        id=trial.next_post_id(),
        ticket=stands.merged_into or number,
        agent=agent,
        at=trial.now,
        commands=tuple(lines),
        changes=tuple((name, was, now) for name, was, now in changes if was != now),
        people=_people(before, trial),
        links=tuple((e.kind, e.other) for e in trial.effects if isinstance(e, AddLink) and e.number == number),
        untied=tuple((e.kind, e.other) for e in trial.effects if isinstance(e, RemoveLink) and e.number == number),
        admitted=_admitted(before, trial),
        persons=_persons(before, trial),
        absences=_absences(before, trial),
        rhythm=_rhythm(before, trial, agent),
        booked=booked_seconds(e.event.detail for e in trial.effects if isinstance(e, AddEvent) and _books(e, number)),
        response=_response(number, trial),
        refusal=_refusal(before, trial),
    )
    if undo != Undo(undo.id, undo.ticket, agent, trial.now, undo.commands):
        trial.effects.append(KeepUndo(undo))


def _books(effect: AddEvent, number: int) -> bool:
    return effect.number == number and effect.event.verb == "time"


def _persons(before: Case, trial: Bench) -> tuple[tuple[str, str, Any, Any], ...]:
    addresses = dict.fromkeys(e.person.address for e in trial.effects if isinstance(e, RememberPerson))
    pairs = [(before.bench.person(address), trial.person(address)) for address in addresses]
    changes = (
        (was, now, name) for was, now in pairs for name in _OF_PERSONS if getattr(was, name) != getattr(now, name)
    )
    return tuple((now.address, name, getattr(was, name), getattr(now, name)) for was, now, name in changes)


def _absences(before: Case, trial: Bench) -> tuple[tuple[Absence, Absence], ...]:
    """Return what was said of absences, with what held before."""
    there = {absence.id: absence for absence in before.bench.snapshot.absences}
    left = {e.absence.id: e.absence for e in trial.effects if isinstance(e, KeepAbsence)}
    return tuple((there.get(id_, replace(now, end=now.start)), now) for id_, now in left.items())


def _rhythm(before: Case, trial: Bench, agent: str) -> tuple[str, str] | None:
    said = [e.rhythm for e in trial.effects if isinstance(e, KeepRhythm) and e.address == agent]
    return (before.bench.snapshot.rhythms.get(agent, ""), said[-1]) if said else None


def _people(before: Case, trial: Bench) -> tuple[Participant, ...]:
    """Return those whom the trial let join or leave, as they took part before."""
    there = {p.address: p for p in before.ticket.participants}
    put = [e.participant for e in trial.effects if isinstance(e, PutParticipant) and e.number == before.ticket.number]
    once = {p.address: p for p in put}.values()
    return tuple(there.get(p.address, Participant(p.address, p.name, p.role, active=False)) for p in once)


def _admitted(before: Case, trial: Bench) -> tuple[str, ...]:
    """Return the mails of strangers that the trial let count as written on copy."""
    came = {p.id for p in before.past.posts if p.direction is Direction.IN and not p.public}
    return tuple(e.post for e in trial.effects if isinstance(e, MarkPost) and e.public and e.post in came)


def _refusal(before: Case, trial: Bench) -> str:
    """Return the phrase that says why there is no way back; "" when there is one."""
    if trial.cases[before.ticket.number].ticket.merged_into is not None:
        return "undo-merged"
    if any(isinstance(e, OpenTicket) for e in trial.effects):
        return "undo-opened"
    if any(isinstance(e, KeepApproval) for e in trial.effects):
        return "undo-approval"
    outside = [n for n in trial.notices if n.audience in {Audience.REQUESTER, Audience.SUPPLIER} and n.recipients]
    if not all(n.ticket == before.ticket.number and n.not_before and n.not_before > trial.now for n in outside):
        return "undo-sent"
    return ""


def _response(number: int, trial: Bench) -> str:
    facts = [e.event.fact for e in trial.effects if isinstance(e, AddEvent) and e.number == number]
    said = [fact.response for fact in facts if fact is not None and fact.kind is FactKind.RESPONSE]
    return said[-1] if said else ""
