"""A decision goes in whole or not at all, and never twice."""

from dataclasses import fields, replace
from datetime import timedelta

import pytest

from maild.base.words import (
    Clock,
    ClockState,
    DeliveryState,
    EntryState,
    LinkKind,
    Priority,
    Role,
    Status,
    TicketType,
)
from maild.database import connection
from maild.desk.effects import (
    AddEvent,
    AddLink,
    AddPost,
    ChangeTicket,
    Decision,
    KeepConfirmation,
    MarkDelivery,
    MarkPost,
    OpenTicket,
    PutParticipant,
    RememberPerson,
    RetryEntry,
    SetClocks,
    SettleEntry,
    Tell,
)
from maild.desk.model import Confirmation, Event, Participant, Person
from maild.message.model import Attachment
from maild.sla.model import Fact, FactKind, Reading
from maild.store.model import AlreadyApplied, Applied, Asked, Stale
from maild.store.rows import load_tickets
from maild.store.snapshot import snapshot


def look(desk, number=1, **asked):
    return snapshot(desk.db, Asked(ticket=number, **asked), desk.now)


def test_a_ticket_comes_back_as_it_was_opened(desk):
    ticket = desk.ticket(
        7,
        type=TicketType.CHANGE,
        priority=Priority.URGENT,
        status=Status.PENDING,
        team="first-line",
        level=2,
        requester_name="Marta\0 López",
        assignee="ana@example.com",
        assigned_at=desk.now,
        language="es",
        tags=("vpn", "ñ"),
        category="a/b",
        sla="standard",
        address="help@example.com",
        by_machine=True,
        status_since=desk.now,
        resolved_at=desk.now,
        closed_at=desk.now,
        until=desk.now,
        snoozed_until=desk.now,
        reminded_at=desk.now,
        participants=(Participant("a@x", "A", Role.CC), Participant("b@x", "", Role.WATCHER, active=False)),
        public_ids=("<a@x>",),
    )
    assert desk.do("s", OpenTicket(ticket), desk.opened(7)) == Applied()
    found = look(desk, 7).ticket
    fact = Fact(desk.now, FactKind.OPENED, priority=Priority.NORMAL, sla="standard")
    assert found == replace(ticket, requester_name="Marta\ufffd López", facts=(fact,), version=1)


def test_every_attribute_of_a_ticket_has_its_column():
    from maild.desk.model import Ticket
    from maild.store.write_ticket import _WRITTEN

    kept_elsewhere = {"participants", "facts", "public_ids", "version"}
    assert set(_WRITTEN) | kept_elsewhere == {field.name for field in fields(Ticket)}


def test_every_effect_is_written(desk):
    desk.open(1)
    desk.open(2)
    post = desk.post("s.1", 1, "draft", draft=True, attachments=(Attachment("a.txt", "text/plain", 3, False, "aa"),))
    reading = Reading(
        Clock.RESOLUTION, 1, ClockState.RUNNING, desk.now, desk.now + timedelta(hours=4), None, 100, 7, True, sla="s"
    )
    person = Person("marta@example.net", "Marta", "es", desk.now, "bounced", 2, True)
    code = Confirmation("c", "e1", "ana@example.com", "hash", desk.now, False)
    effects = (
        ChangeTicket(1, (("status", Status.OPEN), ("tags", ("x",)), ("assignee", "ana@example.com"))),
        AddPost(post),
        AddEvent(1, Event(desk.now, "maild", "assigned", "least loaded")),
        PutParticipant(1, Participant("cc@x", "C", Role.CC)),
        PutParticipant(1, Participant("cc@x", "C", Role.CC, active=False)),
        AddLink(1, LinkKind.PARENT, 2),
        AddLink(1, LinkKind.PARENT, 2),
        SetClocks(1, (reading,), desk.now),
        Tell(1, Clock.RESOLUTION, 1, 50),
        RememberPerson(person),
        KeepConfirmation(code),
        KeepConfirmation(replace(code, used=True)),
        MarkPost("s.1", public=False, draft=False),
    )
    assert desk.do("s", *effects, expects=((1, 1),)) == Applied()
    seen = look(desk, code_hash="hash")
    assert (seen.ticket.status, seen.ticket.tags, seen.ticket.assignee) == (Status.OPEN, ("x",), "ana@example.com")
    assert (seen.ticket.version, seen.ticket.updated_at) == (2, desk.now)
    assert seen.ticket.participants == (Participant("cc@x", "C", Role.CC, active=False),)
    assert seen.posts[-1] == replace(post, public=False, draft=False)
    assert seen.events[-1].verb == "assigned"
    assert seen.told == {(Clock.RESOLUTION, 1, 50)}
    assert seen.people == {"marta@example.net": person}
    assert seen.confirmation == replace(code, used=True)
    assert seen.loads["ana@example.com"].active == 1
    assert seen.loads["ana@example.com"].last_assigned_at == desk.now


