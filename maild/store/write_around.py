"""Effects around tickets: the journal's entries, the outbox, people and codes."""

from typing import assert_never

from maild.base.words import DeliveryState
from maild.desk.effects import (
    KeepAbsence,
    KeepConfirmation,
    KeepUndo,
    MarkDelivery,
    RememberPerson,
    RetryEntry,
    SettleEntry,
)
from maild.journal import claims
from maild.store.absences import write_absence
from maild.store.undoing import write_undo
from maild.store.work import Moved, Work, upsert


def write_entry(work: Work, effect: SettleEntry | RetryEntry) -> None:
    """Write what becomes of a journal entry."""
    match effect:
        case SettleEntry(entry, state, reason, ticket):
            claims.settle(work.transaction, entry, state, reason, work.now, ticket)
            # What stands behind the colon may name a person, and the record cannot forget her.
            work.lines.append(("entry", entry, str(state), reason.partition(":")[0]))
        case RetryEntry(entry, confirmed):
            claims.reopen(work.transaction, entry, None, confirmed=confirmed)
            work.lines.append(("entry", entry, "confirmed" if confirmed else "retried", ""))
        case _:
            assert_never(effect)


def write_around(work: Work, effect: MarkDelivery | RememberPerson | KeepConfirmation | KeepUndo | KeepAbsence) -> None:
    """Write what becomes of a mail, and what is known of a person."""
    match effect:
        case MarkDelivery():
            _mark_delivery(work, effect)
        case RememberPerson():
            _remember(work, effect)
        case KeepConfirmation():
            _confirmation(work, effect)
        case KeepUndo():
            write_undo(work, effect)
        case KeepAbsence():
            write_absence(work, effect)
        case _:
            assert_never(effect)


def _mark_delivery(work: Work, effect: MarkDelivery) -> None:
    """Change an outbox row. What has left cannot be cancelled or held; that it has left is always recorded."""
    by_person = effect.state in (DeliveryState.CANCELLED, DeliveryState.HELD, DeliveryState.QUEUED)
    sent_at = work.now if effect.state is DeliveryState.SENT else None
    due = effect.next_attempt_at
    if due is None and effect.state is DeliveryState.QUEUED:
        due = work.now
    change = (
        "UPDATE outbox SET state = ?, reason = ?, next_attempt_at = ?, draft = coalesce(?, draft), claimed_by = '',"
        " claimed_until = NULL, sent_at = ?, last_reply = CASE WHEN ? THEN last_reply ELSE ? END WHERE id = ?"
    )
    if by_person:
        change += " AND state IN ('queued', 'held', 'deferred')"
    facts = (effect.state, effect.reason, due, effect.draft, sent_at, by_person, effect.reason, effect.delivery)
    if not work.transaction.change(change, facts):
        raise Moved(f"delivery {effect.delivery} has left or is gone")
    work.lines.append(("delivery", effect.delivery, str(effect.state)))


def _remember(work: Work, effect: RememberPerson) -> None:
    person = effect.person
    values: dict[str, object] = {
        "address": person.address,
        "name": person.name,
        "language": person.language,
        "suspended_until": person.suspended_until,
        "suspended_because": person.suspended_because,
        "soft_bounces": person.soft_bounces,
        "blocked": person.blocked,
        "vip": person.vip,
        "organisation": person.organisation,
    }
    work.transaction.change(*upsert("person", ("address",), values))


def _confirmation(work: Work, effect: KeepConfirmation) -> None:
    kept = effect.confirmation
    values: dict[str, object] = {
        "id": kept.id,
        "entry": kept.entry,
        "address": kept.address,
        "code_hash": kept.code_hash,
        "expires_at": kept.expires_at,
        "used": kept.used,
    }
    work.transaction.change(*upsert("confirmation", ("id",), values))
