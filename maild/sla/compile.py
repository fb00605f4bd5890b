"""From the administrator's tables to the values that the clocks are computed with.

This is the only module of the room that knows the settings and the tables of public holidays: both are slow to import,
and a short command reads the compiled values from the database (maild.sla.snapshot).
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime

import holidays as public_holidays

from maild.base.words import Clock
from maild.settings import model as settings_model
from maild.sla.calendar import DAY_MINUTES, Calendar, longest_day_seconds, weekly
from maild.sla.holidays_ics import read_holidays
from maild.sla.model import Escalation, Sla, Targets
from maild.sla.snapshot import version_of

YEARS_BACK = 3
YEARS_AHEAD = 5


class UnknownHolidays(ValueError):
    """No public holidays are known for a country or its subdivision."""


def slas_from(
    settings: settings_model.Settings, now: datetime, published: Mapping[str, str] | None = None
) -> Mapping[str, Sla]:
    """Return every SLA by its name, with its calendar and the public holidays of the years around `now`.

    `published` are the iCalendar texts of `holidays.files` by calendar; without it there are none. A queue that spells
    the name in another case finds it under its own spelling too.

    Raises UnknownHolidays for a country or subdivision without a table, KeyError for a calendar that is not there.
    """
    years = range(now.year - YEARS_BACK, now.year + YEARS_AHEAD + 1)
    texts = published or {}
    calendars = {
        table.name: calendar_from(table, years, settings.desk.timezone, texts.get(table.name, ""))
        for table in settings.calendar
    }
    slas = {table.name: sla_from(table, calendars[_calendar_name(settings, table)]) for table in settings.sla}
    spelled = ((queue.sla, settings.sla_named(queue.sla)) for queue in settings.queue)
    return {**{spelling: slas[table.name] for spelling, table in spelled if table}, **slas}


def _calendar_name(settings: settings_model.Settings, table: settings_model.Sla) -> str:
    """Return the calendar's name as its own table spells it: names are the same in any case."""
    named = settings.calendar_named(table.calendar)
    if named is None:
        raise KeyError(f"[[sla]] {table.name} names the calendar {table.calendar!r}, which is not there")
    return named.name


def sla_from(table: settings_model.Sla, calendar: Calendar) -> Sla:
    """Return one SLA with its targets in seconds of its calendar's working time."""
    day = longest_day_seconds(calendar)
    return Sla(
        name=table.name,
        calendar=calendar,
        targets={priority: _targets(row, day) for priority, row in table.targets.items()},
        warn_at=tuple(table.warn_at),
        escalate=tuple(Escalation(step.clock, step.at, step.to) for step in table.escalate),
        around_the_clock=table.notify == "24x7",
    )


def calendar_from(
    table: settings_model.Calendar, years: Iterable[int], desk_timezone: str = "UTC", ics: str = ""
) -> Calendar:
    """Return a calendar with the public holidays of `years`, those of an iCalendar text, and the days set by hand.

    A day in `worked` is none, wherever it came from. Raises UnknownHolidays.
    """
    imported = read_holidays(ics)
    dates = _public(table.holidays, years) | imported.dates | frozenset(table.holidays.extra)
    calendar = Calendar(
        timezone=table.timezone or desk_timezone,
        hours=weekly(dict(enumerate(_spans(table.hours)))),
        holidays=dates - frozenset(table.holidays.worked),
        yearly=imported.yearly | frozenset(table.holidays.yearly),
        worked=frozenset(table.holidays.worked),
        name=table.name,
    )
    return replace(calendar, version=version_of(calendar))


def _spans(hours: settings_model.Hours) -> list[list[tuple[int, int]]]:
    """Return the spans by weekday; one that ends before it begins is a night over midnight."""
    return [
        [(opens, closes if closes > opens else closes + DAY_MINUTES) for opens, closes in day]
        for day in hours.by_weekday()
    ]


def _public(table: settings_model.Holidays, years: Iterable[int]) -> frozenset[date]:
    if not table.country:
        return frozenset()
    try:
        found = public_holidays.country_holidays(table.country, subdiv=table.subdivision or None, years=list(years))
    except NotImplementedError as fault:
        raise UnknownHolidays(
            f"no public holidays are known for {table.country} {table.subdivision}".strip()
        ) from fault
    return frozenset(found)


def _targets(row: settings_model.Targets, day_seconds: int) -> Targets:
    def seconds(clock: Clock) -> int | None:
        """Return the working seconds of a target, None when there is none."""
        target = row.of(clock)
        return target.in_seconds(day_seconds) if target else None

    return Targets(*(seconds(clock) for clock in Clock))
