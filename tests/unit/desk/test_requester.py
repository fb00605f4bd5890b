"""The requester writes again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from maild.base.words import Direction, DoorName, Kind, LinkKind, Purpose, Role, Status
from maild.desk.effects import AddLink, PutParticipant, RememberPerson
from maild.desk.model import Participant, Post, Sent, Snapshot
from maild.desk.notices import PublicFacts
from maild.message.model import Address, Field
from maild.sla.duty import Duty
from maild.sla.model import FactKind
from maild.thread.model import Rule

from .bench import ANA, BEN, MARTA, MONDAY, after, decide, facts, mail, notice, opened, posts, ticket, told, verbs


def answer(text="It still burns.", **more):
    return mail(text, rule=Rule.TOKEN, ticket=7, purpose=Purpose.REQUESTER, entry="e2", **more)


def test_her_answer_joins_the_ticket_and_the_agent_is_told():
    decision = decide(answer(), Snapshot(ticket=ticket()))
    assert told(decision) == {"requester-wrote": [ANA]}
    assert posts(decision)[0].public
    assert FactKind.REQUESTER_WROTE in facts(decision)


def test_her_answer_that_was_too_large_is_noted_and_explained_once():
    field = Field("X-Maild-Not-Fetched", "size=90000000; larger than 25000000 octets")
    large = answer("", fields=(field,))
    large = replace(large, envelope=replace(large.envelope, door=DoorName.IMAP, mailbox="support"))
    before = ticket()
    decision = decide(large, Snapshot(ticket=before))
    assert told(decision) == {"requester-wrote": [ANA], "too-large": [MARTA.key]}
    assert after(decision, before).tags == ("oversize",)
    enough = Snapshot(ticket=before, sent={MARTA.key: Sent(in_10_minutes=3)})
    assert "too-large" not in told(decide(large, enough))


@pytest.mark.parametrize("status", [Status.PENDING, Status.ON_HOLD])
def test_her_answer_ends_a_pause(status):
    before = ticket(status)
    assert after(decide(answer(), Snapshot(ticket=before)), before).status is Status.OPEN


def test_her_second_mail_leaves_a_new_ticket_new():
    before = ticket(Status.NEW)
    assert after(decide(answer(), Snapshot(ticket=before)), before).status is Status.NEW


def test_within_grace_she_reopens_a_resolved_ticket():
    before = ticket(Status.RESOLVED, resolved_at=MONDAY - timedelta(days=7))
    decision = decide(answer(), Snapshot(ticket=before))
    assert after(decision, before).status is Status.OPEN
    assert told(decision) == {"reopened": [ANA]}


def test_after_grace_a_linked_new_ticket_is_made_and_acknowledged():
    before = ticket(Status.RESOLVED, resolved_at=MONDAY - timedelta(days=7, seconds=1))
    decision = decide(answer(), Snapshot(ticket=before))
    assert AddLink(101, LinkKind.FOLLOWS, 7) in decision.effects
    public = notice(decision, "acknowledgement").facts
    assert isinstance(public, PublicFacts)
    assert public.older == "ACME-7F"
    assert after(decision, before).status is Status.RESOLVED


def test_a_closed_ticket_stays_closed_and_a_linked_new_one_is_made_even_behind_a_bare_token():
    decision = decide(answer(queues=()), Snapshot(ticket=ticket(Status.CLOSED)))
    assert [t.queue for t in opened(decision)] == ["support"]


def test_thanks_alone_reopen_nothing_and_are_shown_to_the_agent():
    before = ticket(Status.RESOLVED)
    decision = decide(answer("Thank you!"), Snapshot(ticket=before))
    assert after(decision, before).status is Status.RESOLVED
    assert told(decision) == {"requester-wrote": [ANA]}
    assert not facts(decision)


def test_without_an_assignee_the_team_is_told():
    decision = decide(answer(), Snapshot(ticket=ticket(assignee=None)))
    assert told(decision) == {"requester-wrote": [ANA, BEN]}


def test_spam_is_recorded_and_nobody_is_told():
    decision = decide(answer(), Snapshot(ticket=ticket(Status.SPAM)))
    assert not decision.notices
    assert posts(decision)


def test_commands_of_a_requester_are_words():
    before = ticket()
    decision = decide(answer("#priority urgent\nplease"), Snapshot(ticket=before))
    assert after(decision, before).priority == before.priority
    assert posts(decision)[0].new_text.startswith("#priority")


def test_a_stranger_with_a_token_leaves_a_note_and_moves_nothing():
    stranger = Address("Eve", "eve@evil.example")
    before = ticket(Status.PENDING)
    decision = decide(answer(author=stranger, admitted=False), Snapshot(ticket=before))
    assert told(decision) == {"stranger-wrote": [ANA]}
    assert not posts(decision)[0].public
    assert after(decision, before) == before
    assert not facts(decision)


@pytest.mark.parametrize("kind", [Kind.AUTO_REPLY, Kind.BOUNCE, Kind.RECEIPT, Kind.COMPLAINT, Kind.LOOP, Kind.LIST])
def test_an_out_of_office_and_its_kin_are_recorded_and_move_nothing(kind):
    before = ticket(Status.RESOLVED)
    decision = decide(answer(kind=kind), Snapshot(ticket=before))
    assert not decision.notices
    assert verbs(decision) == ["recorded"]
    assert after(decision, before) == before
    assert not facts(decision)


@pytest.mark.parametrize("kind", [Kind.AUTO_REPLY, Kind.BOUNCE, Kind.RECEIPT, Kind.COMPLAINT, Kind.LOOP])
def test_a_machines_mail_that_belongs_nowhere_opens_nothing(kind):
    decision = decide(mail(kind=kind))
    assert not opened(decision)
    assert not decision.notices


def test_people_she_puts_on_copy_join():
    before = ticket()
    decision = decide(answer(cc=(Address("Luis", "luis@example.org"), MARTA)), Snapshot(ticket=before))
    assert [p.address for p in after(decision, before).participants] == ["luis@example.org"]


# --- what she may command with her own token -------------------------------------------------------------------


def wish(text, **more):
    return replace(answer(text, **more), own_token=True)


def test_she_closes_her_own_ticket():
    before = ticket()
    decision = decide(wish("#cerrar"), Snapshot(ticket=before))
    assert after(decision, before).status is Status.CLOSED
    assert told(decision) == {"requester-wrote": [ANA]}


def test_without_her_own_token_a_command_is_words():
    before = ticket()
    assert after(decide(answer("#close"), Snapshot(ticket=before)), before).status is Status.OPEN


def test_somebody_on_copy_closes_nothing_but_may_leave():
    luis = Participant("luis@example.org", "Luis", Role.CC)
    before, author = ticket(participants=(luis,)), Address("Luis", luis.address)
    closing = decide(wish("#close", author=author), Snapshot(ticket=before))
    assert after(closing, before).status is Status.OPEN
    leaving = decide(wish("#baja", author=author), Snapshot(ticket=before))
    assert not leaving.notices
    assert PutParticipant(7, replace(luis, active=False)) in leaving.effects


def pressed(subject, author, **more):
    """A mail client's mail after a press on List-Unsubscribe."""
    return wish("", author=author, subject=subject, **more)


