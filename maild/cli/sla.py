"""`maild sla explain`: every piece of every clock of a ticket, why it ran or paused, and what was left."""

from __future__ import annotations

from itertools import groupby

import click

from maild.base.instants import to_text
from maild.base.words import Priority
from maild.cli import output
from maild.cli.invocation import Invocation, pass_invocation
from maild.cli.looking import look, read_instant, span, word_of
from maild.sla.explain import Row
from maild.sla.explain import explain as explained
from maild.store.queries_more import not_before_events, slas_in_force
from maild.store.showing import clock_facts

COLUMNS = ("from", "to", "runs", "worked", "left", "calendar", "why")


@click.group(cls=output.Group)
def command() -> None:
    """Explain the clocks of a ticket."""


@command.command()
@click.argument("ticket")
@click.option("--at", metavar="TIME", help="As of TIME (RFC 3339) instead of now.")
@click.option("--priority", metavar="P", help="What would be if it had had priority P all its life.")
@output.json_option
@pass_invocation
def explain(invocation: Invocation, ticket: str, at: str | None, priority: str | None, as_json: bool) -> None:
    """Say of each clock of TICKET when it ran or paused, why, by which calendar, and what was left. Changes nothing."""
    now = read_instant(at)
    supposed = Priority(word_of(Priority, priority)) if priority is not None else None
    with look(invocation) as view:
        number = view.ticket(ticket)
        facts = clock_facts(view.reader, number)
        now = now if at else not_before_events(view.reader, number, now)
        slas = slas_in_force(view.reader)
    if slas is None:
        raise output.CommandError(
            "no service has started with this database yet, so no targets are known; start `maild serve`",
            output.UNAVAILABLE,
        )
    rows = explained(facts, slas, now, supposed)
    if as_json:
        output.print_rows([row.as_json() for row in rows], as_json=True, columns=COLUMNS)
    else:
        _print(rows)


def _print(rows: tuple[Row, ...]) -> None:
    if not rows:
        output.show("This ticket has no clocks.")
    for (clock, cycle), pieces in groupby(rows, key=lambda row: (row.clock, row.cycle)):
        lines = list(pieces)
        output.show(_heading(lines[-1], f"{clock} {cycle}" if cycle > 1 else str(clock)))
        output.print_table([_line(row) for row in lines], COLUMNS)


def _heading(row: Row, name: str) -> str:
    due = f", due {to_text(row.due_at)}" if row.due_at else ""
    left, target = row.remaining_seconds, span(row.target_seconds)
    stands = f"{span(left)} of {target} left" if left >= 0 else f"{span(-left)} over {target}"
    return f"{name}: {row.state}{due}; {stands} ({row.sla})"


def _line(row: Row) -> list[str]:
    times = [output.plain(to_text(row.start)), output.plain(to_text(row.end)), "yes" if row.running else "no"]
    return [*times, span(row.worked_seconds), span(row.remaining_seconds), row.calendar or "-", row.because]
