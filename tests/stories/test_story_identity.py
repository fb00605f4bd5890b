"""Who is believed: forged agents, strangers with a token or a key, people on copy, mail that its domain disowns."""

import re
from collections.abc import Iterator

import pytest

from tests.stories.stage import HALF_PAST_NINE, LANGUAGES, Stage, steady
from tests.support.desk import Clock, Desk
from tests.support.names import no_names
from tests.support.waiting import eventually

PASSED = "mx.example.com; dmarc=pass header.from=example.com; dkim=pass header.d=example.com"
FAILED = "mx.example.com; dmarc=fail (p=reject) header.from={domain}"


@pytest.fixture(scope="module")
def stage(tmp_path_factory) -> Iterator[Stage]:
    """A desk behind a relay whose Authentication-Results it believes."""
    yield from _running(tmp_path_factory.mktemp("relay"), steady("en"))


@pytest.fixture(scope="module")
def open_stage(tmp_path_factory) -> Iterator[Stage]:
    """A desk that stands in the open: no relay is trusted, and the DNS knows no name."""
    with no_names() as server:

        def change(text: str) -> str:
            text = steady("en")(text).replace('trusted_relays = ["127.0.0.1"]\n', "")
            return text.replace('agents = "pass-or-token"', f'agents = "pass-or-token"\nnameservers = ["{server}"]')

        yield from _running(tmp_path_factory.mktemp("open"), change)


def _running(folder, change) -> Iterator[Stage]:
    desk = Desk(folder, change, clock=Clock(HALF_PAST_NINE))
    try:
        desk.start()
        yield Stage(desk, LANGUAGES["en"])
    finally:
        desk.close()


def code_in(received) -> str:
    found = re.search(r"^([A-Z2-9]{4}-[A-Z2-9]{4})\r?$", received.text, re.MULTILINE)
    assert found is not None, received.text
    return found[1]


def confirms(stage: Stage, agent: str) -> list:
    rows = [r for r in stage.rows("outbox", "list", "--rcpt-to", agent) if r["template"] == "confirm"]
    return [m for m in stage.desk.sink.to(agent) if m.mail["Message-ID"].strip("<>") in str(rows)]


# Agents.


def test_a_forged_agent_is_held_and_the_real_one_is_asked(open_stage):
    stage = open_stage
    talk = stage.opened()
    forged = stage.compose(
        "#close\nGo away.",
        author=talk.agent,
        subject=f"Re: [{talk.key}] {stage.words.subject}",
        Authentication_Results=PASSED,
    )
    before = len(stage.desk.sink.mails)
    row = stage.arrive(forged)
    assert row["state"] == "quarantined"
    assert row["reason"] == "agent-unproved"
    assert talk.ticket()["status"] == "new"
    assert len(talk.ticket()["messages"]) == 1
    assert [m.rcpt_to for m in stage.desk.sink.mails[before:]] == [talk.agent]
    code_in(stage.desk.sink.mails[-1])


def test_the_code_releases_a_held_mail_exactly_once(open_stage):
    stage = open_stage
    talk = stage.opened()
    held = stage.compose("#priority high\n#note\nMine.", author=talk.agent, subject=f"[{talk.key}]")
    entry = stage.arrive(held)["entry"]
    asked = confirms(stage, talk.agent)[-1]
    code = code_in(asked)
    stage.arrive(stage.answer(asked, code, author=talk.agent))
    stage.until(lambda: talk.ticket()["priority"] == "high", "the held mail to be run")
    assert next(r for r in stage.rows("inbound", "list") if r["entry"] == entry)["state"] == "applied"
    notes = [m for m in talk.ticket()["messages"] if m["direction"] == "note"]
    assert [n["new_text"].strip() for n in notes] == ["Mine."]
    stage.arrive(stage.answer(asked, f"{code}\n", author=talk.agent))
    notes = [m for m in talk.ticket()["messages"] if m["direction"] == "note"]
    assert len([n for n in notes if n["new_text"].strip() == "Mine."]) == 1


