"""`maild inbound`: the journal of accepted mail, and what is kept aside in it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

from maild.base.words import DoorName, EntryState
from maild.cli import output
from maild.cli.invocation import Invocation, pass_invocation
from maild.cli.looking import filter_options, limit_option, look, look_for
from maild.cli.ticket_orders import require_queue
from maild.cli.working import Desk, now, work
from maild.store.mail_queries import list_inbound, raw_inbound, show_inbound

if TYPE_CHECKING:
    from maild.journal.model import Entry
    from maild.service.reconciling import Difference

DIFFERENCES = ("mailbox", "uid", "came_at", "entry", "problem")
COLUMNS = ("entry", "received_at", "door", "mail_from", "rcpt_to", "state", "ticket", "reason", "because")
FILTERS = ("state", "ticket", "door", "mailbox", "mail_from", "message_id")
WORDS = {"state": EntryState, "door": DoorName}
UNPROVED = "agent-unproved"
NO_QUEUE = "no-queue"

_ENTRIES = click.argument("entries", nargs=-1, required=True, metavar="ENTRY...")


@click.group(cls=output.Group)
def command() -> None:
    """Every accepted mail, byte for byte: what became of it, and what is kept aside."""


@command.command("list")
@filter_options(*FILTERS)
@limit_option
@output.json_option
@pass_invocation
def list_(invocation: Invocation, /, limit: int | None, as_json: bool, **given: Sequence[str]) -> None:
    """List entries, newest last; people see the newest 50, --json gives all. Filters may be given again."""
    rows = look_for(invocation, list_inbound, given, WORDS, limit, as_json=as_json)
    output.print_rows(rows, as_json=as_json, columns=COLUMNS)


@command.command()
@click.argument("entry")
@click.option("--raw", is_flag=True, help="Print the octets exactly as they came.")
@output.json_option
@pass_invocation
def show(invocation: Invocation, entry: str, raw: bool, as_json: bool) -> None:
    """Show one entry with what was measured about it."""
    with look(invocation) as view:
        octets = raw_inbound(view.reader, entry) if raw else None
        known = show_inbound(view.reader, view.prefix, entry)
    output.print_mail(output.require(known, f"entry {entry}"), octets, as_json=as_json)


@command.command()
@_ENTRIES
@output.json_option
@pass_invocation
def retry(invocation: Invocation, entries: Sequence[str], as_json: bool) -> None:
    """Try failed or quarantined entries once more."""
    states = {EntryState.FAILED, EntryState.QUARANTINED}
    _each(
        invocation, entries, lambda desk, entry: desk.house.journal.retry(entry.id, desk.actor), states, as_json=as_json
    )


@command.command()
@_ENTRIES
@click.option("--queue", metavar="Q", help="The queue to use when no address of the mail names one.")
@output.json_option
@pass_invocation
def release(invocation: Invocation, entries: Sequence[str], queue: str | None, as_json: bool) -> None:
    """Let quarantined, failed or dropped entries through; one that lacked its agent's proof counts as confirmed."""

    def let_through(desk: Desk, entry: Entry) -> None:
        """Release an entry, to the queue that was named."""
        if queue is not None:
            require_queue(desk.settings, queue)
        elif entry.reason.startswith(NO_QUEUE):
            output.say(
                f"entry {entry.id} was written to none of our queues: without --queue it may well come back here"
            )
        confirmed = entry.reason.startswith(UNPROVED)
        desk.house.journal.release(entry.id, queue, confirmed=confirmed, by=desk.actor)

    states = {EntryState.FAILED, EntryState.QUARANTINED, EntryState.DROPPED}
    _each(invocation, entries, let_through, states, as_json=as_json)


@command.command()
@_ENTRIES
@output.json_option
@pass_invocation
def drop(invocation: Invocation, entries: Sequence[str], as_json: bool) -> None:
    """Put entries aside for good; their octets stay."""

    def put_aside(desk: Desk, entry: Entry) -> None:
        """Drop an entry in the name of who asked."""
        desk.house.journal.drop(entry.id, f"dropped by {desk.actor}", desk.actor)

    states = {EntryState.RECEIVED, EntryState.FAILED, EntryState.QUARANTINED}
    _each(invocation, entries, put_aside, states, as_json=as_json)


