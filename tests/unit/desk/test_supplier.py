"""A third party is asked, and what it answers stays inside the desk."""

from dataclasses import replace

import pytest

from maild.base.words import Direction, Purpose, Role, Status
from maild.desk.effects import MarkPost
from maild.desk.model import Participant, Post, Snapshot
from maild.desk.notices import PublicFacts
from maild.message.model import Address
from maild.thread.model import Rule

from .bench import ANA, MARTA, MONDAY, after, decide, mail, notice, posts, settled, ticket, told, verbs

NOC = "noc@isp.example"
ISP = Participant(NOC, "", Role.SUPPLIER)


def from_ana(text, **more):
    author = Address("Ana Ruiz", ANA)
    return mail(text, author=author, rule=Rule.TOKEN, ticket=7, purpose=Purpose.PUBLIC, entry="e2", **more)


def from_supplier(text="The line is mended.", author=NOC, **more):
    given = {"rule": Rule.TOKEN, "ticket": 7, "purpose": Purpose.SUPPLIER, "entry": "e3"}
    return mail(text, author=Address("", author), **(given | more))


def asked(text="#supplier +noc@isp.example\nIs the line down?", before=None):
    before = before or ticket()
    decision = decide(from_ana(text), Snapshot(ticket=before))
    return decision, after(decision, before)


def test_the_words_below_go_to_the_supplier_and_not_to_the_requester():
    decision, stands = asked()
    assert told(decision) == {"supplier-asked": [NOC], "transcript": [ANA]}
    sent = notice(decision, "supplier-asked")
    assert isinstance(sent.facts, PublicFacts)
    assert sent.purpose is Purpose.SUPPLIER
    assert sent.facts.words == "Is the line down?"
    assert sent.facts.quoted == sent.facts.requester_name == ""
    assert sent.references == ()
    assert not posts(decision)[0].public
    assert [p.role for p in stands.with_role(Role.SUPPLIER)] == [Role.SUPPLIER]


def test_the_ticket_is_on_hold_until_the_answer_and_open_from_it():
    _, stands = asked()
    assert stands.status is Status.ON_HOLD
    decision = decide(from_supplier(), Snapshot(ticket=stands))
    assert after(decision, stands).status is Status.OPEN
    assert told(decision) == {"supplier-wrote": [ANA]}


def test_a_state_that_the_agent_gives_goes_before_the_waiting():
    _, stands = asked("#supplier +noc@isp.example\n#open\nNo hurry.")
    assert stands.status is Status.OPEN


def test_an_answer_is_internal_and_changes_no_status_but_the_waiting():
    before = ticket(Status.PENDING, participants=(ISP,))
    decision = decide(from_supplier(), Snapshot(ticket=before))
    assert [p.public for p in posts(decision)] == [False]
    assert after(decision, before).status is Status.PENDING
    assert "supplier-wrote" in verbs(decision)
    assert not {n.template for n in decision.notices} & {"agent-replied", "requester-wrote"}


def test_a_supplier_who_is_on_the_ticket_is_one_by_the_key_in_the_subject_too():
    arrived = from_supplier(rule=Rule.SUBJECT_KEY, purpose=None)
    decision = decide(arrived, Snapshot(ticket=ticket(participants=(ISP,))))
    assert told(decision) == {"supplier-wrote": [ANA]}


def test_a_stranger_with_the_suppliers_token_is_a_stranger():
    arrived = from_supplier(author="mallory@elsewhere.example", admitted=False)
    decision = decide(arrived, Snapshot(ticket=ticket(participants=(ISP,))))
    assert told(decision) == {"stranger-wrote": [ANA]}


def test_a_supplier_who_has_left_is_a_stranger():
    arrived = from_supplier(admitted=False)
    decision = decide(arrived, Snapshot(ticket=ticket(participants=(replace(ISP, active=False),))))
    assert told(decision) == {"stranger-wrote": [ANA]}


def test_without_a_name_the_words_go_to_the_suppliers_that_are_there():
    decision, _ = asked("#proveedor\n¿Alguna novedad?", ticket(participants=(ISP,)))
    assert told(decision)["supplier-asked"] == [NOC]


@pytest.mark.parametrize(
    "text", ["#supplier\nHello?", f"#supplier +{MARTA.address}\nHello?", "#supplier +ben@example.com\nHello?"]
)
def test_nobody_is_asked_who_cannot_be(text):
    decision, stands = asked(text)
    assert set(told(decision)) == {"transcript"}
    assert [p.draft for p in posts(decision)] == [True]
    assert stands.status is Status.OPEN


def test_a_supplier_leaves_and_the_words_go_where_the_token_says():
    decision, stands = asked("#supplier -noc@isp.example\nIt was the switch.", ticket(participants=(ISP,)))
    assert "agent-replied" in told(decision)
    assert {p.address: p.active for p in stands.participants}[NOC] is False
    assert "supplier-asked" not in told(decision)


def test_what_a_supplier_wrote_stays_internal_when_he_comes_on_copy():
    kept = Post("e3.1", 7, Direction.IN, Address("", NOC), MONDAY, new_text="Our fault, do not tell them.")
    before = ticket(participants=(ISP,))
    decision = decide(from_ana("#cc +noc@isp.example"), Snapshot(ticket=before, posts=(kept,)))
    assert not [e for e in decision.effects if isinstance(e, MarkPost) and e.public]


def test_the_answer_of_the_supplier_is_what_the_next_mail_to_him_answers():
    heard = Post("e3.1", 7, Direction.IN, Address("", NOC), MONDAY, message_id="<his@isp.example>")
    before = ticket(participants=(ISP,))
    decision = decide(from_ana("#supplier\nAnd now?"), Snapshot(ticket=before, posts=(heard,)))
    assert notice(decision, "supplier-asked").in_reply_to == "<his@isp.example>"


def test_the_suppliers_mail_is_settled_on_its_ticket():
    assert settled(decide(from_supplier(), Snapshot(ticket=ticket(participants=(ISP,))))).ticket == 7
