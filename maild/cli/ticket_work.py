"""`maild ticket take`, `link`, `snooze` and the like: agents' commands under their own words, decided on as by mail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import click

from maild.base.keys import format_key
from maild.cli import output
from maild.cli.invocation import Invocation, pass_invocation
from maild.cli.looking import read_ticket
from maild.cli.ticket_orders import change_ticket, read_agent
from maild.cli.ticket_story import print_summary
from maild.cli.working import Desk, work


class Work(NamedTuple):
    """One command: its values as the help shows them, and what it does."""

    values: str
    does: str
    names: bool = False  # its first value is another ticket
    opens: int = 0  # tickets
    personal: bool = False  # it is about whoever does it, so an agent has to be named


WORK = {
    "take": Work("", "Open a ticket and give it to the agent of --as.", personal=True),
    "watch": Work("", "Show the agent of --as all that happens to a ticket.", personal=True),
    "mute": Work("", "Show the agent of --as nothing more of a ticket.", personal=True),
    "time": Work("SPAN", "Book time worked on a ticket: 15m, 1h30m."),
    "snooze": Work("TIME", "Remind the assignee at TIME: 2h, 2026-12-01, fri 9:00."),
    "escalate": Work("[LEVEL] tried: ...", "Hand a ticket up, or back down."),
    "duplicate": Work("TICKET", "Close a ticket as a duplicate of another.", names=True),
    "link": Work("TICKET [KIND]", "Tie a ticket to another: related, blocks, duplicate, parent, child.", names=True),
    "parent": Work("[-]TICKET", "Make another ticket its parent; with a minus, no longer.", names=True),
    "child": Work("TITLE", "Open a ticket below a ticket.", opens=1),
    "unmerge": Work("[TICKET]", "Let the last ticket that was merged into it, or this one, live again.", names=True),
}


def _command(verb: str, asked: Work) -> click.Command:
    @click.command(verb, help=asked.does, context_settings={"ignore_unknown_options": True})
    @click.argument("ticket")
    @click.argument("values", nargs=-1, metavar=asked.values or "[...]")
    @click.option("--as", "agent", metavar="AGENT", help="The agent who does it; else you do.")
    @output.json_option
    @pass_invocation
    def run(invocation: Invocation, ticket: str, values: Sequence[str], agent: str | None, as_json: bool) -> None:
        """Have it done, and print the ticket as it is then; refuses what is about its agent when none is named."""
        if asked.personal and agent is None:
            raise click.UsageError("name the agent: --as AGENT")
        with work(invocation) as desk:
            _do(desk, verb, ticket, values, agent)
            print_summary(desk.whole(desk.ticket(ticket)), as_json=as_json)

    return run


def _do(desk: Desk, verb: str, ticket: str, values: Sequence[str], agent: str | None) -> None:
    from maild.desk.decide.admin import WorkTicket

    asked, said = WORK[verb], list(values)
    others: tuple[int, ...] = ()
    if asked.names and said:
        number = read_ticket(said[0].removeprefix("-"), desk.prefix)
        sign = "-" if said[0].startswith("-") else ""
        said[0], others = f"{sign}{format_key(desk.prefix, number)}", (number,)
    text = " ".join(" ".join(said).split())  # on one line, whatever was given: a second one would be another command
    if asked.opens:
        text = '"{}"'.format(text.replace('"', "'"))
    who = read_agent(desk.settings, agent) if agent is not None else None
    order = WorkTicket(commands=f"#{verb} {text}".rstrip(), agent=who)
    change_ticket(desk, desk.ticket(ticket), order, others=others, opens=asked.opens)


WORKING: tuple[click.Command, ...] = tuple(_command(verb, asked) for verb, asked in WORK.items())
