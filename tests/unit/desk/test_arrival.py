"""A mail that belongs to no ticket opens one."""

from dataclasses import replace
from datetime import timedelta

import pytest

from maild.base.words import DoorName, EntryState, Kind, LinkKind, Role, Status, Verdict
from maild.desk.decide.message import decide_message
from maild.desk.effects import AddLink, RememberPerson
from maild.desk.model import Load, Person, Sent, Snapshot
from maild.desk.notices import PublicFacts
from maild.message.model import Address, Field
from maild.sla.model import FactKind
from maild.thread.model import Rule

from .bench import (
    ANA,
    BEN,
    LEAD,
    MARTA,
    MONDAY,
    decide,
    facts,
    mail,
    notice,
    opened,
    posts,
    settings,
    settled,
    slas,
    ticket,
    told,
    verbs,
)


def test_a_requester_gets_a_ticket_one_acknowledgement_and_one_agent():
    decision = decide(mail())
    (new,) = opened(decision)
    assert (new.number, new.status, new.requester, new.assignee) == (101, Status.NEW, MARTA.key, ANA)
    assert told(decision) == {"acknowledgement": [MARTA.key], "assigned": [ANA]}
    assert settled(decision).state is EntryState.APPLIED
    assert facts(decision) == [FactKind.OPENED]


def test_the_acknowledgement_promises_an_answer_in_the_calendars_hours():
    public = notice(decide(mail()), "acknowledgement").facts
    assert isinstance(public, PublicFacts)
    # Four working hours from 10:00 on a Monday with lunch from 14:00 to 15:00.
    assert public.promise == MONDAY + timedelta(hours=4)


def test_she_is_answered_in_the_language_she_wrote_in():
    assert notice(decide(mail(language="es")), "acknowledgement").language == "es"


def test_her_stored_language_goes_before_that_of_the_mail():
    snapshot = Snapshot(people={MARTA.key: Person(MARTA.key, language="es")})
    assert notice(decide(mail(language="en"), snapshot), "acknowledgement").language == "es"


def test_a_language_the_desk_does_not_speak_is_answered_in_its_first():
    assert notice(decide(mail(language="fr")), "acknowledgement").language == "en"


def test_her_name_and_language_are_remembered():
    (known,) = [e.person for e in decide(mail(language="es")).effects if isinstance(e, RememberPerson)]
    assert (known.address, known.name, known.language) == (MARTA.key, "Marta Gil", "es")


def test_the_least_loaded_member_is_assigned():
    (new,) = opened(decide(mail(), Snapshot(loads={ANA: Load(2), BEN: Load(1)})))
    assert new.assignee == BEN


def test_among_the_equally_loaded_the_one_longest_not_assigned_is_chosen():
    loads = {ANA: Load(1, MONDAY), BEN: Load(1, MONDAY - timedelta(hours=1))}
    (new,) = opened(decide(mail(), Snapshot(loads=loads)))
    assert new.assignee == BEN


def test_an_agent_who_asks_never_gets_his_own_ticket():
    decision = decide(mail(author=Address("Ana", ANA), verdict=Verdict.PASS))
    (new,) = opened(decision)
    assert (new.requester, new.assignee) == (ANA, BEN)


def test_people_on_copy_join_and_we_ourselves_do_not():
    to = (Address("", "support@example.com"), Address("", "desk+x@desk.example.com"), Address("", "help@example.com"))
    cc = (Address("Luis", "luis@example.org"), Address("", BEN))
    (new,) = opened(decide(mail(to=to, cc=cc)))
    assert [(p.address, p.role) for p in new.participants] == [("luis@example.org", Role.CC), (BEN, Role.WATCHER)]


def test_a_mail_without_a_subject_gets_one_in_its_language():
    (new,) = opened(decide(mail(subject="  ", language="es")))
    assert new.subject == "(sin asunto)"


