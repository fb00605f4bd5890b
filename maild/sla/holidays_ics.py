"""Holidays out of an iCalendar text (RFC 5545), as public bodies publish them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

EVENT_DAYS_MAX = 366  # A longer "holiday" is a mistake in the file.

_FOLD = re.compile(r"\r?\n[ \t]")
_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_EVERY_YEAR = re.compile(r"FREQ=YEARLY(;INTERVAL=1|;BYMONTH=\d+|;BYMONTHDAY=\d+|;WKST=\w\w)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class IcsHolidays:
    """The whole days of a file, those of every year, and a sentence for each event that was left out."""

    dates: frozenset[date]
    yearly: frozenset[tuple[int, int]]
    left_out: tuple[str, ...]


def read_holidays(text: str) -> IcsHolidays:
    """Read every all-day event as holidays; never raises.

    An event repeated each year without an end is one of every year. Events with times of day, other repetitions,
    cancelled events and nonsense are left out and said so.
    """
    dates: set[date] = set()
    yearly: set[tuple[int, int]] = set()
    left_out: list[str] = []
    for event in _events(text):
        days, fault = _days(event)
        if fault:
            left_out.append(f"{event.get('SUMMARY', 'an event')}: {fault}")
        elif "RRULE" in event:
            yearly.update((day.month, day.day) for day in days)
        else:
            dates.update(days)
    return IcsHolidays(frozenset(dates), frozenset(yearly), tuple(left_out))


def _events(text: str) -> Iterator[dict[str, str]]:
    """Yield the properties of each VEVENT by name, without parameters (section 3.1 unfolds the lines)."""
    event: dict[str, str] | None = None
    for line in _FOLD.sub("", text).splitlines():
        name, _, value = line.partition(":")
        name = name.partition(";")[0].strip().upper()
        if (name, value.strip().upper()) == ("BEGIN", "VEVENT"):
            event = {}
        elif (name, value.strip().upper()) == ("END", "VEVENT"):
            if event is not None:
                yield event
            event = None
        elif event is not None:
            event.setdefault(name, value.strip())


def _days(event: Mapping[str, str]) -> tuple[tuple[date, ...], str]:
    """Return the days of an event, or why it is no holiday."""
    if event.get("STATUS", "").upper() == "CANCELLED":
        return (), "it is cancelled"
    if "RRULE" in event and _EVERY_YEAR.fullmatch(event["RRULE"].upper()) is None:
        return (), f"its repetition {event['RRULE']} is not simply every year"
    first = _day(event.get("DTSTART", ""))
    # Section 3.6.1: DTEND is the day after the last one, and without it the event takes one day.
    after = _day(event["DTEND"]) if "DTEND" in event else first and first + timedelta(days=1)
    if first is None or after is None:
        return (), "it does not take whole days"
    length = max(1, (after - first).days)
    if length > EVENT_DAYS_MAX:
        return (), f"it takes {length} days"
    return tuple(first + timedelta(days=offset) for offset in range(length)), ""


def _day(value: str) -> date | None:
    written = _DAY.fullmatch(value)
    if written is None:
        return None
    try:
        day = date(int(written[1]), int(written[2]), int(written[3]))
    except ValueError:
        return None
    return day if date.min < day < date.max - timedelta(days=EVENT_DAYS_MAX) else None
