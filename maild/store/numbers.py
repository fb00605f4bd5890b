"""Ticket numbers: given once, by the database.

A decision needs a number at hand before it knows whether it opens a ticket, and most do not. One file has hardly ever
two writers at once: there the next number is only looked at, and taken with the ticket; whoever comes second decides
anew. On a server with many workers numbers are reserved, and a thread uses up what it reserved before it asks for more.
"""

import threading
from collections.abc import Iterable
from weakref import WeakKeyDictionary

from maild.database.connection import Database, Transaction


class _Spare(threading.local):
    """What this thread has reserved and not used, by database."""

    def __init__(self) -> None:
        self.numbers: WeakKeyDictionary[Database, list[int]] = WeakKeyDictionary()


_spare = _Spare()


def numbers_at_hand(db: Database, count: int, first_number: int = 1) -> tuple[int, ...]:
    """Return `count` numbers that no ticket has; the ones that are not `used` come again at this thread's next call."""
    if not count:
        return ()
    if db.dialect.name == "sqlite":
        given = "SELECT max(value) AS n FROM counter WHERE name = 'ticket' UNION ALL SELECT max(number) FROM ticket"
        following = max(first_number, *(int(row["n"] or 0) + 1 for row in db.execute(given)))
        return tuple(range(following, following + count))
    mine = [number for number in _spare.numbers.get(db, []) if number >= first_number]
    if len(mine) < count:
        mine += reserve_numbers(db, count - len(mine), first_number)
    _spare.numbers[db] = mine
    return tuple(mine[:count])


def used(db: Database, numbers: Iterable[int]) -> None:
    """Say that tickets have these numbers now."""
    gone = set(numbers)
    _spare.numbers[db] = [number for number in _spare.numbers.get(db, []) if number not in gone]


def take_number(transaction: Transaction, number: int) -> None:
    """Note within its ticket's transaction that a number is given, and with it all that are smaller."""
    take = (
        "INSERT INTO counter (name, value) VALUES ('ticket', ?) ON CONFLICT (name) DO UPDATE SET"
        " value = excluded.value WHERE counter.value < excluded.value"
    )
    transaction.change(take, (number,))


def reserve_numbers(db: Database, count: int, first_number: int = 1) -> tuple[int, ...]:
    """Reserve the next ticket numbers, never given again; gaps are allowed."""
    if count == 0:
        return ()
    raise_by = (
        "INSERT INTO counter (name, value) VALUES ('ticket', ?) ON CONFLICT (name) DO UPDATE SET"
        " value = CASE WHEN counter.value < ? THEN ? ELSE counter.value + ? END RETURNING value"
    )
    first_end = first_number + count - 1
    with db.transaction() as transaction:
        (row,) = transaction.execute(raise_by, (first_end, first_number - 1, first_end, count))
    return tuple(range(row["value"] - count + 1, row["value"] + 1))
