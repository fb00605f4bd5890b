"""`maild report`: the service figures of a period, for people and for programs."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import click

from maild.cli import output
from maild.cli.invocation import Invocation, pass_invocation
from maild.cli.looking import look, read_instant
from maild.store.queries_more import slas_in_force

if TYPE_CHECKING:
    from maild.reports.model import Period, Report
    from maild.settings.model import Settings

DAYS = 30  # of the report that nobody gave a first day for
FORMATS = ("text", "html", "json", "csv")
DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option("--from", "first", metavar="D", type=DAY, help="The first day, 2026-11-01; else 30 days until the last.")
@click.option("--to", "last", metavar="D", type=DAY, help="The last day; else today.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", help="How it is printed.")
@click.option("--team", "teams", metavar="TEAM", multiple=True, help="Only this team's tickets; may be given again.")
@click.option("--lang", "language", metavar="LANGUAGE", help="The language; the desk's first when left out.")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@pass_invocation
def command(
    invocation: Invocation,
    first: datetime | None,
    last: datetime | None,
    form: str,
    teams: tuple[str, ...],
    language: str | None,
    as_json: bool,
) -> None:
    """Print volumes, backlog, times in working time, targets met, reopened, first contact and ratings of a period.

    Days are those of the desk's time zone. The definition of each figure is printed with it.
    """
    from maild.reports.reading import read_report

    settings, now = invocation.configuration.settings, read_instant(None)
    period = _period(settings, first, last, now)
    named = tuple(_team(settings, team) for team in teams)
    with look(invocation) as view:
        found = read_report(view.reader, slas_in_force(view.reader) or {}, period, named)
    _print(invocation, found, "json" if as_json else form, language or settings.languages[0], now)


def _print(invocation: Invocation, found: Report, form: str, language: str, now: datetime) -> None:
    from maild.notice.templates import Templates, template_folders
    from maild.reports.page import as_html
    from maild.reports.rows import as_csv, as_object
    from maild.reports.tables import as_text, tables

    settings = invocation.configuration.settings
    if form == "json":
        output.print_row(as_object(found, language))
    elif form == "csv":
        click.echo(as_csv(found, language), nl=False)
    elif form == "html":
        folders = template_folders(invocation.path.parent, settings.desk.templates)
        click.echo(as_html(found, language, Templates(folders), settings, now), nl=False)
    else:
        output.show(as_text(tables(found, language)).rstrip("\n"))


def _period(settings: Settings, first: datetime | None, last: datetime | None, now: datetime) -> Period:
    from maild.reports.model import period_of

    until: date = last.date() if last is not None else now.astimezone(settings.zone).date()
    since: date = first.date() if first is not None else until - timedelta(days=DAYS - 1)
    try:
        return period_of(since, until, settings.zone, now)
    except ValueError as fault:
        raise output.CommandError(str(fault)) from fault


def _team(settings: Settings, name: str) -> str:
    team = settings.team_named(name)
    if team is None:
        raise output.CommandError(f"there is no team {name}; there are {', '.join(t.name for t in settings.team)}")
    return team.name