@command.command()
@_ENTRIES
@output.json_option
@pass_invocation
def replay(invocation: Invocation, entries: Sequence[str], as_json: bool) -> None:
    """Run applied entries again, all the way, and prove that nothing changes. 65 when something would."""

    def run_again(desk: Desk, entry: Entry) -> None:
        """Decide an entry again; raises CommandError (65) when that had an effect."""
        from maild.service.replaying import replay as run

        if not run(desk.house, entry):
            raise output.CommandError(f"entry {entry.id} had not been applied after all; it is now")
        output.say(f"entry {entry.id}: decided again, refused as applied already, nothing changed")

    _each(invocation, entries, run_again, {EntryState.APPLIED, EntryState.DUPLICATE}, as_json=as_json)


@command.command()
@click.option("--mailbox", "mailboxes", multiple=True, metavar="M", help="Only this mailbox; may be given again.")
@click.option("--patience", type=float, default=20.0, help="Seconds for mails that have just come to be taken.")
@output.json_option
@pass_invocation
def reconcile(invocation: Invocation, mailboxes: Sequence[str], patience: float, as_json: bool) -> int:
    """Compare what lies in the mailboxes with what was taken from them, and entries with what became of them.

    Connects to each mailbox and changes nothing there. Prints every difference; leaves with 65 when there is one, with
    69 when a mailbox could not be compared, with 0 when all is well. The service does it every night by itself.
    """
    from maild.service.access import Access
    from maild.service.reconciling import adrift, keep_report

    with work(invocation) as desk:
        known = {mailbox.name for mailbox in desk.settings.mailbox}
        for name in mailboxes:
            output.require(name if name in known else None, f"mailbox {name}")
        house = desk.house
        access = Access(house.db, lambda: house.office, now)
        found = [*_compared(desk, access.secret, mailboxes, patience), *adrift(house.db, now())]
        if not mailboxes:
            keep_report(house.db, found, str(now().astimezone(desk.settings.zone).date()), now())
    output.print_rows([each.as_row() for each in found], as_json=as_json, columns=DIFFERENCES)
    output.say(f"{len(found)} difference{'s' * (len(found) != 1)}")
    if any(each.unknown for each in found):
        return output.UNAVAILABLE
    return output.DATA if found else 0


def _compared(desk: Desk, secrets: Callable[[str], str], only: Sequence[str], patience: float) -> list[Difference]:
    """Look until nothing is missing or the patience is over: a mail may have come just now."""
    from maild.service.reconciling import compare_mailboxes, differences, still_missing, suspects

    deadline = time.monotonic() + patience
    compared = compare_mailboxes(desk.settings, secrets, desk.house.journal, only)
    while any(each.missing for each in compared) and time.monotonic() < deadline:
        time.sleep(1.0)
        before = suspects(compared)
        compared = still_missing(before, compare_mailboxes(desk.settings, secrets, desk.house.journal, only))
    return differences(compared)


def _each(
    invocation: Invocation,
    entries: Sequence[str],
    do: Callable[[Desk, Entry], None],
    states: set[EntryState],
    *,
    as_json: bool,
) -> None:
    """Do something to each entry and print it; raises CommandError (65) at one that is not there or in those states."""
    from maild.journal.model import NoSuchEntry

    with work(invocation) as desk:
        for name in dict.fromkeys(entries):
            try:
                entry = desk.house.journal.get(name)
            except NoSuchEntry:
                raise output.CommandError(f"there is no entry {name}") from None
            if entry.state not in states:
                raise output.CommandError(f"entry {name} is {entry.state}; it would have to be {_either(states)}")
            do(desk, entry)
            row = output.require(show_inbound(desk.house.db, desk.prefix, name), f"entry {name}")
            output.print_rows([row], as_json=as_json, columns=COLUMNS)


def _either(states: set[EntryState]) -> str:
    return " or ".join(sorted(states))
