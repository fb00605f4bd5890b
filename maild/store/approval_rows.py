"""Approvals from rows, for decisions and for commands; light."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from maild.base.instants import to_text
from maild.base.words import ApprovalState, VoteState
from maild.database.dialect import Reader, Row, known_instant, marks, stored_instant
from maild.desk.approvals import Approval, Step, Vote


def load_approvals(reader: Reader, ticket: int) -> tuple[Approval, ...]:
    """Return the approvals of a ticket, oldest first."""
    rows = reader.execute("SELECT * FROM approval WHERE ticket = ? ORDER BY seq", (ticket,))
    if not rows:
        return ()
    ids = [row["id"] for row in rows]
    steps = _by_approval(reader, f"SELECT * FROM approval_step WHERE approval IN {marks(ids)} ORDER BY number", ids)  # noqa: S608 marks
    votes = _by_approval(reader, f"SELECT * FROM approval_vote WHERE approval IN {marks(ids)} ORDER BY place", ids)  # noqa: S608 marks
    return tuple(_approval(row, steps.get(row["id"], []), votes.get(row["id"], [])) for row in rows)


def _by_approval(reader: Reader, sql: str, ids: Sequence[str]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in reader.execute(sql, ids):
        found.setdefault(row["approval"], []).append(row)
    return found


def _approval(row: Row, steps: Sequence[Row], votes: Sequence[Row]) -> Approval:
    return Approval(
        id=row["id"],
        ticket=row["ticket"],
        policy=row["policy"],
        state=ApprovalState(row["state"]),
        asked_by=row["asked_by"],
        question=row["question"],
        created_at=known_instant(row["created_at"]),
        steps=tuple(Step(step["number"], step["need"]) for step in steps),
        votes=tuple(map(_read_vote, votes)),
        present=row["present"],
        remind_after=timedelta(seconds=row["remind_seconds"]),
        expires_after=timedelta(seconds=row["expire_seconds"]),
        expires_at=stored_instant(row["expires_at"]),
        on_expiry=row["on_expiry"],
        decided_at=stored_instant(row["decided_at"]),
    )


def _read_vote(row: Row) -> Vote:
    return Vote(
        step=row["step"],
        approver=row["approver"],
        state=VoteState(row["state"]),
        asked_at=stored_instant(row["asked_at"]),
        remind_at=stored_instant(row["remind_at"]),
        voted_at=stored_instant(row["voted_at"]),
        comment=row["comment"],
        delegate=row["delegate"],
        for_whom=row["for_whom"],
        wants_note=bool(row["wants_note"]),
    )


def show_approvals(reader: Reader, ticket: int) -> list[dict[str, Any]]:
    """Return the approvals of a ticket in the outside contract's words, oldest first."""
    return [_shown(approval) for approval in load_approvals(reader, ticket)]


def _shown(approval: Approval) -> dict[str, Any]:
    return {
        "id": approval.id,
        "policy": approval.policy or None,
        "state": str(approval.state),
        "asked_by": approval.asked_by,
        "question": approval.question or None,
        "created_at": to_text(approval.created_at),
        "decided_at": to_text(approval.decided_at),
        "expires_at": to_text(approval.expires_at),
        "step": approval.present,
        "steps": [
            {
                "step": step.number,
                "need": step.need,
                "votes": [_shown_vote(vote) for vote in approval.votes if vote.step == step.number],
            }
            for step in approval.steps
        ],
    }


def _shown_vote(vote: Vote) -> dict[str, Any]:
    return {
        "approver": vote.approver,
        "state": str(vote.state),
        "asked_at": to_text(vote.asked_at),
        "voted_at": to_text(vote.voted_at),
        "comment": vote.comment or None,
        "delegate": vote.delegate or None,
        "for": vote.for_whom or None,
    }