@pytest.mark.parametrize("subject", ["#unsubscribe", "unsubscribe", "Unsubscribe", "#baja", "Baja", ""])
def test_a_press_on_unsubscribe_without_words_takes_him_out(subject):
    decision = decide(pressed(subject, LUIS), Snapshot(ticket=ticket(participants=(COPIED,))))
    assert PutParticipant(7, replace(COPIED, active=False)) in decision.effects
    assert not decision.notices


@pytest.mark.parametrize(
    ("subject", "more"),
    [
        ("Re: [ACME-7A] Printer", {}),
        ("unsubscribe my colleague", {}),
        ("", {"in_reply_to": ("<a@example.com>",)}),
        ("", {"references": ("<a@example.com>",)}),
    ],
)
def test_an_empty_mail_that_says_something_else_takes_nobody_out(subject, more):
    decision = decide(pressed(subject, LUIS, **more), Snapshot(ticket=ticket(participants=(COPIED,))))
    assert PutParticipant(7, replace(COPIED, active=False)) not in decision.effects


def test_a_stranger_who_presses_unsubscribe_takes_nobody_out():
    mails = replace(pressed("unsubscribe", LUIS), own_token=False)
    decision = decide(mails, Snapshot(ticket=ticket(participants=(COPIED,))))
    assert PutParticipant(7, replace(COPIED, active=False)) not in decision.effects


