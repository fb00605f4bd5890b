"""Events out of an iCalendar text (RFC 5545), repetitions written out: the turns and absences of a roster."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from icalendar import Calendar

REPETITIONS_MAX = 50_000  # A daily event for 130 years; what repeats more often is no shift.
TOO_OFTEN = frozenset({"SECONDLY", "MINUTELY", "HOURLY"})
LONGEST = timedelta(days=366)


class UnreadableCalendar(ValueError):
    """A text is no iCalendar; the words say what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """An event, or one of its repetitions, from `start` until just before `end`, in UTC."""

    summary: str
    people: tuple[str, ...]  # the addresses of its attendees, in lower case
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Occurrences:
    """The occurrences of a file in order of their start, and a sentence for each event that was left out."""

    found: tuple[Occurrence, ...]
    left_out: tuple[str, ...]


def read_occurrences(text: str, zone: ZoneInfo, start: datetime, end: datetime) -> Occurrences:
    """Return what of a calendar touches [start, end); times without a zone, and whole days, are read in `zone`.

    Raises UnreadableCalendar. A single event that makes no sense is left out and said so.
    """
    found: list[Occurrence] = []
    left_out: list[str] = []
    events = _events(text)
    moved = {(_uid(e), _instant(e["RECURRENCE-ID"].dt, zone)) for e in events if "RECURRENCE-ID" in e}
    for event in events:
        try:
            found += _occurrences(event, zone, moved, start, end)
        except (ValueError, TypeError, KeyError, OverflowError, AttributeError) as fault:
            left_out.append(f"{event.get('SUMMARY', 'an event')}: {fault or type(fault).__name__}")
    return Occurrences(tuple(sorted(found, key=lambda each: (each.start, each.end, each.summary))), tuple(left_out))


def _events(text: str) -> list[Any]:
    try:
        calendars = Calendar.from_ical(text, multiple=True)
        return [event for calendar in calendars for event in calendar.walk("VEVENT")]
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as fault:
        raise UnreadableCalendar(str(fault)[:200] or "it is no iCalendar") from fault


def _uid(event: Any) -> str:
    return str(event.get("UID", ""))


def _occurrences(
    event: Any, zone: ZoneInfo, moved: set[tuple[str, datetime]], start: datetime, end: datetime
) -> list[Occurrence]:
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return []
    begins = event["DTSTART"].dt
    people = tuple(dict.fromkeys(_people(event)))
    found = []
    for local in _starts(event, begins, end):
        at = _instant(local, zone)
        if "RECURRENCE-ID" not in event and (_uid(event), at) in moved:
            continue
        until = _end_of(event, begins, local, zone)
        if at < end and until > start and at < until:
            found.append(Occurrence(str(event.get("SUMMARY", "")), people, at, until))
    return found


def _people(event: Any) -> Iterator[str]:
    attendees = event.get("ATTENDEE", [])
    for each in attendees if isinstance(attendees, list) else [attendees]:
        address = str(each).strip().lower()
        yield address.removeprefix("mailto:")


def _starts(event: Any, begins: date, end: datetime) -> Iterator[date]:
    """Yield the starts of an event and of its repetitions, as dates or times like `begins`, those excepted left out.

    Repetitions are counted on the wall clock (section 3.3.10), so a shift begins at the same hour all year.
    """
    zone = begins.tzinfo if isinstance(begins, datetime) else None
    excepted = {_wall(each, zone) for each in _dates(event, "EXDATE")}
    walls = [*_repetitions(event, begins, zone, end), *(_wall(each, zone) for each in _dates(event, "RDATE"))]
    for wall in sorted(set(walls) - excepted):
        yield wall.replace(tzinfo=zone) if isinstance(begins, datetime) else wall.date()


def _repetitions(event: Any, begins: date, zone: tzinfo | None, end: datetime) -> Iterator[datetime]:
    first = _wall(begins, zone)
    rules = event.get("RRULE", [])
    yield first
    for written in rules if isinstance(rules, list) else [rules]:
        if {str(f).upper() for f in written.get("FREQ", [])} & TOO_OFTEN:
            raise ValueError("it is repeated more often than daily")
        rule = written.copy()
        if "UNTIL" in rule:
            rule["UNTIL"] = [_wall(each, zone) for each in rule["UNTIL"]]
        for count, wall in enumerate(rrulestr(rule.to_ical().decode(), dtstart=first)):
            if wall > end.replace(tzinfo=None) + LONGEST:
                break
            if count >= REPETITIONS_MAX:
                raise ValueError("it is repeated too often")
            yield wall


def _dates(event: Any, name: str) -> Iterator[date]:
    lists = event.get(name, [])
    for each in lists if isinstance(lists, list) else [lists]:
        yield from (entry.dt for entry in each.dts if isinstance(entry.dt, date))


def _wall(at: date, zone: tzinfo | None) -> datetime:
    """Return what the clock on the wall shows at a time, in the event's own zone."""
    if not isinstance(at, datetime):
        return datetime.combine(at, time())
    return (at.astimezone(zone) if zone is not None and at.tzinfo is not None else at).replace(tzinfo=None)


def _end_of(event: Any, begins: date, local: date, zone: ZoneInfo) -> datetime:
    """Return when an occurrence ends. All have the same exact duration (section 3.8.5.3), whole days excepted."""
    if "DTEND" in event:
        lasts = _difference(begins, event["DTEND"].dt, zone)
    elif "DURATION" in event:
        lasts = event["DURATION"].dt
    else:
        lasts = timedelta(0) if isinstance(begins, datetime) else timedelta(days=1)
    if lasts > LONGEST:
        raise ValueError("it lasts longer than a year")
    return _instant(local, zone) + lasts if isinstance(local, datetime) else _instant(local + lasts, zone)


def _difference(begins: date, ends: date, zone: ZoneInfo) -> timedelta:
    if isinstance(begins, datetime) != isinstance(ends, datetime):
        raise ValueError("it begins with a day and ends with a time, or the other way round")
    return _instant(ends, zone) - _instant(begins, zone) if isinstance(begins, datetime) else ends - begins


def _instant(at: date, zone: ZoneInfo) -> datetime:
    local = at if isinstance(at, datetime) else datetime.combine(at, time())
    return (local if local.tzinfo is not None else local.replace(tzinfo=zone)).astimezone(UTC)
