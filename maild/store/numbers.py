"""Ticket numbers: given once, by the database; a thread uses up what it reserved before it asks for more.

A decision needs a number at hand before it knows whether it opens a ticket, and most do not. Without the second rule
every answer to a ticket would leave a gap, and cost a commit.
"""

import threading
from collections.abc import Iterable
from weakref import WeakKeyDictionary

from maild.database.connection import Database


class _Spare(threading.local):
    """What this thread has reserved and not used, by database."""

    def __init__(self) -> None:
        self.numbers: WeakKeyDictionary[Database, list[int]] = WeakKeyDictionary()


_spare = _Spare()


def numbers_at_hand(db: Database, count: int, first_number: int = 1) -> tuple[int, ...]:
    """Return `count` numbers that no ticket has; the ones that are not `used` come again at this thread's next call."""
    mine = [number for number in _spare.numbers.get(db, []) if number >= first_number]
    if len(mine) < count:
        mine += reserve_numbers(db, count - len(mine), first_number)
    _spare.numbers[db] = mine
    return tuple(mine[:count])


def used(db: Database, numbers: Iterable[int]) -> None:
    """Say that tickets have these numbers now."""
    gone = set(numbers)
    _spare.numbers[db] = [number for number in _spare.numbers.get(db, []) if number not in gone]


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
