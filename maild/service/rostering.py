"""The roster looked at ahead: for `maild roster check`, and for the weekly mail to each lead."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from maild.database.dialect import Reader
from maild.desk.decide.roster import Week, decide_roster
from maild.desk.people import leads, teams_led
from maild.desk.problems import Incident, similar_groups
from maild.service.acting import Actor
from maild.service.office import Office
from maild.settings.model import Settings
from maild.sla.calendar import Calendar
from maild.sla.coverage import Bounds, Finding, Hours, Stretch, find, loaded, stretches, week_opens
from maild.sla.model import Sla
from maild.sla.roster import Roster
from maild.store.absences import load_absences, open_tickets
from maild.store.health import applied_at
from maild.store.model import Asked
from maild.store.recurring import incidents_since

RECURS_WITHIN = timedelta(days=7)  # incidents of one cause
WEEKS = 4  # How far to look ahead where no roster says it.


@dataclass(frozen=True, slots=True)
class Outlook:
    """A roster with the absences said by mail, and what the desk has to do."""

    roster: Roster
    settings: Settings
    slas: Mapping[str, Sla]
    held: Mapping[str, int]  # new and open tickets by person
    waiting: Mapping[str, int]  # and by team

    @property
    def hours(self) -> dict[str, tuple[Calendar, ...]]:
        """The service hours of each team."""
        return service_hours(self.settings, self.slas)

    def findings(self, now: datetime, weeks: int = 0) -> tuple[Finding, ...]:
        """Return what is to be mended in the coming weeks; 0: as many as the roster says."""
        table = self.settings.roster
        bounds = Bounds(table.hours_a_week, table.open_tickets) if table is not None else Bounds()
        ahead = weeks or (table.weeks if table is not None else WEEKS)
        found = find(self.roster, self.hours, bounds, now, ahead, self.settings.zone)
        return (*found, *loaded(self.roster, self.hours, bounds, self.held, self.waiting, now))

    def week(self, team: str, now: datetime) -> list[Stretch]:
        """Return who is on duty in a team in the coming seven days; nothing for a team without shifts."""
        if not self.roster.has_shifts(team):
            return []
        return [s for s in stretches(self.roster, self.hours, team, now, now + timedelta(days=7)) if s.duty.on]


def service_hours(settings: Settings, slas: Mapping[str, Sla]) -> dict[str, tuple[Calendar, ...]]:
    """Return the service hours of each team: the calendars of the service levels of its queues."""
    found: dict[str, tuple[Calendar, ...]] = {}
    for queue in settings.queue:
        team, sla = settings.team_named(queue.team), slas.get(queue.sla)
        if team is not None and sla is not None:
            found[team.name] = tuple(dict.fromkeys((*found.get(team.name, ()), sla.calendar)))
    return found


def outlook(
    reader: Reader | None, roster: Roster, settings: Settings, slas: Mapping[str, Sla], now: datetime
) -> Outlook:
    """Return the outlook of a desk; `reader` None: there is no database yet."""
    if reader is None:
        return Outlook(roster, settings, slas, {}, {})
    held, waiting = open_tickets(reader)
    return Outlook(roster.with_absences(load_absences(reader, now)), settings, slas, held, waiting)


def roster_mails(actor: Actor, office: Office, now: datetime) -> None:
    """Send each lead the roster of his teams, once a week, when the first of them opens, and what recurs there."""
    settings = office.settings
    hours = service_hours(settings, office.slas)
    with actor.db.reading() as reader:
        due = [lead for lead in leads(settings) if _is_due(reader, hours, settings, lead, now)]
        if not due:
            return
        view = outlook(reader, office.roster, settings, office.slas, now)
        incidents = incidents_since(reader, now - RECURS_WITHIN)
    for lead in due:
        _send(actor, office, view, incidents, lead, now)


def _is_due(reader: Reader, hours: Hours, settings: Settings, lead: str, now: datetime) -> bool:
    calendars = [calendar for team in teams_led(settings, lead) for calendar in hours.get(team.name, ())]
    opens = week_opens(calendars, now, settings.zone)
    return now >= opens and applied_at(reader, _stimulus(settings, lead, now)) is None


def _stimulus(settings: Settings, lead: str, now: datetime) -> str:
    year, week, _ = now.astimezone(settings.zone).isocalendar()
    return f"roster:{year}-W{week:02}:{lead}"


def _send(actor: Actor, office: Office, view: Outlook, incidents: Iterable[Incident], lead: str, now: datetime) -> None:
    settings = office.settings
    teams = [team.name for team in teams_led(settings, lead)]
    findings = [f for f in view.findings(now) if not f.team or f.team in teams]
    findings = [f for f in findings if f.team or _is_theirs(settings, f.who, teams)]
    plan = [stretch for team in teams for stretch in view.week(team, now)]
    week = Week(findings, plan, similar_groups(incident for incident in incidents if incident.team in teams))
    decide = partial(decide_roster, lead=lead, week=week)
    actor.act(_stimulus(settings, lead, now), Asked(people=(lead,)), office, now, decide)


def _is_theirs(settings: Settings, who: str, teams: Sequence[str]) -> bool:
    """Tell whether somebody is of one of some teams, or of none at all."""
    own = {team.name for team in settings.teams_of(who)}
    return not own or bool(own & set(teams))
