"""`maild ticket`: the desk from a shell. What only reads stands here, what changes in ticket_write."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import click

from maild.base.words import Clock, Priority, Status, TicketType
from maild.cli import output
from maild.cli.invocation import Invocation, pass_invocation
from maild.cli.looking import filter_options, limit_option, look, look_for, read_instant, rows_wanted
from maild.cli.ticket_story import print_story
from maild.cli.ticket_ties import TYING
from maild.cli.ticket_work import WORKING
from maild.cli.ticket_write import WRITING
from maild.store.queries import list_tickets, search
from maild.store.queries_more import ticket_as_of

COLUMNS = ("key", "status", "priority", "queue", "assignee", "requester", "due", "subject")
FILTERS = (
    "status",
    "queue",
    "assignee",
    "requester",
    "type",
    "priority",
    "team",
    "level",
    "language",
    "category",
    "service",
    "organisation",
)
ALL = 1_000_000_000  # more tickets than a search can find, less than a database counts to
WORDS = {"status": Status, "priority": Priority, "type": TicketType}


@click.group(cls=output.Group)
def command() -> None:
    """List, show, search, make and change tickets. A TICKET is 10427, 10427P or the whole key."""


@command.command("list")
@filter_options(*FILTERS)
@limit_option
@output.json_option
@pass_invocation
def list_(invocation: Invocation, /, limit: int | None, as_json: bool, **given: Sequence[str]) -> None:
    """List tickets, newest last; people see the newest 50, --json gives all. Filters may be given again."""
    find = partial(list_tickets, now=read_instant(None))
    rows = look_for(invocation, find, given, WORDS, limit, as_json=as_json)
    _print(rows, as_json=as_json)


@command.command("search")
@click.argument("words", nargs=-1, required=True, metavar="WORDS...")
@limit_option
@output.json_option
@pass_invocation
def search_(invocation: Invocation, words: Sequence[str], limit: int | None, as_json: bool) -> None:
    """List the tickets whose subject or messages hold all these words, newest last."""
    wanted = rows_wanted(limit, as_json=as_json)
    with look(invocation) as view:
        most = ALL if wanted is None else wanted
        rows = search(view.reader, view.prefix, words, most, now=read_instant(None))
    _print(rows, as_json=as_json)


@command.command("show")
@click.argument("tickets", nargs=-1, required=True, metavar="TICKET...")
@output.json_option
@pass_invocation
def show(invocation: Invocation, tickets: Sequence[str], as_json: bool) -> None:
    """Tell the whole story of a ticket: its clocks, its people, what was said, and what was done and why."""
    with look(invocation) as view:
        for number in [view.ticket(text) for text in tickets]:
            ticket = ticket_as_of(view.reader, view.prefix, number, read_instant(None))
            assert ticket is not None, "it was there a moment ago, and tickets are never deleted"
            if as_json:
                output.print_row(ticket)
            else:
                print_story(ticket)


def _print(rows: Sequence[dict[str, object]], *, as_json: bool) -> None:
    if not as_json:
        rows = [row | {"due": _next_due(row)} for row in rows]
    output.print_rows(rows, as_json=as_json, columns=COLUMNS)


def _next_due(row: output.Row) -> str | None:
    """Return the next instant by which something is due, with a mark when one is past."""
    dues = [row[f"{clock}_due"] for clock in Clock if row[f"{clock}_due"]]
    return f"{min(dues)}{' !' if row['breached'] else ''}" if dues else None


for each in (*WRITING, *TYING, *WORKING):
    command.add_command(each)
