"""The roster as values: shifts, turns, absences with substitutes, and the order on call. People are addresses."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

Spans = tuple[tuple[int, int], ...]  # minutes after local midnight; the end of a night lies past 1440


@dataclass(frozen=True, slots=True)
class Rotation:
    """People who take turns: each has `days` days from `start` on, in order, for ever."""

    start: date
    days: int

    def turn_on(self, day: date, people: int) -> int:
        """Return whose turn a day is, as a place in the order; before `start` it counts backwards."""
        return (day - self.start).days // self.days % people


@dataclass(frozen=True, slots=True)
class Shift:
    """When people of a team work, week by week in one time zone; a night belongs to the day on which it begins."""

    name: str
    team: str
    who: tuple[str, ...]
    timezone: str
    week: tuple[Spans, ...]  # seven, Monday first
    first_day: date | None = None
    last_day: date | None = None  # the last on which it begins
    rotation: Rotation | None = None  # None: all of them at once
    free: frozenset[date] = frozenset()  # holidays, on which it does not begin
    free_yearly: frozenset[tuple[int, int]] = frozenset()  # (month, day)

    def people_on(self, day: date) -> tuple[str, ...]:
        """Return who works the shift that begins on a day; nobody outside its dates and on its holidays."""
        outside = (self.first_day and day < self.first_day) or (self.last_day and day > self.last_day)
        if outside or day in self.free or (day.month, day.day) in self.free_yearly or not self.who:
            return ()
        return self.who if self.rotation is None else (self.who[self.rotation.turn_on(day, len(self.who))],)


@dataclass(frozen=True, slots=True)
class Turn:
    """One stretch of duty, from `start` until just before `end`, in UTC."""

    name: str
    team: str
    who: tuple[str, ...]
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Absence:
    """Somebody is not there from `start` until just before `end`; None: until he says that he is back."""

    who: str
    start: datetime
    end: datetime | None = None
    substitute: str = ""
    id: str = ""  # of one that came by mail; "" for the administrator's

    def covers(self, at: datetime) -> bool:
        """Tell whether he is away at an instant."""
        return self.start <= at and (self.end is None or at < self.end)


@dataclass(frozen=True, slots=True)
class OnCall:
    """Who is called for a team when nobody is on duty: in this order, which a rotation moves on."""

    team: str
    who: tuple[str, ...]
    timezone: str = "UTC"
    rotation: Rotation | None = None

    def order_on(self, day: date) -> tuple[str, ...]:
        """Return the order of a day."""
        if self.rotation is None or not self.who:
            return self.who
        first = self.rotation.turn_on(day, len(self.who))
        return (*self.who[first:], *self.who[:first])


@dataclass(frozen=True, slots=True)
class Roster:
    """All that says who is on duty. A team without shifts and turns has all its members on duty at all hours."""

    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by team
    shifts: tuple[Shift, ...] = ()
    turns: tuple[Turn, ...] = ()  # written out, as iCalendar files give them, for the months around now
    absences: tuple[Absence, ...] = ()
    on_call: tuple[OnCall, ...] = ()
    by_file: frozenset[str] = frozenset()  # teams with iCalendar files, though nothing may stand in them

    def has_shifts(self, team: str) -> bool:
        """Tell whether the roster says when a team works; a file that has run out says that nobody does."""
        by_hours = any(shift.team == team for shift in self.shifts)
        return team in self.by_file or by_hours or any(turn.team == team for turn in self.turns)

    def with_absences(self, absences: tuple[Absence, ...]) -> "Roster":
        """Return it with more absences; of two that cover the same time the later in the list names the substitute."""
        return replace(self, absences=(*self.absences, *absences)) if absences else self
