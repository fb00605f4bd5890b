"""The batch mailbox: one command a line, the ticket first."""

from dataclasses import replace

import pytest

from maild.base.words import EntryState, LinkKind, Priority, Status, TicketType
from maild.desk.commands.batch import read_batch
from maild.desk.commands.verbs import VERBS
from maild.desk.effects import ChangeTicket, KeepAbsence, RemoveLink
from maild.desk.model import Listed, Past, Snapshot
from maild.desk.notices import InternalFacts
from maild.message.model import Address

from .bench import ANA, EVA, LEAD, MARTA, after, decide, mail, notice, posts, settled, ticket, told, verbs

BEN_NAMED = Address("Ben", "ben@example.com")
DESK = {n: ticket(number=n) for n in (124, 125, 127)} | {130: ticket(Status.CLOSED, number=130)}


def batch(text, *, proved=True, author=BEN_NAMED, **more):
    arrived = mail(text, author=author, queues=(), entry="e2")
    return replace(arrived, agent_proved=proved, to_control=True, **more)


def said(decision):
    facts = notice(decision, "transcript").facts
    assert isinstance(facts, InternalFacts)
    return facts.lines


def test_each_line_is_done_by_itself_and_the_answer_says_how_many_failed():
    text = "124 priority high\n125 xyzzy\nACME-127Z close\n130 hold\n9999 close\n125 tag +vpn\n--\n124 spam"
    decision = decide(batch(text), Snapshot(tickets=DESK))
    summary, *lines = said(decision)
    assert summary == ("", "4 of 6 failed")
    assert [line for line, became in lines if became.startswith("failed")] == [
        "125 xyzzy",
        "ACME-127Z close",
        "130 hold",
        "9999 close",
    ]
    assert after(decision, DESK[124]).priority is Priority.HIGH
    assert after(decision, DESK[125]).tags == ("vpn",)
    assert after(decision, DESK[127]).status is Status.OPEN
    assert settled(decision).reason == "batch: 4 of 6 failed"


@pytest.mark.parametrize("end", ["--", "stop", "Thanks", "¡gracias".lstrip("¡"), "GRACIAS.", "#end"])
def test_it_stops_where_the_words_begin(end):
    assert len(read_batch(f"1 close\n\n{end}\n2 close", "ACME")) == 1


def test_a_range_takes_the_tickets_that_are_there():
    decision = decide(batch("124-129 tag +vpn"), Snapshot(tickets=DESK))
    assert [after(decision, DESK[n]).tags for n in (124, 125, 127, 130)] == [("vpn",)] * 3 + [()]
    assert said(decision)[0] == ("", "0 of 1 failed")


def test_a_line_sees_what_the_lines_above_it_did_to_the_tasks_of_its_ticket():
    task = ticket(number=125, requester=ANA)
    taken = Snapshot(tickets=DESK | {125: task}, pasts={124: Past(children=(task,))})
    decision = decide(batch("124 resolve\n125 close\n124 resolve"), taken)
    assert said(decision)[0] == ("", "1 of 3 failed")
    assert after(decision, DESK[124]).status is Status.RESOLVED


def test_a_problem_resolves_none_of_those_that_the_lines_above_have_closed():
    problem = ticket(number=124, type=TicketType.PROBLEM)
    taken = Snapshot(tickets=DESK | {124: problem}, pasts={124: Past(children=(DESK[125], DESK[127]))})
    decision = decide(batch("125 close\n124 resolve fixed"), taken)
    assert said(decision)[0] == ("", "0 of 2 failed")
    assert after(decision, DESK[125]).status is Status.CLOSED
    assert after(decision, DESK[127]).status is Status.RESOLVED


@pytest.mark.parametrize(("lines", "there"), [("125 parent -124", (124,)), ("125 parent 124\n125 parent -124", ())])
def test_a_ticket_is_untied_from_its_parent(lines, there):
    decision = decide(batch(lines), Snapshot(tickets=DESK, pasts={125: Past(parents=there)}))
    assert said(decision)[0][1].startswith("0 of ")
    assert RemoveLink(125, LinkKind.PARENT, 124) in decision.effects


def test_a_range_is_all_or_nothing():
    decision = decide(batch("124-130 hold"), Snapshot(tickets=DESK))
    assert not any(isinstance(e, ChangeTicket) for e in decision.effects)
    assert said(decision)[0] == ("", "1 of 1 failed")


def test_a_limit_guards_the_lines_below_it():
    other = {124: DESK[124], 125: replace(DESK[125], queue="billing")}
    decision = decide(
        batch("limit queue=support\n124,125 low\n124 priority low\n125 priority low"), Snapshot(tickets=other)
    )
    assert said(decision)[0] == ("", "2 of 3 failed")
    assert (after(decision, other[124]).priority, after(decision, other[125]).priority) == (
        Priority.LOW,
        Priority.NORMAL,
    )


def test_a_guard_that_means_nothing_fails_the_lines_below_it():
    assert said(decide(batch("limit colour=red\n124 close"), Snapshot(tickets=DESK)))[0] == ("", "1 of 1 failed")


