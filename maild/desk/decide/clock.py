"""A clock or a timer ran out: warnings, breaches, escalation, reminders, closes."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from maild.base.instants import to_text
from maild.base.words import Role, Status
from maild.desk.bench import Bench, Case
from maild.desk.decide.approval import approvals_due
from maild.desk.decide.escalation import escalate
from maild.desk.decide.survey import survey_due
from maild.desk.effects import Decision
from maild.desk.lifecycle import LIVE
from maild.desk.model import SYSTEM
from maild.desk.notices import PublicFacts
from maild.desk.people import duty_lead, workers_of
from maild.desk.rules.run import status_rules
from maild.desk.telling import tell_agents, tell_requester
from maild.sla.clocks import may_be_told, thresholds
from maild.sla.model import Threshold

BREACH_PERCENT = 100


def decide_clock(bench: Bench, flooded: frozenset[str] = frozenset()) -> Decision:
    """Return all that is due now on the ticket that was asked for; nothing when nothing is.

    Asked twice for the same instant it does nothing the second time, since what was told is recorded. What the clocks
    say to those in `flooded` waits for a digest.
    """
    bench.flooded = flooded
    case = bench.asked_case()
    approvals_due(case)
    survey_due(case)
    if case.ticket.status in {*LIVE, Status.RESOLVED}:
        _timers(case)
        _clocks(case)
    status_rules(bench)
    return bench.decision(case.ticket.number)


def _timers(case: Case) -> None:
    ticket, now = case.ticket, case.bench.now
    if ticket.snoozed_until is not None and ticket.snoozed_until <= now:
        case.change(snoozed_until=None)
        case.event(SYSTEM, "reminded", "the snooze is over")
        _remind(case, "snooze")
    if ticket.status in {Status.PENDING, Status.ON_HOLD} and ticket.until is not None and ticket.until <= now:
        case.set_status(SYSTEM, Status.OPEN, f"its time {to_text(ticket.until)} has come")
        _remind(case, "until")
    elif ticket.status is Status.PENDING:
        _pending(case)
    elif ticket.status is Status.RESOLVED:
        _resolved(case)


def _remind(case: Case, reason: str) -> None:
    told = workers_of(case.bench, case.ticket)
    tell_agents(case, "reminder", told, reason=reason)


def _pending(case: Case) -> None:
    ticket, now = case.ticket, case.bench.now
    queue = case.bench.settings.queue_named(ticket.queue)
    since = ticket.status_since or ticket.updated_at
    if queue is None or ticket.until is not None:
        return
    if queue.pending_close and since + queue.pending_close <= now:
        _close(case, f"it waited {_days(queue.pending_close)} for the requester", notify=queue.notify_close)
    elif queue.pending_reminder and ticket.reminded_at is None and since + queue.pending_reminder <= now:
        case.change(reminded_at=now)
        case.event(SYSTEM, "reminded", f"the requester, after {_days(queue.pending_reminder)} in pending")
        close_at = since + queue.pending_close if queue.pending_close else None
        tell_requester(
            case,
            "pending-reminder",
            PublicFacts(ticket.requester_name, ticket.status, close_at=close_at, words=_last_words(case)),
        )


def _last_words(case: Case) -> str:
    """Return what the agent asked last, which the requester has had already."""
    said = [p for p in case.past.posts if p.public and p.author.key != case.ticket.requester]
    return said[-1].new_text if said else ""


def _resolved(case: Case) -> None:
    ticket = case.ticket
    queue = case.bench.settings.queue_named(ticket.queue)
    if queue is None or ticket.resolved_at is None or not queue.close_resolved_after:
        return
    if ticket.resolved_at + queue.close_resolved_after <= case.bench.now:
        _close(case, f"resolved {_days(queue.close_resolved_after)} ago", notify=queue.notify_close)


def _close(case: Case, why: str, *, notify: bool) -> None:
    case.set_status(SYSTEM, Status.CLOSED, why)
    if notify:
        tell_requester(case, "closed", PublicFacts(case.ticket.requester_name, Status.CLOSED))


def _days(span: timedelta) -> str:
    days = span / timedelta(days=1)
    return f"{days:g} days" if days >= 1 else f"{span / timedelta(hours=1):g} hours"


def _clocks(case: Case) -> None:
    """Report what each running clock has passed: after a downtime only the gravest of the ticket."""
    bench = case.bench
    case.look_again()
    sla = bench.slas.get(case.ticket.sla)
    if sla is None or not may_be_told(sla, bench.now):
        return
    passed = [
        t
        for t in thresholds(case.readings(), bench.slas)
        if t.at <= bench.now and (t.clock, t.cycle, t.percent) not in bench.snapshot.told
    ]
    for threshold in passed:
        case.tell(threshold.clock, threshold.cycle, threshold.percent)
    if not passed:
        return
    for threshold in passed:
        case.event(SYSTEM, "sla", f"{threshold.clock} at {threshold.percent} % since {to_text(threshold.at)}")
    _report(case, passed)


def _report(case: Case, passed: Sequence[Threshold]) -> None:
    """Tell the gravest to whoever has the ticket, of a breach the lead too, and go each way up once."""
    gravest = max(passed, key=lambda t: t.percent)
    ways = {to: t for t in sorted(passed, key=lambda t: t.percent) for to in _ways_up(case, t)}
    breached = any(t.percent == BREACH_PERCENT for t in passed)
    if breached or "next-level" in ways or any(t.percent in case.bench.slas[case.ticket.sla].warn_at for t in passed):
        template = "sla-breach" if gravest.percent >= BREACH_PERCENT else "sla-warning"
        tell_agents(case, template, workers_of(case.bench, case.ticket), **_target(case, gravest))
    if breached:
        tell_agents(
            case, "sla-breach", duty_lead(case.bench, case.ticket.team), role=Role.LEAD, **_target(case, gravest)
        )
    for to, threshold in ways.items():
        why = f"{threshold.clock} at {threshold.percent} %"
        escalate(case, SYSTEM, why, to=to, **_target(case, threshold))


def _ways_up(case: Case, threshold: Threshold) -> list[str]:
    sla = case.bench.slas[case.ticket.sla]
    return [s.to for s in sla.escalate if s.clock is threshold.clock and s.at == threshold.percent]


def _target(case: Case, passed: Threshold) -> dict[str, Any]:
    """Return what a mail says of a threshold."""
    due = next((r.due_at for r in case.readings() if (r.clock, r.cycle) == (passed.clock, passed.cycle)), None)
    return {"clock": passed.clock, "percent": passed.percent, "due_at": due or passed.at}