def test_two_queues_get_a_ticket_each_and_she_one_acknowledgement():
    # The example has one queue only, so the second is the same one under another spelling of the name.
    decision = decide(mail(queues=("support", "SUPPORT")))
    first, second = opened(decision)
    assert [e for e in decision.effects if isinstance(e, AddLink)] == [AddLink(second.number, LinkKind.RELATED, 101)]
    assert len(told(decision)["acknowledgement"]) == 1
    assert settled(decision).ticket == first.number


def test_a_second_copy_for_another_queue_is_not_acknowledged_again():
    decision = decide(mail(), Snapshot(siblings=(ticket(),)))
    assert "acknowledgement" not in told(decision)
    assert "not-acknowledged" in verbs(decision)


def test_a_strangers_key_makes_a_linked_new_ticket_and_tells_him_nothing():
    arrived = mail()
    arrived = replace(arrived, match=replace(arrived.match, mentions=(7,)))
    decision = decide(arrived, Snapshot(tickets={7: ticket()}))
    assert AddLink(101, LinkKind.MENTIONS, 7) in decision.effects
    facts_ = notice(decision, "acknowledgement").facts
    assert isinstance(facts_, PublicFacts)
    assert facts_.older == ""


def test_whoever_guesses_a_key_is_answered_the_same_whether_there_is_such_a_ticket_or_not():
    guess = mail(subject="[ACME-7G] Hello")
    hit = replace(guess, match=replace(guess.match, mentions=(7,)))
    answers = [notice(decide(arrived, Snapshot(tickets={7: ticket()})), "acknowledgement") for arrived in (guess, hit)]
    assert answers[0] == answers[1]


def test_a_mail_to_no_queue_of_ours_is_quarantined():
    decision = decide(mail(queues=()))
    assert settled(decision).state is EntryState.QUARANTINED
    assert settled(decision).reason.startswith("no-queue")
    assert not decision.notices


def test_a_mail_with_two_authors_is_quarantined():
    decision = decide(mail(from_=(MARTA, Address("", ANA))))
    assert settled(decision).reason.startswith("no-author")


def test_a_blocked_person_is_quarantined():
    decision = decide(mail(), Snapshot(people={MARTA.key: Person(MARTA.key, blocked=True)}))
    assert settled(decision).reason.startswith("blocked")


def test_a_disowned_sender_gets_a_ticket_but_no_mail():
    decision = decide(mail(verdict=Verdict.FAIL))
    (new,) = opened(decision)
    assert new.tags == ("unverified",)
    assert told(decision) == {"assigned": [ANA]}


def test_a_null_reverse_path_is_not_acknowledged():
    arrived = mail()
    arrived = replace(arrived, envelope=replace(arrived.envelope, mail_from=""))
    assert "acknowledgement" not in told(decide(arrived))


def test_a_role_address_is_not_acknowledged():
    assert "acknowledgement" not in told(decide(mail(author=Address("", "no-reply@example.org"))))


def test_the_fourth_mail_in_ten_minutes_is_not_acknowledged_and_the_timeline_says_so():
    decision = decide(mail(), Snapshot(sent={MARTA.key: Sent(in_10_minutes=3, in_a_day=3)}))
    assert "acknowledgement" not in told(decision)
    assert "not-acknowledged" in verbs(decision)


def test_the_third_mail_in_ten_minutes_is_acknowledged():
    assert "acknowledgement" in told(decide(mail(), Snapshot(sent={MARTA.key: Sent(2, 2)})))


def test_beyond_the_limit_over_all_acknowledgements_are_held_for_a_person():
    assert notice(decide(mail(), Snapshot(automatic_in_a_minute=600)), "acknowledgement").hold
    assert not notice(decide(mail(), Snapshot(automatic_in_a_minute=599)), "acknowledgement").hold


def test_a_suspended_address_is_not_written_to():
    person = Person(MARTA.key, suspended_until=MONDAY + timedelta(days=1), suspended_because="bounced")
    assert "acknowledgement" not in told(decide(mail(), Snapshot(people={MARTA.key: person})))


