"""Tickets that grow out of others: split off, below, or forwarded by an agent."""

from dataclasses import replace
from datetime import timedelta

import pytest

from maild.base.words import Direction, EntryState, Kind, LinkKind, Priority, Purpose, Role, Status, TicketType
from maild.desk.effects import AddLink, MovePost, OpenTicket
from maild.desk.model import Event, KnownError, Listed, Post, Snapshot
from maild.desk.notices import InternalFacts
from maild.message.model import Address, Forwarded
from maild.sla.duty import Duty
from maild.sla.model import FactKind
from maild.thread.model import Rule

from . import rulebook
from .bench import (
    ANA,
    BEN,
    EVA,
    LEAD,
    MARTA,
    MONDAY,
    after,
    decide,
    mail,
    notice,
    opened,
    posts,
    settled,
    ticket,
    told,
    verbs,
)
from .test_agent import HERS

ANA_RUIZ = Address("Ana Ruiz", ANA)
LUIS = Address("Luis", "luis@example.org")
ALSO = Post(
    "e5.1", 7, Direction.IN, LUIS, MONDAY - timedelta(minutes=20), "Phone", new_text="My phone is dead.", entry="e5"
)


def answer(text, **more):
    return mail(text, author=ANA_RUIZ, rule=Rule.TOKEN, ticket=7, purpose=Purpose.PUBLIC, entry="e2", **more)


def said(decision):
    facts = notice(decision, "transcript").facts
    assert isinstance(facts, InternalFacts)
    return "\n".join(text for _, text in facts.lines)


def answers(decision):
    """What became of each command: words, or what a question found."""
    facts = notice(decision, "transcript").facts
    assert isinstance(facts, InternalFacts)
    return [became for _, became in facts.lines]


def test_a_message_becomes_a_ticket_of_its_sender_who_is_told_its_key():
    decision = decide(answer("#split"), Snapshot(ticket=ticket(), posts=(HERS, ALSO)))
    (new,) = opened(decision)
    assert (new.requester, new.subject, new.status, new.queue) == (LUIS.key, "Phone", Status.NEW, "support")
    assert new.created_at == ALSO.at
    assert MovePost("e5.1", 101, public=True) in decision.effects
    assert AddLink(101, LinkKind.SPLIT, 7) in decision.effects
    assert told(decision)["acknowledgement"] == [LUIS.key]
    fact = next(e.event.fact for e in decision.effects if getattr(e, "number", 0) == 101 and hasattr(e, "event"))
    assert (fact.kind, fact.at) == (FactKind.OPENED, ALSO.at)


def test_what_was_looked_up_about_the_agents_own_mail_is_not_said_of_what_his_commands_open():
    hers = (ticket(number=8, requester=ANA),)
    taken = Snapshot(ticket=ticket(), posts=(HERS, ALSO), same_subject=hers, siblings=hers)
    assert told(decide(answer("#split"), taken))["acknowledgement"] == [LUIS.key]
    task = notice(decide(answer('#child "Order a new printer"'), taken), "assigned").facts
    assert isinstance(task, InternalFacts)
    assert task.likely == ""


def test_a_message_is_named_by_its_id():
    decision = decide(answer("#dividir e5.1"), Snapshot(ticket=ticket(), posts=(HERS, ALSO, replace(ALSO, id="e6.1"))))
    assert MovePost("e5.1", 101, public=True) in decision.effects


def test_what_a_machine_sent_is_split_off_without_an_acknowledgement():
    decision = decide(answer("#split"), Snapshot(ticket=ticket(), posts=(HERS, replace(ALSO, kind=Kind.AUTO_REPLY))))
    assert "acknowledgement" not in told(decision)
    assert opened(decision)[0].by_machine


@pytest.mark.parametrize("text", ["#split", "#split e9.9"])
def test_the_first_message_and_one_that_is_not_there_are_no_ticket_of_their_own(text):
    decision = decide(answer(text), Snapshot(ticket=ticket(), posts=(HERS,)))
    assert not opened(decision)
    assert "commands-refused" in verbs(decision)


