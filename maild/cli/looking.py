"""What the quick commands look at the desk with: a light connection, the key prefix, tickets by what people write."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

import click

from maild.base.instants import from_text
from maild.base.keys import DIGITS_MAX, check_letter, format_key, read_key
from maild.cli import output
from maild.cli.becoming import become_owner
from maild.cli.invocation import Invocation
from maild.database.dialect import Reader
from maild.database.light import connect
from maild.database.schema import require_current
from maild.store.queries_more import has_ticket, key_prefix

PEOPLE_SEE = 50  # rows of a list, when nobody said how many; a program gets all
LATEST_YEAR = 2199  # clocks are counted day by day; a later time is a slip of the keyboard
ADDRESSES = frozenset({"requester", "assignee"})  # stored in lower case

Filters = Mapping[str, Sequence[str]]
Words = Mapping[str, type[StrEnum]]  # the closed lists among the filters, by their names
Find = Callable[[Reader, str, Filters, int | None], list[dict[str, Any]]]  # with the key prefix, at most so many
_Command = TypeVar("_Command", bound=Callable[..., Any])
_WRITTEN = re.compile(rf"(?:([A-Za-z][A-Za-z0-9]*)-)?([0-9]{{1,{DIGITS_MAX}}})([A-Za-z]?)")


@dataclass(frozen=True, slots=True)
class View:
    """The desk as it can be read just now."""

    reader: Reader
    prefix: str

    def ticket(self, text: str) -> int:
        """Return the number of a ticket that is there; raises CommandError (65) with the reason when it is not."""
        number = read_ticket(text, self.prefix)
        if not has_ticket(self.reader, number):
            raise output.CommandError(f"there is no ticket {format_key(self.prefix, number)}")
        return number


@contextmanager
def look(invocation: Invocation) -> Iterator[View]:
    """Open the desk to read it, as the owner of its database when root calls; nothing heavy is imported for it."""
    become_owner(invocation.store_url)
    with connect(invocation.store_url) as connection:
        require_current(connection)
        yield View(connection, key_prefix(connection))


def read_ticket(text: str, prefix: str) -> int:
    """Return the number of `10427`, `10427P` or the whole key; raises CommandError (65) that says what is wrong."""
    number = read_key(text, prefix)
    if number is None:
        raise output.CommandError(_why_no_key(text, prefix))
    return number


def _why_no_key(text: str, prefix: str) -> str:
    written = _WRITTEN.fullmatch(text.strip().strip("[]").removeprefix("#"))
    if written is None or int(written[2]) == 0:
        return f"{text} is no ticket; write 10427, 10427P or {format_key(prefix, 10427)}"
    if (written[1] or prefix).upper() != prefix.upper():
        return f"{text} is another desk's ticket; keys here begin with {prefix}-"
    number = int(written[2])
    return f"{text} has a wrong check letter, {number} has {check_letter(number)}; a digit may be mistyped"


def read_instant(text: str | None) -> datetime:
    """Return the instant of an RFC 3339 text, now for None; raises CommandError (65) when it is none."""
    if text is None:
        return datetime.now(UTC)
    try:
        instant = from_text(text)
    except ValueError as fault:
        raise output.CommandError(str(fault)) from fault
    if instant.year > LATEST_YEAR:
        raise output.CommandError(f"{text} is too far ahead")
    return instant


def limit_option(command: _Command) -> _Command:
    """Add `--limit N`: the newest N, newest last."""
    option = click.option("--limit", type=click.IntRange(min=1), metavar="N", help="The newest N, newest last.")
    return option(command)


def rows_wanted(limit: int | None, *, as_json: bool) -> int | None:
    """Return how many rows to print; None: all of them."""
    return limit if limit is not None or as_json else PEOPLE_SEE


def filter_options(*names: str) -> Callable[[_Command], _Command]:
    """Add a filter a name; each may be given again, and then any of its values will do."""

    def add(command: _Command) -> _Command:
        """Return the command with an option for each name."""
        for name in reversed(names):
            option = "--" + name.replace("_", "-")
            command = click.option(option, name, multiple=True, help=f"Only this {name}; may be given again.")(command)
        return command

    return add


def filters_of(given: Filters, words: Words, prefix: str) -> dict[str, Sequence[str]]:
    """Return filters as the store takes them; raises CommandError (65) for a word that is not in its closed list."""
    found: dict[str, Sequence[str]] = {}
    for name, values in given.items():
        if name in words:
            found[name] = [word_of(words[name], value) for value in values]
        elif name == "ticket":
            found[name] = [str(read_ticket(value, prefix)) for value in values]
        else:
            found[name] = [value.lower() for value in values] if name in ADDRESSES else values
    return found


def look_for(
    invocation: Invocation, find: Find, given: Filters, words: Words, limit: int | None, *, as_json: bool
) -> list[dict[str, Any]]:
    """Return the rows of a list, newest last, that pass the filters; raises CommandError (65) as `filters_of` does."""
    with look(invocation) as view:
        filters = filters_of(given, words, view.prefix)
        return find(view.reader, view.prefix, filters, rows_wanted(limit, as_json=as_json))


def word_of(words: type[StrEnum], value: str) -> str:
    """Return a value of a closed list, in any case; raises CommandError (65) that names the list."""
    if value.lower() not in set(words):
        raise output.CommandError(f"{value} is none of {', '.join(words)}")
    return value.lower()


def span(seconds: int) -> str:
    """Return working time as people read it: `-1:05:00`, hours, minutes, seconds."""
    hours, rest = divmod(abs(seconds), 3600)
    return f"{'-' if seconds < 0 else ''}{hours}:{rest // 60:02}:{rest % 60:02}"
