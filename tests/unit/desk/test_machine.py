"""Reports on our own mail: what does not arrive, and what is not wanted."""

from dataclasses import replace
from datetime import timedelta

import pytest

from maild.base.words import DeliveryState, Kind, Role
from maild.desk.decide.delivery import DeliveryOutcome, decide_delivery
from maild.desk.effects import PutParticipant, RememberPerson
from maild.desk.model import Delivery, Participant, Person, Snapshot
from maild.message.model import Report, ReportedRecipient
from maild.sla.duty import Duty
from maild.thread.model import Rule

from .bench import ANA, BEN, LEAD, MARTA, MONDAY, bench, decide, mail, ticket, told, verbs

ACK = Delivery("o1", 7, "acknowledgement", "Marta@example.org", DeliveryState.SENT, "<m@d>", "r", "", "", True, MONDAY)


def _people(decision):
    return [e.person for e in decision.effects if isinstance(e, RememberPerson)]


def _complaint(**more):
    report = Report(kind=Kind.COMPLAINT, original_rcpt_to=MARTA.key)
    return mail("", kind=Kind.COMPLAINT, rule=Rule.REPORT, ticket=7, report=report, entry="e3", **more)


def test_who_complains_gets_no_automatic_mail_any_more():
    known = Person(MARTA.key, name="Marta Gil", language="es")
    decision = decide(_complaint(), Snapshot(ticket=ticket(), reported=ACK, people={MARTA.key: known}))
    (person,) = _people(decision)
    assert person.suspended_until > MONDAY + timedelta(days=300)
    assert (person.name, person.language) == ("Marta Gil", "es")
    assert person.suspended_because.startswith("complaint")
    assert "complaint" in verbs(decision)
    assert told(decision) == {}
    silent = decide(mail(entry="e4"), Snapshot(people={MARTA.key: person}))
    assert "acknowledgement" not in told(silent)


def test_a_complaint_about_a_mail_that_is_none_of_ours_changes_nothing():
    assert not _people(decide(_complaint(), Snapshot(ticket=ticket())))


def test_a_complaint_about_a_mail_without_a_ticket_counts_too():
    complaint = replace(_complaint(), match=replace(_complaint().match, ticket=None))
    assert _people(decide(complaint, Snapshot(reported=ACK)))


def test_an_agent_who_calls_a_notice_unwanted_hears_of_his_tickets_all_the_same():
    decision = decide(_complaint(), Snapshot(ticket=ticket(), reported=replace(ACK, rcpt_to=ANA)))
    assert not _people(decision)
    assert "complaint" in verbs(decision)


def test_who_is_on_copy_and_complains_leaves_the_ticket():
    luis = Participant("luis@example.org", "Luis", Role.CC)
    copied = ticket(participants=(luis,))
    decision = decide(_complaint(), Snapshot(ticket=copied, reported=replace(ACK, rcpt_to="Luis@example.org")))
    (left,) = [e.participant for e in decision.effects if isinstance(e, PutParticipant)]
    assert (left.address, left.active) == (luis.address, False)
    assert {"complaint", "left"} <= set(verbs(decision))


def _failed(rcpt_to, holder):
    notice = Delivery("o1", 7, "assigned", rcpt_to, DeliveryState.SENT, "<m@d>", "r", "", "", True, MONDAY)
    outcome = DeliveryOutcome("o1", DeliveryState.FAILED, "550 5.1.1 no such user")
    return decide_delivery(bench(Snapshot(ticket=ticket(assignee=holder), reported=notice)), outcome)


def test_an_agent_whose_mailbox_fails_cannot_be_told_so_his_lead_is():
    assert told(_failed(ANA, ANA)) == {"bounced": [LEAD]}


def test_a_watcher_whose_mailbox_fails_is_told_to_whoever_has_the_ticket():
    assert told(_failed("ben@example.com", ANA)) == {"bounced": [ANA]}


FAILED = DeliveryOutcome("o1", DeliveryState.FAILED, "550 no")
DELAYED = DeliveryOutcome("o1", DeliveryState.DEFERRED, "450 later", first_delay=True)


@pytest.mark.parametrize("outcome", [FAILED, DELAYED])
@pytest.mark.parametrize(("holder", "duty", "hears"), [(BEN, (ANA,), BEN), (None, (ANA,), ANA), (None, (), LEAD)])
def test_words_of_the_shell_that_do_not_arrive_are_told_to_whoever_works_the_ticket(outcome, holder, duty, hears):
    words = replace(ACK, template="agent-replied", words_of="root", automatic=False)
    taken = Snapshot(ticket=ticket(assignee=holder), reported=words, duties={"first-line": Duty(duty)})
    assert told(decide_delivery(bench(taken), outcome)) == {"bounced": [hears]}


@pytest.mark.parametrize("outcome", [FAILED, DELAYED])
def test_an_author_whom_no_mail_reaches_is_stood_in_for_by_whoever_works_the_ticket(outcome):
    lost = Person(ANA, suspended_until=MONDAY + timedelta(days=1), suspended_because="5.1.1")
    words = replace(ACK, template="agent-replied", words_of=ANA, automatic=False)
    decision = decide_delivery(
        bench(Snapshot(ticket=ticket(assignee=BEN), reported=words, people={ANA: lost})), outcome
    )
    assert told(decision) == {"bounced": [BEN]}


def test_a_bounce_does_not_shorten_what_a_complaint_began():
    person = Person(MARTA.key, suspended_until=MONDAY + timedelta(days=200), suspended_because="complaint")
    report = Report(recipients=(ReportedRecipient(MARTA.key, "5.1.1", "failed", permanent=True),))
    bounce = mail("", kind=Kind.BOUNCE, rule=Rule.REPORT, ticket=7, report=report)
    decision = decide(bounce, Snapshot(ticket=ticket(), reported=ACK, people={MARTA.key: person}))
    assert not _people(decision)


def test_a_second_report_of_one_failure_is_kept_and_tells_nobody_again():
    report = Report(recipients=(ReportedRecipient(MARTA.key, "4.2.2", "failed", permanent=False),))
    bounce = mail("", kind=Kind.BOUNCE, rule=Rule.REPORT, ticket=7, report=report)
    words = replace(ACK, template="agent-replied", words_of=ANA, automatic=False)
    first = decide(bounce, Snapshot(ticket=ticket(), reported=words))
    again = decide(bounce, Snapshot(ticket=ticket(), reported=replace(words, state=DeliveryState.FAILED)))
    assert (told(first), told(again)) == ({"bounced": [ANA]}, {})
    assert (len(_people(first)), _people(again)) == (1, [])  # and one failure counts once towards a suspension
    assert "report" in verbs(again)


@pytest.mark.parametrize(
    ("reply", "suspended"),
    [
        ("550 5.1.1 no such user", True),
        ("553 5.1.3 that is no address", True),
        ("550 5.1.10 null MX", True),
        ("550 5.1.8 bad sender", False),
        ("554 5.7.1 looks like spam", False),
        ("552 5.2.2 mailbox full", False),
        ("550 no", False),
    ],
)
def test_a_smarthost_that_knows_no_such_recipient_suspends_the_address_as_a_bounce_does(reply, suspended):
    outcome = DeliveryOutcome("o1", DeliveryState.FAILED, reply)
    snapshot = Snapshot(ticket=ticket(), reported=ACK)
    decision = decide_delivery(bench(snapshot), outcome)
    people = _people(decision)
    assert [p.suspended_until for p in people] == [MONDAY + timedelta(days=30)] * suspended
    assert told(decision) == {"bounced": [ANA]}
