"""Approvals, children and known errors as rows, in both databases."""

from dataclasses import replace
from datetime import timedelta

from maild.base.words import ApprovalState, LinkKind, Status, TicketType, VoteState
from maild.desk.approvals import Approval, Step, Vote, begin_step, decided
from maild.desk.effects import AddLink, ChangeTicket, KeepApproval
from maild.store.approval_rows import load_approvals, show_approvals
from maild.store.approvals import due_approvals, ended_approvals
from maild.store.model import Asked
from maild.store.showing import show_ticket
from maild.store.snapshot import snapshot

BOSS, CFO = "boss@example.org", "cfo@example.org"


def approval(desk, number=1, **more):
    asked = Approval(
        id=f"s{number}.approval",
        ticket=number,
        policy="change",
        state=ApprovalState.ASKED,
        asked_by="ana@example.com",
        question="Really?",
        created_at=desk.now,
        steps=(Step(1, "any"), Step(2, "2")),
        votes=(Vote(1, BOSS), Vote(2, CFO), Vote(2, BOSS)),
        remind_after=timedelta(days=2),
        expires_after=timedelta(days=7),
    )
    return begin_step(replace(asked, **more), 1, desk.now)


def loaded(desk, number=1):
    with desk.db.reading() as reader:
        return load_approvals(reader, number)


def test_an_approval_comes_back_as_it_was_kept(desk):
    desk.open(1)
    first = approval(desk)
    desk.do("s1", KeepApproval(first))
    assert loaded(desk) == (first,)
    desk.later(hours=1)
    vote = replace(first.votes[0], state=VoteState.APPROVED, voted_at=desk.now, comment="Yes", remind_at=None)
    second = begin_step(first.with_vote(vote), 2, desk.now)
    desk.do("s2", KeepApproval(second))
    assert loaded(desk) == (second,)
    assert snapshot(desk.db, Asked(ticket=1), desk.now).approvals == (second,)


def test_it_is_due_when_somebody_is_to_be_reminded_and_no_more_once_it_is_decided(desk):
    desk.open(1)
    kept = approval(desk)
    desk.do("s1", KeepApproval(kept))
    with desk.db.reading() as reader:
        assert due_approvals(reader, desk.now + timedelta(days=1)) == []
        assert due_approvals(reader, desk.now + timedelta(days=2)) == [1]
    desk.do("s2", KeepApproval(decided(kept, ApprovalState.GRANTED, desk.now)))
    with desk.db.reading() as reader:
        assert due_approvals(reader, desk.now + timedelta(days=9)) == []


def test_what_waits_for_a_ticket_that_is_over_is_found(desk):
    desk.open(1)
    desk.do("s1", KeepApproval(approval(desk)))
    with desk.db.reading() as reader:
        assert ended_approvals(reader) == []
    desk.do("s2", ChangeTicket(1, (("status", Status.CLOSED),)))
    with desk.db.reading() as reader:
        assert ended_approvals(reader) == [1]


def test_it_is_shown_by_step(desk):
    desk.open(1)
    desk.do("s1", KeepApproval(approval(desk)))
    with desk.db.reading() as reader:
        (shown,) = show_approvals(reader, 1)
    assert [(s["need"], [v["approver"] for v in s["votes"]]) for s in shown["steps"]] == [
        ("any", [BOSS]),
        ("2", [CFO, BOSS]),
    ]


def test_children_come_with_what_was_said_on_them_when_they_are_asked_for(desk):
    for number in (1, 2, 3, 4):
        desk.open(number)
    desk.do("s1", AddLink(2, LinkKind.PARENT, 1), AddLink(1, LinkKind.CHILD, 3), AddLink(4, LinkKind.RELATED, 1))
    taken = snapshot(desk.db, Asked(ticket=1, children=True), desk.now)
    assert sorted(t.number for t in taken.children) == [2, 3]
    assert len(taken.pasts[2].posts) == 1
    assert snapshot(desk.db, Asked(ticket=1), desk.now).children == ()
    with desk.db.reading() as reader:
        shown = show_ticket(reader, "ACME", 1)
    assert shown is not None
    assert shown["children"] == ["ACME-2W", "ACME-3A"]


def test_a_known_error_is_found_until_it_is_solved(desk):
    desk.open(1, type=TicketType.PROBLEM)
    known = (("known_error", ("vpn", "a|b")), ("public_title", "VPN"), ("workaround", "Wait."))
    desk.do("s1", ChangeTicket(1, known))
    (error,) = snapshot(desk.db, Asked(), desk.now).known_errors
    assert (error.ticket, error.words, error.title, error.workaround) == (1, ("vpn", "a|b"), "VPN", "Wait.")
    ticket = snapshot(desk.db, Asked(ticket=1), desk.now).ticket
    assert ticket is not None
    assert ticket.known_error == ("vpn", "a|b")
    desk.do("s2", ChangeTicket(1, (("status", Status.RESOLVED),)))
    assert snapshot(desk.db, Asked(), desk.now).known_errors == ()
    desk.do("s3", ChangeTicket(1, (("status", Status.OPEN), ("known_error", ()))))
    assert snapshot(desk.db, Asked(), desk.now).known_errors == ()
