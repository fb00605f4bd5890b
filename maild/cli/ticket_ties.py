"""`maild ticket merge` and `split`: the same decisions as `#merge` and `#split`, without a code."""

from __future__ import annotations

from collections.abc import Sequence

import click

from maild.base.keys import format_key
from maild.cli import output
from maild.cli.invocation import Invocation, pass_invocation
from maild.cli.ticket_orders import change_ticket
from maild.cli.ticket_story import print_summary
from maild.cli.working import work


@click.command()
@click.argument("tickets", nargs=-1, required=True, metavar="FROM...")
@click.option("--into", required=True, metavar="TICKET", help="The ticket that lives on.")
@output.json_option
@pass_invocation
def merge(invocation: Invocation, tickets: Sequence[str], into: str, as_json: bool) -> None:
    """Merge tickets into another, to which everything about them goes from now on; each by itself."""
    from maild.desk.decide.admin import WorkTicket

    with work(invocation) as desk:
        number = desk.ticket(into)
        order = WorkTicket(commands=f"#merge {format_key(desk.prefix, number)}")
        for each in dict.fromkeys(desk.ticket(text) for text in tickets):
            change_ticket(desk, each, order, others=(number,))
        print_summary(desk.whole(number), as_json=as_json)


@click.command()
@click.argument("ticket")
@click.argument("message")
@output.json_option
@pass_invocation
def split(invocation: Invocation, ticket: str, message: str, as_json: bool) -> None:
    """Make a MESSAGE of a ticket, by its id or Message-ID, a new ticket of its sender."""
    from maild.desk.decide.admin import WorkTicket

    with work(invocation) as desk:
        order = WorkTicket(commands=f'#split "{message}"')
        (number,) = change_ticket(desk, desk.ticket(ticket), order, opens=1)
        print_summary(desk.whole(number), as_json=as_json)


TYING: tuple[click.Command, ...] = (merge, split)
