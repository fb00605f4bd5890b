"""Approvals are asked for, voted on, reminded of, and decided; every step stands in the timeline."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from maild.base.words import ApprovalState, Role, Status, VoteState
from maild.desk.approvals import Approval, Step, Vote, begin_step, decided, expiry, grants, reminder, step_outcome
from maild.desk.bench import Case
from maild.desk.decide.asking import tell_approver
from maild.desk.effects import KeepApproval
from maild.desk.lifecycle import LIVE, TYPES
from maild.desk.model import SYSTEM, Participant
from maild.desk.notices import PublicFacts
from maild.desk.people import addresses_of, lead_of, name_of, workers_of
from maild.desk.telling import tell_agents, tell_requester
from maild.sla.model import Fact, FactKind

REMIND_AFTER, EXPIRES_AFTER = timedelta(days=2), timedelta(days=7)  # of what is asked for without a policy
OUTCOMES = {
    ApprovalState.GRANTED: "approval-granted",
    ApprovalState.REJECTED: "approval-rejected",
    ApprovalState.EXPIRED: "approval-expired",
}


@dataclass(frozen=True, slots=True)
class NotAsked:
    """Why nobody was asked: a phrase of the transcripts, and what it names."""

    phrase: str
    who: str = ""


def open_approval(case: Case) -> Approval | None:
    """Return the approval that waits for votes; a ticket has one at most."""
    return next((a for a in case.bench.approvals(case.ticket.number) if a.is_open), None)


def vote_of(case: Case, approval: Approval, *who: str) -> Vote | None:
    """Return the vote that is asked of a person now, under any of his addresses as `who` names him; None when none is.

    Nobody approves what he asks for himself, also when the ticket has become his meanwhile.
    """
    his = frozenset[str]().union(*(addresses_of(case.bench, address) for address in who))
    if case.ticket.requester in his:
        return None
    return next((vote for address in sorted(his) if (vote := approval.vote_of(address))), None)


def missing_approval(case: Case) -> str:
    """Return the policy without whose approval a ticket of its type, or service, cannot be resolved; "" for none."""
    settings, ticket = case.bench.settings, case.ticket
    approvals = case.bench.approvals(ticket.number)
    service = settings.service_named(ticket.service) if ticket.service else None
    needed = [p.name for p in settings.approval if ticket.type in p.types or (service and service.approval == p.name)]
    return next((name for name in needed if not grants(approvals, name)), "")


def start_approval(case: Case, policy_name: str, actor: str, reason: str) -> NotAsked | None:
    """Ask the people of a policy, step by step; `reason` is what the approvers read. Returns why not, if not.

    The ticket waits `on-hold`, so that its clocks pause, and goes on when it is decided.
    """
    policy = case.bench.settings.approval_named(policy_name)
    if policy is None:
        return NotAsked("no-policy", policy_name)
    asked: list[tuple[str, list[str]]] = []
    for step in policy.steps:
        meant = [who for word in step.approvers if (who := person_meant(case, word))]
        able = each_once(case, meant, but=addresses_of(case.bench, case.ticket.requester))
        needed = step.need if isinstance(step.need, int) else 1
        if len(able) < needed:
            return NotAsked("no-approver", ", ".join(step.approvers))
        asked.append((str(step.need), able))
    approval = replace(
        _approval(case, actor, reason, asked),
        policy=policy.name,
        remind_after=policy.remind_after,
        expires_after=policy.expires_after,
        on_expiry=policy.on_expiry,
    )
    return _begin(case, actor, approval)


def ask_people(case: Case, actor: str, people: Sequence[str], need: str, question: str) -> NotAsked | None:
    """Ask people for an approval without a policy, all at once; returns why not, if nobody was asked."""
    barred = addresses_of(case.bench, case.ticket.requester) | addresses_of(case.bench, actor)
    if own := next((who for who in people if who in barred), ""):
        return NotAsked("own-approval", own)
    chosen = each_once(case, people)
    if need.isdigit() and not 1 <= int(need) <= len(chosen):
        return NotAsked("no-need", need)
    return _begin(case, actor, _approval(case, actor, question, [(need, chosen)]))


def each_once(case: Case, people: Sequence[str], but: frozenset[str] = frozenset()) -> list[str]:
    """Return one address a person, in order, without those in `but`: whoever has several addresses has one vote.

    Nobody approves what he asks for himself, under whatever address.
    """
    chosen, taken = list[str](), but
    for who in people:
        if who not in taken:
            chosen.append(who)
            taken |= addresses_of(case.bench, who)
    return chosen


def person_meant(case: Case, word: str) -> str:
    """Return who is meant by an address, "lead" or "manager" on this ticket; "" when nobody is."""
    settings, ticket = case.bench.settings, case.ticket
    if word == "lead":
        return lead_of(case.bench, ticket.team) or ""
    if word == "manager":
        return settings.manager_of(ticket.requester) or dict(ticket.fields).get("manager", "").lower()
    return settings.agent_address(word) or word


def _approval(case: Case, actor: str, question: str, asked: Sequence[tuple[str, Sequence[str]]]) -> Approval:
    return Approval(
        id=f"{case.bench.next_post_id()}.approval",
        ticket=case.ticket.number,
        policy="",
        state=ApprovalState.ASKED,
        asked_by=actor,
        question=question,
        created_at=case.bench.now,
        steps=tuple(Step(number, need) for number, (need, _) in enumerate(asked, 1)),
        votes=tuple(Vote(number, who) for number, (_, people) in enumerate(asked, 1) for who in people),
        remind_after=REMIND_AFTER,
        expires_after=EXPIRES_AFTER,
    )


def _begin(case: Case, actor: str, approval: Approval) -> NotAsked | None:
    if open_approval(case) is not None:
        return NotAsked("approval-open")
    if not TYPES[case.ticket.type].approvals:
        return NotAsked("no-approval-of-type", str(case.ticket.type))
    if case.ticket.status not in LIVE:
        return NotAsked("approval-over", str(case.ticket.status))
    _ask(case, actor, begin_step(approval, 1, case.bench.now))
    case.set_status(actor, Status.ON_HOLD, "waits for an approval")
    return None


def _ask(case: Case, actor: str, approval: Approval) -> None:
    """Write to everybody of the present step."""
    votes = approval.asked()
    name = f"{approval.policy}, " if approval.policy else ""
    step = f"{name}step {approval.present} of {len(approval.steps)}"
    need = next(s.need for s in approval.steps if s.number == approval.present)
    people = ", ".join(v.approver for v in votes)
    case.event(actor, "approval-asked", f"{step}: {need} of {people}", _fact(case, FactKind.APPROVAL_ASKED, approval))
    keep(case, approval)
    for vote in votes:
        join_approver(case, vote.approver)
        tell_approver(case, approval, vote)


def keep(case: Case, approval: Approval) -> None:
    """Keep an approval as it stands now."""
    case.bench.effects.append(KeepApproval(approval))


def join_approver(case: Case, address: str) -> None:
    """Let an asked person take part, unless he does already in another way."""
    there = {case.ticket.requester, *(p.address for p in case.ticket.participants)}
    if address not in there:
        case.put(Participant(address, case.bench.person(address).name, Role.APPROVER))


def cast(case: Case, approval: Approval, vote: Vote, comment: str, *, approves: bool) -> None:
    """Count a vote, and go on with the next step or decide when that is what it comes to."""
    state = VoteState.APPROVED if approves else VoteState.REJECTED
    voted = replace(vote, state=state, comment=comment, voted_at=case.bench.now, remind_at=None, wants_note=False)
    case.event(vote.approver, str(state), comment or "without a comment")
    settle(case, vote.approver, approval.with_vote(voted))


def settle(case: Case, actor: str, approval: Approval) -> None:
    """Keep an approval whose votes have changed: it waits on, its next step begins, or it is decided."""
    agreed = step_outcome(approval)
    if agreed is None:
        keep(case, approval)
    elif agreed and approval.present < len(approval.steps):
        _ask(case, actor, begin_step(approval, approval.present + 1, case.bench.now))
    else:
        decide(case, actor, approval, ApprovalState.GRANTED if agreed else ApprovalState.REJECTED)


def decide(case: Case, actor: str, approval: Approval, state: ApprovalState) -> None:
    """File an approval and tell the requester and whoever works the ticket, which goes on."""
    ending = decided(approval, state, case.bench.now)
    keep(case, ending)
    about = approval.policy or f"asked for by {approval.asked_by}"
    case.event(actor, OUTCOMES[state], about, _fact(case, FactKind.APPROVAL_DECIDED, approval))
    if case.ticket.status is Status.ON_HOLD:
        case.set_status(actor, Status.OPEN, OUTCOMES[state])
    _tell_requester(case, ending)
    ticket = case.ticket
    told = workers_of(case.bench, ticket)
    lines = tuple((v.approver, str(v.state) + (f": {v.comment}" if v.comment else "")) for v in ending.votes)
    tell_agents(case, "approval-decided", told, but=actor, reason=OUTCOMES[state], lines=lines)


def _tell_requester(case: Case, approval: Approval) -> None:
    against = [v for v in approval.votes if v.state is VoteState.REJECTED]
    last = [v for v in approval.votes if v.state is VoteState.APPROVED]
    by = (against or last)[-1:] if approval.state is not ApprovalState.EXPIRED else []
    facts = PublicFacts(
        case.ticket.requester_name,
        case.ticket.status,
        words="\n\n".join(v.comment for v in against if v.comment),
        decision=str(approval.state),
        decided_by=name_of(case.bench, by[0].approver) if by else "",
    )
    tell_requester(case, "approval-outcome", facts)


def cancel_approval(case: Case, approval: Approval, why: str) -> None:
    """Nobody has to decide any more; nobody is told but the timeline."""
    keep(case, decided(approval, ApprovalState.CANCELLED, case.bench.now))
    case.event(SYSTEM, "approval-cancelled", why, _fact(case, FactKind.APPROVAL_DECIDED, approval))


def _fact(case: Case, kind: FactKind, approval: Approval) -> Fact:
    """Return what asking and deciding mean for the clock of approvals: its steps are one asking."""
    return Fact(case.bench.at, kind, response=approval.id)


def approvals_due(case: Case) -> None:
    """Remind those who have not decided, and end what took too long; what a ticket that is over waited for, too."""
    approval, now = open_approval(case), case.bench.now
    if approval is None:
        return
    if case.ticket.status not in LIVE:
        cancel_approval(case, approval, f"the ticket is {case.ticket.status}")
    elif approval.expires_at is not None and approval.expires_at <= now:
        _expire(case, approval)
    else:
        _remind(case, approval)


def _remind(case: Case, approval: Approval) -> None:
    now, reminded = case.bench.now, approval
    for vote in approval.asked():
        if vote.remind_at is not None and vote.remind_at <= now:
            reminded = reminded.with_vote(replace(vote, remind_at=reminder(approval, now)))
            case.event(SYSTEM, "reminded", f"{vote.approver}, who has not decided")
            tell_approver(case, approval, vote, "wants-note" if vote.wants_note else "reminder")
    if reminded is not approval:
        keep(case, reminded)


def taken_by(case: Case, approval: Approval) -> frozenset[str]:
    """Return every address of those who cannot be asked in the present step: asked already, or the requester."""
    asked = {vote.approver for vote in approval.votes if vote.step == approval.present}
    return frozenset().union(*(addresses_of(case.bench, who) for who in asked | {case.ticket.requester}))


def _expire(case: Case, approval: Approval) -> None:
    """Nobody decided in time: it counts as rejected, or the lead decides in the place of those who did not."""
    lead = lead_of(case.bench, case.ticket.team)
    if approval.on_expiry != "lead" or lead is None or lead in taken_by(case, approval):
        decide(case, SYSTEM, approval, ApprovalState.EXPIRED)
        return
    now = case.bench.now
    for vote in approval.asked():
        approval = approval.with_vote(replace(vote, state=VoteState.NOT_NEEDED, remind_at=None))
    so_far = sum(v.step == approval.present and v.state is VoteState.APPROVED for v in approval.votes)
    steps = tuple(replace(s, need=str(so_far + 1)) if s.number == approval.present else s for s in approval.steps)
    vote = Vote(approval.present, lead, VoteState.ASKED, asked_at=now, remind_at=reminder(approval, now))
    approval = replace(approval, steps=steps, expires_at=expiry(approval, now), on_expiry="reject").with_vote(vote)
    case.event(SYSTEM, "approval-escalated", f"nobody decided in time; {lead} decides")
    keep(case, approval)
    join_approver(case, lead)
    tell_approver(case, approval, vote, "lead")
