"""The clocks of one ticket, by hand, on the example's calendar: each rule of the desk has its story."""

import pytest

from maild.base.words import Clock, ClockState, Priority, Status
from maild.sla.clocks import next_due, promise, read_clocks, targets_for, thresholds
from maild.sla.model import Sla, Targets

from .calendars import OFFICE, calendar, madrid
from .tickets import (
    DAY,
    HOUR,
    MONDAY,
    SLAS,
    STANDARD,
    TUESDAY,
    answered,
    became,
    bounced,
    clocks,
    opened,
    retargeted,
    taken,
    wrote,
)

FIRST = (Clock.FIRST_RESPONSE, 1)
NEXT = (Clock.NEXT_RESPONSE, 1)
RESOLUTION = (Clock.RESOLUTION, 1)


def test_a_new_ticket_is_due_in_working_time() -> None:
    found = clocks(MONDAY + "12:00", opened(MONDAY + "12:00"))
    assert set(found) == {FIRST, RESOLUTION}
    assert found[FIRST].state is ClockState.RUNNING
    assert found[FIRST].due_at == madrid(MONDAY + "17:00")
    assert found[FIRST].remaining_seconds == 4 * HOUR
    assert found[RESOLUTION].due_at == madrid("2026-11-26 12:00")


def test_an_answer_meets_the_first_response_and_starts_no_next_one() -> None:
    found = clocks(MONDAY + "14:00", opened(MONDAY + "12:00"), answered(MONDAY + "13:00"))
    assert set(found) == {FIRST, RESOLUTION}
    assert found[FIRST].state is ClockState.MET
    assert found[FIRST].met_at == madrid(MONDAY + "13:00")
    assert found[FIRST].due_at is None
    assert (found[FIRST].elapsed_seconds, found[FIRST].breached) == (HOUR, False)


def test_what_the_requester_adds_before_an_answer_starts_no_clock() -> None:
    found = clocks(MONDAY + "14:00", opened(MONDAY + "12:00"), wrote(MONDAY + "13:00"))
    assert set(found) == {FIRST, RESOLUTION}
    assert found[FIRST].started_at == madrid(MONDAY + "12:00")


def test_each_question_after_an_answer_is_a_cycle_from_its_first_mail() -> None:
    found = clocks(
        TUESDAY + "12:00",
        opened(MONDAY + "09:00"),
        answered(MONDAY + "10:00"),
        wrote(MONDAY + "11:00"),
        wrote(MONDAY + "12:00"),
        answered(MONDAY + "13:00", "2"),
        wrote(TUESDAY + "10:00"),
    )
    assert (found[NEXT].started_at, found[NEXT].met_at) == (madrid(MONDAY + "11:00"), madrid(MONDAY + "13:00"))
    second = found[Clock.NEXT_RESPONSE, 2]
    assert second.state is ClockState.RUNNING
    assert second.elapsed_seconds == 2 * HOUR
    assert second.due_at == madrid("2026-11-25 10:00")


def test_a_second_answer_to_nothing_changes_nothing() -> None:
    facts = (opened(MONDAY + "09:00"), answered(MONDAY + "10:00"), answered(MONDAY + "11:00", "2"))
    assert set(clocks(MONDAY + "12:00", *facts)) == {FIRST, RESOLUTION}


@pytest.mark.parametrize("status", [Status.PENDING, Status.ON_HOLD])
def test_waiting_pauses_all_three_clocks(status: Status) -> None:
    found = clocks(
        TUESDAY + "12:00",
        opened(MONDAY + "09:00"),
        answered(MONDAY + "10:00"),
        wrote(MONDAY + "11:00"),
        became(MONDAY + "12:00", status),
    )
    for key in (NEXT, RESOLUTION):
        assert found[key].state is ClockState.PAUSED
        assert found[key].due_at is None
    assert found[NEXT].elapsed_seconds == HOUR
    assert found[RESOLUTION].elapsed_seconds == 3 * HOUR
    unanswered = clocks(MONDAY + "18:00", opened(MONDAY + "09:00"), became(MONDAY + "10:00", status))
    assert unanswered[FIRST].state is ClockState.PAUSED


