"""An agent gets so many mails one by one; the rest waits for one digest."""

from dataclasses import replace
from datetime import timedelta

from maild.desk.decide.digest import decide_digest
from maild.desk.effects import AddEvent, FoldNotice, Unfold
from maild.desk.folding import LINES_MAX, digest_lines
from maild.desk.model import Folded, Person, Snapshot
from maild.thread.model import Rule

from .bench import ANA, MARTA, MONDAY, Purpose, bench, decide, mail, notice, ticket, told, verbs

WAITING = (Folded(3, 7, "requester-wrote", MONDAY, "Printer"), Folded(5, 7, "note-added", MONDAY, "Printer"))


def answer():
    return mail("It still burns.", rule=Rule.TOKEN, ticket=7, purpose=Purpose.REQUESTER, entry="e2")


def test_the_last_mail_within_the_limit_goes_and_the_next_one_waits():
    decision = decide(answer(), Snapshot(ticket=ticket(), notices={ANA: 59}))
    assert told(decision) == {"requester-wrote": [ANA]}
    decision = decide(answer(), Snapshot(ticket=ticket(), notices={ANA: 60}))
    assert told(decision) == {}
    assert FoldNotice(ANA, 7, "requester-wrote") in decision.effects
    assert verbs(decision)[-1] == "folded"
    (event,) = [e.event for e in decision.effects if isinstance(e, AddEvent) and e.event.verb == "folded"]
    assert "60 notices in 10 minutes" in event.detail
    assert any("folded" in line for line in decision.would)


def test_what_goes_to_requesters_and_what_an_agent_asked_for_is_never_folded():
    many = {ANA: 600, MARTA.key: 600}
    decision = decide(mail(), Snapshot(notices=many))
    assert "acknowledgement" in told(decision)
    command = mail("#wrong", author=replace(MARTA, address=ANA), rule=Rule.TOKEN, ticket=7, purpose=Purpose.PUBLIC)
    decision = decide(command, Snapshot(ticket=ticket(), notices=many))
    assert told(decision) == {"transcript": [ANA]}


def test_the_digest_says_what_happened_on_which_ticket():
    decision = decide_digest(bench(), ANA, WAITING)
    assert told(decision) == {"digest": [ANA]}
    lines = (("ACME-7F Printer", "the requester wrote"), ("ACME-7F Printer", "a note was added"))
    assert notice(decision, "digest").facts.lines == lines
    assert decision.effects == (Unfold(ANA, 5),)


def test_who_cannot_get_mail_now_gets_his_digest_later_and_who_is_no_agent_never():
    suspended = Person(ANA, suspended_until=MONDAY + timedelta(days=1), suspended_because="bounced")
    assert decide_digest(bench(Snapshot(people={ANA: suspended})), ANA, WAITING) is None
    decision = decide_digest(bench(), MARTA.key, WAITING)
    assert (decision.notices, decision.effects) == ((), (Unfold(MARTA.key, 5),))


def test_the_same_news_of_one_ticket_are_counted_and_a_long_list_ends():
    assert digest_lines([("A-1X", "Hi", "note-added")] * 3) == (("A-1X Hi (3×)", "a note was added"),)
    lines = digest_lines([(f"A-{n}", "", "new-ticket") for n in range(LINES_MAX + 7)])
    assert (len(lines), lines[-1]) == (LINES_MAX + 1, ("+ 7", ""))