def test_a_requester_is_taken_out_by_the_subject_and_not_by_an_empty_mail():
    for subject, left in (("unsubscribe", True), ("", False)):
        decision = decide(pressed(subject, MARTA), Snapshot(ticket=ticket()))
        assert ("unsubscribed" in verbs(decision)) is left


def test_she_chooses_her_language():
    before = ticket()
    decision = decide(wish("#idioma es"), Snapshot(ticket=before))
    assert after(decision, before).language == "es"
    assert any(isinstance(e, RememberPerson) and e.person.language == "es" for e in decision.effects)


@pytest.mark.parametrize("text", ["4", "5!", "2\ntoo slow", "yes", "Sí"])
def test_a_rating_or_a_yes_reopens_nothing(text):
    before = ticket(Status.RESOLVED)
    assert after(decide(wish(text), Snapshot(ticket=before)), before).status is Status.RESOLVED


def test_a_rating_is_told_to_the_agent():
    decision = decide(wish("4"), Snapshot(ticket=ticket(Status.RESOLVED)))
    assert "rated" in verbs(decision)
    assert told(decision) == {"requester-wrote": [ANA]}


@pytest.mark.parametrize("text", ["no", "#reopen", "#reabrir", "6", "5 users are affected"])
def test_anything_else_after_resolving_reopens(text):
    before = ticket(Status.RESOLVED)
    assert after(decide(wish(text), Snapshot(ticket=before)), before).status is Status.OPEN


@pytest.mark.parametrize("word", ["#status", "#Estado", "#STATUS\n"])
def test_she_may_ask_how_her_request_stands(word):
    decision = decide(wish(word), Snapshot(ticket=ticket(Status.NEW)))
    assert told(decision) == {"status": [MARTA.key]}
    sent = notice(decision, "status")
    assert (sent.automatic, sent.facts.status, sent.facts.holder) == ("auto-replied", Status.NEW, "")
    assert sent.facts.promise is not None
    assert sent.facts.promise > MONDAY
    assert "asked" in verbs(decision)
    assert FactKind.REQUESTER_WROTE not in facts(decision)


def test_she_is_told_who_has_it_only_when_she_has_read_words_of_his():
    said = Post("p1", 7, Direction.OUT, Address("Ana Ruiz", ANA), MONDAY, public=True)
    for posts_, name in (((said,), "Ana Ruiz"), ((replace(said, public=False),), ""), ((), "")):
        decision = decide(wish("#status"), Snapshot(ticket=ticket(), posts=posts_))
        assert notice(decision, "status").facts.holder == name


def test_asking_again_and_again_is_answered_within_the_limits_alone():
    sent = {MARTA.key: Sent(in_10_minutes=3)}
    decision = decide(wish("#status"), Snapshot(ticket=ticket(), sent=sent))
    assert told(decision) == {}
    assert "not-sent" in verbs(decision)


def test_without_her_own_token_status_is_a_word_like_others():
    stranger = replace(answer("#status"), own_token=False)
    assert "status" not in told(decide(stranger, Snapshot(ticket=ticket())))


LUIS = Address("Luis", "luis@example.org")
COPIED = Participant(LUIS.key, LUIS.name, Role.CC)


def test_on_copy_he_is_told_how_it_stands_and_she_is_not():
    decision = decide(wish("#estado", author=LUIS), Snapshot(ticket=ticket(participants=(COPIED,))))
    assert told(decision) == {"status": [LUIS.key]}
    public = notice(decision, "status").facts
    assert isinstance(public, PublicFacts)
    assert public.requester_name in {"", LUIS.name}


@pytest.mark.parametrize("text", ["#close", "#reopen", "cerrar"])
def test_on_copy_he_neither_closes_nor_reopens(text):
    before = ticket(Status.PENDING, participants=(COPIED,))
    assert after(decide(wish(text, author=LUIS), Snapshot(ticket=before)), before).status is Status.OPEN


