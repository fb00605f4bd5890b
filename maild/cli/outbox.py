"""`maild outbox`: the mail that waits to be sent, and what became of what was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

import click

from maild.base.words import DeliveryState
from maild.cli import output
from maild.cli.invocation import Invocation, pass_invocation
from maild.cli.looking import filter_options, limit_option, look, look_for, read_instant, read_ticket
from maild.cli.ticket_orders import require_queue
from maild.cli.working import Desk, now, work
from maild.store.mail_queries import list_outbox, raw_outbox, show_outbox

COLUMNS = ("id", "ticket", "template", "rcpt_to", "state", "attempts", "next_attempt_at", "last_reply")
FILTERS = ("state", "ticket", "template", "rcpt_to", "mail_from", "message_id")
WORDS = {"state": DeliveryState}
WAITING = frozenset({DeliveryState.QUEUED, DeliveryState.HELD, DeliveryState.DEFERRED})

_IDS = click.argument("ids", nargs=-1, required=True, metavar="ID...")
_Command = TypeVar("_Command", bound=Callable[..., Any])


def held_options(command: _Command) -> _Command:
    """Let mails be named by their ids, or by what holds them; drafts by their ids alone."""
    since = click.option("--since", metavar="TIME", help="All held that were composed then or later, RFC 3339.")
    queue = click.option("--queue", metavar="QUEUE", help="All held about tickets of this queue.")
    breaker = click.option("--breaker", is_flag=True, help="All that a limit on automatic mail holds.")
    ids = click.argument("ids", nargs=-1, metavar="[ID...]")
    return ids(breaker(queue(since(command))))


@click.group(cls=output.Group)
def command() -> None:
    """Mail composed and committed: what waits, what is held, what has left."""


@command.command("list")
@filter_options(*FILTERS)
@limit_option
@output.json_option
@pass_invocation
def list_(invocation: Invocation, /, limit: int | None, as_json: bool, **given: Sequence[str]) -> None:
    """List mails, newest last; people see the newest 50, --json gives all. Filters may be given again."""
    rows = look_for(invocation, list_outbox, given, WORDS, limit, as_json=as_json)
    output.print_rows(rows, as_json=as_json, columns=COLUMNS)


@command.command()
@click.argument("id_", metavar="ID")
@click.option("--raw", is_flag=True, help="Print the octets as they go to the smarthost.")
@output.json_option
@pass_invocation
def show(invocation: Invocation, id_: str, raw: bool, as_json: bool) -> None:
    """Show one mail."""
    with look(invocation) as view:
        octets = raw_outbox(view.reader, id_) if raw else None
        known = show_outbox(view.reader, view.prefix, id_)
    output.print_mail(output.require(known, f"mail {id_}"), octets, as_json=as_json)


@command.command()
@_IDS
@output.json_option
@pass_invocation
def retry(invocation: Invocation, ids: Sequence[str], as_json: bool) -> None:
    """Try deferred or failed mails now."""
    _change(invocation, ids, "retry", as_json=as_json)


@command.command()
@_IDS
@output.json_option
@pass_invocation
def hold(invocation: Invocation, ids: Sequence[str], as_json: bool) -> None:
    """Keep mails that wait until a person releases them."""
    _change(invocation, ids, "hold", as_json=as_json)


@command.command()
@held_options
@output.json_option
@pass_invocation
def release(invocation: Invocation, /, ids: Sequence[str], as_json: bool, **which: Any) -> None:
    """Send mails that are held; a draft then counts as its agent's response.

    Without ids, all held that the options name together.
    """
    with work(invocation) as desk:
        for id_ in _meant(desk, ids, **which):
            row = _row(desk, id_)
            if row["draft"] and row["state"] == DeliveryState.HELD:
                _release_draft(desk, row)
            else:
                _change_one(desk, row, "release")
            output.print_rows([_row(desk, id_)], as_json=as_json, columns=COLUMNS)


def _meant(desk: Desk, ids: Sequence[str], *, breaker: bool, queue: str | None, since: str | None) -> Sequence[str]:
    """Return the mails that are named; raises CommandError 64 when it is both by ids and by options, or by none."""
    from maild.desk.answering import BREAKERS
    from maild.store.held import held

    if bool(ids) is (breaker or queue is not None or since is not None):
        raise output.CommandError("name mails by their ids, or by --breaker, --queue and --since", output.USAGE)
    if ids:
        return list(dict.fromkeys(ids))
    name = require_queue(desk.settings, queue) if queue is not None else None
    first = read_instant(since) if since is not None else None
    with desk.house.db.reading() as reader:
        found = held(reader, BREAKERS if breaker else "", queue=name, since=first)
    if not found:
        output.say("nothing of that is held")
    return found


def _release_draft(desk: Desk, row: output.Row) -> None:
    from maild.desk.decide.release import decide_release
    from maild.store.model import Asked

    asked = Asked(ticket=desk.ticket(row["ticket"]), delivery=row["id"])
    if desk.act(asked, partial(decide_release, actor=desk.actor)) is None:
        raise output.CommandError(f"mail {row['id']}: its ticket is spam, nothing goes to its requester")


def _change(invocation: Invocation, ids: Sequence[str], action: str, *, as_json: bool) -> None:
    with work(invocation) as desk:
        for id_ in dict.fromkeys(ids):
            _change_one(desk, _row(desk, id_), action)
            output.print_rows([_row(desk, id_)], as_json=as_json, columns=COLUMNS)


def _change_one(desk: Desk, row: output.Row, action: str) -> None:
    from maild.store.outbox import change_rows

    why, by = f"{action} by {desk.actor}", desk.actor
    if not change_rows(desk.house.db, (row["id"],), action, now(), why, by):
        raise output.CommandError(f"mail {row['id']} is {row['state']}: there is nothing to {action}")


@command.command()
@held_options
@output.json_option
@pass_invocation
def drop(invocation: Invocation, /, ids: Sequence[str], as_json: bool, **which: Any) -> None:
    """Cancel mails that have not left; a response in an agent's words is taken back.

    Without ids, all held that the options name together.
    """
    with work(invocation) as desk:
        for id_ in _meant(desk, ids, **which):
            row = _row(desk, id_)
            if row["state"] not in WAITING:
                raise output.CommandError(f"mail {id_} is {row['state']}: there is nothing to drop")
            _cancel(desk, row)
            output.print_rows([_row(desk, id_)], as_json=as_json, columns=COLUMNS)


def _cancel(desk: Desk, row: output.Row) -> None:
    from maild.desk.decide.delivery import DeliveryOutcome, decide_delivery
    from maild.store.model import Asked

    outcome = DeliveryOutcome(row["id"], DeliveryState.CANCELLED, f"dropped by {desk.actor}")
    ticket = read_ticket(row["ticket"], desk.prefix) if row["ticket"] else None
    desk.act(Asked(ticket=ticket, delivery=row["id"]), partial(decide_delivery, outcome=outcome))


@command.command()
@output.json_option
@pass_invocation
def flush(invocation: Invocation, as_json: bool) -> None:
    """Try every deferred mail now."""
    from maild.store.outbox import flush as make_due

    with work(invocation) as desk:
        count = make_due(desk.house.db, now(), desk.actor)
    if as_json:
        output.print_row({"flushed": count})
    else:
        output.show(f"{count} deferred mail{'s' * (count != 1)} will be tried now")


def _row(desk: Desk, id_: str) -> dict[str, Any]:
    return output.require(show_outbox(desk.house.db, desk.prefix, id_), f"mail {id_}")