def test_the_same_stimulus_has_no_second_effect(desk):
    entry = desk.receive()
    decision = desk.opening(entry, 1)
    assert desk.apply(decision, desk.mail()) == Applied(("e1.o1",))
    assert desk.apply(decision, desk.mail()) == AlreadyApplied()
    assert (desk.count("ticket"), desk.count("event"), desk.count("outbox"), desk.count("post")) == (1, 1, 1, 1)
    assert desk.journal.get(entry).state is EntryState.APPLIED
    assert desk.journal.get(entry).ticket == 1


def test_a_ticket_that_moved_on_refuses_the_decision_whole(desk):
    desk.open(1)
    desk.do("first", ChangeTicket(1, (("level", 2),)), expects=((1, 1),))
    late = desk.do("late", ChangeTicket(1, (("level", 3),)), outgoing=[desk.mail()], expects=((1, 1),))
    assert late == Stale("ticket 1 is no longer at version 1")
    assert look(desk).ticket.level == 2
    assert desk.count("outbox") == 0
    assert desk.do("late", ChangeTicket(1, (("level", 3),)), expects=((1, 2),)) == Applied()


def test_a_ticket_that_was_only_looked_at_does_not_move_on(desk):
    desk.open(1)
    desk.later(hours=1)
    assert desk.do("look", expects=((1, 1),)) == Applied()
    assert desk.do("look again", expects=((1, 2),)) == Stale("ticket 1 is no longer at version 2")
    assert look(desk).ticket.version == 1
    assert look(desk).ticket.updated_at < desk.now


def test_a_number_that_is_taken_is_decided_anew(desk):
    desk.open(1)
    assert isinstance(desk.do("s", OpenTicket(desk.ticket(1))), Stale)


def test_a_threshold_is_told_once(desk):
    desk.open(1)
    assert desk.do("a", Tell(1, Clock.RESOLUTION, 1, 100)) == Applied()
    assert desk.do("b", Tell(1, Clock.RESOLUTION, 1, 100)) == Stale("resolution at 100 % was told already")


def test_a_quarantined_mail_that_is_released_has_its_effect_once(desk):
    entry = desk.receive()
    held = Decision(entry, (SettleEntry(entry, EntryState.QUARANTINED, "agent-unproved"),))
    assert desk.apply(held, desk.mail(template="confirm")) == Applied(("e1.o1",))
    assert desk.apply(desk.opening(entry, 1)) == AlreadyApplied()
    assert desk.do("code", RetryEntry(entry, confirmed=True)) == Applied()
    assert desk.journal.get(entry).confirmed
    assert desk.apply(desk.opening(entry, 1), desk.mail()) == Applied(("e1.o2",))
    assert desk.apply(desk.opening(entry, 1), desk.mail()) == AlreadyApplied()
    assert desk.journal.get(entry).state is EntryState.APPLIED


def test_two_copies_of_one_mail_that_are_decided_at_once_make_one_ticket(desk):
    first, second = desk.receive("same"), desk.receive("same")
    same = desk.measured(first)
    assert desk.apply(desk.opening(first, 1), measured=same) == Applied()
    assert isinstance(desk.apply(desk.opening(second, 2), measured=same), Stale)
    assert desk.apply(desk.opening(second, 2), measured=replace(same, queues=("support", "sales"))) == Applied()
    assert desk.journal.get(first).results == "{}"


def test_words_that_go_out_are_known_by_the_message_id_that_people_saw(desk):
    desk.open(1)
    post = desk.post("s.1", 1, message_id="<agents-own@x>", entry="e9")
    desk.do("s", AddPost(post), outgoing=[desk.mail(post="s.1"), desk.mail("cc@x", post="s.1")])
    seen = look(desk)
    assert seen.posts[-1].message_id == "<ours@desk.example.com>"
    assert seen.ticket.public_ids == ("<e1@x>", "<ours@desk.example.com>")


