"""A report as the mail `report`: what it shows, what is attached, and the same page for a browser."""

from datetime import datetime

from maild.base.words import Audience, Purpose, Role
from maild.desk.model import Prepared
from maild.desk.notices import Notice
from maild.desk.reporting import TEMPLATE, facts_of
from maild.notice.templates import Templates
from maild.notice.values import Frame, values_of
from maild.reports.model import Report
from maild.reports.rows import as_csv
from maild.reports.tables import as_text, period_in_words, tables
from maild.settings.model import Settings


def prepare(report: Report, language: str, title: str = "") -> Prepared:
    """Return a report ready to be sent; `title` stands before the period."""
    shown = tables(report, language)
    period = period_in_words(report.period)
    named = ", ".join(filter(None, (title, *report.teams, period)))
    first = report.period.day_of(report.period.start)
    # A byte order mark tells spreadsheets that it is UTF-8.
    octets = as_csv(report, language).encode("utf-8-sig")
    return Prepared(named, as_text(shown), shown, (f"report-{first}.csv", "text/csv", octets))


def as_html(report: Report, language: str, templates: Templates, settings: Settings, now: datetime) -> str:
    """Return a report as one HTML page with the look of our mails."""
    facts = facts_of(prepare(report, language))
    notice = Notice(TEMPLATE, Audience.LEAD, language, (), (), facts, Purpose.INTERNAL)
    frame = Frame(
        language=language,
        zone=settings.zone,
        now=now,
        desk=settings.desk.name,
        key="",
        subject="",
        title="",
        role=Role.LEAD,
        purpose=Purpose.INTERNAL,
        reply_to=settings.desk.reply_address,
        marker="",
        names={a.address: a.name for a in settings.agents if a.name},
    )
    return templates.page(language, TEMPLATE, values_of(notice, frame)).html
