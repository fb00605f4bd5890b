"""Where SQLite and PostgreSQL differ; every other module writes one SQL for both, with ``?`` for parameters."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, Protocol

Row = dict[str, Any]


class Word(StrEnum):
    """What one process tells the others: there may be work for you."""

    ENTRY = "maild_entry"  # the journal holds something to claim
    OUTBOX = "maild_outbox"  # a mail may be due


@dataclass(frozen=True, slots=True)
class Dialect:
    """What one of the two wants said differently."""

    name: str
    begin: str  # of a transaction that writes
    begin_reading: str  # of one that sees a single moment
    skip_locked: str  # behind a SELECT that claims rows: other workers pass them by
    lock_row: str  # behind a SELECT: nobody else changes the row before our COMMIT
    table_exists: str  # one parameter, the table's name
    mark: str  # of a parameter
    returning_seq: str = ""  # behind an INSERT: what its row's `seq` is; SQLite's driver knows without being asked
    queue_up: str = ""  # what lets one writer at a time past, until its COMMIT, by a number; "": all queue up anyway
    say: str = ""  # what wakes those who listen for a word, with the COMMIT; "": nobody can

    def by_index(self, name: str) -> str:
        """Return what stands behind a table's name to have an index used, where SQLite alone would choose another.

        It keeps no figures about our tables, and prefers any equality to a small partial index in the wanted order.
        """
        return f" INDEXED BY {name}" if self.name == "sqlite" else ""

    def sql(self, text: str) -> str:
        """Return a statement as this database wants it; ``?`` stands for parameters and nothing else."""
        return text if self.mark == "?" else _percent(text)


@lru_cache(maxsize=1024)
def _percent(text: str) -> str:
    return text.replace("%", "%%").replace("?", "%s")


SQLITE = Dialect(
    name="sqlite",
    begin="BEGIN IMMEDIATE",  # asks for the write lock at once: a later upgrade could fail half-way
    begin_reading="BEGIN",
    skip_locked="",
    lock_row="",
    table_exists="SELECT 1 AS found FROM sqlite_master WHERE type = 'table' AND name = ?",
    mark="?",
)
POSTGRESQL = Dialect(
    name="postgresql",
    begin="BEGIN",
    begin_reading="BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    skip_locked=" FOR UPDATE SKIP LOCKED",
    lock_row=" FOR UPDATE",
    table_exists="SELECT 1 AS found FROM information_schema.tables"
    " WHERE table_schema = current_schema() AND table_name = ?",
    mark="%s",
    returning_seq=" RETURNING seq",
    queue_up="SELECT pg_advisory_xact_lock(?)",
    say="SELECT pg_notify(?, '')",
)


class Reader(Protocol):
    """Anything that answers a SELECT: the database, a transaction, or the light connection."""

    @property
    def dialect(self) -> Dialect:
        """The database's dialect."""

    def execute(self, sql: str, params: Sequence[object] = ()) -> list[Row]:
        """Run one statement and return its rows by column name."""


def bind(params: Iterable[object]) -> tuple[object, ...]:
    """Return parameters as both databases take them.

    Instants become text (see `instant`); NUL, which PostgreSQL refuses, and lone surrogates, which have no
    UTF-8, become U+FFFD: the raw octets of a mail stand in the journal.
    """
    return tuple([value if type(value) in _AS_THEY_ARE else _bound(value) for value in params])


_AS_THEY_ARE = frozenset({int, bool, float, bytes, type(None)})


def _bound(value: object) -> object:
    if isinstance(value, str):
        return clean(value if type(value) is str else str(value))
    if isinstance(value, datetime):
        return instant(value)
    return value


def clean(text: str) -> str:
    """Return text that every database can hold."""
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


@lru_cache(maxsize=1024)  # a decision writes its own instant some thirty times
def instant(value: datetime) -> str:
    """Return an instant as it is stored: UTC, fixed width with microseconds, so that text order is time order."""
    assert value.tzinfo is not None, "an instant is never naive"
    return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def to_json(value: object) -> str:
    """Return a value as JSON without spaces, as it stands in a column."""
    return _COMPACT.encode(value)


def known_instant(text: str) -> datetime:
    """Read an instant back from a column that always has one."""
    return datetime.fromisoformat(text)


def stored_instant(text: str | None) -> datetime | None:
    """Read an instant back; None for None."""
    return None if text is None else known_instant(text)


def marks(values: Sequence[object]) -> str:
    """Return ``(?, ?, ?)`` for an IN list of these values; of none, a list that nothing is in."""
    return "(" + ", ".join("?" for _ in values) + ")" if values else "(NULL)"
