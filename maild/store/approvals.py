"""Approvals become rows; which of them are due."""

from datetime import datetime

from maild.database.dialect import Reader
from maild.desk.approvals import Vote
from maild.desk.effects import KeepApproval
from maild.store.work import Work, upsert


def write_approval(work: Work, effect: KeepApproval) -> None:
    """Keep an approval whole: its steps, and every vote as it stands."""
    kept = effect.approval
    values: dict[str, object] = {
        "id": kept.id,
        "ticket": kept.ticket,
        "policy": kept.policy,
        "state": kept.state,
        "asked_by": kept.asked_by,
        "question": kept.question,
        "created_at": kept.created_at,
        "present": kept.present,
        "remind_seconds": int(kept.remind_after.total_seconds()),
        "expire_seconds": int(kept.expires_after.total_seconds()),
        "expires_at": kept.expires_at,
        "on_expiry": kept.on_expiry,
        "decided_at": kept.decided_at,
        "due_at": kept.due_at(),
    }
    work.transaction.change(*upsert("approval", ("id",), values))
    for step in kept.steps:
        row: dict[str, object] = {"approval": kept.id, "number": step.number, "need": step.need}
        work.transaction.change(*upsert("approval_step", ("approval", "number"), row))
    for place, vote in enumerate(kept.votes, 1):
        work.transaction.change(*upsert("approval_vote", ("approval", "step", "approver"), _vote(kept.id, place, vote)))


def _vote(approval: str, place: int, vote: Vote) -> dict[str, object]:
    return {
        "approval": approval,
        "place": place,
        "step": vote.step,
        "approver": vote.approver,
        "state": vote.state,
        "asked_at": vote.asked_at,
        "remind_at": vote.remind_at,
        "voted_at": vote.voted_at,
        "comment": vote.comment,
        "delegate": vote.delegate,
        "for_whom": vote.for_whom,
        "wants_note": vote.wants_note,
    }


def due_approvals(reader: Reader, now: datetime, limit: int = 500) -> list[int]:
    """Return the tickets of which an approval wants a reminder or has expired, longest due first."""
    due = f"SELECT ticket FROM approval{reader.dialect.by_index('approval_due')} WHERE state = 'asked'"  # noqa: S608 a constant
    rows = reader.execute(f"{due} AND due_at <= ? ORDER BY due_at LIMIT ?", (now, limit))
    return [int(row["ticket"]) for row in rows]


def ended_approvals(reader: Reader, limit: int = 500) -> list[int]:
    """Return the tickets that are over while an approval of theirs still waits."""
    over = (
        f"SELECT a.ticket FROM approval a{reader.dialect.by_index('approval_due')} JOIN ticket t ON t.number = a.ticket"  # noqa: S608 a constant
        " WHERE a.state = 'asked' AND t.status IN ('resolved', 'closed', 'merged', 'spam') ORDER BY a.seq LIMIT ?"
    )
    return [int(row["ticket"]) for row in reader.execute(over, (limit,))]