def test_a_code_in_a_strangers_mail_releases_nothing(open_stage):
    stage = open_stage
    talk = stage.opened()
    held = stage.compose("#priority high", author=talk.agent, subject=f"[{talk.key}]")
    entry = stage.arrive(held)["entry"]
    asked = confirms(stage, talk.agent)[-1]
    stage.arrive(stage.answer(asked, code_in(asked), author="mallory@evil.example"))
    assert talk.ticket()["priority"] == "normal"
    assert next(r for r in stage.rows("inbound", "list") if r["entry"] == entry)["state"] == "quarantined"


def test_an_agent_is_asked_at_most_three_times_an_hour(tmp_path):
    for stage in _running(tmp_path, lambda text: steady("en")(text).replace('language = "es"', 'language = "en"')):
        talk = stage.opened()
        for number in range(5):
            stage.arrive(stage.compose(f"#close\nNumber {number}", author=talk.agent, subject=f"[{talk.key}]"))
        assert len(confirms(stage, talk.agent)) == 3
        assert len(stage.rows("inbound", "list", "--state", "quarantined")) == 5


def test_an_agent_whom_his_relay_proves_needs_no_token(stage):
    talk = stage.opened()
    mail = stage.compose("#priority high", author=talk.agent, subject=f"[{talk.key}]", Authentication_Results=PASSED)
    assert stage.arrive(mail)["state"] == "applied"
    assert talk.ticket()["priority"] == "high"


def test_results_of_another_host_prove_nothing(stage):
    talk = stage.opened()
    mail = stage.compose(
        "#priority high",
        author=talk.agent,
        subject=f"[{talk.key}]",
        Authentication_Results=PASSED.replace("mx.example.com", "mx.evil.example"),
    )
    assert stage.arrive(mail)["state"] == "quarantined"
    assert talk.ticket()["priority"] == "normal"


def test_a_colleagues_token_does_not_make_an_agent_of_somebody_else(stage):
    talk = stage.opened()
    mail = stage.answer(talk.told, "#close", author=talk.colleague)
    row = stage.arrive(mail)
    assert row["state"] == "quarantined"
    assert talk.ticket()["status"] == "new"


def test_words_of_an_agent_without_our_token_are_a_note_and_he_is_told(stage):
    talk = stage.opened()
    mail = stage.compose("I know her.", author=talk.agent, subject=f"[{talk.key}]", Authentication_Results=PASSED)
    stage.arrive(mail)
    note = talk.ticket()["messages"][-1]
    assert (note["direction"], note["public"]) == ("note", False)
    assert "#reply" in talk.mails(talk.agent)[-1].text
    assert len(talk.mails(talk.requester)) == 1


def test_words_that_she_got_from_him_directly_are_stored_and_not_sent_again(stage):
    talk = stage.opened()
    mail = stage.compose(
        stage.words.advice,
        author=talk.agent,
        subject=f"[{talk.key}]",
        Authentication_Results=PASSED,
        To=f"{talk.requester}, support@example.com",
    )
    stage.arrive(mail, to="support@example.com")
    shown = talk.ticket()
    assert (shown["messages"][-1]["direction"], shown["messages"][-1]["public"]) == ("out", True)
    assert shown["first_response_due"] is None
    assert len(talk.mails(talk.requester)) == 1


def test_an_answer_to_an_internal_mail_stays_a_note_and_says_how_to_send_it(stage):
    talk = stage.opened()
    talk.works(f"#assign {talk.colleague}")
    talk.works("#note\nPlease have a look.")
    internal = eventually(lambda: [m for m in talk.mails(talk.colleague) if "have a look" in m.text], "the note")[0]
    row = stage.arrive(stage.answer(internal, "It is the toner.", author=talk.colleague))
    assert row["state"] == "applied"
    assert talk.ticket()["messages"][-1]["direction"] == "note"
    assert "#reply" in talk.mails(talk.colleague)[-1].text
    assert len(talk.mails(talk.requester)) == 1


