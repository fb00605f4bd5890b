"""Turns and absences out of iCalendar files: repetitions, exceptions, moved events, zones."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from maild.sla.ics import UnreadableCalendar, read_occurrences

MADRID = ZoneInfo("Europe/Madrid")
START, END = datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)


def read(*events):
    body = "".join(f"BEGIN:VEVENT\n{event}\nEND:VEVENT\n" for event in events)
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:test\n{body}END:VCALENDAR\n"
    return read_occurrences(text.replace("\n", "\r\n"), MADRID, START, END)


def starts(*events):
    return [each.start.strftime("%m-%d %H:%M") for each in read(*events).found]


WEEKLY = "UID:1\nSUMMARY:Late\nDTSTART;TZID=Europe/Madrid:20261015T170000\nDURATION:PT3H\nRRULE:FREQ=WEEKLY"


def test_a_weekly_shift_begins_at_the_same_hour_in_summer_and_in_winter():
    assert starts(WEEKLY + ";COUNT=3") == ["10-15 15:00", "10-22 15:00", "10-29 16:00"]


def test_the_last_repetition_is_the_one_before_until():
    assert starts(WEEKLY + ";UNTIL=20261029T160000Z")[-1] == "10-29 16:00"
    assert starts(WEEKLY + ";UNTIL=20261029T155959Z")[-1] == "10-22 15:00"


def test_what_is_excepted_or_moved_or_cancelled_is_not_there():
    moved = "UID:1\nRECURRENCE-ID;TZID=Europe/Madrid:20261022T170000\nDTSTART:20261023T080000Z\nDTEND:20261023T090000Z"
    excepted = WEEKLY + ";COUNT=3\nEXDATE;TZID=Europe/Madrid:20261015T170000"
    assert starts(excepted, moved) == ["10-23 08:00", "10-29 16:00"]
    assert starts(WEEKLY + "\nSTATUS:CANCELLED") == []


def test_whole_days_are_days_of_the_zone_and_times_without_one_are_read_in_it():
    (day,) = read("UID:2\nDTSTART;VALUE=DATE:20261102\nDTEND;VALUE=DATE:20261104").found
    assert (day.start, day.end) == (datetime(2026, 11, 1, 23, tzinfo=UTC), datetime(2026, 11, 3, 23, tzinfo=UTC))
    assert starts("UID:3\nDTSTART:20261102T090000\nDURATION:PT1H") == ["11-02 08:00"]


def test_the_attendees_are_the_people():
    (one,) = read("UID:4\nDTSTART:20261102T090000Z\nDURATION:PT1H\nATTENDEE;CN=Ana:MAILTO:Ana@example.com").found
    assert one.people == ("ana@example.com",)


@pytest.mark.parametrize(
    "event",
    [
        "UID:5\nSUMMARY:Odd\nDTSTART:20261102T090000\nRRULE:FREQ=SECONDLY",
        "UID:5\nSUMMARY:Odd\nDURATION:PT1H",
        "UID:5\nSUMMARY:Odd\nDTSTART:20261102T090000\nDTEND;VALUE=DATE:20261103",
        "UID:5\nSUMMARY:Odd\nDTSTART:20261102T090000Z\nDTEND:20291103T090000Z",
    ],
)
def test_an_event_that_makes_no_sense_is_left_out_and_said_so(event):
    read_all = read(event, "UID:6\nDTSTART:20261102T090000Z\nDURATION:PT1H")
    assert len(read_all.found) == 1
    assert read_all.left_out[0].startswith("Odd: ")


def test_what_is_no_calendar_is_refused():
    with pytest.raises(UnreadableCalendar):
        read_occurrences("hello", MADRID, START, END)
