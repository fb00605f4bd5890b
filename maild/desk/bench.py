"""A decision in the making: cases collect what happens to tickets, the bench makes one Decision of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from maild.base.keys import format_key
from maild.base.values import changed
from maild.base.words import Clock, LinkKind, Status
from maild.desk.approvals import Approval
from maild.desk.effects import (
    AddEvent,
    AddLink,
    AddPost,
    ChangeTicket,
    Decision,
    Effect,
    FoldNotice,
    KeepApproval,
    OpenTicket,
    PutParticipant,
    RememberPerson,
    RemoveLink,
    SetClocks,
    Tell,
)
from maild.desk.folding import fold_notices, put_off, rhythm_of
from maild.desk.merging import merge_notices
from maild.desk.model import SYSTEM, Event, Offshoot, Participant, Past, Person, Post, Snapshot, Ticket
from maild.desk.notices import Notice, Recipient
from maild.desk.rules.model import Ruling
from maild.settings.model import Settings
from maild.sla.clocks import next_due, read_clocks
from maild.sla.model import Fact, FactKind, Reading, Sla


@dataclass
class Bench:
    """All that one decision needs to hand; it reads values alone and writes only into itself."""

    stimulus: str
    snapshot: Snapshot
    settings: Settings
    slas: Mapping[str, Sla]
    now: datetime
    at: datetime  # when what is decided on happened: the clocks count from here
    effects: list[Effect] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    would: list[str] = field(default_factory=list)
    cases: dict[int, "Case"] = field(default_factory=dict)
    rulings: list[Ruling] = field(default_factory=list)
    offshoots: list[Offshoot] = field(default_factory=list)
    assigns_later: bool = False  # a new ticket is assigned once, when all is known of it
    quiet: bool = False  # nothing goes to the requester
    flooded: frozenset[str] = frozenset()  # whom this sweep has more warnings and breaches for than he should get
    _opened: int = 0
    _posts: int = 0
    _outer: "Bench | None" = None

    def trial(self) -> "Bench":
        """Return a bench that goes on from this one: adopt it, or throw it away and nothing of it has happened."""
        inner = Bench(self.stimulus, self.snapshot, self.settings, self.slas, self.now, self.at)
        inner._outer, inner._opened, inner._posts = self, self._opened, self._posts
        inner.assigns_later, inner.quiet = self.assigns_later, self.quiet
        return inner

    def adopt(self, trial: "Bench") -> None:
        """Take over what a trial of this bench did."""
        self.effects.extend(trial.effects)
        self.notices.extend(trial.notices)
        self.would.extend(trial.would)
        self.rulings.extend(trial.rulings)
        self.offshoots.extend(trial.offshoots)
        self._opened, self._posts = trial._opened, trial._posts
        for number, case in trial.cases.items():
            # Whoever holds our case sees it changed; its clocks are still to be settled, into the effects that count.
            self.cases.setdefault(number, Case(self, case.before, opened=case.opened)).go_on_from(case)

    def past(self, number: int) -> Past:
        """Return what was said and done on a ticket before this decision."""
        taken = self.snapshot
        if taken.ticket is not None and taken.ticket.number == number:
            return taken
        return taken.pasts.get(number, Past())

    def case(self, ticket: Ticket) -> "Case":
        """Return the one case of this ticket, begun when there is none."""
        if ticket.number not in self.cases:
            self.cases[ticket.number] = Case(self, self._as_it_stands(ticket), opened=False)
        return self.cases[ticket.number]

    def _as_it_stands(self, ticket: Ticket) -> Ticket:
        """Return a ticket as this decision leaves it so far, here or on a bench that this one goes on from."""
        if ticket.number in self.cases:
            return self.cases[ticket.number].ticket
        return self._outer._as_it_stands(ticket) if self._outer is not None else ticket

    def asked_case(self) -> "Case":
        """Return the case of the ticket that the snapshot was taken of; there has to be one."""
        assert self.snapshot.ticket is not None, "whoever decides on a ticket asks for one that is there"
        return self.case(self.snapshot.ticket)

    def open(self, ticket: Ticket, actor: str, because: str, at: datetime | None = None) -> "Case":
        """Open a new ticket; `ticket.number` is replaced by the next reserved number. Its clocks count from `at`."""
        number = self.snapshot.new_numbers[self._opened]
        self._opened += 1
        ticket = changed(ticket, number=number)
        case = self.cases[number] = Case(self, ticket, opened=True)
        self.effects.append(OpenTicket(ticket))
        began = at or self.at
        fact = Fact(began, FactKind.OPENED, priority=ticket.priority, sla=ticket.sla, by_machine=ticket.by_machine)
        case.event(actor, "opened", because, fact)
        return case

    def key(self, number: int) -> str:
        """Return a ticket's key as it is printed."""
        return format_key(self.settings.desk.prefix, number)

    def person(self, address: str) -> Person:
        """Return what is known of a person, as this decision leaves it; an empty record when nothing is."""
        for effect in reversed(self.effects):
            if isinstance(effect, RememberPerson) and effect.person.address == address:
                return effect.person
        if self._outer is not None:
            return self._outer.person(address)
        return self.snapshot.people.get(address, Person(address))

    def approvals(self, number: int) -> tuple[Approval, ...]:
        """Return the approvals of a ticket, as this decision leaves them, oldest first."""
        known = self._outer.approvals(number) if self._outer is not None else self.past(number).approvals
        kept = [e.approval for e in self.effects if isinstance(e, KeepApproval) and e.approval.ticket == number]
        return tuple(({a.id: a for a in known} | {a.id: a for a in kept}).values())

    def parents(self, number: int) -> frozenset[int]:
        """Return the numbers of a ticket's parents, as this decision leaves them."""
        known = self._outer.parents(number) if self._outer is not None else frozenset(self.past(number).parents)
        for effect in self.effects:
            if isinstance(effect, AddLink | RemoveLink) and (parent := _parent_in(effect, number)) is not None:
                known = known | {parent} if isinstance(effect, AddLink) else known - {parent}
        return known

    def notify(self, notice: Notice) -> None:
        """Say something to somebody; notices without a recipient are dropped."""
        if notice.recipients:
            self.notices.append(notice)

    def next_post_id(self) -> str:
        """Return the id of the next post of this decision."""
        self._posts += 1
        return f"{self.stimulus}.{self._posts}"

    def decision(self, ticket: int | None = None) -> Decision:
        """Return what was collected: clocks read anew, at most one notice a person and ticket."""
        for case in self.cases.values():
            case.settle_clocks()
        notices = self._folded(merge_notices(self.notices))
        says = [f"send {n.template} to {r.address.address}" for n in notices for r in n.recipients]
        return Decision(
            stimulus=self.stimulus,
            effects=tuple(self.effects),
            notices=tuple(notices),
            expects=tuple((n, c.before.version) for n, c in self.cases.items() if not c.opened),
            would=(*self.would, *says),
            ticket=ticket,
            rulings=tuple(self.rulings),
        )

    def _folded(self, notices: list[Notice]) -> list[Notice]:
        """Return the notices without those to agents who get a digest, or have had enough; these wait for it."""

        def rhythm(address: str) -> str:
            """Return how often an agent wants to be written to."""
            return rhythm_of(self.settings, self.snapshot.rhythms, address)

        notices, waits, unwanted = put_off(notices, rhythm)
        for notice, recipient in waits:
            self._fold(notice, recipient, f"his digest is {rhythm(recipient.address.key)}")
        for notice, recipient in unwanted:
            because = f"{notice.template} to {recipient.address.key}: his digest is off"
            self._say(notice, "not-sent", because)
        return self._within_limits(notices)

    def _within_limits(self, notices: list[Notice]) -> list[Notice]:
        most = self.settings.limits.notices_per_agent_10min
        kept, folded = fold_notices(notices, self.snapshot.notices, most, self.flooded)
        for notice, recipient in folded:
            address = recipient.address.key
            many = (
                "too many targets are near or missed"
                if address in self.flooded
                else f"he has had {most} notices in 10 minutes"
            )
            self._fold(notice, recipient, many)
        return kept

    def _fold(self, notice: Notice, recipient: Recipient, why: str) -> None:
        address = recipient.address.key
        self.effects.append(FoldNotice(address, notice.ticket, notice.template))
        self._say(notice, "folded", f"{notice.template} to {address}: {why}; it comes in a digest")

    def _say(self, notice: Notice, verb: str, because: str) -> None:
        self.effects.append(AddEvent(notice.ticket, Event(self.now, SYSTEM, verb, because)))
        self.would.append(f"{self.key(notice.ticket)}: {verb}: {because}")