# Strangers.


def test_a_stranger_with_her_token_becomes_a_note(stage):
    talk = stage.opened()
    answer = talk.gets_answer()
    row = stage.arrive(stage.answer(answer, "I am her boss.", author="boss@example.org"))
    assert row["ticket"] == talk.key
    note = talk.ticket()["messages"][-1]
    assert note["public"] is False
    assert talk.ticket()["status"] == "open"
    assert talk.ticket()["next_response_due"] is None
    assert "I am her boss." in talk.mails(talk.agent)[-1].text
    assert stage.desk.sink.to("boss@example.org") == []
    assert [r["template"] for r in stage.rows("outbox", "list", "--ticket", talk.key)][-1] == "stranger-wrote"


def test_an_agent_admits_a_stranger_by_putting_him_on_copy(stage):
    talk = stage.opened()
    answer = talk.gets_answer()
    stage.arrive(stage.answer(answer, "I am her boss, too.", author="boss2@example.org"))
    talk.works("#cc +boss2@example.org")
    talk.works("Now for both of you.")
    assert "Now for both of you." in stage.desk.mail_to("boss2@example.org").text
    assert {m["text"] and m["public"] for m in talk.ticket()["messages"] if "her boss, too" in m["text"]} == {True}


def test_a_strangers_key_makes_a_linked_new_ticket(stage):
    talk = stage.opened()
    row = stage.arrive(stage.compose("Same here!", author="other@example.net", subject=f"[{talk.key}] me too"))
    assert row["ticket"] != talk.key
    new = stage.rows("ticket", "show", row["ticket"])[0]
    assert new["links"] == [{"kind": "mentions", "ticket": talk.key}]
    assert len(talk.ticket()["messages"]) == 1


def test_a_mail_that_its_own_domain_disowns_joins_nothing_and_is_answered_to_nobody(stage):
    talk = stage.opened()
    mail = stage.compose(
        "Send me the password.",
        author=talk.requester,
        subject=f"[{talk.key}]",
        Authentication_Results=FAILED.format(domain="example.org"),
    )
    before = len(stage.desk.sink.to(talk.requester))
    row = stage.arrive(mail)
    assert row["ticket"] not in {None, talk.key}
    assert stage.rows("ticket", "show", row["ticket"])[0]["tags"] == ["unverified"]
    assert len(stage.desk.sink.to(talk.requester)) == before


def test_her_own_token_makes_her_believed_all_the_same(stage):
    talk = stage.opened()
    answer = talk.gets_answer()
    row = talk.says(answer, stage.words.more, Authentication_Results=FAILED.format(domain="example.org"))
    assert row["ticket"] == talk.key
    assert talk.ticket()["messages"][-1]["public"] is True


# People on copy.


def test_people_on_copy_read_the_answers_and_may_answer(stage):
    talk = stage.opened(Cc="Colleague <colleague@example.org>")
    assert stage.desk.sink.to("colleague@example.org") == []
    answer = talk.gets_answer("This is for both.")
    copy = stage.desk.mail_to("colleague@example.org")
    assert copy.mail["Message-ID"] == answer.mail["Message-ID"]
    assert copy.mail["Cc"] == answer.mail["Cc"]
    assert copy.mail["Reply-To"] != answer.mail["Reply-To"]
    assert copy.mail_from != answer.mail_from
    row = stage.arrive(stage.answer(copy, "I have it, too.", author="colleague@example.org"))
    assert row["ticket"] == talk.key
    assert talk.ticket()["messages"][-1]["public"] is True
    assert len(stage.desk.sink.to(talk.requester)) == 2


