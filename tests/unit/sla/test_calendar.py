"""Working time by hand: offices, nights, holidays and the two nights on which the clocks change."""

from datetime import UTC, date, datetime, timedelta

import pytest

from maild.sla.calendar import (
    ALWAYS,
    Calendar,
    NoWorkingTime,
    advance,
    is_open,
    longest_day_seconds,
    next_opening,
    pieces,
    read_interval,
    weekly,
    working_seconds,
)

from .calendars import MADRID, NIGHTS, OFFICE, calendar, madrid

HOUR = 3600


def test_lunch_is_not_working_time() -> None:
    assert working_seconds(OFFICE, madrid("2026-11-23 13:30"), madrid("2026-11-23 15:30")) == HOUR


def test_four_hours_from_monday_noon_end_after_lunch() -> None:
    assert advance(OFFICE, madrid("2026-11-23 12:00"), 4 * HOUR) == madrid("2026-11-23 17:00")


def test_four_hours_from_friday_afternoon_end_on_monday() -> None:
    assert advance(OFFICE, madrid("2026-11-27 14:00"), 4 * HOUR) == madrid("2026-11-30 12:00")


def test_time_that_runs_out_at_the_closing_is_due_at_the_closing() -> None:
    assert advance(OFFICE, madrid("2026-11-27 14:00"), HOUR) == madrid("2026-11-27 15:00")


def test_no_time_at_all_passes_at_once_even_at_night() -> None:
    assert advance(OFFICE, madrid("2026-11-27 23:00"), 0) == madrid("2026-11-27 23:00")


def test_an_extra_holiday_is_stepped_over() -> None:
    assert advance(OFFICE, madrid("2026-12-23 17:00"), 2 * HOUR) == madrid("2026-12-25 10:00")


def test_a_holiday_of_every_year_needs_no_year() -> None:
    closed = Calendar(MADRID, OFFICE.hours, yearly=frozenset({(12, 25)}))
    assert not is_open(closed, madrid("2026-12-25 10:00"))
    assert not is_open(closed, madrid("2031-12-25 10:00"))


def test_one_day_is_the_longest_day() -> None:
    assert longest_day_seconds(OFFICE) == 8 * HOUR
    assert longest_day_seconds(NIGHTS) == 8 * HOUR
    assert longest_day_seconds(ALWAYS) == 24 * HOUR


def test_the_lost_hour_in_spring_is_not_working_time() -> None:
    assert working_seconds(NIGHTS, madrid("2026-03-28 22:00"), madrid("2026-03-29 06:00")) == 7 * HOUR


def test_the_hour_that_comes_twice_in_autumn_is_worked_twice() -> None:
    assert working_seconds(NIGHTS, madrid("2026-10-24 22:00"), madrid("2026-10-25 06:00")) == 9 * HOUR


def test_an_opening_in_the_lost_hour_is_when_the_clock_jumps_over_it() -> None:
    early = calendar({6: ["02:30-06:00"]})
    assert next_opening(early, madrid("2026-03-29 00:00")) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_two_shifts_that_meet_in_a_repeated_hour_leave_no_gap() -> None:
    shifts = calendar({6: ["00:00-02:30", "02:30-06:00"]})
    assert working_seconds(shifts, madrid("2026-10-25 00:00"), madrid("2026-10-25 06:00")) == 7 * HOUR


def test_a_shift_that_ends_in_a_repeated_hour_ends_at_its_first_passing() -> None:
    shift = calendar({6: ["00:00-02:30"]})
    assert working_seconds(shift, madrid("2026-10-25 00:00"), madrid("2026-10-25 06:00")) == 2.5 * HOUR


def test_a_zone_whose_clocks_change_at_midnight_counts_the_day_from_the_change() -> None:
    always = calendar({day: ["00:00-24:00"] for day in range(7)}, zone="Africa/Cairo")
    start, end = datetime(2026, 4, 20, tzinfo=UTC), datetime(2026, 5, 4, tzinfo=UTC)
    assert working_seconds(always, start, end) == 14 * 24 * HOUR


def test_a_day_that_an_island_skipped_has_no_working_time() -> None:
    apia = calendar({4: ["09:00-17:00"]}, zone="Pacific/Apia")
    assert working_seconds(apia, datetime(2011, 12, 29, tzinfo=UTC), datetime(2012, 1, 1, tzinfo=UTC)) == 0


def test_a_holiday_closes_the_civil_day_and_no_more_of_the_night() -> None:
    nights = calendar({day: ["22:00-06:00"] for day in range(7)}, holidays=frozenset({date(2026, 12, 25)}))
    assert working_seconds(nights, madrid("2026-12-24 22:00"), madrid("2026-12-26 06:00")) == (2 + 6) * HOUR


def test_a_sunday_night_goes_on_into_monday() -> None:
    sunday = calendar({6: ["22:00-06:00"]})
    assert is_open(sunday, madrid("2026-11-23 05:59"))
    assert not is_open(sunday, madrid("2026-11-23 06:00"))


def test_an_hour_written_twice_counts_once() -> None:
    assert longest_day_seconds(calendar({0: ["09:00-12:00", "10:00-13:00"], 6: ["22:00-09:30"]})) == 13 * HOUR


def test_the_next_opening_is_now_when_the_office_is_open() -> None:
    assert next_opening(OFFICE, madrid("2026-11-23 09:30")) == madrid("2026-11-23 09:30")
    assert next_opening(OFFICE, madrid("2026-11-21 12:00")) == madrid("2026-11-23 09:00")


def test_an_office_that_never_opens_is_said_and_not_waited_for() -> None:
    closed = calendar({})
    with pytest.raises(NoWorkingTime):
        next_opening(closed, madrid("2026-11-23 09:00"))
    with pytest.raises(NoWorkingTime):
        advance(closed, madrid("2026-11-23 09:00"), 1)


def test_working_time_backwards_is_none() -> None:
    assert working_seconds(OFFICE, madrid("2026-11-23 12:00"), madrid("2026-11-23 10:00")) == 0


def test_parts_of_a_second_are_not_counted() -> None:
    start = madrid("2026-11-23 12:00") + timedelta(microseconds=999_999)
    assert advance(OFFICE, start, 60) == madrid("2026-11-23 12:01")


def test_pieces_cover_a_day_and_join_a_night_at_midnight() -> None:
    found = list(pieces(NIGHTS, madrid("2026-11-23 20:00"), madrid("2026-11-24 08:00")))
    assert found == [
        (madrid("2026-11-23 20:00"), madrid("2026-11-23 22:00"), False),
        (madrid("2026-11-23 22:00"), madrid("2026-11-24 06:00"), True),
        (madrid("2026-11-24 06:00"), madrid("2026-11-24 08:00"), False),
    ]


@pytest.mark.parametrize("text", ["", "9-14", "09:00-09:00", "24:00-25:00", "09:60-10:00", "10:00-24:01", "9h-10h"])
def test_hours_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"interval|clock|empty"):
        read_interval(text)


def test_a_week_is_written_monday_first() -> None:
    assert weekly({6: [(0, 60)]}) == ((),) * 6 + (((0, 60),),)
