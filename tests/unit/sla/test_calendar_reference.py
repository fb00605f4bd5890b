"""The fast calendar says what a slow look at the wall clock, minute by minute, says."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from maild.sla.calendar import Calendar, advance, is_open, weekly, working_seconds

from .calendars import open_by_the_wall_clock

ZONES = ("Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Kolkata", "Africa/Cairo")
CHANGES = (
    datetime(2024, 3, 31, 1, tzinfo=UTC),
    datetime(2025, 10, 26, 1, tzinfo=UTC),
    datetime(2026, 3, 29, 1, tzinfo=UTC),
    datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2026, 4, 4, 15, tzinfo=UTC),
    datetime(2026, 4, 5, 3, tzinfo=UTC),
    datetime(2026, 9, 6, 4, tzinfo=UTC),
    datetime(2026, 4, 23, 22, tzinfo=UTC),
    datetime(2026, 10, 29, 21, tzinfo=UTC),
)
minutes = st.integers(0, 95).map(lambda quarter: quarter * 15)
intervals = st.tuples(minutes, st.integers(1, 80)).map(lambda pair: (pair[0], min(pair[0] + pair[1] * 15, 2400)))
weeks = st.dictionaries(st.integers(0, 6), st.lists(intervals, max_size=3), max_size=7).map(weekly)
any_minute = st.integers(0, 6 * 366 * 1440).map(
    lambda minute: datetime(2023, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
)
near_changes = st.builds(
    lambda change, minute: change + timedelta(minutes=minute), st.sampled_from(CHANGES), st.integers(-2000, 600)
)
starts = st.one_of(any_minute, near_changes)


@st.composite
def offices(draw: st.DrawFn, start: datetime) -> Calendar:
    days = draw(st.sets(st.integers(-1, 3), max_size=2))
    holidays = frozenset(start.date() + timedelta(days=day) for day in days)
    yearly = frozenset({(1, 6)}) if draw(st.booleans()) else frozenset()
    return Calendar(draw(st.sampled_from(ZONES)), draw(weeks), holidays, yearly)


@settings(max_examples=80, deadline=None)
@given(st.data(), starts, st.integers(1, 2600))
def test_working_time_is_what_the_wall_clock_shows(data: st.DataObject, start: datetime, length: int) -> None:
    office = data.draw(offices(start))
    slow = sum(open_by_the_wall_clock(office, start + timedelta(minutes=minute)) for minute in range(length))
    assert working_seconds(office, start, start + timedelta(minutes=length)) == 60 * slow


@settings(max_examples=150, deadline=None)
@given(st.data(), starts)
def test_open_is_what_the_wall_clock_shows(data: st.DataObject, at: datetime) -> None:
    office = data.draw(offices(at))
    assert is_open(office, at) == open_by_the_wall_clock(office, at)


@settings(max_examples=150, deadline=None)
@given(st.data(), starts, st.integers(1, 40 * 3600))
def test_time_advanced_is_time_worked_and_not_a_second_more(data: st.DataObject, start: datetime, seconds: int) -> None:
    office = data.draw(offices(start))
    if not any(office.hours):
        return
    end = advance(office, start, seconds)
    assert working_seconds(office, start, end) == seconds
    assert working_seconds(office, start, end - timedelta(seconds=1)) == seconds - 1


@settings(max_examples=60, deadline=None)
@given(st.data(), starts, st.integers(0, 400 * 86_400), st.integers(0, 400 * 86_400))
def test_working_time_adds_up(data: st.DataObject, start: datetime, first: int, second: int) -> None:
    office = data.draw(offices(start))
    middle, end = start + timedelta(seconds=first), start + timedelta(seconds=first + second)
    whole = working_seconds(office, start, end)
    assert whole == working_seconds(office, start, middle) + working_seconds(office, middle, end)


def test_a_year_of_office_days_is_counted_quickly_and_rightly() -> None:
    office = Calendar("Europe/Madrid", weekly({day: [(540, 1020)] for day in range(5)}))
    days = [date(2026, 1, 1) + timedelta(days=day) for day in range(365)]
    start, end = datetime(2025, 12, 31, 12, tzinfo=UTC), datetime(2026, 12, 31, 23, tzinfo=UTC)
    expected = sum(day.weekday() < 5 for day in days) * 8 * 3600 + 4 * 3600
    assert working_seconds(office, start, end) == expected