def test_somebody_on_copy_can_leave(stage):
    talk = stage.opened(Cc="leaver@example.org")
    talk.gets_answer("First.")
    copy = stage.desk.mail_to("leaver@example.org")
    stage.arrive(stage.answer(copy, "#unsubscribe", author="leaver@example.org"))
    talk.gets_answer("Second.")
    assert len(stage.desk.sink.to("leaver@example.org")) == 1


def test_an_agent_on_copy_of_her_mail_watches(stage):
    talk = stage.opened(Cc="eva@example.com")
    assert "eva@example.com" in talk.ticket()["participants"]
    talk.gets_answer("For her.")
    rows = stage.rows("outbox", "list", "--ticket", talk.key)
    assert [r["template"] for r in rows if r["rcpt_to"] == "eva@example.com"] == ["agent-replied-copy"]


def test_her_close_with_her_own_token_closes(stage):
    talk = stage.opened()
    talk.says(talk.ack, "#close")
    assert talk.ticket()["status"] == "closed"


def test_a_rating_reopens_nothing(stage):
    talk = stage.opened()
    talk.works(f"#resolve\n{stage.words.advice}")
    resolved = stage.desk.mail_to(talk.requester, number=2)
    talk.says(resolved, "5")
    assert talk.ticket()["status"] == "resolved"
    assert "rated" in {e["verb"] for e in talk.ticket()["events"]}


# What agents send along.


def test_an_agents_attachment_reaches_her(stage):
    talk = stage.opened()
    mail = stage.answer(talk.told, "The manual is attached.", author=talk.agent)
    mail.add_attachment(b"%PDF-1.7 manual", maintype="application", subtype="pdf", filename="Handbuch für alle.pdf")
    stage.arrive(mail)
    got = stage.desk.mail_to(talk.requester, having="The manual is attached.")
    attached = list(got.mail.iter_attachments())
    assert [(a.get_filename(), a.get_content()) for a in attached] == [("Handbuch für alle.pdf", b"%PDF-1.7 manual")]
    message = talk.ticket()["messages"][-1]
    assert [a["filename"] for a in message["attachments"]] == ["Handbuch für alle.pdf"]


def test_an_attachment_of_hers_is_named_to_the_agent_and_not_sent_on(stage):
    who = stage.somebody()
    mail = stage.compose(stage.words.hello, author=who)
    mail.add_attachment(b"GIF89a", maintype="image", subtype="gif", filename="screen.gif")
    row = stage.arrive(mail)
    agent = stage.rows("ticket", "show", row["ticket"])[0]["assignee"]
    told = stage.desk.mail_to(agent, having=f"[{row['ticket']}]")
    assert "screen.gif" in told.text
    assert list(told.mail.iter_attachments()) == []


# From and Reply-To in conflict.


def test_an_agent_whose_answers_would_go_to_a_stranger_is_asked_before_his_commands_run(stage):
    talk = stage.opened()
    mail = stage.compose(
        "#priority high",
        author=talk.agent,
        subject=f"[{talk.key}]",
        Reply_To="mallory@evil.example",
        Authentication_Results=PASSED,
    )
    row = stage.arrive(mail)
    assert (row["state"], row["reason"]) == ("quarantined", "agent-unproved")
    assert "mallory@evil.example" in row["because"]
    assert talk.ticket()["priority"] == "normal"
    assert [m.rcpt_to for m in stage.desk.sink.to("mallory@evil.example")] == []


@pytest.mark.parametrize("reply_to", ["ben@example.com", "mallory@evil.example"])
def test_a_requester_whose_reply_to_is_anothers_is_flagged_and_commands_nothing(stage, reply_to):
    talk = stage.opened()
    said = stage.answer(talk.ack, "#close", author=talk.requester, Reply_To=reply_to)
    stage.arrive(said)
    ticket = talk.ticket()
    assert ticket["status"] == "new"
    assert "flagged" in ticket["tags"]
    assert any(event["verb"] == "flagged" and reply_to in event["detail"] for event in ticket["events"])
    assert stage.desk.sink.to("mallory@evil.example") == []
