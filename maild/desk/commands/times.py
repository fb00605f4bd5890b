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
_CLOCK = re.compile(r"(\d{1,2})(?::(\d{2}))?\s*(h|am|pm)?", re.ASCII)


def read_when(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    """Return the instant (UTC) that an agent of this time zone means.

    A duration counts from `now` in wall time; a bare date means 09:00; a weekday is the next one, never today.
    Raises ValueError, in words, when it is no time or lies in the past.
    """
    words = plain(text).replace(" a las ", " ").replace(" at ", " ").split()
    if not words:
        raise ValueError("a time is missing; write 15m, fri 9:00 or 2026-12-01")
    when = _span(text, now) or _day(words, zone, now)
    if when <= now:
        raise ValueError(f"{text.strip()!r} lies in the past")
    return when


def _span(text: str, now: datetime) -> datetime | None:
    try:
        return now + read_duration(text)
    except (ValueError, OverflowError):
        return None


def _day(words: list[str], zone: ZoneInfo, now: datetime) -> datetime:
    today = now.astimezone(zone).date()
    head, rest = words[0].rstrip(","), words[1:]
    if head in WEEKDAYS:
        day = today + timedelta(days=(WEEKDAYS[head] - today.weekday() - 1) % 7 + 1)
    elif head in DAYS:
        day = today + timedelta(days=DAYS[head])
    else:
        try:
            day, clock = _date(head)
        except ValueError:
            day, rest, clock = today, words, ""
        rest = [clock, *rest] if clock else rest
    hour = _clock(" ".join(rest)) if rest else BARE_DATE_HOUR
    return datetime.combine(day, hour, zone).astimezone(UTC)


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