@pytest.mark.parametrize("text", ["#human", "#persona", "persona", "Human!"])
def test_who_asks_for_a_person_is_shown_to_one(text):
    before = ticket(Status.PENDING)
    decision = decide(wish(text), Snapshot(ticket=before))
    assert after(decision, before).status is Status.OPEN
    assert notice(decision, "requester-wrote").facts.reason == "she asks for a person"


@pytest.mark.parametrize("text", ["#reopen", "reabrir", "Reopen."])
def test_she_reopens_by_a_word_within_grace(text):
    before = ticket(Status.RESOLVED)
    decision = decide(wish(text), Snapshot(ticket=before))
    assert after(decision, before).status is Status.OPEN
    assert told(decision) == {"reopened": [ANA]}


def test_a_word_that_reopens_a_closed_ticket_makes_a_linked_new_one():
    decision = decide(wish("#reopen"), Snapshot(ticket=ticket(Status.CLOSED)))
    assert [t.number for t in opened(decision)] == [101]


def test_a_requester_who_unsubscribes_gets_words_of_people_alone():
    before = ticket()
    stands = after(decide(wish("baja"), Snapshot(ticket=before)), before)
    asked = decide(wish("#status"), Snapshot(ticket=stands))
    assert told(asked) == {}
    assert "not-sent" in verbs(asked)
    agent = mail(
        "All is well.", author=Address("Ana", ANA), rule=Rule.TOKEN, ticket=7, purpose=Purpose.PUBLIC, entry="e4"
    )
    assert told(decide(agent, Snapshot(ticket=stands)))["agent-replied"] == [MARTA.key]


def test_a_word_within_a_sentence_is_a_sentence():
    before = ticket(Status.RESOLVED)
    decision = decide(wish("Please close the window too."), Snapshot(ticket=before))
    assert told(decision) == {"reopened": [ANA]}


@pytest.mark.parametrize(("figure", "lead_hears"), [("1", True), ("2", True), ("3", False), ("5", False)])
def test_of_a_low_rating_the_lead_hears_too(figure, lead_hears):
    decision = decide(wish(figure), Snapshot(ticket=ticket(Status.RESOLVED)))
    assert told(decision)["requester-wrote"] == [ANA, *(["lead@example.com"] if lead_hears else [])]


def test_her_outlooks_conversation_is_carried_on_and_a_strangers_is_not():
    index = "Ad0AAAAAAQIDBAUGBwgJCgsMDQ4PEA=="
    fields = (Field("Thread-Index", f" {index}"), Field("Thread-Topic", "Printer\r\n on fire"))
    (new,) = opened(decide(mail(fields=fields)))
    assert (new.thread_index, new.thread_topic) == (index, "Printer on fire")
    sent = notice(decide(mail(fields=fields)), "acknowledgement")
    assert (sent.thread_index, sent.thread_topic) == (index, "Printer on fire")
    before = ticket()
    assert after(decide(answer(fields=fields), Snapshot(ticket=before)), before).thread_index == index
    luis = Participant("luis@example.org", "Luis", Role.CC)
    before, author = ticket(participants=(luis,)), Address("Luis", luis.address)
    assert after(decide(answer(fields=fields, author=author), Snapshot(ticket=before)), before).thread_index == ""


@pytest.mark.parametrize("holder", ["eva@example.com", BEN, None])
def test_an_agent_who_muted_a_ticket_hears_no_more_of_it_even_if_it_is_his(holder):
    muted = Participant(BEN, "", Role.WATCHER, active=False)
    asked = mail("#note\nlook", author=Address("Ana", ANA), rule=Rule.TOKEN, ticket=7, purpose=Purpose.INTERNAL)
    before = ticket(participants=(muted,), assignee=holder)
    another = [holder] if holder == "eva@example.com" else []
    assert told(decide(asked, Snapshot(ticket=before))).get("note-added", []) == another
    heard = told(decide(answer(), Snapshot(ticket=before, duties={"first-line": Duty((ANA, BEN))})))
    assert heard == {"requester-wrote": another or [ANA]}


def test_what_she_writes_is_heard_even_when_all_have_muted_the_ticket():
    muted = Participant(BEN, "", Role.WATCHER, active=False)
    before = Snapshot(ticket=ticket(participants=(muted,), assignee=BEN), duties={"first-line": Duty((BEN,))})
    assert told(decide(answer(), before)) == {"requester-wrote": [BEN]}
