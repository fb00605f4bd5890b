"""The roster file: read with its places, and every fault in it named with its mend."""

import pytest

from maild.service.configuration import examine
from maild.settings.roster_example import EXAMPLE
from tests.unit.desk.bench import EXAMPLE as DESK

SHIFT = '[[shift]]\nname = "early"\nteam = "first-line"\nwho = ["ana@example.com", "ben@example.com"]\n'


@pytest.fixture
def examined(tmp_path):
    def look(roster):
        text = DESK.read_text("utf-8").replace("secret_file =", 'roster_file = "roster.toml"\nsecret_file =', 1)
        (tmp_path / "maild.toml").write_text(text, "utf-8")
        if roster is not None:
            (tmp_path / "roster.toml").write_text(roster, "utf-8")
        return examine(tmp_path / "maild.toml")

    return look


def test_the_shipped_file_is_the_example_that_init_writes():
    assert (DESK.parents[3] / "config" / "roster.toml").read_text("utf-8") == EXAMPLE


def test_the_shipped_example_works_as_it_stands_and_with_its_comments_off(examined):
    assert examined(EXAMPLE).faults == ()
    bare = "\n".join(line.removeprefix("# ") if "=" in line or "[[" in line else line for line in EXAMPLE.splitlines())
    bare = bare.replace("agent@", "ana@").replace(
        'ics = ["weekend.ics"]', 'who = "ben@example.com"\nhours = "9:00-10:00"'
    )
    bare = "\n".join(line for line in bare.splitlines() if not line.startswith(("Who is", "Agents", "Hours out")))
    report = examined(bare)
    assert report.faults == ()
    assert report.configuration is not None
    roster = report.configuration.settings.roster
    assert roster is not None
    assert (len(roster.shift), len(roster.rotation), len(roster.on_call), len(roster.absence)) == (2, 1, 1, 1)


@pytest.mark.parametrize(
    ("roster", "line", "key", "mend"),
    [
        ("[[shfit]]\n", 1, "roster.shfit", "did you mean shift?"),
        (SHIFT + 'hour = "9:00-17:00"', 5, "roster.shift.early.hour", "did you mean hours?"),
        (SHIFT + 'hours = "9 to 5"', 5, "roster.shift.early.hours", '"09:00-14:00"'),
        (SHIFT.replace("first-line", "first-lime") + 'hours = "9:00-17:00"', 3, "team", "did you mean first-line?"),
        (SHIFT.replace("ana@", "anna@") + 'hours = "9:00-17:00"', 4, "who", "did you mean ana@example.com?"),
        (SHIFT, 1, "roster.shift.early", 'write hours = "09:00-17:00"'),
        (SHIFT + 'hours = "9:00-17:00"\nholidays = "offise"', 6, "holidays", "did you mean office?"),
        (SHIFT + 'hours = ["9:00-13:00", "12:00-14:00"]', 5, "hours", "let each begin after the last"),
        (SHIFT + 'ics = "none.ics"', 5, "ics", "write an iCalendar file"),
        ('[[absence]]\nwho = "ana@example.com"\n', 1, "roster.absence[1]", "write first_day = 2026-12-24"),
        (
            '[[absence]]\nwho = "ana@example.com"\nfirst_day = 2026-12-24\nsubstitute = "ana@example.com"',
            4,
            "substitute",
            "write somebody else",
        ),
        ('[[on_call]]\nteam = "first-line"\nwho = "ana@example.com"\nevery = "12h"', 4, "every", "whole days"),
        ("[[shift]\n", 1, "", "look for a missing quote"),
    ],
)
def test_a_fault_names_its_file_line_key_and_mend(examined, tmp_path, roster, line, key, mend):
    faults = [f for f in examined(roster).faults if mend in f.mend]
    assert [(f.file, f.line) for f in faults] == [(str(tmp_path / "roster.toml"), line)]
    assert key in faults[0].key


def test_a_roster_file_that_is_not_there_is_a_fault_of_the_configuration(examined):
    (fault,) = examined(None).faults
    assert (fault.key, fault.problem) == ("desk.roster_file", "there is no such file")


def test_a_member_without_a_shift_is_warned_of(examined):
    alone = SHIFT.replace(', "ben@example.com"', "") + 'hours = "9:00-17:00"'
    (warning,) = examined(alone).warnings
    assert warning.problem == "ben@example.com stands in no shift of the roster, so gets no ticket by himself"


def test_an_icalendar_file_is_read_beside_the_configuration(examined, tmp_path):
    (tmp_path / "late.ics").write_text("hello", "utf-8")
    (fault,) = examined(SHIFT + 'ics = "late.ics"').faults
    assert "cannot be read" in fault.problem
    event = "BEGIN:VEVENT\nUID:1\nDTSTART:20261102T090000\nDURATION:PT1H\nEND:VEVENT\n"
    (tmp_path / "late.ics").write_text(f"BEGIN:VCALENDAR\nVERSION:2.0\n{event}END:VCALENDAR\n", "utf-8")
    assert examined(SHIFT + 'ics = "late.ics"').faults == ()
    hourly = event.replace("END:VEVENT", "RRULE:FREQ=HOURLY\nEND:VEVENT")
    (tmp_path / "late.ics").write_text(f"BEGIN:VCALENDAR\nVERSION:2.0\n{hourly}END:VCALENDAR\n", "utf-8")
    (warning,) = examined(SHIFT + 'ics = "late.ics"').warnings
    assert "it is repeated more often than daily" in warning.problem
