"""From the administrator's tables to calendars and service levels."""

from datetime import UTC, date, datetime

import pytest

from maild.base.words import Clock, Priority
from maild.settings.model import Settings
from maild.sla.calendar import is_open, longest_day_seconds
from maild.sla.compile import UnknownHolidays, calendar_from, slas_from
from maild.sla.model import Escalation

from .calendars import madrid

HOUR = 3600
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SPLIT = ["09:00-14:00", "15:00-18:00"]
OFFICE = {
    "name": "office",
    "timezone": "Europe/Madrid",
    "hours": {**dict.fromkeys(("mon", "tue", "wed", "thu"), SPLIT), "fri": ["09:00-15:00"]},
    "holidays": {"country": "ES", "subdivision": "MD", "extra": ["2026-12-24"], "worked": ["2026-12-07"]},
}
STANDARD = {
    "name": "standard",
    "calendar": "Office",
    "targets": {
        "normal": {"first_response": "4h", "next_response": "8h", "resolution": "3d"},
        "urgent": {"first_response": "30m"},
    },
    "warn_at": [50, 90],
    "escalate": [{"clock": "resolution", "at": 100, "to": "next-level"}],
}


def settings(**changes: object) -> Settings:
    desk = {"name": "Acme", "domain": "desk.example.com", "prefix": "ACME", "timezone": "Atlantic/Canary"}
    desk |= {"reply_address": "desk@desk.example.com", "secret": "0" * 64}
    return Settings.model_validate({"desk": desk, "calendar": [OFFICE], "sla": [STANDARD], **changes})


def test_targets_are_seconds_and_a_day_is_the_longest_one() -> None:
    standard = slas_from(settings(), NOW)["standard"]
    assert standard.targets[Priority.NORMAL].resolution == 3 * 8 * HOUR
    assert standard.targets[Priority.URGENT].first_response == HOUR // 2
    assert standard.targets[Priority.URGENT].of(Clock.NEXT_RESPONSE) is None
    assert standard.warn_at == (50, 90)
    assert standard.escalate == (Escalation(Clock.RESOLUTION, 100, "next-level"),)


def test_public_holidays_extra_days_and_days_worked_all_the_same() -> None:
    office = slas_from(settings(), NOW)["standard"].calendar
    assert {date(2026, 5, 1), date(2026, 12, 8), date(2026, 12, 24), date(2027, 5, 1)} <= office.holidays
    assert date(2026, 12, 7) not in office.holidays
    assert not is_open(office, madrid("2026-12-08 10:00"))
    assert is_open(office, madrid("2026-12-07 10:00"))


def test_a_calendar_without_a_zone_has_the_desks() -> None:
    table = {"name": "plain", "hours": {"mon": ["00:00-24:00"]}}
    plain = slas_from(settings(calendar=[OFFICE, table], sla=[{**STANDARD, "calendar": "plain"}]), NOW)[
        "standard"
    ].calendar
    assert plain.timezone == "Atlantic/Canary"
    assert longest_day_seconds(plain) == 24 * HOUR


def test_a_published_calendar_adds_its_days() -> None:
    ics = "BEGIN:VEVENT\nDTSTART;VALUE=DATE:20260515\nEND:VEVENT\n"
    office = calendar_from(settings().calendar[0], [2026], ics=ics)
    assert date(2026, 5, 15) in office.holidays


def test_another_holiday_is_another_version() -> None:
    table = settings().calendar[0]
    assert calendar_from(table, [2026]).version == calendar_from(table, [2026]).version
    assert calendar_from(table, [2026]).version != calendar_from(table, [2026, 2027]).version


@pytest.mark.parametrize("place", [{"country": "QQ"}, {"country": "ES", "subdivision": "Mars"}])
def test_a_country_without_a_table_of_holidays_is_named(place: dict[str, str]) -> None:
    with pytest.raises(UnknownHolidays, match=place["country"]):
        slas_from(settings(calendar=[{**OFFICE, "holidays": place}]), NOW)


def test_a_calendar_that_is_not_there_is_named() -> None:
    with pytest.raises(KeyError, match="moon"):
        slas_from(settings(sla=[{**STANDARD, "calendar": "moon"}]), NOW)


def test_a_queue_may_spell_its_service_level_in_another_case() -> None:
    queue = {"name": "support", "address": "support@example.com", "team": "first-line", "sla": "Standard"}
    found = slas_from(settings(queue=[queue]), NOW)
    assert found["Standard"] == found["standard"]
