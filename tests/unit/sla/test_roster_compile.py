"""The administrator's roster becomes the value that duty is computed with."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from maild.settings.roster import Roster, Shift
from maild.sla.duty import on_duty
from maild.sla.roster_compile import roster_from
from tests.unit.desk.bench import ANA, BEN, EVA, settings

MONDAY = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
WEEK = """BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:1
DTSTART:20261123T080000Z
DTEND:20261123T160000Z
END:VEVENT
END:VCALENDAR
"""


@pytest.mark.parametrize(
    ("at", "there"),
    [(MONDAY, (BEN,)), (MONDAY + timedelta(days=1), ()), (MONDAY + timedelta(days=400), ())],
    ids=["in an event", "between events", "long after the last one"],
)
def test_a_team_whose_calendar_has_run_out_has_nobody_on_duty_and_not_everybody(at, there):
    shift = Shift(name="early", team="First-Line", who=(BEN,), ics=(Path("early.ics"),))
    desk = settings().model_copy(update={"roster": Roster(shift=(shift,))})
    roster = roster_from(desk, {"early.ics": WEEK}, at)
    assert on_duty(roster, "first-line", at).on == there
    assert on_duty(roster, "second-line", at).on == (EVA,)


def test_without_a_roster_all_members_are_on_duty():
    assert on_duty(roster_from(settings(), {}, MONDAY), "first-line", MONDAY).on == (ANA, BEN)
