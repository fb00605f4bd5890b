"""What commands print: JSON Lines for programs, tables for people, messages on standard error."""

import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import click

Row = Mapping[str, Any]
Command = TypeVar("Command", bound=Callable[..., Any])
Thing = TypeVar("Thing")

# Terminals obey C0, DEL and C1; a subject must not move the cursor (CWE-150).
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

HELP_MAX = 1000  # characters of a sentence in help: more than any has

USAGE, DATA, UNAVAILABLE, IO, TRY_AGAIN, PERMISSION, CONFIGURATION = 64, 65, 69, 74, 75, 77, 78  # sysexits(3)


class CommandError(click.ClickException):
    """What a command cannot do, in words for a person, with its exit code of sysexits(3)."""

    def __init__(self, message: str, code: int = DATA) -> None:
        super().__init__(message)
        self.code = code

    def show(self, file: Any = None) -> None:  # noqa: ARG002 - the signature is click's
        """Print it on standard error."""
        say(f"maild: {self.format_message()}")


class Group(click.Group):
    """A command of several, whose help says of each its whole first sentence, on as many lines as that takes."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands' lines; click's own are cut off at the margin."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        lines = [(name, each.get_short_help_str(HELP_MAX)) for name, each in commands if each is not None]
        with formatter.section("Commands"):
            formatter.write_dl(lines)


def json_option(command: Command) -> Command:
    """Add `--json`; the function gets it as `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON Lines and nothing else.")(command)


def plain(value: object) -> str:
    """Return a value as people read it, without anything that a terminal would obey."""
    if value is None:
        return "-"
    if isinstance(value, list | tuple):
        return ", ".join(map(plain, value)) or "-"
    if isinstance(value, dict):
        return ", ".join(f"{name} {plain(each)}" for name, each in value.items() if each not in ("", [], None)) or "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", str(value))


def say(message: str) -> None:
    """Tell a person something on standard error."""
    click.echo(plain(message), err=True)


def show(text: str) -> None:
    """Print text for a person on standard output."""
    click.echo(plain(text))


def print_row(row: Row) -> None:
    """Print one object as a line of JSON; what JSON does not know is printed as text."""
    click.echo(json.dumps(row, ensure_ascii=False, default=str))


def require(found: Thing | None, what: str) -> Thing:
    """Return what was found; raises CommandError (65) when it is None."""
    if found is None:
        raise CommandError(f"there is no {what}")
    return found


def print_fields(row: Row, *, as_json: bool) -> None:
    """Print one object: a line of JSON, or its fields one below the other for people."""
    if as_json:
        print_row(row)
        return
    width = max(map(len, row))
    for name, value in row.items():
        show(f"{name:{width}}  {plain(value)}")


def print_mail(known: Row, octets: bytes | None, *, as_json: bool) -> None:
    """Print a mail: its octets exactly as they are, or without any what is known of it, like `print_fields`."""
    if octets is not None:
        click.echo(octets, nl=False)
    else:
        print_fields(known, as_json=as_json)


def print_rows(rows: Iterable[Row], *, as_json: bool, columns: Sequence[str]) -> None:
    """Print rows: JSON Lines with all fields, or a table of `columns` for people."""
    if as_json:
        for row in rows:
            print_row(row)
    else:
        print_table([[plain(row.get(column)) for column in columns] for row in rows], columns)


def print_table(lines: Sequence[Sequence[str]], columns: Sequence[str]) -> None:
    """Print a table; drawn by rich on a terminal, plain columns elsewhere."""
    if sys.stdout.isatty():
        _print_drawn(lines, columns)
        return
    table = [[column.upper() for column in columns], *([_one_line(cell) for cell in line] for line in lines)]
    widths = [max(len(line[at]) for line in table) for at in range(len(columns))]
    for line in table:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _one_line(cell: str) -> str:
    return " ".join(cell.split())


def _print_drawn(lines: Sequence[Sequence[str]], columns: Sequence[str]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns, box=box.SIMPLE_HEAD, pad_edge=False)
    for line in lines:
        table.add_row(*(Text(_one_line(cell)) for cell in line))
    Console().print(table)
