"""What every effect is written with."""

from dataclasses import dataclass, field
from datetime import datetime

from maild.database.chain import Line
from maild.database.connection import Transaction


class Moved(Exception):
    """Something that the decision looked at has moved on; the transaction is undone and the decision made anew."""


class NumberTaken(Moved):
    """Another ticket has the number that this decision would give."""


@dataclass(slots=True)
class Work:
    """The transaction and the instant that everything is written with."""

    transaction: Transaction
    now: datetime
    sent_posts: frozenset[str] = frozenset()  # posts that go out now: their mail's Message-ID counts
    opened: dict[int, dict[str, object]] = field(default_factory=dict)  # rows of new tickets, see `ticket_row`
    lines: list[Line] = field(default_factory=list)  # what is said of it in the audit record


def insert(table: str, values: dict[str, object], on_conflict: str = "") -> tuple[str, tuple[object, ...]]:
    """Return an INSERT and its parameters; names of tables and columns are ours."""
    names = ", ".join(values)
    places = ", ".join("?" for _ in values)
    return f"INSERT INTO {table} ({names}) VALUES ({places}) {on_conflict}", tuple(values.values())  # noqa: S608 our names


def upsert(table: str, key: tuple[str, ...], values: dict[str, object]) -> tuple[str, tuple[object, ...]]:
    """Return an INSERT that gives the row of this key new values when it is there."""
    fresh = ", ".join(f"{name} = excluded.{name}" for name in values if name not in key)
    return insert(table, values, f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {fresh}")
