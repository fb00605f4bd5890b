"""Turn a decision into rows: all of them or none, and never twice."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from maild.base.words import EntryState
from maild.database.chain import append
from maild.database.connection import Database, Transaction
from maild.database.dialect import Word
from maild.desk.effects import (
    AddEvent,
    AddLink,
    AddPost,
    ChangeTicket,
    Composed,
    Decision,
    Effect,
    KeepApproval,
    OpenTicket,
    PutParticipant,
    RemoveLink,
    SetClocks,
    SettleEntry,
    Tell,
)
from maild.journal import claims
from maild.journal.model import Measured
from maild.store.effects import run
from maild.store.model import AlreadyApplied, Applied, Stale
from maild.store.numbers import used
from maild.store.outbox import put_row
from maild.store.ticket_row import add_public_id, write_opened
from maild.store.work import Moved, NumberTaken, Work

_ONCE = "INSERT INTO applied (stimulus, at, ticket, final) VALUES (?, ?, ?, ?) ON CONFLICT (stimulus) DO NOTHING"


def apply(
    db: Database, decision: Decision, outgoing: Sequence[Composed], now: datetime, measured: Measured | None = None
) -> Applied | Stale | AlreadyApplied:
    """Write a decision and its finished mails in one transaction.

    `measured` is what was found out about the entry that is the stimulus, kept with it. Raises DatabaseUnavailable
    when the database cannot do it now; nothing is kept then, and the same decision may be applied later.
    """
    opened = [effect.ticket.number for effect in decision.effects if isinstance(effect, OpenTicket)]
    try:
        with db.transaction() as transaction:
            again = _once(transaction, decision, now)
            if again is None:
                return AlreadyApplied()
            applied = _write(Work(transaction, now), decision, outgoing, measured, ids_from=again)
    except NumberTaken as taken:
        used(db, opened)
        return Stale(str(taken))
    except Moved as moved:
        return Stale(str(moved))
    used(db, opened)
    return applied


def _once(transaction: Transaction, decision: Decision, now: datetime) -> int | None:
    """Take the stimulus. Returns None when it had its effect, else how many mails it has sent before.

    An entry that was quarantined, and that a person released, may have its effect after all.
    """
    final = not any(isinstance(e, SettleEntry) and e.state is EntryState.QUARANTINED for e in decision.effects)
    if transaction.change(_ONCE, (decision.stimulus, now, decision.ticket, final)):
        return 0
    released = (
        "UPDATE applied SET final = ?, at = ?, ticket = ? WHERE stimulus = ? AND NOT final"
        " AND EXISTS (SELECT 1 FROM entry WHERE id = ? AND state IN ('received', 'failed'))"
    )
    if not transaction.change(released, (final, now, decision.ticket, decision.stimulus, decision.stimulus)):
        return None
    sent = transaction.execute("SELECT count(*) AS n FROM outbox WHERE stimulus = ?", (decision.stimulus,))
    return int(sent[0]["n"])


def _write(
    work: Work, decision: Decision, outgoing: Sequence[Composed], measured: Measured | None, *, ids_from: int
) -> Applied:
    work.sent_posts = frozenset(mail.post for mail in outgoing if mail.post)
    _expect(work, decision)
    for effect in decision.effects:
        run(work, effect)
    _name_posts(work, outgoing)
    write_opened(work)
    if measured is not None:
        _measure(work, decision, measured)
    deliveries = []
    for number, mail in enumerate(outgoing, ids_from + 1):
        delivery = f"{decision.stimulus}.o{number}"
        put_row(work.transaction, delivery, decision.stimulus, mail, work.now)
        deliveries.append(delivery)
        work.lines.append(("mail", delivery, mail.template, str(mail.state)))
    if deliveries:
        work.transaction.say(Word.OUTBOX)
    if work.lines:
        append(work.transaction, work.now, decision.stimulus, decision.ticket, work.lines)
    return Applied(tuple(deliveries))


def _expect(work: Work, decision: Decision) -> None:
    """Check, and move on, the versions of the tickets; in one order, so that no two decisions wait for each other."""
    touched = {number for effect in decision.effects if (number := _ticket_of(effect)) is not None}
    news = {
        number for effect in decision.effects if not isinstance(effect, SetClocks) and (number := _ticket_of(effect))
    }
    for number, version in sorted(decision.expects):
        if number in touched:
            # Clocks that are written down again are no news of a ticket.
            step = (
                "UPDATE ticket SET version = version + 1, updated_at = CASE WHEN ? THEN ? ELSE updated_at END"
                " WHERE number = ? AND version = ?"
            )
            unmoved = work.transaction.change(step, (number in news, work.now, number, version)) == 1
        else:
            look = "SELECT 1 AS one FROM ticket WHERE number = ? AND version = ?"
            unmoved = bool(work.transaction.execute(look, (number, version)))
        if not unmoved:
            raise Moved(f"ticket {number} is no longer at version {version}")


def _ticket_of(effect: Effect) -> int | None:
    match effect:
        case ChangeTicket(number=number) | AddEvent(number=number) | PutParticipant(number=number):
            return number
        case AddLink(number=number) | RemoveLink(number=number) | SetClocks(number=number) | Tell(number=number):
            return number
        case AddPost(post):
            return post.ticket
        case KeepApproval(approval):
            return approval.ticket
        case _:
            return None


def _measure(work: Work, decision: Decision, measured: Measured) -> None:
    """Keep what was found out; of two copies of one mail that are decided at once only one may be applied."""
    claims.measure(work.transaction, decision.stimulus, measured)
    settled = [e.state for e in decision.effects if isinstance(e, SettleEntry) and e.entry == decision.stimulus]
    if EntryState.APPLIED not in settled:
        return
    copies = [_copy(measured, queue) for queue in measured.queues or ("",)]
    if not sum(work.transaction.change(_ONCE, (copy, work.now, decision.ticket, True)) for copy in copies):
        raise Moved("another copy of the same mail was applied meanwhile")


def _copy(measured: Measured, queue: str) -> str:
    same = hashlib.sha256(f"{measured.content_hash}\n{measured.message_id}\n{queue}".encode("utf-8", "replace"))
    return f"mail:{same.hexdigest()}"


def _name_posts(work: Work, outgoing: Sequence[Composed]) -> None:
    """Give each post that goes out the Message-ID under which people know it."""
    for post, message_id in dict.fromkeys((mail.post, mail.message_id) for mail in outgoing if mail.post):
        name = "UPDATE post SET message_id = ? WHERE id = ? AND public RETURNING ticket"
        for row in work.transaction.execute(name, (message_id, post)):
            add_public_id(work, row["ticket"], message_id)
