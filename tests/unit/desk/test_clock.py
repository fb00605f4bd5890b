"""Clocks and timers run out."""

from dataclasses import replace
from datetime import timedelta

import pytest

from maild.base.words import Clock, Priority, Role, Status
from maild.desk.decide.clock import decide_clock
from maild.desk.effects import AddEvent, FoldNotice, SetClocks, Tell
from maild.desk.model import Snapshot
from maild.sla.model import Escalation, Fact, FactKind, Targets

from .bench import ANA, BEN, EVA, LEAD, MARTA, MONDAY, after, bench, settings, slas, ticket, told, verbs


def fresh(**values):
    """A ticket that came at 10:00 in Madrid on a Monday; its first response is due at 14:00."""
    opened = Fact(MONDAY, FactKind.OPENED, priority=Priority.NORMAL, sla="standard")
    return ticket(Status.NEW, created_at=MONDAY, facts=(opened,), **values)


def sweep(before, at, **snapshot):
    return decide_clock(bench(Snapshot(ticket=before, **snapshot), at))


def test_before_the_first_threshold_nothing_happens():
    assert not sweep(fresh(), MONDAY + timedelta(hours=2) - timedelta(seconds=1)).notices


def test_the_assignee_is_warned_at_three_quarters():
    told_already = frozenset({(Clock.FIRST_RESPONSE, 1, 50)})
    decision = sweep(fresh(), MONDAY + timedelta(hours=3), told=told_already)
    assert told(decision) == {"sla-warning": [ANA]}
    assert Tell(7, Clock.FIRST_RESPONSE, 1, 75) in decision.effects


def test_without_an_assignee_the_team_is_warned():
    assert told(sweep(fresh(assignee=None), MONDAY + timedelta(hours=3))) == {"sla-warning": [ANA, BEN]}


def test_what_was_told_is_not_told_again():
    told_already = frozenset((Clock.FIRST_RESPONSE, 1, p) for p in (50, 75, 90, 100))
    assert not sweep(fresh(), MONDAY + timedelta(hours=4), told=told_already).notices


def test_after_a_downtime_only_the_gravest_is_told():
    decision = sweep(fresh(), MONDAY + timedelta(hours=4))
    assert set(told(decision)) == {"sla-breach", "escalated"}
    assert len([e for e in decision.effects if isinstance(e, Tell)]) == 4


def test_a_breach_is_told_to_the_assignee_and_escalated_to_the_lead_in_one_mail():
    decision = sweep(fresh(), MONDAY + timedelta(hours=4))
    assert told(decision) == {"sla-breach": [ANA], "escalated": [LEAD]}


def test_a_missed_resolution_goes_to_the_next_level():
    before = fresh()
    early = frozenset((Clock.FIRST_RESPONSE, 1, p) for p in (50, 75, 90, 100))
    decision = sweep(before, MONDAY + timedelta(days=3, hours=8), told=early)
    stands = after(decision, before)
    assert (stands.team, stands.level, stands.assignee, stands.status) == ("second-line", 2, EVA, Status.NEW)
    assert told(decision)["escalated"] == [EVA, LEAD]
    assert stands.sla == "standard"


def test_on_the_top_level_a_missed_resolution_goes_to_the_lead():
    before = fresh(team="second-line", level=2, assignee=EVA)
    early = frozenset((Clock.FIRST_RESPONSE, 1, p) for p in (50, 75, 90, 100))
    decision = sweep(before, MONDAY + timedelta(days=3, hours=8), told=early)
    assert told(decision) == {"sla-breach": [EVA], "escalated": [LEAD]}
    assert after(decision, before).team == "second-line"


def test_paused_clocks_warn_nobody():
    before = fresh()
    pause = Fact(MONDAY + timedelta(minutes=1), FactKind.STATUS, status=Status.PENDING)
    before = replace(before, status=Status.PENDING, status_since=pause.at, facts=(*before.facts, pause))
    assert not sweep(before, MONDAY + timedelta(days=2)).notices


def test_the_next_threshold_is_written_down():
    decision = sweep(fresh(), MONDAY + timedelta(hours=3))
    (clocks,) = [e for e in decision.effects if isinstance(e, SetClocks)]
    assert clocks.next_threshold_at == MONDAY + timedelta(hours=3, minutes=36)