def test_a_clock_goes_on_after_the_pause_with_what_was_left() -> None:
    facts = (opened(MONDAY + "09:00"), became(MONDAY + "10:00", Status.PENDING), became(TUESDAY + "09:00", Status.OPEN))
    found = clocks(TUESDAY + "09:00", *facts)
    assert found[FIRST].due_at == madrid(TUESDAY + "12:00")
    assert [segment.running for segment in found[FIRST].segments] == [True, False, True]


def test_an_answer_that_bounced_was_never_given() -> None:
    facts = (opened(MONDAY + "12:00"), answered(MONDAY + "13:00"), bounced(MONDAY + "13:30"))
    assert clocks(MONDAY + "16:00", *facts) == clocks(MONDAY + "16:00", facts[0])
    before = clocks(MONDAY + "13:15", *facts)
    assert before[FIRST].state is ClockState.MET


def test_an_answer_that_bounced_and_was_sent_again_counts_from_its_mail() -> None:
    facts = (
        opened(MONDAY + "12:00"),
        answered(MONDAY + "13:00"),
        bounced(MONDAY + "13:30"),
        answered(MONDAY + "13:00"),
    )
    assert clocks(MONDAY + "16:00", *facts)[FIRST].met_at == madrid(MONDAY + "13:00")


def test_when_the_first_answer_bounced_the_second_is_the_first_response() -> None:
    facts = (
        opened(MONDAY + "09:00"),
        answered(MONDAY + "10:00"),
        wrote(MONDAY + "11:00"),
        answered(MONDAY + "12:00", "2"),
        bounced(MONDAY + "12:30"),
    )
    found = clocks(MONDAY + "16:00", *facts)
    assert set(found) == {FIRST, RESOLUTION}
    assert found[FIRST].met_at == madrid(MONDAY + "12:00")


def test_a_resolved_ticket_whose_answer_bounced_still_owes_it() -> None:
    facts = (
        opened(MONDAY + "09:00"),
        answered(MONDAY + "10:00"),
        became(MONDAY + "10:00", Status.RESOLVED),
        bounced(MONDAY + "10:30"),
    )
    found = clocks(MONDAY + "11:00", *facts)
    assert found[FIRST].due_at == madrid(MONDAY + "13:00")
    assert found[RESOLUTION].state is ClockState.MET


def test_only_the_answer_that_bounced_is_owed_in_a_ticket_that_was_resolved_for_another_reason() -> None:
    lost = (opened(MONDAY + "09:00"), answered(MONDAY + "10:00"), bounced(MONDAY + "10:10"))
    made_good = (*lost, answered(MONDAY + "10:30", "2"))
    next_response = clocks(
        TUESDAY + "12:00", *made_good, wrote(MONDAY + "11:00"), became(MONDAY + "12:00", Status.RESOLVED)
    )[Clock.NEXT_RESPONSE, 1]
    assert (next_response.state, next_response.elapsed_seconds) == (ClockState.VOID, HOUR)


def test_time_in_resolved_is_not_counted_when_the_ticket_is_reopened() -> None:
    facts = (
        opened(MONDAY + "09:00"),
        answered(MONDAY + "10:00"),
        became(MONDAY + "11:00", Status.RESOLVED),
        became(TUESDAY + "09:00", Status.OPEN),
    )
    resolved = clocks(MONDAY + "18:00", *facts)[RESOLUTION]
    assert (resolved.state, resolved.met_at) == (ClockState.MET, madrid(MONDAY + "11:00"))
    assert resolved.elapsed_seconds == 2 * HOUR
    reopened = clocks(TUESDAY + "10:00", *facts)[RESOLUTION]
    assert (reopened.state, reopened.cycle, reopened.met_at) == (ClockState.RUNNING, 1, None)
    assert reopened.elapsed_seconds == 3 * HOUR


def test_closing_a_resolved_ticket_leaves_the_moment_of_its_solution() -> None:
    facts = (
        opened(MONDAY + "09:00"),
        became(MONDAY + "11:00", Status.RESOLVED),
        became(TUESDAY + "11:00", Status.CLOSED),
    )
    assert clocks(TUESDAY + "12:00", *facts)[RESOLUTION].met_at == madrid(MONDAY + "11:00")


