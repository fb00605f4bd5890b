"""`maild rules test`: which rules fire on a mail, and which condition kept the others from it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from maild.cli import output
from maild.cli.invocation import Invocation, pass_invocation

if TYPE_CHECKING:
    from maild.desk.rules.model import Ruling
    from maild.service.onlooker import Onlooker
    from maild.service.trying import Trial


@click.group(cls=output.Group)
def command() -> None:
    """Try the rules on a mail."""


@command.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=str))
@click.option("--at", metavar="TIME", help="When the mail comes, RFC 3339; now when left out.")
@output.json_option
@pass_invocation
def test(invocation: Invocation, files: tuple[str, ...], at: str | None, as_json: bool) -> int:
    """Say of each rule whether it fires on each FILE (one mail; - for standard input), and why not. Changes nothing."""
    from maild.cli.explain import read_octets
    from maild.log.setup import configure
    from maild.service.explaining import understand
    from maild.service.trying import rule_desk, try_rules

    configure(level="error")  # the tables that are made in order to look are nobody's news
    code, configuration = 0, invocation.configuration
    envelope = _envelope(at)
    with rule_desk(configuration) as desk:
        for file in files:
            octets, defects, failed = read_octets(file)
            code = code or failed
            if failed:
                output.say(f"{file}: {'; '.join(defects)}")
                continue
            trial = try_rules(desk, understand(octets, envelope, configuration), envelope)
            _print(file, trial, desk, as_json=as_json)
    return code


def _envelope(at: str | None) -> Any:
    from maild.base.instants import from_text
    from maild.base.words import DoorName
    from maild.message.envelope import Envelope

    try:
        when = from_text(at) if at else datetime.now(UTC)
    except ValueError:
        when = None
    if when is None:
        raise output.CommandError(f"{at} is no time; write 2026-12-01T09:00:00Z")
    return Envelope(DoorName.INGEST, when, trusted=True)


def _print(file: str, trial: Trial, desk: Onlooker, *, as_json: bool) -> None:
    if as_json:
        rules = [_row(ruling, desk) for ruling in trial.rulings]
        output.print_row({"file": file, "rules": rules, "would": list(trial.would)})
        return
    output.show(file)
    output.show("\n".join(_lines(trial)) or "  there are no rules")


def _row(ruling: Ruling, desk: Onlooker) -> dict[str, Any]:
    from maild.base.keys import format_key

    known = ruling.ticket > 0
    return {
        "rule": ruling.rule,
        "ticket": format_key(desk.office.settings.desk.prefix, ruling.ticket) if known else None,
        "on": ruling.on,
        "fired": ruling.fired,
        "because": ruling.because,
        "condition": ruling.condition or None,
        "wanted": list(ruling.wanted),
        "seen": list(ruling.seen),
        "commands": list(ruling.commands),
        "fault": ruling.fault or None,
    }


def _lines(trial: Trial) -> Iterator[str]:
    width = max((len(ruling.rule) for ruling in trial.rulings), default=0)
    for ruling in trial.rulings:
        said = "FAILED" if ruling.fault else "fired" if ruling.fired else "-"
        yield f"  {ruling.rule:<{width}}  {said:<6}  {ruling.because}"
        for line in ruling.commands:
            yield f"  {'':<{width}}  {'':<6}  {line}"
        if ruling.fault:
            yield f"  {'':<{width}}  {'':<6}  nothing of it is done: {ruling.fault}"
