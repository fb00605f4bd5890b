"""Holidays as public bodies publish them, and what is no holiday."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from maild.sla.holidays_ics import read_holidays


def event(*lines: str) -> str:
    return "\r\n".join(["BEGIN:VCALENDAR", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR", ""])


def test_an_all_day_event_is_a_holiday() -> None:
    found = read_holidays(event("SUMMARY:San Isidro", "DTSTART;VALUE=DATE:20260515", "DTEND;VALUE=DATE:20260516"))
    assert found.dates == {date(2026, 5, 15)}
    assert found.left_out == ()


def test_the_end_of_an_event_is_the_day_after() -> None:
    found = read_holidays(event("DTSTART;VALUE=DATE:20261224", "DTEND;VALUE=DATE:20261227"))
    assert found.dates == {date(2026, 12, day) for day in (24, 25, 26)}


def test_an_event_of_every_year_is_a_holiday_of_every_year() -> None:
    found = read_holidays(event("DTSTART;VALUE=DATE:20200106", "RRULE:FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=6"))
    assert (found.dates, found.yearly) == (frozenset(), {(1, 6)})


def test_a_folded_line_is_one_line() -> None:
    assert read_holidays(event("DTSTART;VALUE=DATE:2026", " 0515")).dates == {date(2026, 5, 15)}


def test_what_is_no_holiday_is_said() -> None:
    text = (
        event("SUMMARY:Meeting", "DTSTART:20260515T100000Z", "DTEND:20260515T110000Z")
        + event("SUMMARY:Off", "DTSTART;VALUE=DATE:20260515", "STATUS:CANCELLED")
        + event("SUMMARY:Weekly", "DTSTART;VALUE=DATE:20260515", "RRULE:FREQ=WEEKLY")
        + event("SUMMARY:Ends", "DTSTART;VALUE=DATE:20260515", "RRULE:FREQ=YEARLY;UNTIL=20280101")
        + event("SUMMARY:Age", "DTSTART;VALUE=DATE:20260101", "DTEND;VALUE=DATE:20300101")
        + event("SUMMARY:Nonsense", "DTSTART;VALUE=DATE:20261341")
        + event("DTSTART;VALUE=DATE:99991231")
        + "END:VEVENT\n"
    )
    found = read_holidays(text)
    assert (found.dates, found.yearly) == (frozenset(), frozenset())
    assert [line.partition(":")[0] for line in found.left_out] == [
        "Meeting",
        "Off",
        "Weekly",
        "Ends",
        "Age",
        "Nonsense",
        "an event",
    ]


words = st.sampled_from(
    ["BEGIN:VEVENT", "END:VEVENT", "DTSTART:", "DTEND:", "20260101", "00010101", "\n", "RRULE:FREQ=YEARLY"]
)


@given(st.one_of(st.text(), st.lists(words).map("".join), st.lists(words).map("\n".join)))
def test_no_text_is_too_strange(text: str) -> None:
    read_holidays(text)
