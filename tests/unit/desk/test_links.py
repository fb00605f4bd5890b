"""Merging, and what cannot easily be taken back: a code first."""

from dataclasses import replace
from datetime import timedelta

import pytest

from maild.base.words import EntryState, LinkKind, Purpose, Role, Status
from maild.desk.effects import AddLink, KeepConfirmation, PutParticipant, RememberPerson, RemoveLink, RetryEntry
from maild.desk.model import Confirmation, Event, Participant, Past, Person, Snapshot
from maild.desk.notices import InternalFacts
from maild.message.model import Address
from maild.sla.model import Fact, FactKind
from maild.thread.model import Rule

from .bench import ANA, BEN, MARTA, MONDAY, after, decide, mail, notice, posts, settled, ticket, told, verbs

ANA_RUIZ = Address("Ana Ruiz", ANA)
LUIS = "luis@example.org"
NINE = ticket(number=9, requester=LUIS, requester_name="Luis")


def answer(text, *, confirmed=False, **more):
    arrived = mail(text, author=ANA_RUIZ, rule=Rule.TOKEN, ticket=7, purpose=Purpose.PUBLIC, entry="e2", **more)
    return replace(arrived, confirmed=confirmed)


def joined(decision, number):
    return [e.participant for e in decision.effects if isinstance(e, PutParticipant) and e.number == number]


@pytest.mark.parametrize("text", ["#merge 9", "#unir ACME-9D", "#requester luis@example.org", f"#block {LUIS}"])
def test_what_cannot_easily_be_taken_back_waits_for_a_code(text):
    before = ticket()
    decision = decide(answer(f"#tag +x\n{text}\nHello."), Snapshot(ticket=before, tickets={9: NINE}))
    assert after(decision, before) == before
    assert (told(decision), posts(decision), verbs(decision)) == ({"confirm": [ANA]}, [], [])
    assert settled(decision).state is EntryState.QUARANTINED
    assert settled(decision).reason == f"wants-code: {text}"
    facts = notice(decision, "confirm").facts
    assert isinstance(facts, InternalFacts)
    assert (facts.destroys, facts.code, text in facts.reason) == (True, "ABCD-EF23", True)


def test_a_fault_beside_it_is_told_at_once():
    assert told(decide(answer("#merge 9\n#xyzzy"), Snapshot(ticket=ticket(), tickets={9: NINE}))) == {
        "transcript": [ANA]
    }


def test_a_rehearsal_of_it_wants_no_code():
    decision = decide(answer("#dry-run\n#merge 9"), Snapshot(ticket=ticket(), tickets={9: NINE}))
    assert told(decision) == {"transcript": [ANA]}


def test_the_code_as_first_word_or_behind_ok_runs_the_mail_that_waits():
    kept = Confirmation("e2.code", "e2", ANA, "hashed", MONDAY + timedelta(minutes=5))
    arrived = replace(answer("#ok ABCD-EF23"), entry="e3")
    decision = decide(arrived, Snapshot(ticket=ticket(), confirmation=kept))
    assert RetryEntry("e2", confirmed=True) in decision.effects
    assert KeepConfirmation(replace(kept, used=True)) in decision.effects


def test_a_code_that_runs_nothing_is_neither_words_nor_the_release_of_a_draft():
    arrived = answer("#ok ABCD-EF23")
    token = replace(arrived.match.token, purpose=Purpose.CONTROL)
    decision = decide(replace(arrived, match=replace(arrived.match, token=token)), Snapshot(ticket=ticket()))
    assert (told(decision), posts(decision)) == ({"transcript": [ANA]}, [])
    assert told(decide(answer("#ok ABCD-EF23"), Snapshot(ticket=ticket()))) == {"transcript": [ANA]}


def test_a_merged_ticket_lives_on_in_the_other_with_its_people():
    copied = Participant("eve@example.org", "Eve", Role.CC)
    gone = Participant("gone@example.org", "", Role.CC, active=False)
    before = ticket(participants=(copied, gone, Participant(BEN, "", Role.WATCHER)))
    decision = decide(answer("#merge 9", confirmed=True), Snapshot(ticket=before, tickets={9: NINE}))
    stands = after(decision, before)
    assert (stands.status, stands.merged_into) == (Status.MERGED, 9)
    assert AddLink(7, LinkKind.MERGED, 9) in decision.effects
    people = [(p.address, p.role) for p in joined(decision, 9)]
    assert people == [(MARTA.key, Role.CC), ("eve@example.org", Role.CC), (BEN, Role.WATCHER)]
    assert told(decision) == {"transcript": [ANA]}
    assert {(7, 3), (9, 3)} == set(decision.expects)


def test_the_holder_of_the_ticket_that_lives_on_is_told_of_the_other():
    nine = replace(NINE, assignee=BEN)
    decision = decide(answer("#merge 9", confirmed=True), Snapshot(ticket=ticket(), tickets={9: nine}))
    assert told(decision)["note-added"] == [BEN]
    assert notice(decision, "note-added").ticket == 9


def test_whoever_left_the_other_ticket_is_not_brought_back_by_a_merge():
    nine = replace(NINE, participants=(Participant(MARTA.key, "", Role.CC, active=False),))
    decision = decide(answer("#merge 9", confirmed=True), Snapshot(ticket=ticket(), tickets={9: nine}))
    assert joined(decision, 9) == []