@pytest.mark.parametrize("status", [Status.PENDING, Status.ON_HOLD])
def test_a_date_that_is_reached_opens_the_ticket_and_reminds_the_assignee(status):
    before = ticket(status, until=MONDAY)
    decision = sweep(before, MONDAY)
    assert after(decision, before).status is Status.OPEN
    assert told(decision) == {"reminder": [ANA]}


def test_a_snooze_reminds_and_leaves_the_status():
    before = ticket(snoozed_until=MONDAY)
    decision = sweep(before, MONDAY)
    assert told(decision) == {"reminder": [ANA]}
    assert after(decision, before).snoozed_until is None


def test_she_is_reminded_once_after_three_days_of_pending():
    before = ticket(Status.PENDING, status_since=MONDAY - timedelta(days=3))
    decision = sweep(before, MONDAY)
    assert told(decision) == {"pending-reminder": [MARTA.key]}
    assert not sweep(after(decision, before), MONDAY + timedelta(hours=1)).notices


def test_after_two_weeks_of_pending_it_closes_and_says_nothing():
    before = ticket(Status.PENDING, status_since=MONDAY - timedelta(days=14))
    decision = sweep(before, MONDAY)
    assert after(decision, before).status is Status.CLOSED
    assert not decision.notices


def test_a_resolved_ticket_closes_after_a_week():
    before = ticket(Status.RESOLVED, resolved_at=MONDAY - timedelta(days=7))
    assert after(sweep(before, MONDAY), before).status is Status.CLOSED
    assert after(sweep(before, MONDAY - timedelta(seconds=1)), before).status is Status.RESOLVED


def test_a_closed_ticket_is_left_alone():
    assert not verbs(sweep(ticket(Status.CLOSED, until=MONDAY), MONDAY))


def test_leads_hear_as_leads():
    assert {r.role for n in sweep(fresh(), MONDAY + timedelta(hours=4)).notices for r in n.recipients} == {
        Role.AGENT,
        Role.LEAD,
    }


def by_name(**changes):
    """The example's service level, a little different."""
    return {**slas(), "standard": replace(slas()["standard"], **changes)}


NIGHT = timedelta(hours=12)  # 22:00 in Madrid


def test_out_of_hours_nobody_is_woken_and_the_morning_tells():
    before = fresh()
    decision = decide_clock(bench(Snapshot(ticket=before), MONDAY + NIGHT))
    assert not decision.notices
    (clocks,) = [e for e in decision.effects if isinstance(e, SetClocks)]
    assert clocks.next_threshold_at == MONDAY + timedelta(hours=23)  # 09:00 in Madrid
    assert "sla-breach" in told(sweep(before, MONDAY + timedelta(hours=23)))


def test_over_lunch_people_are_told():
    assert "sla-breach" in told(sweep(fresh(), MONDAY + timedelta(hours=4, minutes=30)))  # 14:30 in Madrid


def test_a_target_that_ends_with_the_day_is_told_at_its_end():
    begun = Fact(MONDAY + timedelta(hours=3), FactKind.OPENED, priority=Priority.NORMAL, sla="standard")
    before = ticket(Status.NEW, created_at=begun.at, facts=(begun,))  # 13:00 in Madrid, due at 18:00
    assert "sla-breach" in told(sweep(before, MONDAY + timedelta(hours=8, seconds=15)))


def test_around_the_clock_the_night_is_told_too():
    always = by_name(around_the_clock=True)
    assert "sla-breach" in told(decide_clock(bench(Snapshot(ticket=fresh()), MONDAY + NIGHT, levels=always)))


def test_the_manager_hears_what_is_escalated_to_him_and_the_lead_of_the_breach():
    teams = tuple(t.model_copy(update={"manager": "olga@example.com"}) for t in settings().team)
    desk = settings().model_copy(update={"team": teams})
    up = by_name(escalate=(Escalation(Clock.FIRST_RESPONSE, 100, "manager"),))
    decision = decide_clock(bench(Snapshot(ticket=fresh()), MONDAY + timedelta(hours=4), desk, up))
    assert told(decision) == {"sla-breach": [ANA, LEAD], "escalated": ["olga@example.com"]}


def escalating(at, to="lead", percent=100, before=None, **snapshot):
    """A sweep over a ticket whose first response is escalated at some percent."""
    up = by_name(escalate=(Escalation(Clock.FIRST_RESPONSE, percent, to),))
    taken = Snapshot(ticket=before or fresh(), **snapshot)
    return decide_clock(bench(taken, MONDAY + timedelta(hours=at), levels=up))


