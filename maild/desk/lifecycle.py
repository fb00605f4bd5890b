"""The life of a ticket: everything that may change a status stands in one table, what types differ in, in another."""

from dataclasses import dataclass
from enum import StrEnum

from maild.base.words import Status, TicketType


class Act(StrEnum):
    """What somebody does to a ticket; the value is how a transcript names it."""

    AGENT_WORDS = "an agent's public words"
    REQUESTER_WROTE = "requester or cc wrote"
    OPEN = "open"
    PENDING = "pending"
    HOLD = "hold"
    RESOLVE = "resolve"
    CLOSE = "close"
    REOPEN = "reopen"


LIVE = frozenset({Status.NEW, Status.OPEN, Status.PENDING, Status.ON_HOLD})  # there is still something to do


class Refusal(StrEnum):
    """Why there is no next status."""

    FAULT = "not allowed"
    LINKED = "a linked new ticket is made instead"


_STATES = {
    Act.PENDING: Status.PENDING,
    Act.HOLD: Status.ON_HOLD,
    Act.RESOLVE: Status.RESOLVED,
    Act.CLOSE: Status.CLOSED,
}

TRANSITIONS: dict[Status, dict[Act, Status | Refusal]] = {
    # A ticket assigned by machine stays new until a person acts.
    Status.NEW: {
        Act.AGENT_WORDS: Status.OPEN,
        Act.REQUESTER_WROTE: Status.NEW,
        Act.OPEN: Status.OPEN,
        Act.REOPEN: Refusal.FAULT,
        **_STATES,
    },
    Status.OPEN: {
        Act.AGENT_WORDS: Status.OPEN,
        Act.REQUESTER_WROTE: Status.OPEN,
        Act.OPEN: Status.OPEN,
        Act.REOPEN: Refusal.FAULT,
        **_STATES,
    },
    Status.PENDING: {
        Act.AGENT_WORDS: Status.PENDING,
        Act.REQUESTER_WROTE: Status.OPEN,
        Act.OPEN: Status.OPEN,
        Act.REOPEN: Status.OPEN,
        **_STATES,
    },
    Status.ON_HOLD: {
        Act.AGENT_WORDS: Status.ON_HOLD,
        Act.REQUESTER_WROTE: Status.OPEN,
        Act.OPEN: Status.OPEN,
        Act.REOPEN: Status.OPEN,
        **_STATES,
    },
    Status.RESOLVED: {
        Act.AGENT_WORDS: Status.RESOLVED,
        Act.REQUESTER_WROTE: Status.OPEN,  # within the grace period; `after` knows of the time after it
        Act.OPEN: Status.OPEN,
        Act.REOPEN: Status.OPEN,
        **_STATES,
    },
    # A closed ticket stays closed for its requester: last year's figures cannot change under a report.
    Status.CLOSED: {
        Act.AGENT_WORDS: Status.CLOSED,
        Act.REQUESTER_WROTE: Refusal.LINKED,
        Act.OPEN: Refusal.FAULT,
        Act.PENDING: Refusal.FAULT,
        Act.HOLD: Refusal.FAULT,
        Act.RESOLVE: Refusal.FAULT,
        Act.CLOSE: Status.CLOSED,
        Act.REOPEN: Status.OPEN,
    },
    Status.SPAM: {
        Act.AGENT_WORDS: Refusal.FAULT,
        Act.REQUESTER_WROTE: Status.SPAM,
        Act.OPEN: Status.OPEN,
        Act.PENDING: Refusal.FAULT,
        Act.HOLD: Refusal.FAULT,
        Act.RESOLVE: Refusal.FAULT,
        Act.CLOSE: Status.CLOSED,
        Act.REOPEN: Status.OPEN,
    },
    # Everything goes to the ticket that this one was merged into, so nothing happens here.
    Status.MERGED: dict.fromkeys(Act, Refusal.FAULT),
}


def after(status: Status, act: Act, *, within_grace: bool = True, by_agent: bool = True) -> Status | Refusal:
    """Return the status that follows, or why there is none.

    `within_grace`: a resolved ticket may still be reopened by its requester's mail.
    `by_agent`: False when the requester himself gives `#close` or `#reopen`.
    """
    if status is Status.RESOLVED and act is Act.REQUESTER_WROTE and not within_grace:
        return Refusal.LINKED
    if status is Status.CLOSED and act is Act.REOPEN and not by_agent:
        return Refusal.LINKED
    if status is Status.RESOLVED and act is Act.REOPEN and not by_agent and not within_grace:
        return Refusal.LINKED
    return TRANSITIONS[status][act]


@dataclass(frozen=True, slots=True)
class TypeRules:
    """What is particular to one type of ticket; the statuses and their table are the same for all."""

    approvals: bool = True  # somebody may be asked to approve it
    children: bool = True  # tasks may be opened below it
    is_cause: bool = False  # others wait for it: it has a workaround, and they are resolved with it
    waits: bool = True  # below a cause it is resolved with that, and hears what is announced there


_I, _R, _Q, _P, _C = TicketType

TYPES: dict[TicketType, TypeRules] = {
    _I: TypeRules(),
    _R: TypeRules(),
    # A question is answered: there is nothing in it to approve and no task below it; else it is a request.
    _Q: TypeRules(approvals=False, children=False),
    _P: TypeRules(is_cause=True, waits=False),
    # A change below a problem is work on it, which is not done because the problem is called solved.
    _C: TypeRules(waits=False),
}