def test_two_lines_on_one_ticket_follow_each_other():
    decision = decide(batch("130 reopen\n130 note She called.\n130 assign eva\n130 close"), Snapshot(tickets=DESK))
    assert said(decision)[0] == ("", "0 of 4 failed")
    stands = after(decision, DESK[130])
    assert (stands.status, stands.assignee) == (Status.CLOSED, EVA)
    (note,) = posts(decision)
    assert (note.new_text, note.text, note.public) == ("She called.", "She called.", False)
    assert verbs(decision).count("status") == 2


def test_words_for_the_requester_stand_behind_reply():
    decision = decide(batch("124 reply It works again.\n125 reply"), Snapshot(tickets=DESK))
    assert told(decision)["agent-replied"] == [MARTA.key]
    assert said(decision)[0] == ("", "1 of 2 failed")


def test_ids_of_posts_never_clash():
    decision = decide(batch("124 note One.\n125 note Two.\n124 note Three."), Snapshot(tickets=DESK))
    assert len({post.id for post in posts(decision)}) == 3


def test_questions_want_no_ticket():
    listed = Listed(124, "Printer", "open", "high", None)
    decision = decide(batch("mine\n124 show\nhistory"), Snapshot(tickets=DESK, lists={"mine": (listed,)}))
    assert said(decision)[0] == ("", "1 of 3 failed")
    (mine, found), show, (key, shown), _ = said(decision)[1:]
    assert (mine, found.listed) == ("mine", (("ACME-124D", listed),))
    assert show == ("124 show", "")
    assert (key, shown.ticket.number) == ("ACME-124D", 124)


@pytest.mark.parametrize("text", ["124 ok", "124 full", "124 fin", "hello there", "124"])
def test_what_is_no_line_of_a_batch_fails(text):
    assert said(decide(batch(text), Snapshot(tickets=DESK)))[0] == ("", "1 of 1 failed")


def test_an_empty_batch_is_answered():
    assert "no command" in said(decide(batch("thanks"), Snapshot()))[0][1]


@pytest.mark.parametrize("text", ["124 merge 125", f"124 block {MARTA.key}"])
def test_what_cannot_easily_be_taken_back_waits_for_a_code(text):
    decision = decide(batch(f"125 close\n{text}"), Snapshot(tickets=DESK))
    assert told(decision) == {"confirm": [BEN_NAMED.key]}
    assert settled(decision).state is EntryState.QUARANTINED
    decision = decide(batch(text, confirmed=True), Snapshot(tickets=DESK))
    assert said(decision)[0] == ("", "0 of 1 failed")


def test_more_than_twenty_tickets_want_a_code():
    many = {n: ticket(number=n) for n in range(1, 22)}
    assert told(decide(batch("1-20 tag +x"), Snapshot(tickets=many))) == {"transcript": [BEN_NAMED.key]}
    assert told(decide(batch("1-21 tag +x"), Snapshot(tickets=many))) == {"confirm": [BEN_NAMED.key]}
    assert told(decide(batch("1-21 show"), Snapshot(tickets=many))) == {"transcript": [BEN_NAMED.key]}
    decision = decide(batch("1-21 tag +x", confirmed=True), Snapshot(tickets=many))
    assert all(after(decision, each).tags == ("x",) for each in many.values())


def test_a_rehearsal_changes_nothing():
    decision = decide(batch("dry-run\n1-21 close"), Snapshot(tickets={n: ticket(number=n) for n in range(1, 22)}))
    assert told(decision) == {"transcript": [BEN_NAMED.key]}
    assert not any(isinstance(e, ChangeTicket) for e in decision.effects)


def test_an_unproved_agents_batch_waits_for_a_code():
    decision = decide(batch("124 close", proved=False), Snapshot(tickets=DESK))
    assert told(decision) == {"confirm": [BEN_NAMED.key]}


def test_what_a_requester_writes_there_is_kept_aside_and_not_answered():
    decision = decide(batch("124 close", author=MARTA), Snapshot(tickets=DESK))
    assert settled(decision).reason.startswith("control-not-agent")
    assert (told(decision), verbs(decision)) == ({}, [])


def test_the_transcript_is_in_the_agents_language():
    decision = decide(batch("124 xyzzy", author=Address("Ana", ANA)), Snapshot(tickets=DESK))
    assert said(decision)[0] == ("", "1 de 1 con fallo")


def test_an_escalation_in_a_batch_carries_the_dossier_to_the_lead():
    assert LEAD in told(decide(batch("124 escalate tried: all"), Snapshot(tickets=DESK)))["escalated"]


def test_the_batch_mailbox_takes_an_absence_and_a_rehearsal_keeps_none():
    kept = decide(batch("away fri..mon sub=eva"), Snapshot(tickets=DESK))
    assert [e.absence.substitute for e in kept.effects if isinstance(e, KeepAbsence)] == [EVA]
    assert said(kept)[0] == ("", "0 of 1 failed")
    rehearsed = decide(batch("dry-run\naway fri..mon"), Snapshot(tickets=DESK))
    assert not [e for e in rehearsed.effects if isinstance(e, KeepAbsence)]


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.word)
def test_every_verb_of_the_help_is_served_or_says_why_not_here(verb):
    faults = said(decide(batch(f"124 {verb.word} 127\n124 show", confirmed=True), Snapshot(tickets=DESK)))
    assert not any("not served" in str(became) for _, became in faults)
