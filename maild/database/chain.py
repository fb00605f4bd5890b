"""The audit record: a row for every decision and every act of an administrator, chained by SHA-256 (FIPS 180-4).

A row's hash covers the row and the hash before it, so whoever changes, removes, adds or moves one breaks every hash
behind it. Rows hold digests of what was said and done, not the words: who has the record alone learns no words from it.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime

from maild.database.connection import Transaction
from maild.database.dialect import Row, bind, instant, to_json

Line = tuple[object, ...]  # its kind, then what it is about: text, whole numbers, true and false

FIRST = "0" * 64  # stands for the hash before the first row
_LOCK = 0x61756469  # "audi": the chain has one end, and whoever adds to it keeps it until his COMMIT
_DIGEST_LETTERS = 32  # 128 bits: as many as it takes that nobody finds other words for a digest
_PUT = "INSERT INTO audit (seq, at, stimulus, ticket, lines, hash) VALUES (?, ?, ?, ?, ?, ?)"


def digest(values: Iterable[object]) -> str:
    """Return the digest of a row's values as the database holds them (see `bind`)."""
    return hashlib.sha256(to_json(list(values)).encode()).hexdigest()[:_DIGEST_LETTERS]


def append(transaction: Transaction, at: datetime, stimulus: str, ticket: int | None, lines: Sequence[Line]) -> None:
    """Add a row; do it last in a transaction, for with PostgreSQL every other writer waits here until the COMMIT."""
    if transaction.dialect.queue_up:
        transaction.execute(transaction.dialect.queue_up, (_LOCK,))
    last = transaction.execute("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")
    seq, before = (last[0]["seq"] + 1, last[0]["hash"]) if last else (1, FIRST)
    (name, said) = bind((stimulus, to_json(lines)))
    row: Row = {"seq": seq, "at": instant(at), "stimulus": name, "ticket": ticket, "lines": said}
    transaction.change(_PUT, (*row.values(), row_hash(before, row)))


def row_hash(before: str, row: Row) -> str:
    """Return the hash of a row, given the one before it."""
    ticket = "" if row["ticket"] is None else str(row["ticket"])
    text = "\n".join((before, str(row["seq"]), row["at"], row["stimulus"], ticket, row["lines"]))
    return hashlib.sha256(text.encode()).hexdigest()
