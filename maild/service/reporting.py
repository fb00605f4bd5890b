"""The service figures that the clock sends, as `[[report]]` says."""

from datetime import datetime, timedelta
from functools import partial

from maild.desk.reporting import ReportWish, decide_report, last_whole
from maild.service.acting import Actor
from maild.service.figures import prepared
from maild.service.office import Office
from maild.settings.report import Report
from maild.store.health import applied_at
from maild.store.model import Asked


def send_reports(actor: Actor, office: Office, now: datetime) -> None:
    """Send each `[[report]]` whose day, week or month is over, from its hour on; each of them once."""
    local = now.astimezone(office.settings.zone)
    for report in office.settings.report:
        first, last = last_whole(report.every, local.date())
        is_first_day = last == local.date() - timedelta(days=1)
        if not is_first_day or local.hour >= report.hour:
            _send(actor, office, report, ReportWish(first, last, report.teams, report.name), now)


def _send(actor: Actor, office: Office, report: Report, wish: ReportWish, now: datetime) -> None:
    stimulus = f"report:{report.name}:{report.every}:{wish.first}"
    with actor.db.reading() as reader:
        if applied_at(reader, stimulus) is not None:
            return
        by_language = prepared(reader, wish, office, office.settings.languages, now)
    decide = partial(decide_report, to=report.to, prepared=by_language)
    actor.act(stimulus, Asked(people=report.to), office, now, decide)
