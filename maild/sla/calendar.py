"""Working time: a calendar is a value, and every question to it is a pure function in whole seconds of UTC."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 1440
DAY_SECONDS = 86_400
SEARCHED_DAYS_MAX = 1830  # Five years: the holidays are known no further, and no honest target is longer.
CACHED_DAYS_MAX = 16_384  # Ten calendars for four years; a day costs about 200 octets.

_INTERVAL = re.compile(r"\s*(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})\s*", re.ASCII)
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()

Week = tuple[tuple[tuple[int, int], ...], ...]


class NoWorkingTime(Exception):
    """The calendar holds too little working time within SEARCHED_DAYS_MAX."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Opening hours by weekday in one time zone, less its holidays.

    `hours` has seven entries, Monday first: disjoint intervals in order, in minutes after local midnight, none past
    1440. A night over midnight stands on both its days, so a holiday closes exactly one civil day. `yearly` are
    holidays (month, day) of every year, `worked` days on which even those are none. `version` changes with the content.

    `earlier` is what it was before, oldest first, each until a second since 1970: every question is answered for each
    stretch of time by what was in force then.
    """

    timezone: str
    hours: Week
    holidays: frozenset[date] = frozenset()
    yearly: frozenset[tuple[int, int]] = frozenset()
    version: str = ""
    worked: frozenset[date] = frozenset()
    name: str = ""  # of its [[calendar]]
    earlier: "tuple[tuple[int, Calendar], ...]" = field(default=(), hash=False)


ALWAYS = Calendar("UTC", (((0, DAY_MINUTES),),) * 7, version="always")


def read_interval(text: str) -> tuple[int, int]:
    """Read ``09:00-14:00``, ``22:00-06:00`` or ``15:00-24:00`` as minutes after midnight.

    The end of a night is past 1440. Raises ValueError when it is none.
    """
    written = _INTERVAL.fullmatch(text)
    if written is None:
        raise ValueError(f"{text!r} is no interval; write 09:00-14:00")
    opens, closes = int(written[1]) * 60 + int(written[2]), int(written[3]) * 60 + int(written[4])
    if int(written[2]) > 59 or int(written[4]) > 59 or opens >= DAY_MINUTES or closes > DAY_MINUTES:
        raise ValueError(f"{text!r} holds a time that is not on the clock")
    if opens == closes:
        raise ValueError(f"{text!r} is empty; the whole day is 00:00-24:00")
    return opens, closes if closes > opens else closes + DAY_MINUTES


def weekly(intervals: Mapping[int, Sequence[tuple[int, int]]]) -> Week:
    """Return `Calendar.hours` from intervals by weekday (0 is Monday): nights split at midnight, overlaps joined."""
    days: list[list[tuple[int, int]]] = [[] for _ in WEEKDAYS]
    for weekday, written in intervals.items():
        for opens, closes in written:
            days[weekday].append((opens, min(closes, DAY_MINUTES)))
            if closes > DAY_MINUTES:
                days[(weekday + 1) % 7].append((0, closes - DAY_MINUTES))
    return tuple(_joined(day) for day in days)


def _joined(intervals: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    joined: list[tuple[int, int]] = []
    for opens, closes in sorted(intervals):
        if joined and opens <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], closes))
        else:
            joined.append((opens, closes))
    return tuple(joined)


def longest_day_seconds(calendar: Calendar) -> int:
    """Return the working time of the calendar's longest weekday: what `1d` means in a target."""
    return 60 * max(sum(closes - opens for opens, closes in day) for day in calendar.hours)


def working_seconds(calendar: Calendar, start: datetime, end: datetime) -> int:
    """Return the working time between two instants; 0 when `end` is not after `start`."""
    return sum(closes - opens for opens, closes in _between(calendar, seconds_of(start), seconds_of(end)))


