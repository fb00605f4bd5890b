"""`maild simulate`: past mail through the whole desk, in a database of its own, with nothing sent."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from maild.cli import output
from maild.cli.invocation import Invocation, pass_invocation
from maild.settings.faults import ConfigurationError

if TYPE_CHECKING:
    from maild.service.configuration import Configuration
    from maild.service.simulation.arrivals import Arrival
    from maild.service.simulation.simulate import Order

PEOPLE_SEE = 40  # Rows of a table; --json has all.
DEMO_QUEUE = "support"  # of the demo's configuration, which takes every mail


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=str))
@click.option("--seed", type=int, default=0, metavar="N", help="What is drawn is drawn from N; 0 when left out.")
@click.option("--from", "begin", metavar="TIME", help="Leave out mail that came before TIME (RFC 3339 or a date).")
@click.option("--to", "end", metavar="TIME", help="Leave out mail that came at TIME or later.")
@click.option("--queue", metavar="NAME", help="Takes the mails whose recipients name no queue.")
@click.option("--agents", metavar="DURATION", help="Agents answer, half of them within DURATION of working time.")
@click.option("--believe", is_flag=True, help="Believe every From, as if its author had logged in.")
@click.option("--run-on", default="7d", metavar="DURATION", help="How long the clock goes on behind the last mail.")
@click.option("--keep", type=click.Path(path_type=Path), metavar="FILE", help="Keep the database; FILE must be new.")
@output.json_option
@pass_invocation
def command(invocation: Invocation, /, files: tuple[str, ...], as_json: bool, keep: Path | None, **given: Any) -> int:
    """Play past mail (mbox, Maildir, .eml files, a folder of them) through the whole desk and print what came of it.

    The clock is the mail's own: it goes from arrival to arrival and does whatever falls due between. The same mails,
    configuration and seed give the same tables. The real database is not opened, no mail is sent and no DNS asked.
    """
    from maild.log.setup import configure
    from maild.service.simulation.simulate import simulated
    from maild.service.simulation.tables import COLUMNS, tables

    configure(level="error")
    if keep is not None and keep.exists():
        raise output.CommandError(f"{keep} is there already", output.IO)
    with _configured(invocation) as (configuration, is_demo), TemporaryDirectory(prefix="maild-simulate-") as folder:
        if given["queue"] and configuration.settings.queue_named(given["queue"]) is None:
            raise output.CommandError(f"there is no queue {given['queue']}")
        order = _order(_mails(files, given), given, DEMO_QUEUE if is_demo else "")
        with simulated(configuration, keep or Path(folder, "maild.db"), order) as played:
            found = tables(played)
    for name, rows in found.items():
        _print(name, rows, COLUMNS[name], as_json=as_json)
    return 0


@contextmanager
def _configured(invocation: Invocation) -> Iterator[tuple[Configuration, bool]]:
    """Yield the configuration in force; without any the demo's, and True."""
    if invocation.given is not None or invocation.path.exists():
        yield invocation.configuration, False
        return
    from maild.service.configuration import load
    from maild.service.demo.settings import configuration

    with TemporaryDirectory(prefix="maild-demo-") as folder:
        path = Path(folder, "maild.toml")
        path.write_text(configuration(smtp=8025, sink=8026, names=53, imap=0, user="", password=""), encoding="utf-8")
        output.say(f"there is no {invocation.path}; the desk is that of `maild demo`")
        try:
            yield load(path), True
        except ConfigurationError as fault:  # its own would be a bug of ours
            raise AssertionError(fault) from fault


def _mails(files: Sequence[str], given: Mapping[str, Any]) -> list[Arrival]:
    """Return the mails in the order of their arrival; raises CommandError (65) when there is none."""
    from maild.doors.ingest import read_mails
    from maild.service.simulation.arrivals import EARLIEST, LATEST, arrivals

    begin, end = _instant(given["begin"]) or EARLIEST, _instant(given["end"]) or LATEST
    read = (mail for mail in read_mails(files, sys.stdin.buffer) if mail[1].strip())
    mails = [mail for mail in arrivals(read, max(begin, datetime(2000, 1, 1, tzinfo=UTC))) if begin <= mail.at < end]
    if not mails:
        raise output.CommandError("there is no mail to play")
    return mails


def _order(mails: Sequence[Arrival], given: Mapping[str, Any], queue: str) -> Order:
    from maild.service.simulation.simulate import Order

    answers = _duration(given["agents"]) if given["agents"] else None
    run_on = _duration(given["run_on"])
    return Order(mails, given["seed"], given["queue"] or queue, given["believe"], answers, run_on)


def _duration(text: str) -> timedelta:
    from maild.base.instants import read_duration

    try:
        return read_duration(text)
    except ValueError as fault:
        raise click.UsageError(f"{text} is no duration: {fault}") from fault


def _instant(text: str | None) -> datetime | None:
    from maild.cli.looking import read_instant

    if text is None:
        return None
    return read_instant(text if "T" in text else f"{text}T00:00:00Z")


def _print(name: str, rows: Sequence[Mapping[str, Any]], columns: Sequence[str], *, as_json: bool) -> None:
    if as_json:
        for row in rows:
            output.print_row({"table": name, **row})
        return
    is_last = name in {"tickets", "aside"}  # in the order of time; the others begin with the most
    shown = f", the {'last' if is_last else 'first'} {PEOPLE_SEE} of {len(rows)}" if len(rows) > PEOPLE_SEE else ""
    output.show(f"{name.upper()}{shown}" if rows else f"{name.upper()}: nothing")
    if rows:
        seen = rows[-PEOPLE_SEE:] if is_last else rows[:PEOPLE_SEE]
        output.print_rows(seen, as_json=False, columns=columns)
    output.show("")