class Case:
    """One ticket in one decision: `ticket` is always as it will stand."""

    def __init__(self, bench: Bench, ticket: Ticket, *, opened: bool) -> None:
        self.bench = bench
        self.before = ticket
        self.ticket = ticket
        self.opened = opened
        self.told: frozenset[tuple[Clock, int, int]] = frozenset()  # thresholds that this decision reports
        self._new_facts = False
        self._readings: tuple[tuple[Fact, ...], tuple[Reading, ...]] | None = (
            None  # of the facts that stand beside them
        )

    @property
    def key(self) -> str:
        """The ticket's key as it is printed."""
        return self.bench.key(self.ticket.number)

    @property
    def past(self) -> Past:
        """What was said and done on it before this decision."""
        return self.bench.past(self.ticket.number)

    def go_on_from(self, trial: "Case") -> None:
        """Stand as a trial left it."""
        self.ticket = trial.ticket
        self.told |= trial.told
        self._new_facts = self._new_facts or trial._new_facts

    def event(self, actor: str, verb: str, detail: str, fact: Fact | None = None) -> None:
        """Write a line into the timeline; it says why."""
        if fact is not None:
            self._new_facts = True
            self.ticket = changed(self.ticket, facts=(*self.ticket.facts, fact))
        self.bench.effects.append(AddEvent(self.ticket.number, Event(self.bench.now, actor, verb, detail, fact)))
        self.bench.would.append(f"{self.key}: {verb}: {detail}")

    def change(self, **changes: Any) -> None:
        """Give attributes new values; those that stay as they were are left out."""
        fresh = {name: value for name, value in changes.items() if getattr(self.ticket, name) != value}
        if fresh:
            self.ticket = changed(self.ticket, **fresh)
            self.bench.effects.append(ChangeTicket(self.ticket.number, tuple(fresh.items())))

    def set_until(self, actor: str, until: datetime | None, why: str) -> None:
        """Change until when the status lasts; None takes the date away."""
        if until != self.ticket.until:
            self.change(until=until)
            self.event(actor, "until", why)

    def set_status(self, actor: str, status: Status, why: str, *, until: datetime | None = None) -> None:
        """Change the status; the one that is there already keeps its date unless another one is given."""
        if status is self.ticket.status:
            if until is not None:
                self.set_until(actor, until, why)
            return
        now = self.bench.now
        self.change(
            status=status,
            status_since=now,
            until=until,
            reminded_at=None,
            resolved_at=now if status is Status.RESOLVED else self.ticket.resolved_at,
            closed_at=now if status is Status.CLOSED else None,
        )
        self.event(actor, "status", f"{status}: {why}", Fact(self.bench.at, FactKind.STATUS, status=status))

    def post(self, post: Post) -> None:
        """Add a message to the ticket."""
        self.bench.effects.append(AddPost(post))
        if post.public and post.message_id:
            ids = (*self.ticket.public_ids, post.message_id)
            self.ticket = changed(self.ticket, public_ids=ids if len(ids) <= 10 else (*ids[:4], *ids[-6:]))

    def put(self, participant: Participant) -> None:
        """Let a person join, change role, or leave."""
        others = tuple(p for p in self.ticket.participants if p.address != participant.address)
        self.ticket = changed(self.ticket, participants=(*others, participant))
        self.bench.effects.append(PutParticipant(self.ticket.number, participant))

    def link(self, kind: LinkKind, other: int) -> None:
        """Tie this ticket to another."""
        self.bench.effects.append(AddLink(self.ticket.number, kind, other))

    def readings(self) -> tuple[Reading, ...]:
        """Return the clocks as they stand now."""
        facts = self.ticket.facts
        if self._readings is None or self._readings[0] is not facts:
            self._readings = facts, read_clocks(facts, self.bench.slas, self.bench.now)
        return self._readings[1]

    def tell(self, clock: Clock, cycle: int, percent: int) -> None:
        """Record that a threshold is reported; it never is again."""
        self.told |= {(clock, cycle, percent)}
        self.bench.effects.append(Tell(self.ticket.number, clock, cycle, percent))

    def look_again(self) -> None:
        """Write the clocks down also when no fact moved them: hours or targets may have been edited."""
        self._new_facts = True

    def settle_clocks(self) -> None:
        """Write the clocks down when a fact has moved them or a threshold was told."""
        if not (self._new_facts or self.told):
            return
        readings = self.readings()
        due = next_due(readings, self.bench.slas, self.past.told | self.told, self.bench.now)
        self.bench.effects.append(SetClocks(self.ticket.number, readings, due))
        self._new_facts = False


def _parent_in(effect: AddLink | RemoveLink, child: int) -> int | None:
    """Return the parent of a ticket that an effect is about, from whichever of the two; None for another tie."""
    if effect.kind is LinkKind.PARENT and effect.number == child:
        return effect.other
    return effect.number if effect.kind is LinkKind.CHILD and effect.other == child else None


def addresses(participants: Iterable[Participant]) -> frozenset[str]:
    """Return the addresses of some participants."""
    return frozenset(p.address for p in participants)
