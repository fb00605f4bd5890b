"""What a roster leaves open in the weeks to come: gaps in the service hours, double bookings, absences, overload."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

from maild.sla.calendar import Calendar, is_open, next_opening, pieces
from maild.sla.duty import Duty, on_duty, seams, stand_in, turns_between
from maild.sla.roster import Roster, Turn

WEEK = timedelta(days=7)


class FindingKind(StrEnum):
    """What may be wrong with a roster."""

    GAP = "gap"  # service hours with nobody on duty
    DOUBLE = "double"  # somebody in two shifts at once
    ABSENT = "absent"  # somebody away from his shift, and nobody stands in
    OVERLOAD = "overload"  # too many hours in a week, or too many open tickets


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend, from `start` until `end`."""

    kind: FindingKind
    start: datetime
    end: datetime
    team: str = ""
    who: str = ""  # "" of a gap
    shifts: tuple[str, ...] = ()  # of a double booking
    seconds: int = 0  # of duty in that week, of an overload by hours
    tickets: int = 0  # new and open, of an overload by tickets


@dataclass(frozen=True, slots=True)
class Stretch:
    """A team while nobody comes and nobody goes."""

    team: str
    start: datetime
    end: datetime
    duty: Duty
    open: bool  # whether it lies in the service hours


@dataclass(frozen=True, slots=True)
class Bounds:
    """What counts as an overload; 0 is no limit."""

    hours_a_week: timedelta = timedelta(0)
    open_tickets: int = 0


Hours = Mapping[str, tuple[Calendar, ...]]  # the service hours, by team


def monday_of(at: datetime, zone: ZoneInfo) -> datetime:
    """Return the first instant of the week, in a zone, in which an instant lies."""
    local = at.astimezone(zone)
    return datetime.combine(local.date() - timedelta(days=local.weekday()), time(), zone).astimezone(UTC)


def week_opens(calendars: Iterable[Calendar], at: datetime, zone: ZoneInfo) -> datetime:
    """Return the first opening of a week by any of the calendars; without one, its Monday at nine."""
    monday = monday_of(at, zone)
    openings = [next_opening(calendar, monday) for calendar in calendars]
    return min(openings, default=datetime.combine(monday.astimezone(zone).date(), time(9), zone).astimezone(UTC))


def stretches(roster: Roster, hours: Hours, team: str, start: datetime, end: datetime) -> Iterator[Stretch]:
    """Yield who is on duty in a team, and whether it is open, without a gap from `start` to `end`."""
    calendars = hours.get(team, ())
    cuts = set(seams(roster, turns_between(roster, start, end, team), start, end))
    for calendar in calendars:
        cuts |= {begins for begins, _, _ in pieces(calendar, start, end)}
    for begins, ends in pairwise(sorted(cuts)):
        is_service = any(is_open(calendar, begins) for calendar in calendars)
        yield Stretch(team, begins, ends, on_duty(roster, team, begins), is_service)


def find(roster: Roster, hours: Hours, bounds: Bounds, at: datetime, weeks: int, zone: ZoneInfo) -> tuple[Finding, ...]:
    """Return what is to be mended from `at` to the end of so many weeks, that of `at` among them; gaps first."""
    start = monday_of(at, zone)
    end = monday_of(start + (weeks * WEEK) + timedelta(hours=12), zone)
    found = [f for team in roster.members for f in _of_team(roster, hours, team, start, end)]
    found += _of_people(roster, bounds, start, end, zone)
    order = list(FindingKind)
    ahead = (replace(f, start=max(f.start, at)) if f.kind is FindingKind.GAP else f for f in found if f.end > at)
    return tuple(sorted(ahead, key=lambda f: (order.index(f.kind), f.start, f.team, f.who)))


