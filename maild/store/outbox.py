"""Outbox rows: written with their decision, claimed by a deliverer under a lease, listed by nobody here."""

from datetime import datetime, timedelta

from maild.database.chain import append
from maild.database.connection import Database, Transaction
from maild.database.dialect import Word, known_instant, stored_instant
from maild.desk.effects import Composed
from maild.store.model import Row
from maild.store.traffic import bucket_of

_INSERT = (
    "INSERT INTO outbox (id, stimulus, ticket, post, template, mail_from, rcpt_to, message_id, ref, words_of,"
    " automatic, draft, state, reason, next_attempt_at, created_at, domain, queue, attempts, last_reply, claimed_by)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
    " coalesce((SELECT queue FROM ticket WHERE number = ? AND ? <> ''), ''), 0, '', '')"
)
_DUE = (
    "SELECT id FROM outbox%s WHERE state IN ('queued', 'deferred') AND next_attempt_at <= ?"
    " AND (claimed_until IS NULL OR claimed_until <= ?)%s ORDER BY next_attempt_at, seq LIMIT ?"
)
_NOT_TO = " AND lower(rcpt_to) NOT LIKE ? ESCAPE '!'"
_CLAIM = (
    "UPDATE outbox SET attempts = attempts + 1, claimed_by = ?, claimed_until = ? WHERE id = ?"
    " RETURNING id, ticket, template, mail_from, rcpt_to, message_id, attempts, created_at, automatic, post, words_of"
)


def put_row(transaction: Transaction, delivery: str, stimulus: str, mail: Composed, now: datetime) -> None:
    """Write a mail into the outbox; one that is still being composed, with empty octets, gets them by `put_octets`."""
    facts = (delivery, stimulus, mail.ticket, mail.post, mail.template, mail.mail_from, mail.rcpt_to, mail.message_id)
    more = (mail.ref, mail.words_of, mail.automatic, mail.draft, mail.state, mail.hold, mail.next_attempt_at, now)
    domain = bucket_of(mail.rcpt_to, mail.template, automatic=mail.automatic)
    transaction.change(_INSERT, (*facts, *more, domain, mail.ticket, domain))
    if mail.octets:
        put_octets(transaction, delivery, mail.octets)


def put_octets(transaction: Transaction, delivery: str, octets: bytes) -> None:
    """Write the octets of a mail; in the same commit as its row."""
    transaction.change("INSERT INTO outbox_octets (delivery, octets) VALUES (?, ?)", (delivery, octets))


def claim_due(
    db: Database,
    worker: str,
    now: datetime,
    lease: timedelta,
    limit: int = 10,
    *,
    not_to: frozenset[str] = frozenset(),
) -> list[Row]:
    """Take the rows that are due, longest due first, for `lease`; the attempt is counted before this returns.

    Rows to the domains `not_to`, in lower case, are left where they are.
    """
    due = _DUE % (db.dialect.by_index("outbox_waiting"), _NOT_TO * len(not_to))
    facts = (now, now, *map(_anybody_at, not_to))
    if not db.execute(due, (*facts, 1)):
        return []
    with db.transaction() as transaction:
        rows = transaction.execute(due + db.dialect.skip_locked, (*facts, limit))
        return [_claim(transaction, row["id"], worker, now + lease) for row in rows]


def _anybody_at(domain: str) -> str:
    """Return the pattern of all addresses of a domain."""
    return "%@" + "".join(f"!{letter}" if letter in "!%_" else letter for letter in domain)


def _claim(transaction: Transaction, delivery: str, worker: str, until: datetime) -> Row:
    (row,) = transaction.execute(_CLAIM, (worker, until, delivery))
    return Row(**(row | {"created_at": known_instant(row["created_at"]), "automatic": bool(row["automatic"])}))


def holds(db: Database, delivery: str, worker: str, now: datetime) -> bool:
    """True while `worker` still has the lease: ask right before sending, after whatever took time."""
    mine = "SELECT 1 AS one FROM outbox WHERE id = ? AND claimed_by = ? AND claimed_until > ?"
    return bool(db.execute(mine + " AND state IN ('queued', 'deferred')", (delivery, worker, now)))


def give_back(db: Database, delivery: str, worker: str) -> None:
    """Undo a claim that was not begun, its counted attempt too."""
    undo = "UPDATE outbox SET attempts = attempts - 1, claimed_by = '', claimed_until = NULL"
    with db.transaction() as transaction:
        transaction.change(undo + " WHERE id = ? AND claimed_by = ?", (delivery, worker))


def octets_of(db: Database, delivery: str) -> bytes:
    """Return the octets of a row as they go to the smarthost; raises KeyError when there is none."""
    rows = db.execute("SELECT octets FROM outbox_octets WHERE delivery = ?", (delivery,))
    if not rows:
        raise KeyError(delivery)
    return bytes(rows[0]["octets"])


def next_due(db: Database) -> datetime | None:
    """Return when the next row is due; None when none waits."""
    soonest = "SELECT min(next_attempt_at) AS at FROM outbox WHERE state IN ('queued', 'deferred')"
    return stored_instant(db.execute(soonest)[0]["at"])


def change_rows(
    db: Database, deliveries: tuple[str, ...], action: str, now: datetime, reason: str, by: str = ""
) -> list[str]:
    """Do what an administrator, `by`, asks: "retry", "hold", "release" or "drop"; returns the ids that it changed.

    A row that has left, or is not in a state for the action, is not changed.
    """
    change, states = _ACTIONS[action]
    done = []
    with db.transaction() as transaction:
        for delivery in deliveries:
            step = f"UPDATE outbox SET {change}, reason = ? WHERE id = ? AND state IN {states}"  # noqa: S608 _ACTIONS
            times = (now,) if "?" in change else ()
            if transaction.change(step, (*times, reason, delivery)):
                done.append(delivery)
        if done:
            append(transaction, now, by, None, [("delivery", delivery, action) for delivery in done])
            transaction.say(Word.OUTBOX)
    return done


def flush(db: Database, now: datetime, by: str = "") -> int:
    """Make every deferred row due now, because `by` asks; returns how many."""
    with db.transaction() as transaction:
        count = transaction.change("UPDATE outbox SET next_attempt_at = ? WHERE state = 'deferred'", (now,))
        append(transaction, now, by, None, [("outbox", "flush", count)])
        transaction.say(Word.OUTBOX)
    return count


_ACTIONS = {
    "retry": (
        "state = 'queued', next_attempt_at = ?, claimed_until = NULL, claimed_by = ''",
        "('deferred', 'failed', 'queued')",
    ),
    "hold": ("state = 'held', next_attempt_at = NULL", "('queued', 'deferred')"),
    "release": ("state = 'queued', draft = FALSE, next_attempt_at = ?", "('held')"),
    "drop": ("state = 'cancelled', next_attempt_at = NULL", "('queued', 'deferred', 'held')"),
}
