"""Times as agents write them: `15m`, `fri 9:00`, `mañana 10:00`, `2026-12-01`."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from maild.base.instants import read_duration
from maild.base.text import plain

WEEKDAYS = {
    "mon": 0, "monday": 0, "lun": 0, "lunes": 0,
    "tue": 1, "tuesday": 1, "mar": 1, "martes": 1,
    "wed": 2, "wednesday": 2, "mie": 2, "miercoles": 2,
    "thu": 3, "thursday": 3, "jue": 3, "jueves": 3,
    "fri": 4, "friday": 4, "vie": 4, "viernes": 4,
    "sat": 5, "saturday": 5, "sab": 5, "sabado": 5,
    "sun": 6, "sunday": 6, "dom": 6, "domingo": 6,
}  # fmt: skip
DAYS = {"today": 0, "hoy": 0, "tomorrow": 1, "manana": 1}
BARE_DATE_HOUR = time(9)
DAYS_TO_A_NUMBER_MAX = 62  # A month without a 31st is followed by one that has it.
_FROM = re.compile(r"^(?:from|since|del|desde|de|el)\b\s*(?:el\b\s*)?")
_BETWEEN = re.compile(r"\s*(?:\.{2,}|…|\b(?:to|until|till|hasta|al|a)\b)\s*(?:el\b\s*)?")
_CLOCK = re.compile(r"(\d{1,2})(?::(\d{2}))?\s*(h|am|pm)?", re.ASCII)


def read_when(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    """Return the instant (UTC) that an agent of this time zone means.

    A duration counts from `now` in wall time; a bare date means 09:00; a weekday is the next one, never today; an
    instant of RFC 3339 (`2026-12-01T09:00:00Z`) is that instant wherever the agent is.
    Raises ValueError, in words, when it is no time or lies in the past.
    """
    words = plain(text).replace(" a las ", " ").replace(" at ", " ").split()
    if not words:
        raise ValueError("a time is missing; write 15m, fri 9:00 or 2026-12-01")
    when = _span(text, now) or _instant(text, zone) or _day(words, zone, now)
    if when <= now:
        raise ValueError(f"{text.strip()!r} lies in the past")
    return when


def _span(text: str, now: datetime) -> datetime | None:
    try:
        return now + read_duration(text)
    except (ValueError, OverflowError):
        return None


def _instant(text: str, zone: ZoneInfo) -> datetime | None:
    try:
        written = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if ":" not in text:  # a bare date
        return None
    return (written if written.tzinfo is not None else written.replace(tzinfo=zone)).astimezone(UTC)


def read_stay(text: str, zone: ZoneInfo, now: datetime) -> tuple[datetime, datetime | None]:
    """Return from when and until just before when (None: open) an agent means: `fri..mon`, `2026-08-01..15`, `3d`.

    Days are whole, the last one too, unless a time of day stands beside them; without a beginning it is `now`, and
    "" means from now on. Raises ValueError, in words, when it is no stretch of time or lies in the past.
    """
    words = _FROM.sub("", plain(text).replace(" a las ", " ").replace(" at ", " ").strip())
    head, *tail = _BETWEEN.split(words, maxsplit=1)
    today = now.astimezone(zone).date()
    if not tail and (not head or (until := _span(head, now)) is not None):
        return now, until if head else None
    day, clock = _day_of(head.split(), today) if head else (today, [])
    start = _at(day, _clock(" ".join(clock)) if clock else time(), zone) if head else now
    end = _end_of_stay(tail[0], start, day, zone) if tail else _at(day + timedelta(days=1), time(), zone)
    if end is not None and (end <= start or end <= now):
        raise ValueError(f"{text.strip()!r} lies in the past, or ends before it begins")
    return start, end


def _end_of_stay(text: str, start: datetime, first: date, zone: ZoneInfo) -> datetime | None:
    if not text:
        return None
    if (until := _span(text, start)) is not None:
        return until
    if text.isdecimal():
        day, clock = _day_of_month(int(text), first), list[str]()
    else:
        day, clock = _day_of(text.split(), first)
    if not clock:
        return _at(day + timedelta(days=1), time(), zone)
    return _at(day, _clock(" ".join(clock)), zone)


def _day_of_month(number: int, first: date) -> date:
    """Return the next day of that number, `first` itself included."""
    day = first
    for _ in range(DAYS_TO_A_NUMBER_MAX):
        if day.day == number:
            return day
        day += timedelta(days=1)
    raise ValueError(f"no month has a day {number}")


def _day(words: list[str], zone: ZoneInfo, now: datetime) -> datetime:
    day, rest = _day_of(words, now.astimezone(zone).date())
    return _at(day, _clock(" ".join(rest)) if rest else BARE_DATE_HOUR, zone)


def _at(day: date, hour: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, hour, zone).astimezone(UTC)


def _day_of(words: list[str], today: date) -> tuple[date, list[str]]:
    """Return the day that words begin with, and the words behind it; `today` when they begin with none."""
    head, rest = words[0].rstrip(","), words[1:]
    if head in WEEKDAYS:
        return today + timedelta(days=(WEEKDAYS[head] - today.weekday() - 1) % 7 + 1), rest
    if head in DAYS:
        return today + timedelta(days=DAYS[head]), rest
    try:
        day, clock = _date(head)
    except ValueError:
        return today, words
    return day, [clock, *rest] if clock else rest


def _date(word: str) -> tuple[date, str]:
    head, _, clock = word.upper().partition("T")
    return date.fromisoformat(head), clock


def _clock(text: str) -> time:
    found = _CLOCK.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no time; write 15m, fri 9:00 or 2026-12-01")
    hour, minute = int(found[1]), int(found[2] or 0)
    if found[3] == "pm" and hour < 12:
        hour += 12
    if hour > 23 or minute > 59:
        raise ValueError(f"{text!r} is no time of day")
    return time(hour, minute)