def test_the_root_and_the_latest_message_ids_are_remembered(desk):
    desk.open(1)
    desk.do("s", *(AddPost(desk.post(f"s.{n}", 1, message_id=f"<{n}@x>")) for n in range(20)))
    ids = look(desk).ticket.public_ids
    assert ids == ("<e1@x>", "<0@x>", "<1@x>", "<2@x>", *(f"<{n}@x>" for n in range(14, 20)))


def test_a_note_does_not_lend_its_message_id(desk):
    desk.open(1)
    desk.do("s", AddPost(desk.post("s.1", 1, message_id="<note@x>", public=False)))
    assert look(desk).ticket.public_ids == ("<e1@x>",)


def test_what_has_left_cannot_be_taken_back(desk):
    desk.open(1)
    desk.do("s", outgoing=[desk.mail()])
    assert desk.do("out", MarkDelivery("s.o1", DeliveryState.SENT, "250 ok")) == Applied()
    assert isinstance(desk.do("cancel", MarkDelivery("s.o1", DeliveryState.CANCELLED, "ana")), Stale)
    row = look(desk, delivery="s.o1").reported
    assert (row.state, row.last_reply) == (DeliveryState.SENT, "250 ok")


def test_a_draft_that_is_released_is_due_now(desk):
    desk.open(1)
    desk.do("s", outgoing=[desk.mail(state=DeliveryState.HELD, draft=True, hold="a fault")])
    desk.do("ok", MarkDelivery("s.o1", DeliveryState.QUEUED, "released", draft=False))
    row = look(desk, delivery="s.o1").reported
    assert (row.state, row.draft) == (DeliveryState.QUEUED, False)
    rows = desk.db.execute("SELECT next_attempt_at FROM outbox")
    assert rows[0]["next_attempt_at"] is not None


class PowerCut(BaseException):
    """The lights go out."""


def test_a_power_cut_at_any_write_is_healed_by_a_replay(lite, monkeypatch):
    desk, run = lite, connection._run
    tables = ("ticket", "event", "post", "outbox", "outbox_octets", "applied", "participant", "post_search")
    desk.open(1)
    for write in range(40):
        entry = desk.receive(f"mail-{write}")
        number = write + 2
        decision = desk.opening(entry, number, participants=(Participant("cc@x", "", Role.CC),))
        decision = replace(decision, effects=(*decision.effects, ChangeTicket(1, (("level", write),))))
        decision = replace(decision, expects=((1, look(desk).ticket.version),))
        left, before = [write], {table: desk.count(table) for table in tables}

        def doomed(*args, left=left):
            if left[0] == 0:
                raise PowerCut
            left[0] -= 1
            return run(*args)

        monkeypatch.setattr(connection, "_run", doomed)
        try:
            desk.apply(decision, desk.mail(ticket=number), measured=desk.measured(entry, content_hash=entry))
            survived = True
        except PowerCut:
            survived = False
        monkeypatch.setattr(connection, "_run", run)
        if survived:
            assert write > 12, "there are fewer writes than a decision has"
            return
        assert {table: desk.count(table) for table in tables} == before
        done = desk.apply(decision, desk.mail(ticket=number), measured=desk.measured(entry, content_hash=entry))
        assert done == Applied((f"{entry}.o1",))
        assert desk.apply(decision, desk.mail(ticket=number)) == AlreadyApplied()
        assert desk.count("outbox") == before["outbox"] + 1
    pytest.fail("a decision has more than 40 writes")


def test_a_full_disk_keeps_nothing_and_the_same_decision_is_applied_later(lite):
    from maild.database.connection import DatabaseUnavailable

    desk = lite
    entry = desk.receive()
    pages = desk.db.execute("PRAGMA page_count")[0]["page_count"]
    desk.db._writer.execute_sql(f"PRAGMA max_page_count = {pages + 2}")
    large = desk.mail(octets=b"x" * 100_000)
    with pytest.raises(DatabaseUnavailable, match="full"):
        desk.apply(desk.opening(entry, 1), large)
    assert desk.count("ticket") == desk.count("outbox") == desk.count("applied") == 0
    desk.db._writer.execute_sql("PRAGMA max_page_count = 100000")
    assert desk.apply(desk.opening(entry, 1), large) == Applied(("e1.o1",))
    assert load_tickets(desk.db, [1, 99]).keys() == {1}
