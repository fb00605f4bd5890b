"""From the administrator's roster, and the texts of its iCalendar files, to the value that duty is computed with."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from maild.settings import model as settings_model
from maild.settings import roster as tables
from maild.sla.calendar import WEEKDAYS, Calendar
from maild.sla.roster import Absence, OnCall, Roster, Rotation, Shift, Spans, Turn

if TYPE_CHECKING:
    from maild.sla.ics import Occurrence

BACK = timedelta(days=31)
AHEAD = timedelta(days=400)  # An iCalendar file is written out so far; the service compiles it anew each day.

Texts = Mapping[str, str]  # by the path as text


def roster_from(settings: settings_model.Settings, texts: Texts, now: datetime) -> Roster:
    """Return the roster of a configuration; without one, all members at all hours.

    `texts` holds what the roster's iCalendar files say. Raises UnreadableCalendar, UnknownHolidays, and KeyError for a
    file without a text.
    """
    members = {team.name: tuple(_canonical(settings, team.members)) for team in settings.team}
    table = settings.roster
    if table is None:
        return Roster(members)
    make = _Maker(settings, texts, now)
    return Roster(
        members,
        shifts=(*(make.shift(s) for s in table.shift if not s.ics), *map(make.rotation, table.rotation)),
        turns=tuple(turn for s in table.shift for turn in make.turns(s)),
        absences=tuple(absence for a in table.absence for absence in make.absences(a)),
        on_call=tuple(map(make.on_call, table.on_call)),
        by_file=frozenset(make.team(s.team) for s in table.shift if s.ics),
    )


def _canonical(settings: settings_model.Settings, people: Iterable[str]) -> Iterator[str]:
    for address in people:
        yield settings.agent_address(address) or address


@dataclass(frozen=True, slots=True)
class _Maker:
    settings: settings_model.Settings
    texts: Texts
    now: datetime

    def shift(self, table: tables.Shift) -> Shift:
        """Return the hours of a [[shift]] without turns."""
        return self._hours(table, table.first_day, None)

    def rotation(self, table: tables.Rotation) -> Shift:
        """Return the hours of a [[rotation]]."""
        return self._hours(table, table.start, Rotation(table.start, table.every.days))

    def _hours(self, table: tables.Shift | tables.Rotation, first_day: date | None, rotation: Rotation | None) -> Shift:
        holidays = self._holidays(table.holidays)
        return Shift(
            table.name,
            self.team(table.team),
            self._people(table.who),
            table.timezone or self.settings.desk.timezone,
            _week(table.days, tuple(table.hours)),
            first_day,
            table.last_day,
            rotation,
            free=holidays.holidays if holidays else frozenset(),
            free_yearly=holidays.yearly if holidays else frozenset(),
        )

    def turns(self, table: tables.Shift) -> Iterator[Turn]:
        """Yield the turns that calendars give; those that name no agent of ours are left out."""
        team, people = self.team(table.team), self._people(table.who)
        for each in self._occurrences(table.ics, table.timezone or self.settings.desk.timezone):
            who = people or tuple(a for a in map(self.settings.agent_address, each.people) if a is not None)
            if who:
                yield Turn(table.name, team, who, each.start, each.end)

    def absences(self, table: tables.Absence) -> Iterator[Absence]:
        """Yield the stretches of an [[absence]]: its days, and those of its calendars."""
        agent = self.settings.agent_for(table.who)
        who, zone = (agent.address, agent.timezone) if agent else (table.who, self.settings.desk.timezone)
        substitute = next(_canonical(self.settings, [table.substitute]), "") if table.substitute else ""
        if table.first_day is not None:
            after = (table.last_day or table.first_day) + timedelta(days=1)
            yield Absence(who, _midnight(table.first_day, zone), _midnight(after, zone), substitute)
        for each in self._occurrences(table.ics, zone):
            yield Absence(who, each.start, each.end, substitute)

    def on_call(self, table: tables.OnCall) -> OnCall:
        """Return who is called while a team has nobody on duty."""
        rotation = Rotation(table.start, table.every.days) if table.start and table.every else None
        return OnCall(self.team(table.team), self._people(table.who), self.settings.desk.timezone, rotation)

    def team(self, name: str) -> str:
        """Return a team's name as the configuration writes it; one that it does not know as it is."""
        team = self.settings.team_named(name)
        return team.name if team is not None else name

    def _people(self, people: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(_canonical(self.settings, people)))

    def _holidays(self, name: str) -> Calendar | None:
        table = self.settings.calendar_named(name) if name else None
        if table is None:
            return None
        from maild.sla.compile import (  # late: few rosters need it, and it is slow
            YEARS_AHEAD,
            YEARS_BACK,
            calendar_from,
        )

        years = range(self.now.year - YEARS_BACK, self.now.year + YEARS_AHEAD + 1)
        return calendar_from(table, years, self.settings.desk.timezone)

    def _occurrences(self, files: Iterable[object], timezone: str) -> Iterator["Occurrence"]:
        for file in files:
            from maild.sla.ics import read_occurrences  # late: the library costs a fifth of a second

            start, end = self.now - BACK, self.now + AHEAD
            yield from read_occurrences(self.texts[str(file)], ZoneInfo(timezone), start, end).found


def _week(days: Iterable[str], hours: Spans) -> tuple[Spans, ...]:
    chosen = set(days)
    spans = tuple((opens, closes) for opens, closes in sorted(hours))
    return tuple(spans if name in chosen else () for name in WEEKDAYS)


def _midnight(day: date, timezone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(timezone)).astimezone(UTC)
