"""Working time as somebody knows it who looks at the wall clock in every minute of four years and notes what it shows.

His notes are one octet a minute, so that years of them are counted quickly; nothing of maild's arithmetic is in them.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from maild.sla.calendar import DAY_MINUTES, Calendar

YEARS = 4
EVERY = 15  # Minutes between two looks on a day with a change; all of these years came at a full quarter.
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
A_WEEK = 7 * 86_400
SHUT = bytes(DAY_MINUTES)


@dataclass(frozen=True)
class Notes:
    """The notes of the years from `first_year` on; all instants are seconds since 1970."""

    first_year: int

    @property
    def begin(self) -> int:
        """The first second of the notes."""
        return _seconds(datetime(self.first_year, 1, 1, tzinfo=UTC))

    @property
    def end(self) -> int:
        """The second behind the last."""
        return _seconds(datetime(self.first_year + YEARS, 1, 1, tzinfo=UTC))

    def worked(self, calendar: Calendar, start: int, stop: int) -> int:
        """Return the seconds of working time between two instants, each minute by the calendar that was in force."""
        seconds = 0
        for until, version in (*calendar.earlier, (stop, calendar)):
            seconds += self._count(version, start, min(until, stop))
            start = max(start, min(until, stop))
        return seconds

    def reached(self, calendar: Calendar, start: int, seconds: int) -> int | None:
        """Return the first instant at which so much was worked since `start`; None when the notes end before it."""
        at, step = start, A_WEEK
        while seconds and step:
            worked = self.worked(calendar, at, min(at + step, self.end))
            if worked < seconds and at + step <= self.end:
                at, seconds = at + step, seconds - worked
            elif step == 1:
                return at + 1 if worked == seconds else None
            else:
                step = max(1, step // 2)
        return at

    def _count(self, calendar: Calendar, start: int, stop: int) -> int:
        if start >= stop:
            return 0
        notes = open_minutes(replace(calendar, earlier=()), self.first_year)
        first, last = (start - self.begin) // 60, (stop - 1 - self.begin) // 60
        before, behind = (start - self.begin) % 60, 59 - (stop - 1 - self.begin) % 60
        return 60 * notes.count(1, first, last + 1) - before * notes[first] - behind * notes[last]


@lru_cache(maxsize=64)
def open_minutes(calendar: Calendar, first_year: int) -> bytes:
    """Return an octet for each minute, 1 in working time: the wall clock shows an hour of the calendar.

    A minute that comes for the second time in autumn is past the whole hour that is repeated: it is what the last
    minute before the clock was put back was.
    """
    shown, wall_begin = bytearray(), _minutes(datetime(first_year - 1, 12, 1, tzinfo=UTC))
    days = _days(calendar, first_year)
    latest = 0
    for wall, length in even_runs(calendar.timezone, first_year):
        again = max(0, min(length, latest - wall))
        shown += days[latest - 1 - wall_begin : latest - wall_begin] * again
        shown += days[wall + again - wall_begin : wall + length - wall_begin]
        latest = max(latest, wall + length)
    return bytes(shown)


@lru_cache(maxsize=64)
def even_runs(timezone: str, first_year: int) -> tuple[tuple[int, int], ...]:
    """Return the stretches in which a zone's wall clock went evenly: the minute that it showed first, the length."""
    runs: list[tuple[int, int]] = []
    zone, at = ZoneInfo(timezone), datetime(first_year, 1, 1, tzinfo=UTC)
    while at.year < first_year + YEARS:
        wall, tomorrow = _shown(zone, at), _shown(zone, at + timedelta(days=1))
        every = DAY_MINUTES if tomorrow == wall + DAY_MINUTES else EVERY
        if runs and sum(runs[-1]) == wall:
            wall, so_far = runs.pop()
            runs.append((wall, so_far + every))
        else:
            runs.append((wall, every))
        at += timedelta(minutes=every)
    return tuple(runs)


@lru_cache(maxsize=64)
def changes(timezone: str, first_year: int) -> list[int]:
    """Return the instants at which a zone's wall clock was put forward or back."""
    at, found = Notes(first_year).begin, []
    for _, length in even_runs(timezone, first_year):
        at += 60 * length
        found.append(at)
    return found[:-1]


def _shown(zone: ZoneInfo, at: datetime) -> int:
    return _minutes(at.astimezone(zone).replace(tzinfo=UTC))


def _days(calendar: Calendar, first_year: int) -> bytes:
    """Return an octet for each minute that a wall calendar has, December before and January behind included."""
    week = [_day(spans) for spans in calendar.hours]
    first, last = date(first_year - 1, 12, 1).toordinal(), date(first_year + YEARS, 2, 1).toordinal()
    days = map(date.fromordinal, range(first, last))
    return b"".join(SHUT if _is_holiday(calendar, day) else week[day.weekday()] for day in days)


def _day(spans: tuple[tuple[int, int], ...]) -> bytes:
    minutes = bytearray(DAY_MINUTES)
    for opens, closes in spans:
        minutes[opens:closes] = b"\1" * (closes - opens)
    return bytes(minutes)


def _is_holiday(calendar: Calendar, day: date) -> bool:
    return day in calendar.holidays or ((day.month, day.day) in calendar.yearly and day not in calendar.worked)


def _seconds(at: datetime) -> int:
    return int(at.timestamp())


def _minutes(at: datetime) -> int:
    return _seconds(at) // 60