def early(*percents):
    return frozenset((Clock.FIRST_RESPONSE, 1, percent) for percent in percents)


def test_what_is_escalated_before_the_breach_does_not_take_the_warning_from_him_who_has_it():
    decision = escalating(3, percent=75, told=early(50))
    assert told(decision) == {"sla-warning": [ANA], "escalated": [LEAD]}


def test_what_is_escalated_between_two_warnings_is_none_to_him_who_has_it():
    assert told(escalating(3.25, percent=80, told=early(50, 75))) == {"escalated": [LEAD]}


def test_a_breach_is_told_once_though_it_goes_up_later():
    told_already = early(50, 75, 90, 100)
    assert told(escalating(6, percent=125, told=told_already)) == {"escalated": [LEAD]}
    taken_away = escalating(6, "next-level", percent=125, told=told_already)
    assert told(taken_away) == {"sla-breach": [ANA], "escalated": [EVA, LEAD]}


def test_a_lead_who_is_away_hears_of_nothing_and_his_substitute_of_the_breach():
    assert told(escalating(4, away={LEAD: EVA})) == {"sla-breach": [ANA], "escalated": [EVA]}


def test_the_way_up_names_the_clock_that_goes_it():
    up = by_name(escalate=(Escalation(Clock.RESOLUTION, 10, "lead"),))
    decision = decide_clock(bench(Snapshot(ticket=fresh()), MONDAY + timedelta(hours=4), levels=up))
    (line,) = [e.event for e in decision.effects if isinstance(e, AddEvent) and e.event.verb == "escalated"]
    assert line.detail == f"to the lead {LEAD}: resolution at 10 %"


def test_the_same_way_up_is_gone_once_after_a_downtime():
    up = by_name(
        escalate=(Escalation(Clock.FIRST_RESPONSE, 100, "next-level"), Escalation(Clock.RESOLUTION, 10, "next-level"))
    )
    before = fresh()
    decision = decide_clock(bench(Snapshot(ticket=before), MONDAY + timedelta(hours=4), levels=up))
    assert verbs(decision).count("escalated") == 1
    assert after(decision, before).team == "second-line"


def test_who_has_too_much_in_one_sweep_gets_it_in_a_digest():
    before = fresh()
    at = MONDAY + timedelta(hours=4)
    flooded = frozenset({ANA, LEAD})
    decision = decide_clock(bench(Snapshot(ticket=before), at), flooded)
    assert not decision.notices
    assert [(e.address, e.template) for e in decision.effects if isinstance(e, FoldNotice)] == [
        (ANA, "sla-breach"),
        (LEAD, "escalated"),
    ]
    assert len([e for e in decision.effects if isinstance(e, Tell)]) == 4


def test_who_gets_the_ticket_gets_its_dossier_in_any_flood():
    early = frozenset((Clock.FIRST_RESPONSE, 1, p) for p in (50, 75, 90, 100))
    at, flooded = MONDAY + timedelta(days=3, hours=8), frozenset({EVA, LEAD, ANA})
    decision = decide_clock(bench(Snapshot(ticket=fresh(), told=early), at), flooded)
    assert told(decision) == {"escalated": [EVA]}


@pytest.mark.parametrize("clock", [Clock.APPROVAL, Clock.SUPPLIER])
def test_who_is_waited_for_has_a_clock_that_runs_while_the_others_pause(clock):
    asked = {Clock.APPROVAL: FactKind.APPROVAL_ASKED, Clock.SUPPLIER: FactKind.SUPPLIER_ASKED}[clock]
    targets = {Priority.NORMAL: Targets(14_400, 28_800, 86_400, approval=3600, supplier=3600)}
    held = Fact(MONDAY, FactKind.STATUS, status=Status.ON_HOLD)
    before = fresh()
    facts = (*before.facts, held, Fact(MONDAY, asked, response="x"))
    before = replace(before, status=Status.ON_HOLD, status_since=MONDAY, facts=facts)
    at = MONDAY + timedelta(hours=1)
    decision = decide_clock(bench(Snapshot(ticket=before), at, levels=by_name(targets=targets, escalate=())))
    assert told(decision) == {"sla-breach": [ANA, LEAD]}
    assert {n.facts.clock for n in decision.notices} == {clock}
