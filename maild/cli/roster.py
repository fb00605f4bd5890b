"""`maild roster`: who is on duty, and what the roster leaves open in the weeks to come."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from maild.base.instants import to_text
from maild.cli import output
from maild.cli.invocation import Invocation, pass_invocation
from maild.cli.looking import look, read_instant
from maild.database.dialect import Reader
from maild.database.light import DatabaseMissing

if TYPE_CHECKING:
    from maild.service.rostering import Outlook

SHOWN = ("team", "on_duty", "substitutes", "missing", "on_call")
FOUND = ("kind", "from", "to", "team", "who", "text")


@click.group(cls=output.Group)
def command() -> None:
    """Show and check who is on duty."""


@command.command()
@click.option("--at", metavar="TIME", help="As of TIME (RFC 3339) instead of now.")
@click.option("--team", metavar="TEAM", help="Only this team.")
@output.json_option
@pass_invocation
def show(invocation: Invocation, at: str | None, team: str | None, as_json: bool) -> None:
    """Say who is on duty in each team, who stands in for whom, and who is on call."""
    from maild.sla.duty import on_duty

    now = read_instant(at)
    rows = []
    with _outlook(invocation, now) as view:
        for name in _teams(view, team):
            duty = on_duty(view.roster, name, now)
            rows.append(
                {
                    "team": name,
                    "at": to_text(now),
                    "on_duty": list(duty.on),
                    "substitutes": [f"{substitute} for {who}" for who, substitute in duty.substitutes],
                    "missing": list(duty.missing),
                    "on_call": list(duty.on_call),
                }
            )
    output.print_rows(rows, as_json=as_json, columns=SHOWN)


@command.command()
@click.option(
    "--weeks", type=click.IntRange(1, 52), metavar="N", help="How many weeks to look ahead; else the roster's."
)
@click.option("--at", metavar="TIME", help="As of TIME (RFC 3339) instead of now.")
@output.json_option
@pass_invocation
def check(invocation: Invocation, weeks: int | None, at: str | None, as_json: bool) -> int:
    """List gaps in the service hours, double bookings, absences without a substitute, and overload.

    Leaves with 65 when there is a gap.
    """
    now = read_instant(at)
    with _outlook(invocation, now) as view:
        rows = [_row(view, finding) for finding in view.findings(now, weeks or 0)]
    output.print_rows(rows, as_json=as_json, columns=FOUND)
    if not rows and not as_json:
        output.say("nothing is to be mended")
    return output.DATA if any(row["kind"] == "gap" for row in rows) else 0


def _row(view: Outlook, finding: Any) -> dict[str, object]:
    from maild.desk.duty_words import finding_in_words

    def name(who: str) -> str:
        """Return how an agent is shown; who is none, by his address."""
        agent = view.settings.agent_for(who)
        return agent.display_name if agent is not None else who

    return {
        "kind": str(finding.kind),
        "from": to_text(finding.start),
        "to": to_text(finding.end),
        "team": finding.team or None,
        "who": finding.who or None,
        "shifts": list(finding.shifts),
        "duty_seconds": finding.seconds or None,
        "tickets": finding.tickets or None,
        "text": finding_in_words(finding, "en", name),
    }


def _teams(view: Outlook, name: str | None) -> list[str]:
    if name is None:
        return list(view.roster.members)
    team = view.settings.team_named(name)
    if team is None:
        raise output.CommandError(f"there is no team {name}; there are {', '.join(view.roster.members)}")
    return [team.name]


@contextmanager
def _outlook(invocation: Invocation, now: datetime) -> Iterator[Outlook]:
    """Read the configuration, and what the database knows beside it; before the first start there is none."""
    from maild.service.rostering import outlook
    from maild.service.rosters import open_roster
    from maild.sla.compile import slas_from

    settings = invocation.configuration.settings
    roster, slas = open_roster(settings, now), slas_from(settings, now)
    with _reader(invocation) as reader:
        yield outlook(reader, roster, settings, slas, now)


@contextmanager
def _reader(invocation: Invocation) -> Iterator[Reader | None]:
    with ExitStack() as stack:
        try:
            view = stack.enter_context(look(invocation))
        except DatabaseMissing:
            yield None
            return
        yield view.reader