@pytest.mark.parametrize("status", [Status.RESOLVED, Status.CLOSED])
def test_nobody_waits_for_an_answer_to_a_ticket_that_is_done(status: Status) -> None:
    facts = (opened(MONDAY + "09:00"), became(MONDAY + "11:00", status))
    assert clocks(TUESDAY + "12:00", *facts)[FIRST].state is ClockState.VOID
    again = clocks(TUESDAY + "12:00", *facts, became(TUESDAY + "11:00", Status.OPEN))[FIRST]
    assert (again.state, again.elapsed_seconds) == (ClockState.RUNNING, 3 * HOUR)


@pytest.mark.parametrize("status", [Status.MERGED, Status.SPAM])
def test_merged_and_spam_end_every_clock(status: Status) -> None:
    found = clocks(TUESDAY + "17:00", opened(MONDAY + "09:00"), became(MONDAY + "11:00", status))
    for reading in found.values():
        assert (reading.state, reading.due_at, reading.breached) == (ClockState.VOID, None, False)


def test_time_as_spam_does_not_count_when_it_was_none() -> None:
    facts = (opened(MONDAY + "09:00"), became(MONDAY + "11:00", Status.SPAM), became(TUESDAY + "09:00", Status.OPEN))
    assert clocks(TUESDAY + "10:00", *facts)[FIRST].elapsed_seconds == 3 * HOUR


def test_a_clock_past_its_target_is_breached_and_stays_so_when_met() -> None:
    facts = (opened(MONDAY + "09:00"), answered(MONDAY + "16:00"))
    late = clocks(MONDAY + "15:30", *facts)[FIRST]
    assert (late.state, late.breached, late.due_at) == (ClockState.BREACHED, True, madrid(MONDAY + "13:00"))
    met = clocks(MONDAY + "17:00", *facts)[FIRST]
    assert (met.state, met.breached, met.due_at) == (ClockState.MET, True, None)
    assert met.remaining_seconds == -2 * HOUR


def test_an_answer_in_the_last_second_is_in_time_and_a_second_later_is_not() -> None:
    in_time = clocks(MONDAY + "18:00", opened(MONDAY + "09:00"), answered(MONDAY + "13:00:00"))
    assert not in_time[FIRST].breached
    late = clocks(MONDAY + "18:00", opened(MONDAY + "09:00"), answered(MONDAY + "13:00:01"))
    assert late[FIRST].breached


def test_a_clock_that_ran_out_at_the_closing_is_breached_all_night() -> None:
    found = clocks(MONDAY + "22:00", opened(MONDAY + "13:00"), answered(MONDAY + "23:00"))
    assert found[FIRST].due_at == madrid(MONDAY + "18:00")
    assert found[FIRST].state is ClockState.BREACHED
    assert found[FIRST].remaining_seconds == 0


def test_a_breach_is_not_forgotten_in_a_pause() -> None:
    paused = clocks(MONDAY + "17:00", opened(MONDAY + "09:00"), became(MONDAY + "16:00", Status.PENDING))[FIRST]
    assert (paused.state, paused.breached, paused.due_at) == (ClockState.PAUSED, True, None)


def test_a_pause_in_the_very_second_of_the_target_is_no_breach() -> None:
    facts = (opened(MONDAY + "09:00"), became(MONDAY + "13:00", Status.PENDING), answered(MONDAY + "13:30"))
    assert not clocks(MONDAY + "17:00", *facts)[FIRST].breached


def test_a_higher_priority_counts_from_the_start() -> None:
    facts = (opened(MONDAY + "09:00"), retargeted(MONDAY + "10:00", Priority.URGENT))
    found = clocks(MONDAY + "10:00", *facts)
    assert found[FIRST].due_at == madrid(MONDAY + "09:30")
    assert found[FIRST].state is ClockState.BREACHED
    back = clocks(MONDAY + "11:00", *facts, retargeted(MONDAY + "10:30", Priority.NORMAL))
    assert (back[FIRST].state, back[FIRST].due_at) == (ClockState.RUNNING, madrid(MONDAY + "13:00"))


