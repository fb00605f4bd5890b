"""`maild audit`: the record of everything that was decided and done, to which rows are only ever added."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from maild.base.keys import format_key
from maild.cli import output
from maild.cli.invocation import Invocation, pass_invocation
from maild.cli.looking import View, limit_option, look, rows_wanted
from maild.store.audit import audit_head, audit_rows

if TYPE_CHECKING:
    from maild.store.verifying import Verdict

COLUMNS = ("seq", "at", "stimulus", "ticket", "lines")


@click.group(cls=output.Group)
def command() -> None:
    """The record of decisions and administrators' acts, each row bound to the one before it by its hash."""


@command.command("verify")
@click.option("--head", metavar="HASH", default="", help="A hash noted before, which the record must hold.")
@output.json_option
@pass_invocation
def verify_(invocation: Invocation, head: str, as_json: bool) -> int:
    """Check the record, and every timeline and message against it; 65, and the first bad place, when it was changed.

    The end of a record that was cut off whole leaves no trace in the record itself: note the hash that this command
    and `maild status` print somewhere else, and give it as --head later.
    """
    from maild.store.verifying import verify

    with look(invocation) as view:
        view.reader.execute(view.reader.dialect.begin_reading)
        verdict = verify(view.reader, head.strip().lower())
        row = _row(view, verdict)
    if as_json:
        output.print_row(row)
    else:
        _print(verdict, row)
    return output.DATA if verdict.faults else 0


def _row(view: View, verdict: Verdict) -> dict[str, object]:
    faults = [
        {"seq": fault.seq, "at": fault.at or None, "ticket": _key(view, fault.ticket), "problem": fault.problem}
        for fault in verdict.faults
    ]
    state = "broken" if faults else "whole"
    checked = {"events": verdict.checked["event"], "messages": verdict.checked["post"]}
    return {"state": state, "rows": verdict.rows, "head": verdict.head, **checked, "faults": faults}


def _print(verdict: Verdict, row: output.Row) -> None:
    for fault in row["faults"]:
        where = f"row {fault['seq']}" if fault["seq"] else "no row"
        about = f", ticket {fault['ticket']}" if fault["ticket"] else ""
        output.show(f"{where} ({output.plain(fault['at'])}{about}): {fault['problem']}")
    counted = f"{verdict.rows} rows, {row['events']} lines, {row['messages']} messages"
    output.show(f"{row['state']}: {counted}; head {verdict.head or '-'}")


@command.command("list")
@click.option("--ticket", metavar="TICKET", help="Only what was mainly about this ticket.")
@limit_option
@output.json_option
@pass_invocation
def list_(invocation: Invocation, ticket: str | None, limit: int | None, as_json: bool) -> None:
    """List rows, newest last; people see the newest 50, --json gives all."""
    with look(invocation) as view:
        number = view.ticket(ticket) if ticket is not None else None
        rows = audit_rows(view.reader, number, rows_wanted(limit, as_json=as_json))
        rows = [row | {"ticket": _key(view, row["ticket"])} for row in rows]
    if not as_json:
        rows = [row | {"lines": "; ".join(" ".join(map(str, line[:3])) for line in row["lines"])} for row in rows]
    output.print_rows(rows, as_json=as_json, columns=COLUMNS)


@command.command()
@output.json_option
@pass_invocation
def show(invocation: Invocation, as_json: bool) -> None:
    """Show how long the record is and its last hash, without checking anything."""
    with look(invocation) as view:
        output.print_fields(audit_head(view.reader), as_json=as_json)


def _key(view: View, number: int | None) -> str | None:
    return format_key(view.prefix, number) if number else None
