"""Who is on duty in a team at an instant, who stands in for whom, and who is called when nobody is."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from maild.sla.calendar import DAY_MINUTES, instant_of, reached
from maild.sla.roster import Roster, Shift, Turn

LONGEST_SHIFT_DAYS = 2  # A span ends on the day after it began at the latest.


@dataclass(frozen=True, slots=True)
class Duty:
    """A team at an instant."""

    on: tuple[str, ...] = ()  # who works, substitutes among them: members in their order, then others
    substitutes: tuple[tuple[str, str], ...] = ()  # (who is away, who stands in)
    missing: tuple[str, ...] = ()  # who should work and is away, with nobody standing in
    on_call: tuple[str, ...] = ()  # in order, without those away


def on_duty(roster: Roster, team: str, at: datetime) -> Duty:
    """Return who is on duty; whoever is away is replaced by his substitute, or by nobody."""
    planned = _planned(roster, team, at)
    present: dict[str, None] = {}
    instead: list[tuple[str, str]] = []
    missing: list[str] = []
    for who in planned:
        there = stand_in(roster, who, at)
        if there:
            present[there] = None
        if there and there != who:
            instead.append((who, there))
        if not there:
            missing.append(who)
    return Duty(tuple(present), tuple(instead), tuple(missing), _on_call(roster, team, at))


def away(roster: Roster, at: datetime) -> Mapping[str, str]:
    """Return everybody who is away at an instant, with who stands in for him; "" for nobody."""
    gone = dict.fromkeys(a.who for a in roster.absences if a.covers(at))
    return {who: stand_in(roster, who, at) for who in gone}


def stand_in(roster: Roster, who: str, at: datetime) -> str:
    """Return who does somebody's work at an instant: he himself, his substitute, that one's; "" when nobody does."""
    seen: set[str] = set()
    while who and who not in seen:
        absences = [a for a in roster.absences if a.who == who and a.covers(at)]
        if not absences:
            return who
        seen.add(who)
        who = next((a.substitute for a in reversed(absences) if a.substitute), "")
    return ""


def _planned(roster: Roster, team: str, at: datetime) -> tuple[str, ...]:
    """Return who should work, members in their order and then others."""
    members = roster.members.get(team, ())
    if not roster.has_shifts(team):
        return members
    found = {who for turn in turns_between(roster, at, at + timedelta(seconds=1), team) for who in turn.who}
    return (*(m for m in members if m in found), *sorted(found - set(members)))


def _on_call(roster: Roster, team: str, at: datetime) -> tuple[str, ...]:
    orders = (
        order.order_on(at.astimezone(ZoneInfo(order.timezone)).date()) for order in roster.on_call if order.team == team
    )
    there = (stand_in(roster, who, at) for order in orders for who in order)
    return tuple(dict.fromkeys(who for who in there if who))


def turns_between(roster: Roster, start: datetime, end: datetime, team: str = "") -> Iterator[Turn]:
    """Yield the turns, of one team or of all, that touch [start, end): whole, and as planned, whoever is away."""
    for shift in roster.shifts:
        if team in {"", shift.team}:
            yield from (t for t in _turns(shift, start, end) if t.start < end and t.end > start)
    yield from (t for t in roster.turns if team in {"", t.team} and t.start < end and t.end > start)


def _turns(shift: Shift, start: datetime, end: datetime) -> Iterator[Turn]:
    zone = ZoneInfo(shift.timezone)
    day = start.astimezone(zone).date() - timedelta(days=LONGEST_SHIFT_DAYS)
    last = end.astimezone(zone).date()
    while day <= last:
        who = shift.people_on(day)
        for opens, closes in shift.week[day.weekday()] if who else ():
            begins, ends = _instants(shift.timezone, day, opens, closes)
            if begins < ends:
                yield Turn(shift.name, shift.team, who, begins, ends)
        day += timedelta(days=1)


@lru_cache(maxsize=8192)
def _instants(timezone: str, day: date, opens: int, closes: int) -> tuple[datetime, datetime]:
    """Return the beginning and end of a span; the end of a night is read on the clock of the next morning."""
    zone = ZoneInfo(timezone)
    over, minute = divmod(closes, DAY_MINUTES)
    return (
        instant_of(reached(zone, day, opens)),
        instant_of(reached(zone, day + timedelta(days=over), minute)),
    )


def seams(roster: Roster, turns: Iterable[Turn], start: datetime, end: datetime) -> list[datetime]:
    """Return the instants between `start` and `end`, both included, between which nobody comes and nobody goes."""
    found = {start, end}
    for turn in turns:
        found |= {turn.start, turn.end}
    for absence in roster.absences:
        found |= {absence.start, absence.end or end}
    return sorted(at.astimezone(UTC) for at in found if start <= at <= end)