def test_a_promise_that_was_kept_stays_kept_when_the_priority_rises() -> None:
    facts = (opened(MONDAY + "09:00"), answered(MONDAY + "11:00"), retargeted(MONDAY + "12:00", Priority.URGENT))
    found = clocks(MONDAY + "12:00", *facts)
    assert (found[FIRST].target_seconds, found[FIRST].breached) == (4 * HOUR, False)
    assert found[RESOLUTION].target_seconds == 4 * HOUR


def test_the_priority_that_an_answer_sets_does_not_judge_that_answer() -> None:
    facts = (opened(MONDAY + "09:00"), retargeted(MONDAY + "11:00", Priority.URGENT), answered(MONDAY + "11:00"))
    assert not clocks(MONDAY + "12:00", *facts)[FIRST].breached


def test_a_queue_without_sla_has_no_clocks_and_a_move_brings_them_from_the_start() -> None:
    without = opened(MONDAY + "09:00", sla="")
    assert clocks(MONDAY + "12:00", without) == {}
    moved = clocks(MONDAY + "12:00", without, retargeted(MONDAY + "11:00", Priority.NORMAL))
    assert moved[FIRST].elapsed_seconds == 3 * HOUR
    gone = clocks(MONDAY + "12:00", opened(MONDAY + "09:00"), retargeted(MONDAY + "10:00", Priority.NORMAL, sla=""))
    assert gone == {}


def test_an_sla_that_is_no_longer_configured_has_no_clocks() -> None:
    assert clocks(MONDAY + "12:00", opened(MONDAY + "09:00", sla="gold")) == {}


def test_a_priority_without_a_row_has_the_targets_of_normal() -> None:
    assert targets_for(STANDARD, Priority.HIGH) == targets_for(STANDARD, Priority.NORMAL)
    assert clocks(MONDAY + "12:00", opened(MONDAY + "12:00", priority=Priority.HIGH))[FIRST].target_seconds == 4 * HOUR


def test_a_clock_without_a_target_does_not_exist() -> None:
    facts = (opened(MONDAY + "09:00", priority=Priority.LOW), answered(MONDAY + "10:00"), wrote(MONDAY + "11:00"))
    assert set(clocks(MONDAY + "12:00", *facts)) == {FIRST}


def test_a_machines_ticket_has_no_clock_until_an_agent_takes_it() -> None:
    machine = opened(MONDAY + "09:00", by_machine=True)
    assert clocks(TUESDAY + "12:00", machine, became(MONDAY + "10:00", Status.OPEN)) == {}
    found = clocks(TUESDAY + "12:00", machine, taken(TUESDAY + "10:00"), taken(TUESDAY + "11:00"))
    assert found[FIRST].started_at == found[RESOLUTION].started_at == madrid(TUESDAY + "10:00")
    assert found[FIRST].elapsed_seconds == 2 * HOUR


def test_what_became_of_a_machines_ticket_before_an_agent_took_it_is_no_solution() -> None:
    machine = opened(MONDAY + "09:00", by_machine=True)
    before = became(MONDAY + "10:00", Status.RESOLVED), became(MONDAY + "11:00", Status.SPAM)
    found = clocks(TUESDAY + "12:00", machine, *before, taken(TUESDAY + "10:00"))
    assert found[RESOLUTION].state is ClockState.VOID


def test_an_answer_to_a_machines_ticket_takes_it() -> None:
    found = clocks(TUESDAY + "12:00", opened(MONDAY + "09:00", by_machine=True), answered(TUESDAY + "10:00"))
    assert (found[FIRST].state, found[FIRST].elapsed_seconds, found[FIRST].segments) == (ClockState.MET, 0, ())


def test_a_mail_that_was_applied_late_counts_from_its_receipt() -> None:
    facts = (opened(MONDAY + "09:00"), became(MONDAY + "12:00", Status.PENDING), answered(MONDAY + "11:00"))
    assert clocks(MONDAY + "13:00", *facts)[FIRST].elapsed_seconds == 2 * HOUR