def advance(calendar: Calendar, start: datetime, seconds: int) -> datetime:
    """Return the earliest instant at which `seconds` of working time have passed since `start`.

    That is `start` for 0, and the closing, not the next opening, when the time runs out at the closing.
    Raises NoWorkingTime.
    """
    left, begin = seconds, seconds_of(start)
    if left <= 0:
        return instant_of(begin)
    for opens, closes in _between(calendar, begin, begin + SEARCHED_DAYS_MAX * DAY_SECONDS):
        if left <= closes - opens:
            return instant_of(opens + left)
        left -= closes - opens
    raise NoWorkingTime(f"{left} working seconds are left after {SEARCHED_DAYS_MAX} days")


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Say whether `at` is working time; the closing itself is not."""
    second = seconds_of(at)
    return any(True for _ in _between(calendar, second, second + 1))


def next_opening(calendar: Calendar, at: datetime) -> datetime:
    """Return `at` when it is working time, else the next instant that is; raises NoWorkingTime."""
    begin = seconds_of(at)
    for opens, _ in _between(calendar, begin, begin + SEARCHED_DAYS_MAX * DAY_SECONDS):
        return instant_of(opens)
    raise NoWorkingTime(f"nothing opens within {SEARCHED_DAYS_MAX} days")


def pieces(calendar: Calendar, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, bool]]:
    """Yield (from, to, open) pieces that cover `start` to `end` without a gap, open and closed ones in turn."""
    at, last = seconds_of(start), seconds_of(end)
    for opens, closes in _without_seams(_between(calendar, at, last)):
        if at < opens:
            yield instant_of(at), instant_of(opens), False
        yield instant_of(opens), instant_of(closes), True
        at = closes
    if at < last:
        yield instant_of(at), instant_of(last), False


def in_force(calendar: Calendar, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, Calendar]]:
    """Yield (from, to, what was in force) for `start` to `end`, without a gap."""
    for begin, stop, version in _reigns(calendar, seconds_of(start), seconds_of(end)):
        yield instant_of(begin), instant_of(stop), version


def seconds_of(at: datetime) -> int:
    """Return the whole seconds of an aware instant since 1970."""
    assert at.tzinfo is not None, "working time is never counted in naive time"
    # Two aware times of one zone subtract as wall clocks, which would give away an hour in spring: first to UTC.
    since = at.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return since.days * DAY_SECONDS + since.seconds


def instant_of(second: int) -> datetime:
    """Return the instant in UTC of the seconds since 1970."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=second)


def _reigns(calendar: Calendar, begin: int, end: int) -> Iterator[tuple[int, int, Calendar]]:
    for until, version in calendar.earlier:
        if begin < min(until, end):
            yield begin, min(until, end), version
            begin = until
    if begin < end:
        yield begin, end, calendar


def _between(calendar: Calendar, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the openings within [begin, end), clipped, in order; one that two versions share comes in two."""
    for start, stop, version in _reigns(calendar, begin, end):
        yield from _openings_between(version, start, stop)


def _openings_between(calendar: Calendar, begin: int, end: int) -> Iterator[tuple[int, int]]:
    # No zone is a whole day away from UTC: one day more on either side holds every local day that matters.
    for day in range(begin // DAY_SECONDS - 1, end // DAY_SECONDS + 2):
        for opens, closes in _openings(calendar, day):
            if opens < end and closes > begin:
                yield max(opens, begin), min(closes, end)


def _without_seams(openings: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Join openings that meet, as a night does at midnight."""
    held: tuple[int, int] | None = None
    for opens, closes in openings:
        if held is not None and held[1] == opens:
            held = (held[0], closes)
            continue
        if held is not None:
            yield held
        held = (opens, closes)
    if held is not None:
        yield held


@lru_cache(maxsize=CACHED_DAYS_MAX)
def _openings(calendar: Calendar, day_since_epoch: int) -> tuple[tuple[int, int], ...]:
    """Return the openings of one local day as seconds since 1970."""
    day = date.fromordinal(_EPOCH_ORDINAL + day_since_epoch)
    if day in calendar.holidays or ((day.month, day.day) in calendar.yearly and day not in calendar.worked):
        return ()
    zone = ZoneInfo(calendar.timezone)
    found = ((reached(zone, day, opens), reached(zone, day, closes)) for opens, closes in calendar.hours[day.weekday()])
    return tuple((opens, closes) for opens, closes in found if opens < closes)


def reached(zone: ZoneInfo, day: date, minute: int) -> int:
    """Return the first second at which the clock on the wall has reached a time of that day.

    So an hour that comes twice in autumn is counted from its first passing, and an opening that falls into the lost
    hour in spring is the moment when the clock jumps over it.
    """
    wall = datetime.combine(day, time(), zone) + timedelta(minutes=minute)
    first, second = seconds_of(wall), seconds_of(wall.replace(fold=1))
    if second >= first:
        return first
    # This wall time is never shown. Times of one zone compare as wall clocks, which for once is what is asked for.
    span = range(second, first + 1)
    return span[bisect_left(span, wall, key=lambda at: instant_of(at).astimezone(zone))]