@pytest.mark.parametrize("other", [ticket(Status.SPAM, number=9), ticket()], ids=["spam", "itself"])
def test_nothing_is_merged_into_spam_or_into_itself(other):
    decision = decide(answer("#merge 9", confirmed=True), Snapshot(ticket=ticket(), tickets={9: other}))
    assert told(decision) == {"transcript": [ANA]}
    assert "commands-refused" in verbs(decision)


def test_a_merge_is_taken_back_with_the_people_who_came_by_it():
    old = ticket(Status.MERGED, merged_into=9)
    old = replace(old, facts=(*old.facts[:1], *_statuses(Status.PENDING, Status.MERGED)))
    came = (Participant(MARTA.key, "Marta", Role.CC), Participant("eve@example.org", "Eve", Role.CC))
    nine = replace(NINE, participants=came)
    events = (Event(MONDAY, ANA, "joined", f"{MARTA.key} came with ACME-7F"),)
    decision = decide(answer("#unmerge"), Snapshot(ticket=nine, merged=(old,), events=events))
    assert (after(decision, old).status, after(decision, old).merged_into) == (Status.PENDING, None)
    assert RemoveLink(7, LinkKind.MERGED, 9) in decision.effects
    assert [(p.address, p.active) for p in joined(decision, 9)] == [(MARTA.key, False)]


def _statuses(*statuses):
    return [Fact(MONDAY, FactKind.STATUS, status=status) for status in statuses]


def test_one_of_several_merges_is_taken_back_by_its_number():
    first, last = ticket(Status.MERGED, number=5, merged_into=7), ticket(Status.MERGED, number=6, merged_into=7)
    snapshot = Snapshot(ticket=ticket(), merged=(last, first), pasts={5: Past()})
    decision = decide(answer("#separar 5"), snapshot)
    assert (after(decision, first).merged_into, after(decision, last).merged_into) == (None, 7)
    assert told(decide(answer("#unmerge 4"), snapshot)) == {"transcript": [ANA]}
    assert "commands-refused" in verbs(decide(answer("#unmerge"), Snapshot(ticket=ticket())))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("#link 9", LinkKind.RELATED),
        ("#link 9 blocks", LinkKind.BLOCKS),
        ("#enlazar 9 duplicado", LinkKind.DUPLICATE),
        ("#parent 9", LinkKind.PARENT),
        ("#link 9 hijo", LinkKind.CHILD),
    ],
)
def test_tickets_are_tied_in_several_ways(text, kind):
    decision = decide(answer(text), Snapshot(ticket=ticket(), tickets={9: NINE}))
    assert AddLink(7, kind, 9) in decision.effects


@pytest.mark.parametrize("text", ["#parent -9", "#padre -9", "#parent 9\n#parent -9\n#parent -9"])
def test_what_is_not_its_parent_cannot_be_untied(text):
    decision = decide(answer(text), Snapshot(ticket=ticket(), tickets={9: NINE}, parents=(8,)))
    assert not [e for e in decision.effects if isinstance(e, AddLink | RemoveLink)]
    facts = notice(decision, "transcript").facts
    assert isinstance(facts, InternalFacts)
    assert any("no es su padre" in said for _, said in facts.lines)


@pytest.mark.parametrize("tie", ["#parent 9", "#tag +x"])
def test_a_parent_of_before_or_of_the_line_above_is_untied(tie):
    there = () if "9" in tie else (9,)
    decision = decide(answer(f"{tie}\n#parent -9"), Snapshot(ticket=ticket(), tickets={9: NINE}, parents=there))
    assert RemoveLink(7, LinkKind.PARENT, 9) in decision.effects


def test_a_kind_of_link_that_is_none_is_a_fault():
    assert "commands-refused" in verbs(decide(answer("#link 9 odd"), Snapshot(ticket=ticket(), tickets={9: NINE})))


def test_a_blocked_address_keeps_what_is_known_of_it():
    known = {LUIS: Person(LUIS, "Luis", "es")}
    decision = decide(answer(f"#block {LUIS}", confirmed=True), Snapshot(ticket=ticket(), people=known))
    assert RememberPerson(Person(LUIS, "Luis", "es", blocked=True)) in decision.effects
    decision = decide(answer(f"#block -{LUIS}", confirmed=True), Snapshot(ticket=ticket(), people=known))
    assert RememberPerson(Person(LUIS, "Luis", "es", blocked=False)) in decision.effects


def test_no_agent_and_no_address_of_ours_can_be_blocked():
    for who in (BEN, "support@example.com"):
        decision = decide(answer(f"#block {who}", confirmed=True), Snapshot(ticket=ticket()))
        assert "commands-refused" in verbs(decision)


def test_mail_of_a_blocked_address_is_put_aside_on_her_own_ticket_too():
    arrived = mail("Hello?", rule=Rule.TOKEN, ticket=7)
    blocked = {MARTA.key: Person(MARTA.key, blocked=True)}
    decision = decide(arrived, Snapshot(ticket=ticket(), people=blocked))
    assert settled(decision).reason.startswith("blocked")
    assert not posts(decision)