def test_a_mail_that_was_applied_late_leaves_the_ticket_in_the_status_it_gave() -> None:
    facts = (
        opened(MONDAY + "09:00"),
        became(MONDAY + "10:02", Status.PENDING),
        wrote(MONDAY + "10:00"),
        became(MONDAY + "10:00", Status.OPEN),
    )
    assert clocks(MONDAY + "11:00", *facts)[RESOLUTION].state is ClockState.RUNNING


def test_what_comes_later_is_not_known_yet() -> None:
    facts = (opened(MONDAY + "09:00"), answered(MONDAY + "11:00"))
    assert clocks(MONDAY + "10:00", *facts)[FIRST].state is ClockState.RUNNING
    assert clocks(MONDAY + "08:00", *facts) == {}
    assert clocks(MONDAY + "10:00", facts[1]) == {}


def test_a_status_that_lasted_no_time_leaves_no_segment() -> None:
    facts = (
        opened(MONDAY + "09:00"),
        became(MONDAY + "09:00", Status.OPEN),
        became(MONDAY + "10:00", Status.PENDING),
        became(MONDAY + "10:00", Status.OPEN),
    )
    assert [segment.running for segment in clocks(MONDAY + "11:00", *facts)[FIRST].segments] == [True, True]


def test_warnings_fall_due_in_working_time() -> None:
    readings = read_clocks((opened(MONDAY + "12:00"),), SLAS, madrid(MONDAY + "12:30"))
    found = {(each.clock, each.percent): each.at for each in thresholds(readings, SLAS)}
    assert found[Clock.FIRST_RESPONSE, 50] == madrid(MONDAY + "14:00")
    assert found[Clock.FIRST_RESPONSE, 75] == madrid(MONDAY + "16:00")
    assert found[Clock.FIRST_RESPONSE, 100] == madrid(MONDAY + "17:00")
    assert found[Clock.RESOLUTION, 150] == madrid("2026-11-30 10:00")
    assert (Clock.FIRST_RESPONSE, 150) not in found


def test_a_threshold_that_was_told_is_not_due_again() -> None:
    readings = read_clocks((opened(MONDAY + "12:00"),), SLAS, madrid(MONDAY + "16:30"))
    assert next_due(readings, SLAS) == madrid(MONDAY + "14:00")
    told = {(Clock.FIRST_RESPONSE, 1, 50), (Clock.FIRST_RESPONSE, 1, 75)}
    assert next_due(readings, SLAS, told) == madrid(MONDAY + "16:36")


def test_a_threshold_passed_before_a_pause_keeps_its_instant() -> None:
    facts = (opened(MONDAY + "09:00"), became(MONDAY + "11:30", Status.PENDING), became(MONDAY + "16:00", Status.OPEN))
    readings = read_clocks(facts, SLAS, madrid(MONDAY + "16:30"))
    assert next_due(readings, SLAS) == madrid(MONDAY + "11:00")


def test_a_clock_that_stands_still_passes_nothing() -> None:
    facts = (opened(MONDAY + "09:00"), became(MONDAY + "10:00", Status.PENDING))
    readings = read_clocks(facts, SLAS, madrid(MONDAY + "16:30"))
    assert thresholds(readings, SLAS) == ()
    assert next_due(readings, SLAS) is None


def test_the_acknowledgement_may_promise_the_first_response() -> None:
    assert promise(STANDARD, Priority.NORMAL, madrid("2026-11-27 14:30")) == madrid("2026-11-30 12:30")
    assert promise(Sla("bare", OFFICE, {}), Priority.NORMAL, madrid(MONDAY + "09:00")) is None


def test_an_office_that_never_opens_promises_nothing_and_is_never_late() -> None:
    never = Sla("never", calendar({}), {Priority.NORMAL: Targets(first_response=DAY)})
    assert promise(never, Priority.NORMAL, madrid(MONDAY + "09:00")) is None
    readings = read_clocks((opened(MONDAY + "09:00", sla="never"),), {"never": never}, madrid("2027-01-01 09:00"))
    assert [(each.state, each.due_at) for each in readings] == [(ClockState.RUNNING, None)]
    assert thresholds(readings, {"never": never}) == ()
