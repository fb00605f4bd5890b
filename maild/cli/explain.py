"""`maild explain`: how a mail would be understood and what would be done, and why."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from maild.cli import output
from maild.cli.invocation import Invocation, pass_invocation

if TYPE_CHECKING:
    from maild.service.configuration import Configuration
    from maild.service.explaining import Prospector
    from maild.service.reading import Reading

STANDARD_INPUT = "-"


@click.command()
@output.json_option
@click.argument("files", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=str))
@pass_invocation
def command(invocation: Invocation, files: tuple[str, ...], as_json: bool) -> int:
    """Say how each FILE (one mail; - or none: standard input) would be understood. Changes nothing."""
    from maild.cli import explain_row
    from maild.service.explaining import Prospector

    configuration = _configuration(invocation)
    prospector = Prospector(configuration)
    code = 0
    for number, file in enumerate(files or (STANDARD_INPUT,)):
        octets, defects, failed = read_octets(file)
        code = code or failed
        reading, row = (
            answer(file, octets, defects, configuration, prospector) if not failed else _unread(file, defects)
        )
        if as_json:
            _print_json(row)
        else:
            _print_picture(explain_row.picture(row, reading), first=number == 0)
    return code


def _configuration(invocation: Invocation) -> Configuration | None:
    """The configuration that was asked for or is installed; None when there is none."""
    return invocation.configuration if invocation.given or invocation.path.exists() else None


def read_octets(file: str) -> tuple[bytes, list[str], int]:
    """Read one mail: its octets, what is wrong with the file, and the exit code for that."""
    from maild.base.limits import DEFAULT_LIMITS

    most = DEFAULT_LIMITS.message_bytes
    try:
        if file == STANDARD_INPUT:
            octets = sys.stdin.buffer.read(most + 1)
        else:
            with Path(file).open("rb") as stream:
                octets = stream.read(most + 1)
    except PermissionError as error:
        return b"", [f"the file cannot be read: {error.strerror}"], output.PERMISSION
    except (OSError, ValueError) as error:
        return b"", [f"the file cannot be read: {getattr(error, 'strerror', None) or error}"], output.IO
    too_large = [f"larger than {most} octets: only the beginning was read"] if len(octets) > most else []
    return octets[:most], too_large, 0


def answer(
    file: str, octets: bytes, defects: list[str], configuration: Configuration | None, prospector: Prospector
) -> tuple[Reading | None, dict[str, Any]]:
    """Return what can be said of a mail. Whatever goes wrong is a defect in the answer: explain always answers."""
    from maild.base.words import DoorName
    from maild.cli import explain_row
    from maild.message.envelope import Envelope
    from maild.service.explaining import understand

    envelope = Envelope(DoorName.INGEST, datetime.now(UTC), trusted=True)
    try:
        reading = understand(octets, envelope, configuration)
        row = explain_row.row(file, reading, prospector.explain(reading, envelope), envelope)
    except Exception as error:  # The contract: no input fails. A fault of ours must show, so it is named.
        return None, explain_row.empty(file, [*defects, f"it could not be understood: {type(error).__name__}: {error}"])
    row["defects"] = [*defects, *row["defects"]]
    return reading, row


def _unread(file: str, defects: list[str]) -> tuple[None, dict[str, Any]]:
    from maild.cli import explain_row

    return None, explain_row.empty(file, defects)


def _print_json(row: dict[str, Any]) -> None:
    """Print a line of JSON that any terminal and any file name can bear."""
    line = json.dumps(row, ensure_ascii=False)
    try:
        line.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        line = json.dumps(row)
    click.echo(line)


def _print_picture(lines: Iterator[tuple[str, str]], *, first: bool) -> None:
    """Print lines and their styles: in colour on a terminal, plain elsewhere."""
    if not first:
        click.echo()
    if not sys.stdout.isatty():
        for text, _ in lines:
            output.show(text.encode("utf-8", "replace").decode("utf-8"))
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for text, style in lines:
        console.print(Text(output.plain(text), style=style))
