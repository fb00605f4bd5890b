"""Who works on which entry, and what becomes of it; each function is one step inside the caller's transaction."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from maild.base.words import EntryState
from maild.database.connection import Transaction
from maild.database.dialect import marks
from maild.journal.model import Entry, Measured, NoSuchEntry
from maild.journal.rows import COLUMNS, read_entry

ATTEMPTS_MAX = 3  # tries of one entry; then a person looks at it (Mailman keeps a bad mail aside after one crash)
# Tries that ended without a word: the service was killed while the entry was in hand. Mail is read in children, so it
# is hardly ever the mail's fault, and somebody who kills the service a few times must not hold back innocent mail.
BROKEN_OFF_MAX = 10
BROKE_OFF = f"every one of {BROKEN_OFF_MAX} tries broke off"
RETRY_AFTER = (timedelta(seconds=5), timedelta(seconds=60))  # after the first and second failure

_NEXT = (
    f"SELECT {COLUMNS} FROM entry%s WHERE state IN ('received', 'failed')"  # noqa: S608 constants
    " AND (claimed_until IS NULL OR claimed_until <= ?) AND (next_attempt_at IS NULL OR next_attempt_at <= ?)"
    "%s ORDER BY seq LIMIT ?"
)
# Whoever sends ten thousand mails makes nobody wait for them: so many of one claim are his, and so many come from his
# domain, while others wait; and of those in his domain he makes nobody wait either.
SHARE = 4
_ROUNDS = (("sender", "sender_domain"), ("sender",))
LOOKS_MAX = 4  # More senders than four who flood us at once wait for each other in order of arrival.
_CLAIM = "UPDATE entry SET attempts = attempts + 1, claimed_by = ?, claimed_until = ? WHERE id = ?"
_SETTLE = (
    "UPDATE entry SET state = ?, reason = ?, ticket = coalesce(?, ticket), next_attempt_at = ?, settled_at = ?,"
    " claimed_by = '', claimed_until = NULL WHERE id = ?"
)


def claim(
    transaction: Transaction, limit: int, worker: str, now: datetime, until: datetime
) -> tuple[list[Entry], list[Entry]]:
    """Take the next entries, and count the try; also return those that were given up.

    They come in order of arrival, but of one sender, and of one domain, only a few at a time while others wait behind;
    each sender's own keep their order. An entry that was tried before comes alone: should it break its process again,
    only its own tries are counted. One whose tries all ended without a word is quarantined instead.
    """
    entries = _fair(transaction, limit, now)
    lost = [entry for entry in entries if entry.attempts >= BROKEN_OFF_MAX]
    for entry in lost:
        settle(transaction, entry.id, EntryState.QUARANTINED, BROKE_OFF, now)
    entries = [entry for entry in entries if entry.attempts < BROKEN_OFF_MAX]
    fresh = next((n for n, entry in enumerate(entries) if entry.attempts), len(entries))
    entries = entries[: max(fresh, 1)]
    for entry in entries:
        transaction.change(_CLAIM, (worker, until, entry.id))
    return [replace(entry, attempts=entry.attempts + 1) for entry in entries], lost


def _fair(transaction: Transaction, limit: int, now: datetime) -> list[Entry]:
    """Return the next entries, of each sender and domain no more than its share as long as anybody else has one."""
    first = _next(transaction, limit, now, {})
    chosen: dict[str, Entry] = {}
    for columns in _ROUNDS if len(first) == limit else ():  # else nobody waits behind them
        _share_out(transaction, limit, now, columns, chosen, first)
    rest = [entry for entry in first if entry.id not in chosen]
    return [*chosen.values(), *rest][:limit]


def _share_out(
    transaction: Transaction,
    limit: int,
    now: datetime,
    columns: Sequence[str],
    chosen: dict[str, Entry],
    waiting: list[Entry],
) -> None:
    """Add to those chosen until the claim is full, or everybody, by all of these columns, has had his share."""
    had = {column: Counter(str(getattr(entry, column)) for entry in chosen.values()) for column in columns}
    for _ in range(LOOKS_MAX):
        for entry in waiting:
            who = {column: str(getattr(entry, column)) for column in columns}
            if len(chosen) < limit and entry.id not in chosen and all(had[c][who[c]] < SHARE for c in columns):
                chosen[entry.id] = entry
                for column in columns:
                    had[column][who[column]] += 1
        if len(chosen) == limit or len(waiting) < limit:
            return
        full = {column: [who for who, count in had[column].items() if count == SHARE] for column in columns}
        waiting = _next(transaction, limit, now, full)


def _next(transaction: Transaction, limit: int, now: datetime, but: Mapping[str, Sequence[str]]) -> list[Entry]:
    """Return the entries that wait longest, without those whose column has one of these values."""
    d = transaction.dialect
    others = "".join(f" AND {column} NOT IN {marks(values)}" for column, values in but.items() if values)
    query = _NEXT % (d.by_index("entry_waiting"), others) + d.skip_locked
    values = [value for each in but.values() for value in each]
    return [read_entry(row) for row in transaction.execute(query, (now, now, *values, limit))]


def give_back(transaction: Transaction, entry: str, worker: str) -> None:
    """Undo a claim that was not begun, its counted try too."""
    undo = "UPDATE entry SET attempts = attempts - 1, claimed_by = '', claimed_until = NULL"
    transaction.change(undo + " WHERE id = ? AND claimed_by = ?", (entry, worker))


def measure(transaction: Transaction, entry: str, measured: Measured) -> None:
    """Keep what was found out about an entry."""
    facts = (measured.results, measured.content_hash, measured.message_id, json.dumps(measured.queues), entry)
    transaction.change("UPDATE entry SET results = ?, content_hash = ?, message_id = ?, queues = ? WHERE id = ?", facts)


def settle(
    transaction: Transaction, entry: str, state: EntryState, reason: str, now: datetime, ticket: int | None = None
) -> None:
    """Write down what has become of an entry; raises NoSuchEntry when there is none."""
    if not transaction.change(_SETTLE, (state, reason, ticket, None, now, entry)):
        raise NoSuchEntry(f"no entry {entry}")


def fail(transaction: Transaction, entry: str, reason: str, now: datetime) -> EntryState:
    """Note a try that failed: it is tried again later; after the third it is quarantined. Returns which."""
    attempts = state_of(transaction, entry)[1]
    if attempts >= ATTEMPTS_MAX:
        settle(transaction, entry, EntryState.QUARANTINED, reason, now)
        return EntryState.QUARANTINED
    wait = RETRY_AFTER[max(attempts, 1) - 1]
    transaction.change(_SETTLE, (EntryState.FAILED, reason, None, now + wait, None, entry))
    return EntryState.FAILED


def reopen(transaction: Transaction, entry: str, queue: str | None, *, confirmed: bool = False) -> None:
    """Let a quarantined, failed or dropped entry be tried anew, `queue` being used when no address names one."""
    state, _ = state_of(transaction, entry)
    if state in (EntryState.APPLIED, EntryState.DUPLICATE):
        raise NoSuchEntry(f"entry {entry} is {state} already; maild inbound replay shows that nothing would change")
    again = (
        "UPDATE entry SET state = 'received', reason = '', attempts = 0, next_attempt_at = NULL, claimed_until = NULL,"
        " claimed_by = '', settled_at = NULL, queue = coalesce(?, queue), confirmed = (confirmed OR ?) WHERE id = ?"
    )
    transaction.change(again, (queue, confirmed, entry))


def state_of(transaction: Transaction, entry: str) -> tuple[EntryState, int]:
    """Return the state and the number of tries; raises NoSuchEntry when there is none."""
    rows = transaction.execute("SELECT state, attempts FROM entry WHERE id = ?", (entry,))
    if not rows:
        raise NoSuchEntry(f"no entry {entry}")
    return EntryState(rows[0]["state"]), int(rows[0]["attempts"])
