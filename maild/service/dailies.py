"""The lead's daily mail: once each working day, when the first of his teams opens."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from functools import partial

from maild.database.dialect import Reader
from maild.desk.decide.alert import who_decides
from maild.desk.decide.daily import Outline, Yesterday, decide_daily
from maild.desk.people import leads, teams_led
from maild.reports.model import Report, period_of
from maild.reports.reading import read_report
from maild.service.acting import Actor
from maild.service.office import Office
from maild.service.rostering import service_hours
from maild.sla.calendar import Calendar, NoWorkingTime, next_opening
from maild.store.health import applied_at, held_mail
from maild.store.model import Asked
from maild.store.standing import load_standing

OPENS = time(8)  # Monday to Friday, for teams without a calendar
SATURDAY = 5


def daily_mails(actor: Actor, office: Office, now: datetime) -> None:
    """Send each lead how his teams stand, once a working day; teams with `daily = false` are left out."""
    settings = office.settings
    today = now.astimezone(settings.zone).date()
    for lead in leads(settings):
        teams = tuple(team.name for team in teams_led(settings, lead) if team.daily)
        stimulus = f"daily:{today}:{lead}"
        if not teams or not _has_opened(office, teams, now):
            continue
        with actor.db.reading() as reader:
            if applied_at(reader, stimulus) is not None:
                continue
            outline = _outline(reader, office, lead, teams, now)
        if not outline.is_empty:
            decide = partial(decide_daily, lead=lead, outline=outline)
            actor.act(stimulus, Asked(people=(lead,)), office, now, decide)


def _has_opened(office: Office, teams: Iterable[str], now: datetime) -> bool:
    """Tell whether it is a working day of a team, and its hours have begun."""
    zone = office.settings.zone
    midnight = datetime.combine(now.astimezone(zone).date(), time(), zone)
    hours = service_hours(office.settings, office.slas)
    calendars = [calendar for team in teams for calendar in hours.get(team, ())]
    if not calendars:
        return midnight.weekday() < SATURDAY and now >= datetime.combine(midnight.date(), OPENS, zone)
    return any(_opens(calendar, midnight) <= now for calendar in calendars)


def _opens(calendar: Calendar, midnight: datetime) -> datetime:
    try:
        return next_opening(calendar, midnight)
    except NoWorkingTime:
        return midnight + timedelta(days=1)


def _outline(reader: Reader, office: Office, lead: str, teams: tuple[str, ...], now: datetime) -> Outline:
    settings = office.settings
    yesterday = now.astimezone(settings.zone).date() - timedelta(days=1)
    report = read_report(reader, office.slas, period_of(yesterday, yesterday, settings.zone, now), teams)
    held = sum(lead in who_decides(each, settings) for each in held_mail(reader))
    return Outline(teams, load_standing(reader, teams), _yesterday(report), held)


def _yesterday(report: Report) -> Yesterday:
    total, (day, *_) = report.total, report.days
    rating = f"{total.rating_mean:.2f} ({total.ratings})" if total.rating_mean is not None else ""
    return Yesterday(total.opened, total.resolved, day.mails_in, day.mails_out, rating)