def _of_team(roster: Roster, hours: Hours, team: str, start: datetime, end: datetime) -> Iterator[Finding]:
    gaps: list[Finding] = []
    absent: dict[tuple[str, datetime], Finding] = {}
    rostered = roster.has_shifts(team)
    for each in stretches(roster, hours, team, start, end):
        if each.open and not each.duty.on:
            gaps.append(Finding(FindingKind.GAP, each.start, each.end, team))
        for who in each.duty.missing if each.open or rostered else ():
            since = next(a.start for a in roster.absences if a.who == who and a.covers(each.start))
            known = absent.get((who, since))
            begins = known.start if known is not None else each.start
            absent[who, since] = Finding(FindingKind.ABSENT, begins, each.end, team, who)
    yield from _joined(gaps)
    yield from absent.values()


def _joined(findings: Iterable[Finding]) -> list[Finding]:
    """Join findings that meet and say the same."""
    joined: list[Finding] = []
    for each in findings:
        last = joined[-1] if joined else None
        if last is not None and replace(last, start=each.start, end=each.end) == each and last.end == each.start:
            joined[-1] = replace(last, end=each.end)
        else:
            joined.append(each)
    return joined


def _of_people(roster: Roster, bounds: Bounds, start: datetime, end: datetime, zone: ZoneInfo) -> list[Finding]:
    """Return who is in two shifts at once, and who works more in a week than he should."""
    turns = list(turns_between(roster, start, end))
    mondays = [
        monday_of(start + week * WEEK + timedelta(hours=12), zone) for week in range((end - start).days // 7 + 1)
    ]
    cuts = sorted({*seams(roster, turns, start, end), *(monday for monday in mondays if monday < end)})
    doubles: dict[str, list[Finding]] = {}
    worked: dict[tuple[str, datetime], int] = {}
    for begins, ends in pairwise(cuts):
        for who, shifts in _busy(roster, turns, begins).items():
            if len(shifts) > 1:
                doubles.setdefault(who, []).append(Finding(FindingKind.DOUBLE, begins, ends, "", who, shifts))
            week = monday_of(begins, zone)
            worked[who, week] = worked.get((who, week), 0) + int((ends - begins).total_seconds())
    most = int(bounds.hours_a_week.total_seconds())
    heavy = [
        Finding(FindingKind.OVERLOAD, week, week + WEEK, "", who, seconds=seconds)
        for (who, week), seconds in worked.items()
        if most and seconds > most
    ]
    return [*(f for each in doubles.values() for f in _joined(each)), *heavy]


def _busy(roster: Roster, turns: Iterable[Turn], at: datetime) -> dict[str, tuple[str, ...]]:
    """Return the shifts that each person works at an instant, as himself or for somebody."""
    busy: dict[str, tuple[str, ...]] = {}
    for turn in turns:
        if turn.start <= at < turn.end:
            for planned in turn.who:
                if who := stand_in(roster, planned, at):
                    busy[who] = (*busy.get(who, ()), turn.name)
    return busy


def loaded(
    roster: Roster, hours: Hours, bounds: Bounds, held: Mapping[str, int], waiting: Mapping[str, int], at: datetime
) -> tuple[Finding, ...]:
    """Return who holds too many new and open tickets, and teams with too many for those on duty in the coming week.

    `held` counts by person, `waiting` by team. A team's tickets are shared among those on duty in its service hours,
    on average.
    """
    most = bounds.open_tickets
    if not most:
        return ()
    found = [
        Finding(FindingKind.OVERLOAD, at, at + WEEK, "", who, tickets=n) for who, n in sorted(held.items()) if n > most
    ]
    for team, count in sorted(waiting.items()):
        people = _on_average(stretches(roster, hours, team, at, at + WEEK)) if team in roster.members else 0
        if count > most * max(people, 1):
            found.append(Finding(FindingKind.OVERLOAD, at, at + WEEK, team, tickets=count))
    return tuple(found)


def _on_average(week: Iterable[Stretch]) -> float:
    """Return how many people are on duty in the service hours; without such, whenever anybody is."""
    all_of_it = [each for each in week if each.duty.on]
    some = [each for each in all_of_it if each.open] or all_of_it
    seconds = sum((each.end - each.start).total_seconds() for each in some)
    return sum(len(each.duty.on) * (each.end - each.start).total_seconds() for each in some) / seconds if seconds else 0
