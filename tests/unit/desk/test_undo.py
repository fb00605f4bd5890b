"""Taking the last commands back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from maild.base.booking import booked_seconds
from maild.base.words import Audience, DeliveryState, Direction, LinkKind, Priority, Purpose, Role, Status
from maild.desk.decide.message import decide_message
from maild.desk.effects import (
    AddEvent,
    AddLink,
    ChangeTicket,
    KeepAbsence,
    KeepRhythm,
    KeepUndo,
    MarkDelivery,
    MarkPost,
    PutParticipant,
    RememberPerson,
    RemoveLink,
)
from maild.desk.model import Delivery, Participant, Person, Post, Snapshot
from maild.desk.notices import InternalFacts
from maild.message.model import Address
from maild.sla.model import FactKind
from maild.sla.roster import Absence
from maild.thread.model import Rule

from .bench import ANA, BEN, EVA, MARTA, MONDAY, after, decide, facts, mail, notice, settings, slas, ticket, told, verbs

ANA_RUIZ = Address("Ana Ruiz", ANA)


def answer(text, *, entry="e2", confirmed=False):
    arrived = mail(text, author=ANA_RUIZ, rule=Rule.TOKEN, ticket=7, purpose=Purpose.PUBLIC, entry=entry)
    return replace(arrived, confirmed=confirmed)


def kept(decision):
    return [e.undo for e in decision.effects if isinstance(e, KeepUndo)]


def done(text, before, **more):
    """What a block of commands leaves: the ticket, and how to go back."""
    decision = decide(answer(text, confirmed=True), Snapshot(ticket=before, **more))
    (undo,) = kept(decision)
    return after(decision, before), undo


def said(decision):
    found = notice(decision, "transcript").facts
    assert isinstance(found, InternalFacts)
    return "\n".join(text for _, text in found.lines)


@pytest.mark.parametrize(
    "text",
    [
        "#priority high",
        "#tag +vpn",
        "#hold 2h",
        "#assign eva",
        "#unassign",
        "#type problem\n#category a/b\n#field room=12",
        "#snooze 2h",
        "#requester luis@example.org",
        "#spam",
    ],
)
def test_a_block_is_taken_back_whole(text):
    before = ticket()
    stands, undo = done(text, before)
    assert stands != before
    back = after(decide(answer("#undo", entry="e3"), Snapshot(ticket=stands, undo=undo)), stands)
    moments = {"status_since": None, "assigned_at": None, "updated_at": before.updated_at}
    assert replace(back, **moments) == replace(before, **moments)


def test_clocks_are_counted_anew_when_the_priority_goes_back():
    stands, undo = done("#priority high", ticket())
    assert FactKind.TARGETS in facts(decide(answer("#deshacer", entry="e3"), Snapshot(ticket=stands, undo=undo)))


def test_people_and_links_go_back_too():
    left = Participant("gone@example.org", "", Role.CC)
    before = ticket(participants=(left,))
    stands, undo = done("#cc +luis@example.org -gone@example.org\n#link 9", before, tickets={9: ticket(number=9)})
    decision = decide(answer("#undo", entry="e3"), Snapshot(ticket=stands, undo=undo))
    put = {e.participant.address: e.participant.active for e in decision.effects if isinstance(e, PutParticipant)}
    assert put == {"luis@example.org": False, "gone@example.org": True}
    assert RemoveLink(7, LinkKind.RELATED, 9) in decision.effects


def test_a_parent_that_was_untied_is_tied_again():
    stands, undo = done("#parent -9", ticket(), parents=(9,))
    decision = decide(answer("#undo", entry="e3"), Snapshot(ticket=stands, undo=undo))
    assert AddLink(7, LinkKind.PARENT, 9) in decision.effects


def test_the_mail_of_a_stranger_who_was_let_in_is_hidden_again_and_no_other():
    luis = Address("Luis", "luis@example.org")
    held = Post("e0.1", 7, Direction.IN, luis, MONDAY, text="Me too.")
    hers = Post("e1.1", 7, Direction.IN, MARTA, MONDAY, text="Help.", public=True)
    stands, undo = done("#cc +luis@example.org", ticket(), posts=(hers, held))
    decision = decide(answer("#undo", entry="e3"), Snapshot(ticket=stands, undo=undo, posts=(hers, held)))
    marks = [e for e in decision.effects if isinstance(e, MarkPost)]
    assert marks == [MarkPost("e0.1", public=False, draft=False)]


def test_what_was_taken_back_is_not_taken_back_twice():
    stands, undo = done("#tag +vpn", ticket())
    decision = decide(answer("#undo", entry="e3"), Snapshot(ticket=stands, undo=undo))
    assert kept(decision) == [replace(undo, used=True)]
    assert "undone" in verbs(decision)
    assert "#tag +vpn" in said(decision)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("#priority high\nHello Marta.", "solicitante"),
        ("#resolve", "solicitante"),
        ('#child "A task"', "ticket"),
        ("#merge 9", "#separar"),
    ],
)
def test_what_cannot_be_taken_back_is_refused_in_words(text, why):
    stands, undo = done(text, ticket(), tickets={9: ticket(number=9)})
    assert undo.refusal
    stands = replace(stands, number=undo.ticket)
    decision = decide(replace(answer("#undo", entry="e3")), Snapshot(ticket=stands, undo=undo))
    assert not any(isinstance(e, ChangeTicket) for e in decision.effects)
    assert why in said(decision)


def test_what_somebody_else_changed_since_stays():
    stands, undo = done("#priority high\n#tag +vpn", ticket())
    stands = replace(stands, priority=Priority.URGENT)
    decision = decide(answer("#undo", entry="e3"), Snapshot(ticket=stands, undo=undo))
    assert not any(isinstance(e, ChangeTicket) for e in decision.effects)
    assert "priority" in said(decision)


def waits(text, before):
    """What a block leaves on a desk whose undo window is open: the ticket, how to go back, and the mail that waits."""
    outgoing = settings().outgoing.model_copy(update={"undo_window": timedelta(minutes=2)})
    desk = settings().model_copy(update={"outgoing": outgoing})
    decision = decide_message(answer(text), Snapshot(ticket=before), desk, slas(), MONDAY)
    (undo,) = kept(decision)
    (her,) = [n for n in decision.notices if n.audience is Audience.REQUESTER]
    row = Delivery(
        "e2.o1", 7, her.template, MARTA.key, DeliveryState.QUEUED, "<m>", "r", her.post, her.words_of, False, MONDAY
    )
    return after(decision, before), undo, row


@pytest.mark.parametrize("text", ["#priority high\n#resolve\nDone, Marta.", "#close", "#tag +vpn\nHello Marta."])
def test_words_that_wait_for_the_undo_window_are_taken_back_with_the_block(text):
    before = ticket()
    stands, undo, row = waits(text, before)
    decision = decide(answer("#undo", entry="e3"), Snapshot(ticket=stands, undo=undo, deliveries=(row,)))
    back = after(decision, stands)
    assert (back.status, back.priority, back.tags) == (before.status, before.priority, before.tags)
    assert MarkDelivery("e2.o1", DeliveryState.CANCELLED, f"cancelled by {ANA}") in decision.effects
    assert FactKind.RESPONSE_WITHDRAWN in facts(decision)


def test_words_that_have_left_keep_their_block():
    stands, undo, row = waits("#resolve\nDone, Marta.", ticket())
    row = replace(row, state=DeliveryState.SENT)
    decision = decide(answer("#undo", entry="e3"), Snapshot(ticket=stands, undo=undo, deliveries=(row,)))
    assert not any(isinstance(e, ChangeTicket | MarkDelivery) for e in decision.effects)
    assert "solicitante" in said(decision)


@pytest.mark.parametrize("earlier", [True, False])
def test_words_without_commands_that_still_wait_are_taken_back_alone(earlier):
    stands, undo = done("#tag +vpn", ticket()) if earlier else (ticket(), None)
    later = MONDAY + timedelta(minutes=1)
    words = ("agent-replied", MARTA.key, DeliveryState.QUEUED, "<m>", "r", "e9.1", ANA, False, later)
    taken = Snapshot(ticket=stands, undo=undo, deliveries=(Delivery("e9.o1", 7, *words),))
    decision = decide(answer("#undo", entry="e3"), taken)
    assert MarkDelivery("e9.o1", DeliveryState.CANCELLED, f"cancelled by {ANA}") in decision.effects
    assert after(decision, stands).tags == stands.tags


def test_taking_a_block_back_does_not_send_a_draft():
    stands, undo = done("#tag +vpn", ticket())
    draft = Post("e5.1", 7, Direction.OUT, ANA_RUIZ, MONDAY, new_text="Hello Marta.", draft=True)
    held = (MARTA.key, DeliveryState.HELD, "<d@x>", "r", "e5.1", ANA, False, MONDAY)
    transcript = Delivery("e5.o2", 7, "transcript", ANA, DeliveryState.SENT, "<t@x>", "r", "", "", True, MONDAY)
    copies = (Delivery("e5.o1", 7, "agent-replied", *held, draft=True), transcript)
    taken = Snapshot(ticket=stands, undo=undo, posts=(draft,), deliveries=copies, reported=transcript)
    assert "agent-replied" not in told(decide(answer("#undo", entry="e6"), taken))


def test_without_commands_of_his_there_is_nothing_to_take_back():
    assert "commands-refused" in verbs(decide(answer("#undo"), Snapshot(ticket=ticket())))


def test_questions_leave_nothing_to_take_back():
    assert not kept(decide(answer("#show\n#history"), Snapshot(ticket=ticket())))


def taken_back(undo, before, **more):
    return decide(answer("#undo", entry="e3"), Snapshot(ticket=before, undo=undo, **more))


def test_an_absence_and_what_it_replaced_go_back():
    old = Absence(ANA, MONDAY, MONDAY + timedelta(days=9), EVA, "e0.1")
    decision = decide(answer("#away fri..mon sub=ben"), Snapshot(ticket=ticket(), absences=(old,)))
    stand = {e.absence.id: e.absence for e in decision.effects if isinstance(e, KeepAbsence)}
    (undo,) = kept(decision)
    back = taken_back(undo, ticket(), absences=tuple(stand.values()))
    gone, again = sorted((e.absence for e in back.effects if isinstance(e, KeepAbsence)), key=lambda a: a.id == "e0.1")
    assert again == old
    assert gone.end == gone.start
    assert "#away" in said(taken_back(undo, ticket(), absences=(old,)))


def test_a_rhythm_a_language_a_block_and_a_booking_go_back():
    (undo,) = kept(decide(answer("#digest daily"), Snapshot(ticket=ticket(), rhythms={ANA: "hourly"})))
    assert KeepRhythm(ANA, "hourly") in taken_back(undo, ticket(), rhythms={ANA: "daily 08:00"}).effects
    stands, undo = done("#lang es", ticket(), people={MARTA.key: Person(MARTA.key, language="en")})
    back = taken_back(undo, stands, people={MARTA.key: Person(MARTA.key, language="es", vip=True)})
    assert RememberPerson(Person(MARTA.key, language="en", vip=True)) in back.effects
    stands, undo = done("#block luis@example.org", ticket())
    back = taken_back(undo, stands, people={"luis@example.org": Person("luis@example.org", blocked=True)})
    assert RememberPerson(Person("luis@example.org")) in back.effects
    stands, undo = done("#time 1h30m", ticket())
    (booking,) = [
        e.event.detail for e in taken_back(undo, stands).effects if isinstance(e, AddEvent) and e.event.verb == "time"
    ]
    assert booked_seconds([booking]) == -5400


def test_whoever_gets_the_ticket_back_is_told():
    stands, undo = done("#assign eva", ticket(assignee=BEN))
    assert stands.assignee == EVA
    assert told(decide(answer("#undo", entry="e3"), Snapshot(ticket=stands, undo=undo)))["assigned"] == [BEN]


def test_a_status_goes_back_with_its_date():
    before = ticket(Status.RESOLVED)
    stands, undo = done("#reopen", before)
    back = after(decide(answer("#undo", entry="e3"), Snapshot(ticket=stands, undo=undo)), stands)
    assert (back.status, back.resolved_at) == (Status.RESOLVED, before.resolved_at)
