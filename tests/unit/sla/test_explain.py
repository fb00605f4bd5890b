"""What `maild sla explain` says of a ticket."""

from itertools import pairwise

from maild.base.words import Clock, Status
from maild.sla.explain import explain

from .calendars import madrid
from .tickets import HOUR, MONDAY, SLAS, TUESDAY, answered, became, opened

FACTS = (
    opened(MONDAY + "13:00"),
    became(MONDAY + "16:00", Status.PENDING),
    became(TUESDAY + "08:00", Status.OPEN),
    answered(TUESDAY + "10:00"),
)


def test_every_piece_says_why_it_ran_or_paused_and_what_is_left() -> None:
    rows = [row for row in explain(FACTS, SLAS, madrid(TUESDAY + "12:00")) if row.clock is Clock.FIRST_RESPONSE]
    assert [(row.because, row.worked_seconds // 60, row.remaining_seconds // 60) for row in rows] == [
        ("the ticket was new, in working hours", 60, 180),
        ("the ticket was new, outside working hours", 0, 180),
        ("the ticket was new, in working hours", 60, 120),
        ("paused: pending, waits for the requester", 0, 120),
        ("the ticket was open, outside working hours", 0, 120),
        ("the ticket was open, in working hours", 60, 60),
    ]
    assert [row.running for row in rows] == [True, False, True, False, False, True]
    assert all(before.end == after.start for before, after in pairwise(rows))
    assert (rows[0].start, rows[-1].end) == (madrid(MONDAY + "13:00"), madrid(TUESDAY + "10:00"))


def test_a_row_in_json_has_the_habits_of_the_other_lists() -> None:
    row = explain(FACTS, SLAS, madrid(MONDAY + "13:30"))[0].as_json()
    assert row == {
        "clock": "first_response",
        "cycle": 1,
        "state": "running",
        "sla": "standard",
        "target_seconds": 4 * HOUR,
        "due_at": "2026-11-23T17:00:00Z",
        "from": "2026-11-23T12:00:00Z",
        "to": "2026-11-23T12:30:00Z",
        "running": True,
        "because": "the ticket was new, in working hours",
        "worked_seconds": HOUR // 2,
        "remaining_seconds": 3.5 * HOUR,
        "calendar": None,
    }


def test_a_clock_that_starts_this_second_has_a_row() -> None:
    rows = explain((opened(MONDAY + "13:00"),), SLAS, madrid(MONDAY + "13:00"))
    assert [(row.clock, row.start == row.end) for row in rows] == [
        (Clock.FIRST_RESPONSE, True),
        (Clock.RESOLUTION, True),
    ]


def test_a_ticket_without_clocks_has_no_rows() -> None:
    assert explain((), SLAS, madrid(MONDAY + "13:00")) == ()