def test_the_same_mail_again_changes_nothing():
    decision = decide(mail(rule=Rule.DUPLICATE))
    assert settled(decision).state is EntryState.DUPLICATE
    assert len(decision.effects) == 1
    assert not decision.notices


def test_an_older_ticket_with_the_same_subject_is_named_to_the_agent():
    facts_ = notice(decide(mail(), Snapshot(same_subject=(ticket(),))), "assigned").facts
    assert facts_.likely == "ACME-7F"  # type: ignore[union-attr]  # the agents' facts


def test_an_alarm_of_a_monitor_opens_a_ticket_without_clock_and_the_team_is_told():
    decision = decide(mail(kind=Kind.AUTO_GENERATED))
    (new,) = opened(decision)
    assert (new.assignee, new.by_machine) == (None, True)
    assert told(decision) == {"new-ticket": [ANA, BEN]}
    assert LEAD not in told(decision)["new-ticket"]
    assert not posts(decision)[0].public


def test_the_same_arguments_give_the_same_decision():
    assert decide(mail()) == decide(mail())


def test_a_mail_too_large_to_fetch_opens_a_ticket_that_says_so():
    field = Field("X-Maild-Not-Fetched", "size=90000000; it is larger than 25000000 octets")
    arrived = mail("", fields=(field,))
    arrived = replace(arrived, envelope=replace(arrived.envelope, door=DoorName.IMAP, mailbox="support"))
    decision = decide(arrived)
    (new,) = opened(decision)
    assert new.tags == ("oversize",)
    assert "not-fetched" in verbs(decision)


def too_large(**more):
    field = Field("X-Maild-Not-Fetched", "size=90000000; larger than 25000000 octets")
    arrived = mail("", fields=(field,), **more)
    return replace(arrived, envelope=replace(arrived.envelope, door=DoorName.IMAP, mailbox="support"))


def test_who_sent_it_hears_once_why_we_have_not_read_it():
    decision = decide(too_large())
    assert "acknowledgement" not in told(decision)
    said = notice(decision, "too-large")
    assert (said.facts.size, said.facts.size_max, said.automatic) == ("90 MB", "25 MB", "auto-replied")


def test_a_machine_hears_nothing_of_its_large_mail():
    assert "too-large" not in told(decide(too_large(kind=Kind.AUTO_GENERATED)))


def test_such_a_field_in_a_strangers_mail_by_smtp_says_nothing():
    assert not opened(decide(mail(fields=(Field("X-Maild-Not-Fetched", "size=1"),))))[0].tags


def test_a_new_ticket_bears_no_other_tickets_key_in_its_subject():
    assert opened(decide(mail(subject="Re: [ACME-7F] Printer")))[0].subject == "Re: Printer"


def test_a_mail_that_asks_for_no_automatic_answer_gets_a_ticket_and_an_agent_and_no_acknowledgement():
    arrived = mail()
    arrived = replace(arrived, finding=replace(arrived.finding, unanswered="X-Auto-Response-Suppress: All"))
    decision = decide(arrived)
    assert told(decision) == {"assigned": [ANA]}
    assert "not-acknowledged" in verbs(decision)


@pytest.mark.parametrize("to", ["support@example.com", "everybody@example.com", "members@club.example"])
@pytest.mark.parametrize("is_told", [True, False])
def test_a_mail_that_names_only_strangers_as_its_readers_is_answered_unless_its_queue_says_no(to, is_told):
    queues = tuple(q.model_copy(update={"acknowledge_blind": is_told}) for q in settings().queue)
    changed = settings().model_copy(update={"queue": queues})
    arrived = mail(to=(Address("", to),))
    decision = decide_message(arrived, Snapshot(new_numbers=(101,)), changed, slas(), MONDAY)
    assert ("acknowledgement" in told(decision)) is (is_told or to.endswith("@example.com"))