def test_a_child_is_a_task_that_the_agent_asks_for():
    decision = decide(answer('#child "Order a new printer"'), Snapshot(ticket=ticket()))
    (new,) = opened(decision)
    assert (new.requester, new.subject, new.assignee) == (ANA, "Order a new printer", BEN)
    assert AddLink(101, LinkKind.PARENT, 7) in decision.effects
    assert told(decision) == {"assigned": [BEN], "transcript": [ANA]}


DESK = """
[[rule]]
name = "phones"
when = { subject = "*phone*" }
do = ["#priority high", "#tag +phone"]

[[service]]
name = "phone"
type = "request"
category = "phone"
priority = "low"
match = { subject = "*phone*" }

[[service.fields]]
name = "room"
"""


def test_a_message_that_is_split_off_is_sorted_in_as_if_it_had_just_come():
    before = ticket(priority=Priority.URGENT, category="printer", type=TicketType.PROBLEM)
    decision = rulebook.decide(DESK, answer("#split"), Snapshot(ticket=before, posts=(HERS, ALSO)))
    (new,) = opened(decision)
    assert (new.service, new.type, new.category) == ("phone", TicketType.REQUEST, "phone")
    assert (new.priority, new.tags, new.status) == (Priority.HIGH, ("phone",), Status.PENDING)
    assert told(decision)["fields-wanted"] == [LUIS.key]
    assert "acknowledgement" not in told(decision)


def test_a_message_that_is_split_off_may_be_one_that_a_known_error_explains():
    known = KnownError(9, ("phone",), "Telephones are down", "")
    decision = decide(answer("#split"), Snapshot(ticket=ticket(), posts=(HERS, ALSO), known_errors=(known,)))
    assert AddLink(101, LinkKind.PARENT, 9) in decision.effects
    assert notice(decision, "acknowledgement").facts.known == "Telephones are down"


def test_a_message_that_is_split_off_leaves_the_old_key_and_brings_who_stood_on_copy():
    both = replace(ALSO, subject="Re: [ACME-7F] Phone", to=(Address("", "desk@desk.example.com"),), cc=(MARTA,))
    (new,) = opened(decide(answer("#split"), Snapshot(ticket=ticket(), posts=(HERS, both))))
    assert new.subject == "Re: Phone"
    assert [(p.address, p.role) for p in new.participants] == [(MARTA.key, Role.CC)]


def test_rules_are_tried_on_a_task_and_its_agent_is_asked_for_no_fields():
    before = ticket(priority=Priority.URGENT)
    decision = rulebook.decide(DESK, answer('#child "A phone for her"'), Snapshot(ticket=before))
    (new,) = opened(decision)
    assert (new.priority, new.tags, new.service, new.status) == (Priority.HIGH, ("phone",), "", Status.NEW)
    assert told(decision) == {"assigned": [BEN], "transcript": [ANA]}


def test_a_ticket_waits_for_its_tasks_and_not_for_its_kin():
    task, kin = ticket(number=8, requester=BEN), ticket(number=9, requester=LUIS.key)
    waiting = decide(answer("#resolve"), Snapshot(ticket=ticket(), children=(task, kin)))
    assert "commands-refused" in verbs(waiting)
    assert "ACME-8P" in said(waiting)
    done = replace(task, status=Status.RESOLVED)
    before = ticket()
    assert after(decide(answer("#resolve"), Snapshot(ticket=before, children=(done, kin))), before).status == "resolved"
    assert after(decide(answer("#close"), Snapshot(ticket=before, children=(task,))), before).status == "closed"


def test_nobody_on_duty_leaves_what_is_split_off_to_nobody_and_the_lead_hears_of_it():
    nobody = {"first-line": Duty()}
    decision = decide(answer("#split"), Snapshot(ticket=ticket(), posts=(HERS, ALSO), duties=nobody))
    assert opened(decision)[0].assignee is None
    assert told(decision)["new-ticket"] == [LEAD]


# --- forwards ----------------------------------------------------------------------------------------------------

INNER = Forwarded(LUIS, "No network", "", "The network is down.", "#forwarded\n#priority high\nHe called, too.")


