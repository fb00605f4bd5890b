"""Calendars for the tests, and a reference that looks at the wall clock minute by minute."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from maild.sla.calendar import Calendar, read_interval, weekly

MADRID = "Europe/Madrid"


def calendar(hours: dict[int, list[str]], zone: str = MADRID, holidays: frozenset[date] = frozenset()) -> Calendar:
    """Make a calendar from hours as an administrator writes them; 0 is Monday."""
    intervals = {day: [read_interval(text) for text in texts] for day, texts in hours.items()}
    return Calendar(zone, weekly(intervals), holidays)


SPLIT = ["09:00-14:00", "15:00-18:00"]
OFFICE = calendar(
    {0: SPLIT, 1: SPLIT, 2: SPLIT, 3: SPLIT, 4: ["09:00-15:00"]}, holidays=frozenset({date(2026, 12, 24)})
)
NIGHTS = calendar({day: ["22:00-06:00"] for day in range(7)})


def madrid(text: str) -> datetime:
    """Read a wall time of Madrid such as ``2026-11-23 09:00`` as an instant in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(MADRID)).astimezone(UTC)


def open_by_the_wall_clock(office: Calendar, at: datetime) -> bool:
    """Say whether one minute is working time, by what the clock on the wall shows.

    A minute that comes for the second time in autumn is past the whole hour that is repeated.
    """
    local = at.astimezone(ZoneInfo(office.timezone))
    shown = local.replace(tzinfo=None)
    if local.fold:
        shown = _end_of_the_first_passing(at, local)
    is_yearly = (shown.month, shown.day) in office.yearly and shown.date() not in office.worked
    if shown.date() in office.holidays or is_yearly:
        return False
    minute = shown.hour * 60 + shown.minute
    return any(opens <= minute < closes for opens, closes in office.hours[shown.weekday()])


def _end_of_the_first_passing(at: datetime, local: datetime) -> datetime:
    zone = local.tzinfo
    while at.astimezone(zone).fold:
        at -= timedelta(minutes=1)
    return at.astimezone(zone).replace(tzinfo=None)
