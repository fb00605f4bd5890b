"""Effects on tickets: opened, changed, tied, joined; their clocks and what was told of them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, assert_never

from maild.base.words import LinkKind
from maild.desk.effects import AddLink, ChangeTicket, OpenTicket, PutParticipant, RemoveLink, SetClocks, Tell
from maild.desk.model import Ticket
from maild.sla.model import Reading
from maild.store.facts import write_fields, write_texts
from maild.store.ticket_row import change_row, open_row
from maild.store.work import Moved, Work, insert, upsert

_AS_THEY_ARE = (
    *("number", "subject", "first_subject", "status", "queue", "requester", "created_at", "updated_at", "type"),
    *("priority", "team", "level", "requester_name", "assignee", "assigned_at", "language", "category", "sla"),
    *("address", "by_machine", "status_since", "resolved_at", "closed_at", "until", "snoozed_until", "reminded_at"),
    *("merged_into", "thread_index", "thread_topic", "service", "priority_by", "fields_asked", "resolution_code"),
    "organisation",
    *("workaround", "public_title", "fingerprint", "equal_mails"),
    *("surveyed_at", "survey", "rating", "rating_comment", "rated_at"),
)
_WRITTEN: dict[str, Callable[[Any], object]] = dict.fromkeys(_AS_THEY_ARE, lambda value: value) | {
    "tags": write_texts,
    "fields": write_fields,
    "known_error": lambda words: write_texts(words) if words else "",
}

_INVERSE = {LinkKind.PARENT: LinkKind.CHILD, LinkKind.CHILD: LinkKind.PARENT}  # one tie, written from either side


def write_ticket(work: Work, effect: OpenTicket | ChangeTicket | PutParticipant | AddLink | RemoveLink) -> None:
    """Write what a ticket is, and who and what belongs to it."""
    match effect:
        case OpenTicket(ticket):
            _open(work, ticket)
        case ChangeTicket(number, changes):
            _change(work, number, dict(changes))
        case PutParticipant():
            _put(work, effect)
        case AddLink():
            _link(work, effect)
        case RemoveLink():
            _untie(work, effect)
        case _:
            assert_never(effect)


def write_clocks(work: Work, effect: SetClocks | Tell) -> None:
    """Write how the clocks stand, or that a threshold was told."""
    match effect:
        case SetClocks():
            _clocks(work, effect)
        case Tell():
            _tell(work, effect)
        case _:
            assert_never(effect)


def _open(work: Work, ticket: Ticket) -> None:
    values = {name: written(getattr(ticket, name)) for name, written in _WRITTEN.items()}
    rest = {"version": 1, "canonical_subject": "", "public_ids": write_texts(ticket.public_ids)}
    open_row(work, ticket.number, values | rest)
    for participant in ticket.participants:
        _put(work, PutParticipant(ticket.number, participant))
    if ticket.assignee is not None:
        _assigned(work, ticket.assignee)


def _change(work: Work, number: int, changes: dict[str, Any]) -> None:
    change_row(work, number, {name: _WRITTEN[name](value) for name, value in changes.items()})
    if changes.get("assignee") is not None:
        _assigned(work, changes["assignee"])


def _assigned(work: Work, agent: str) -> None:
    work.transaction.change(*upsert("assignment", ("address",), {"address": agent, "last_assigned_at": work.now}))


def _put(work: Work, effect: PutParticipant) -> None:
    person = effect.participant
    values: dict[str, object] = {"ticket": effect.number, "address": person.address, "name": person.name}
    values |= {"role": person.role, "active": person.active}
    work.transaction.change(*upsert("participant", ("ticket", "address"), values))


def _link(work: Work, effect: AddLink) -> None:
    values: dict[str, object] = {"ticket": effect.number, "kind": effect.kind, "other": effect.other}
    work.transaction.change(*insert("link", values, "ON CONFLICT (ticket, kind, other) DO NOTHING"))


def _untie(work: Work, effect: RemoveLink) -> None:
    untie = "DELETE FROM link WHERE ticket = ? AND kind = ? AND other = ?"
    work.transaction.change(untie, (effect.number, effect.kind, effect.other))
    if effect.kind in _INVERSE:
        work.transaction.change(untie, (effect.other, _INVERSE[effect.kind], effect.number))


def _clocks(work: Work, effect: SetClocks) -> None:
    if effect.number not in work.opened:  # a new ticket has none
        work.transaction.change("DELETE FROM clock WHERE ticket = ?", (effect.number,))
    for reading in effect.readings:
        work.transaction.change(*insert("clock", _clock(effect.number, reading, work.now)))
    change_row(work, effect.number, {"next_threshold_at": effect.next_threshold_at})


def _clock(ticket: int, reading: Reading, now: datetime) -> dict[str, object]:
    return {
        "ticket": ticket,
        "clock": reading.clock,
        "cycle": reading.cycle,
        "state": reading.state,
        "started_at": reading.started_at,
        "due_at": reading.due_at,
        "met_at": reading.met_at,
        "target_seconds": reading.target_seconds,
        "elapsed_seconds": reading.elapsed_seconds,
        "breached": reading.breached,
        "sla": reading.sla,
        "read_at": now,
    }


def _tell(work: Work, effect: Tell) -> None:
    values = {"ticket": effect.number, "clock": effect.clock, "cycle": effect.cycle, "percent": effect.percent}
    told = insert("told", dict(values), "ON CONFLICT (ticket, clock, cycle, percent) DO NOTHING")
    if not work.transaction.change(*told):
        raise Moved(f"{effect.clock} at {effect.percent} % was told already")
