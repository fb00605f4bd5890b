"""What an administrator edits counts from then on; what has been stays as it was."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from maild.base.words import Clock
from maild.database.light import connect
from maild.service.configuration import examine, load
from maild.service.house import open_house
from maild.sla.calendar import is_open, working_seconds
from maild.store.queries_more import slas_in_force
from maild.store.versions import sla_versions

EXAMPLE = Path(__file__).parents[1] / "settings" / "example.toml"
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # 10:00 in Madrid
ICS = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:{day}\nSUMMARY:Fair\nEND:VEVENT\n{more}END:VCALENDAR\n"


@pytest.fixture
def path(tmp_path):
    (tmp_path / "maild.toml").write_text(EXAMPLE.read_text("utf-8"), "utf-8")
    return tmp_path / "maild.toml"


def edit(path, before, after):
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after), "utf-8")


def opened(path, now):
    """The standard service level as a service that starts `now` works by it."""
    house = open_house(load(path), lambda: now)
    try:
        return house.office.slas["standard"]
    finally:
        house.close()


def test_a_holiday_that_is_added_afterwards_takes_no_time_back(path):
    before = opened(path, MONDAY)
    tuesday = MONDAY + timedelta(days=1)
    edit(path, 'extra = ["2026-12-24"]', 'extra = ["2026-11-23", "2026-11-25", "2026-12-24"]')
    after = opened(path, tuesday)
    worked = working_seconds(before.calendar, MONDAY, tuesday)
    assert working_seconds(after.calendar, MONDAY, tuesday) == worked > 0
    assert not is_open(after.calendar, MONDAY + timedelta(days=2))
    assert is_open(before.calendar, MONDAY + timedelta(days=2))


def test_every_edit_is_a_version_and_an_edit_taken_back_is_one_too(path):
    for day, hours in enumerate(['"15:00-18:00"', '"15:00-19:00"', '"15:00-18:00"']):
        old = ['"15:00-18:00"', '"15:00-18:00"', '"15:00-19:00"'][day]
        edit(path, old, hours)
        found = opened(path, MONDAY + timedelta(days=day))
    assert [until for until, _ in found.earlier] == [MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)]
    evening = [MONDAY.replace(hour=17, minute=30) + timedelta(days=day) for day in range(3)]  # 18:30 in Madrid
    assert [is_open(found.calendar, at) for at in evening] == [False, True, False]


def test_a_start_without_an_edit_keeps_nothing(path):
    for day in range(3):
        assert opened(path, MONDAY + timedelta(days=day)).earlier == ()


def test_another_target_counts_for_what_is_still_to_be_met(path):
    opened(path, MONDAY)
    edit(path, 'first_response = "4h"', 'first_response = "1h"')
    found = opened(path, MONDAY + timedelta(days=1))
    hours = [was.targets["normal"].of(Clock.FIRST_RESPONSE) // 3600 for was in (found.as_of(MONDAY), found)]
    assert hours == [4, 1]


def test_a_short_command_knows_the_versions_too(path):
    opened(path, MONDAY)
    edit(path, '"15:00-18:00"', '"15:00-19:00"')
    found = opened(path, MONDAY + timedelta(days=1))
    with connect(f"sqlite:///{path.parent / 'maild.db'}") as reader:
        assert slas_in_force(reader) == {"standard": found}
        assert len(sla_versions(reader)["standard"]) == 2


def test_the_holidays_of_a_file_are_days_off_and_a_new_file_counts_from_the_next_start(path):
    file = path.parent / "town.ics"
    file.write_text(ICS.format(day="20261126", more=""))
    edit(path, 'extra = ["2026-12-24"]', 'extra = ["2026-12-24"], yearly = ["12-31"], files = ["town.ics"]')
    found = opened(path, MONDAY)
    assert date(2026, 11, 26) in found.calendar.holidays
    assert (12, 31) in found.calendar.yearly
    file.write_text(ICS.format(day="20261127", more=""))
    assert date(2026, 11, 27) in opened(path, MONDAY + timedelta(hours=1)).calendar.holidays


def test_a_file_that_is_not_there_is_a_fault_and_an_hour_in_it_a_warning(path):
    edit(path, 'extra = ["2026-12-24"]', 'extra = ["2026-12-24"], files = ["town.ics"]')
    report = examine(path)
    assert [(f.key, f.problem) for f in report.faults] == [
        ("calendar.office.holidays.files[1]", "there is no such file")
    ]
    (path.parent / "town.ics").write_text(ICS.format(day="20261126T100000", more=""))
    (warning,) = (w for w in examine(path).warnings if "files" in w.key)
    assert "Fair: it does not take whole days" in warning.problem


def test_a_day_of_every_year_is_a_month_and_a_day(path):
    edit(path, 'extra = ["2026-12-24"]', 'extra = ["2026-12-24"], yearly = ["31-12"]')
    (fault,) = examine(path).faults
    assert "12-24" in fault.mend
