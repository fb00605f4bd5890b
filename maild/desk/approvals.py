"""Approvals as values: steps in order, the votes of those who were asked, and what they come to."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from maild.base.words import ApprovalState, VoteState

VOTED = frozenset({VoteState.APPROVED, VoteState.REJECTED})
COUNTS = VOTED | {VoteState.ASKED}  # whose voice counts in the present step, or still may


@dataclass(frozen=True, slots=True)
class Step:
    """One round of asking: `need` is "any", "all" or a number."""

    number: int  # counted from 1
    need: str


@dataclass(frozen=True, slots=True)
class Vote:
    """One person's part in one step; addresses in lower case."""

    step: int
    approver: str
    state: VoteState = VoteState.WAITING
    asked_at: datetime | None = None
    remind_at: datetime | None = None  # None: never
    voted_at: datetime | None = None
    comment: str = ""
    delegate: str = ""  # who votes in his place
    for_whom: str = ""  # in whose place he votes
    wants_note: bool = False  # he rejects, and his reason is waited for


@dataclass(frozen=True, slots=True)
class Approval:
    """One approval of one ticket, whole."""

    id: str
    ticket: int
    policy: str  # the [[approval]], "" for one that was asked for by hand
    state: ApprovalState
    asked_by: str
    question: str  # in the asking agent's words, "" when the request speaks for itself
    created_at: datetime
    steps: tuple[Step, ...]
    votes: tuple[Vote, ...]
    present: int = 1  # the number of the step that is asked now
    remind_after: timedelta = timedelta(0)
    expires_after: timedelta = timedelta(0)  # of one step
    expires_at: datetime | None = None  # of the present step
    on_expiry: str = "reject"
    decided_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """True while it waits for votes."""
        return self.state is ApprovalState.ASKED

    def vote_of(self, address: str) -> Vote | None:
        """Return the vote that is asked of a person now, None when none is."""
        return next((v for v in self.asked() if v.approver == address), None)

    def asked(self) -> tuple[Vote, ...]:
        """Return the votes that are waited for now."""
        return tuple(v for v in self.votes if v.step == self.present and v.state is VoteState.ASKED)

    def with_vote(self, vote: Vote) -> "Approval":
        """Return it with one vote put in the place of that person's in the same step, or added."""
        votes = {(v.step, v.approver): v for v in self.votes} | {(vote.step, vote.approver): vote}
        return replace(self, votes=tuple(votes.values()))

    def due_at(self) -> datetime | None:
        """Return when somebody is to be reminded, or the present step expires; None when never or decided."""
        if not self.is_open:
            return None
        times = [self.expires_at, *(v.remind_at for v in self.asked())]
        return min((t for t in times if t is not None), default=None)


def step_outcome(approval: Approval) -> bool | None:
    """Return whether the present step has agreed, False when it no longer can, None while it may go either way."""
    step = next(s for s in approval.steps if s.number == approval.present)
    votes = [v for v in approval.votes if v.step == step.number and v.state in COUNTS]
    for_it = sum(v.state is VoteState.APPROVED for v in votes)
    against = sum(v.state is VoteState.REJECTED for v in votes)
    needed = {"any": 1, "all": max(len(votes), 1)}.get(step.need) or int(step.need)
    if for_it >= needed:
        return True
    return False if len(votes) - against < needed else None


def begin_step(approval: Approval, number: int, now: datetime) -> Approval:
    """Return it with the people of a step asked; those of earlier ones are needed no more."""
    remind_at = reminder(approval, now)

    def begun(vote: Vote) -> Vote:
        """Return the vote as asked for now if it is one of this step that waits."""
        if vote.step == number and vote.state is VoteState.WAITING:
            return replace(vote, state=VoteState.ASKED, asked_at=now, remind_at=remind_at)
        return vote

    asked = replace(approval, present=number, expires_at=expiry(approval, now))
    return replace(asked, votes=tuple(map(begun, without_need(asked.votes, before=number))))


def expiry(approval: Approval, now: datetime) -> datetime | None:
    """Return when a step that begins now expires."""
    return now + approval.expires_after if approval.expires_after else None


def reminder(approval: Approval, now: datetime) -> datetime | None:
    """Return when whoever is asked, or reminded, now is reminded next; None for never."""
    return now + approval.remind_after if approval.remind_after else None


def without_need(votes: Iterable[Vote], before: int | None = None) -> tuple[Vote, ...]:
    """Return the votes with those that are no longer waited for; `before`: of earlier steps alone."""
    waits = {VoteState.ASKED, VoteState.WAITING}
    return tuple(
        replace(v, state=VoteState.NOT_NEEDED) if v.state in waits and (before is None or v.step < before) else v
        for v in votes
    )


def decided(approval: Approval, state: ApprovalState, now: datetime) -> Approval:
    """Return it as it is filed: nobody is waited for any more."""
    return replace(approval, state=state, decided_at=now, votes=without_need(approval.votes), expires_at=None)


def grants(approvals: Iterable[Approval], policy: str) -> bool:
    """Tell whether the latest approval by a policy was granted."""
    last = [a for a in approvals if a.policy == policy and a.state is not ApprovalState.CANCELLED]
    return bool(last) and last[-1].state is ApprovalState.GRANTED