def forward(inner=INNER, **more):
    arrived = mail("#forwarded", author=ANA_RUIZ, entry="e2", subject="Fwd: No network", **more)
    arrived = replace(arrived, agent_proved=True)
    return replace(arrived, message=replace(arrived.message, forwarded=inner))


def test_a_forward_opens_a_ticket_of_whoever_wrote_the_inner_mail():
    decision = decide(forward())
    (new,) = opened(decision)
    assert (new.requester, new.subject, str(new.priority)) == (LUIS.key, "No network", "high")
    first, note = posts(decision)
    assert (first.author, first.new_text, first.public) == (LUIS, "The network is down.", True)
    assert (note.new_text, note.public, note.direction) == ("He called, too.", False, Direction.NOTE)
    assert first.id != note.id
    assert told(decision)["acknowledgement"] == [LUIS.key]
    assert LUIS.key in said(decision)


@pytest.mark.parametrize("who", [Address("", ""), Address("", "support@example.com")])
def test_a_forward_without_a_sender_is_kept_and_told(who):
    decision = decide(forward(replace(INNER, from_=who)))
    assert (settled(decision).state, told(decision)) == (EntryState.QUARANTINED, {"transcript": [ANA]})
    assert not opened(decision)


def test_a_fault_beside_a_forward_opens_nothing():
    decision = decide(forward(replace(INNER, comment="#forwarded\n#priority odd")))
    assert not any(isinstance(e, OpenTicket) for e in decision.effects)
    assert told(decision) == {"transcript": [ANA]}


def test_an_unproved_agents_forward_waits_for_a_code():
    assert told(decide(replace(forward(), agent_proved=False))) == {"confirm": [ANA]}


def test_a_forward_into_a_ticket_is_a_fault():
    assert "commands-refused" in verbs(decide(answer("#forwarded"), Snapshot(ticket=ticket())))


# --- fields, time, lists -----------------------------------------------------------------------------------------


def test_a_ticket_has_fields_of_its_own():
    before = ticket(fields=(("room", "12"), ("serial", "A1")))
    decision = decide(answer('#field Room = "14 b"\n#campo serial='), Snapshot(ticket=before))
    assert after(decision, before).fields == (("room", "14 b"),)


def test_time_worked_adds_up():
    events = (Event(MONDAY, BEN, "time", "2700 seconds: #time 45m"),)
    decision = decide(answer("#tiempo 30m"), Snapshot(ticket=ticket(), events=events))
    assert "1 h 15 min" in said(decision)
    assert "time" in verbs(decision)


@pytest.mark.parametrize("text", ["#field room", "#time much", "#list colour=red", "#list assignee=nobody"])
def test_what_is_no_field_no_time_and_no_question_is_a_fault(text):
    assert "commands-refused" in verbs(decide(answer(text), Snapshot(ticket=ticket())))


def test_show_tells_fields_tags_and_time():
    events = (Event(MONDAY, BEN, "time", "900 seconds: #time 15m"),)
    before = ticket(fields=(("room", "12"),), tags=("vpn",))
    (found,) = answers(decide(answer("#show 7"), Snapshot(ticket=before, events=events)))
    assert (found.ticket, found.booked_seconds) == (before, 900)


def test_lists_are_answered_row_by_row():
    listed = Listed(9, "Broken chair", "open", "high", EVA, MONDAY)
    snapshot = Snapshot(ticket=ticket(), lists={"mine": (listed,), "list cola=support silla": ()})
    mine, chairs = answers(decide(answer("#mine\n#lista cola=support silla"), snapshot))
    assert mine.listed == (("ACME-9D", listed),)
    assert chairs == "no hay ninguno"


def test_who_is_on_names_the_teams():
    assert "first-line (1): Ana Ruiz, ben" in said(decide(answer("#turno"), Snapshot(ticket=ticket())))


def test_an_escalation_names_its_level():
    before = ticket()
    assert after(decide(answer("#escalate 2 tried: all"), Snapshot(ticket=before)), before).level == 2
    assert "commands-refused" in verbs(decide(answer("#escalate 3 tried: all"), Snapshot(ticket=before)))
