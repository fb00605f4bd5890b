"""`maild sweep`: the scheduled sweeps once, as of now or of another time; meant with the service stopped."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import click

from maild.base.instants import to_text
from maild.base.keys import format_key
from maild.cli import output
from maild.cli.invocation import Invocation, pass_invocation
from maild.cli.looking import read_instant
from maild.cli.working import Desk, work
from maild.store.queries_more import last_events

if TYPE_CHECKING:
    from maild.service.sweeping import Found


@click.command()
@click.option("--at", metavar="TIME", help="As of TIME (RFC 3339) instead of now; used for everything that is written.")
@click.option("--dry-run", is_flag=True, help="Say what would be done and change nothing.")
@output.json_option
@pass_invocation
def command(invocation: Invocation, at: str | None, dry_run: bool, as_json: bool) -> None:
    """Do once what is due: clocks, reminders, closes, until dates, surveys, drafts; the outbox is left alone.

    With --dry-run what belongs to no ticket comes last: digests, drafts that expire, the mails to leads, reports.
    Refuses a TIME before the last event of a ticket that it would touch.
    """
    from maild.service.sweeping import sweep, would_sweep

    now = read_instant(at)
    with work(invocation) as desk:
        _refuse_the_past(desk, now)
        office = desk.house.office
        found = (would_sweep if dry_run else sweep)(desk.house.actor, office, now)
        _print(desk, found, dry_run=dry_run, as_json=as_json)


def _refuse_the_past(desk: Desk, now: datetime) -> None:
    from maild.service.sweeping import due_tickets

    with desk.house.db.reading() as reader:
        last = last_events(reader, due_tickets(desk.house.actor, desk.settings, now))
    later = {number: at for number, at in last.items() if at > now}
    for number, at in sorted(later.items())[:1]:
        key = format_key(desk.prefix, number)
        raise output.CommandError(f"{to_text(now)} is before the last event of {key}, {to_text(at)}; nothing was done")


def _print(desk: Desk, found: Sequence[Found], *, dry_run: bool, as_json: bool) -> None:
    keys = [None if each.ticket is None else format_key(desk.prefix, each.ticket) for each in found]
    rows = [
        {"ticket": key, "actions": list(each.would), "dry_run": dry_run} for key, each in zip(keys, found, strict=True)
    ]
    if as_json:
        output.print_rows(rows, as_json=True, columns=())
        return
    for key, each in zip(keys, found, strict=True):
        actions = (action.removeprefix(f"{key}: ") for action in each.would or ("nothing to do",))
        output.show("\n  ".join([key or "beside the tickets", *actions]))
    looked = sum(key is not None for key in keys)
    many = looked != 1
    done = "would be" if dry_run else "were" if many else "was"
    output.say(f"{looked} ticket{'s' * many} {done} looked at")
