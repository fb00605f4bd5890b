"""The main story over real wires: every door, in English and in Spanish, one clause a test."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest

from tests.stories.stage import SUPPORT, Stage, mailbox_stage, smtp_stage
from tests.support.dovecot import require_dovecot, start_dovecot
from tests.support.pymap_server import start_pymap
from tests.support.waiting import eventually

STAGES = ("smtp-en", "smtp-es", "pymap-es", "dovecot-en")


@pytest.fixture(scope="module", params=STAGES)
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One desk for each door and language, shared by all tests of this module."""
    door, language = request.param.split("-")
    folder = tmp_path_factory.mktemp(request.param)
    if door == "smtp":
        with smtp_stage(folder, language) as running:
            yield running
    elif door == "pymap":
        with start_pymap() as server, mailbox_stage(folder, language, server) as running:
            yield running
    else:
        require_dovecot()
        with start_dovecot(tmp_path_factory.mktemp("dovecot")) as server, mailbox_stage(folder, language, server) as on:
            yield on


def moments(ticket: dict) -> dict[str, str]:
    return {event["verb"]: event["detail"] for event in ticket["events"]}


# She asks.


def test_she_is_acknowledged_once_in_her_language_with_what_happens_next_and_by_when(stage):
    talk = stage.opened()
    assert len(stage.desk.sink.to(talk.requester)) == 1
    assert talk.ack.mail["Subject"] == f"[{talk.key}] {stage.words.subject}"
    assert stage.words.next in talk.ack.text
    assert talk.promise in talk.ack.text
    assert stage.words.hello[:40] in talk.ack.text


def test_her_acknowledgement_is_marked_as_automatic_and_threads_below_her_mail(stage):
    talk = stage.opened()
    assert talk.ack.mail["Auto-Submitted"] == "auto-replied"
    assert talk.ack.mail["X-Auto-Response-Suppress"] == "OOF, AutoReply, DR, RN, NRN"
    assert talk.ack.mail["In-Reply-To"] == talk.asked["Message-ID"]
    assert str(talk.asked["Message-ID"]) in talk.ack.mail["References"]
    assert talk.ack.mail["From"].addresses[0].addr_spec == SUPPORT
    assert talk.ack.mail["Reply-To"].addresses[0].addr_spec.startswith("desk+")
    assert talk.ack.mail_from.startswith("desk+")
    assert talk.ack.mail_from != talk.ack.mail["Reply-To"].addresses[0].addr_spec


def test_the_least_loaded_of_the_first_line_has_it_and_is_told_her_words(stage):
    def load(agent):
        return len([t for t in stage.rows("ticket", "list", "--assignee", agent) if t["status"] in {"new", "open"}])

    before = {agent: load(agent) for agent in ("ana@example.com", "ben@example.com")}
    talk = stage.opened()
    shown = talk.ticket()
    assert shown["assignee"] == talk.agent
    assert before[talk.agent] == min(before.values())
    assert "least loaded" in moments(shown)["assigned"]
    assert shown["status"] == "new"
    assert stage.words.hello in talk.told.text
    assert len(talk.mails(talk.colleague)) == 0


# The agent answers.


def test_she_reads_the_agents_words_without_commands_quotes_or_internal_text(stage):
    talk = stage.opened()
    answer = talk.gets_answer(f"{stage.verb('priority')} high\n{stage.words.advice}")
    assert stage.words.advice in answer.text
    assert stage.words.advice in answer.html
    for word in (stage.verb("priority"), "#take", "#resolve", "first-line", "SLA", "##-", "level 1", "nivel 1"):
        shown = answer.text.replace(stage.words.hello, "")
        assert word not in shown.partition("-##")[2] if word == "##-" else word not in shown, word
    assert answer.mail["Auto-Submitted"] is None
    assert talk.ticket()["priority"] == "high"


def test_his_answer_threads_and_keeps_its_subject_for_life(stage):
    talk = stage.opened()
    talk.works(f'{stage.verb("subject")} "Toner"\n{stage.words.advice}')
    answer = stage.desk.mail_to(talk.requester, having=stage.words.advice)
    assert answer.mail["Subject"] == talk.ack.mail["Subject"]
    assert answer.mail["In-Reply-To"] == talk.asked["Message-ID"]
    root, *others = answer.mail["References"].split()
    assert root == talk.ack.mail["References"].split()[0]
    assert str(talk.asked["Message-ID"]) in others
    assert talk.ticket()["subject"] == "Toner"


def test_his_first_answer_opens_the_ticket_and_meets_the_first_response(stage):
    talk = stage.opened()
    talk.gets_answer()
    shown = talk.ticket()
    assert shown["status"] == "open"
    first = next(c for c in shown["clocks"] if c["clock"] == "first_response")
    assert first["state"] == "met"
    assert shown["first_response_due"] is None
    assert [m["delivery"][0]["state"] for m in shown["messages"] if m["direction"] == "out"] == ["sent"]


# She answers, and it joins.


def joins(talk, mail, rule, to=None):
    row = talk.stage.arrive(mail, to)
    assert (row["state"], row["ticket"]) == ("applied", talk.key), row
    assert row["reason"] == rule, row["because"]
    assert talk.ticket()["messages"][-1]["new_text"].strip() == talk.stage.words.more


def hers(talk, text="", **fields):
    return talk.stage.compose(text or talk.stage.words.more, author=f"Marta Gil <{talk.requester}>", **fields)


def test_her_answer_joins_by_the_token_alone(stage):
    talk = stage.opened()
    answer = talk.gets_answer()
    joins(talk, hers(talk, To=str(answer.mail["Reply-To"]), subject="Something else"), "token")


def test_her_answer_joins_by_our_message_id_alone(stage):
    talk = stage.opened()
    answer = talk.gets_answer()
    mail = hers(talk, In_Reply_To=str(answer.mail["Message-ID"]), subject="Something else")
    joins(talk, mail, "our-message-id-in-reply-to")


def test_her_answer_joins_by_our_message_id_in_references_alone(stage):
    talk = stage.opened()
    answer = talk.gets_answer()
    mail = hers(talk, References=f"<a@b.example> {answer.mail['Message-ID']}", subject="Something else")
    joins(talk, mail, "our-message-id-in-references")


def test_her_answer_joins_by_the_message_id_of_her_own_first_mail(stage):
    talk = stage.opened()
    mail = hers(talk, In_Reply_To=str(talk.asked["Message-ID"]), subject="Something else")
    joins(talk, mail, "stored-message-id-in-reply-to")


def test_her_answer_joins_by_references_to_her_own_mail_with_the_same_subject(stage):
    talk = stage.opened()
    mail = hers(talk, References=str(talk.asked["Message-ID"]), subject=f"Re: {stage.words.subject}")
    joins(talk, mail, "stored-message-id-in-references")


def test_references_to_her_own_mail_with_another_subject_make_a_new_ticket(stage):
    talk = stage.opened()
    row = stage.arrive(hers(talk, References=str(talk.asked["Message-ID"]), subject="A wholly different thing"))
    assert row["ticket"] not in {None, talk.key}


def test_her_answer_joins_by_the_key_in_its_subject_alone(stage):
    talk = stage.opened()
    joins(talk, hers(talk, subject=f"about [{talk.key.lower()}]"), "subject-key")


def test_her_answer_joins_by_the_marker_in_the_quoted_body_alone(stage):
    talk = stage.opened()
    answer = talk.gets_answer()
    quoted = "\n".join(f"> {line}" for line in answer.text.splitlines())
    text = f"{stage.words.more}\n\n{stage.words.wrote.format(who='Acme Support')}\n{quoted}\n"
    joins(talk, hers(talk, text, subject="Something else"), "marker")


def test_a_key_with_a_wrong_letter_joins_nothing(stage):
    talk = stage.opened()
    wrong = talk.key[:-1] + ("A" if talk.key[-1] != "A" else "B")
    row = stage.arrive(hers(talk, subject=f"about [{wrong}]"))
    assert row["ticket"] not in {None, talk.key}


def test_the_agent_is_told_what_she_answered(stage):
    talk = stage.opened()
    answer = talk.gets_answer()
    talk.says(answer, stage.words.more)
    told = talk.mails(talk.agent)[-1]
    assert stage.words.more in told.text
    assert told.mail["Subject"].startswith(f"[{talk.key}]")
    assert len(stage.desk.sink.to(talk.requester)) == 2
    assert talk.ticket()["messages"][-1]["new_text"].strip() == stage.words.more


def test_her_next_mail_after_an_answer_starts_the_next_response(stage):
    talk = stage.opened()
    answer = talk.gets_answer()
    assert talk.ticket()["next_response_due"] is None
    talk.says(answer, stage.words.more)
    assert talk.ticket()["next_response_due"] is not None


# What an agent commands.


def test_a_note_stays_inside_the_desk(stage):
    talk = stage.opened()
    before = len(stage.desk.sink.to(talk.requester))
    talk.works(f"{stage.verb('note')}\nShe has called about this before.")
    assert len(stage.desk.sink.to(talk.requester)) == before
    note = talk.ticket()["messages"][-1]
    assert (note["direction"], note["public"]) == ("note", False)
    assert note["new_text"].strip() == "She has called about this before."
    assert talk.ticket()["status"] == "new"


def test_assign_hands_it_to_a_colleague_who_is_told(stage):
    talk = stage.opened()
    talk.works(f"{stage.verb('assign')} {talk.colleague.partition('@')[0]}")
    told = eventually(lambda: talk.mails(talk.colleague), "the colleague's mail")[0]
    assert stage.words.hello in told.text
    shown = talk.ticket()
    assert (shown["assignee"], shown["status"]) == (talk.colleague, "new")
    assert len(shown["messages"]) == 1


def test_the_first_lines_set_the_priority_and_wait_for_her(stage):
    talk = stage.opened()
    text = f"{stage.verb('priority')} urgent\n\n{stage.verb('pending')}\n{stage.words.advice}"
    answer = talk.gets_answer(text)
    shown = talk.ticket()
    assert (shown["status"], shown["priority"]) == ("pending", "urgent")
    assert {c["state"] for c in shown["clocks"] if c["clock"] == "resolution"} == {"paused"}
    talk.says(answer, stage.words.more)
    again = talk.ticket()
    assert again["status"] == "open"
    assert {c["state"] for c in again["clocks"] if c["clock"] == "resolution"} == {"running"}


def test_resolve_brings_her_his_words_and_asks_for_a_rating(stage):
    talk = stage.opened()
    talk.works(f"{stage.verb('resolve')}\n{stage.words.advice}")
    got = stage.desk.mail_to(talk.requester, number=2)
    assert stage.words.advice in got.text
    assert "mailto:" in got.html
    assert [r["template"] for r in stage.rows("outbox", "list", "--ticket", talk.key)].count("resolved") == 1
    shown = talk.ticket()
    assert shown["status"] == "resolved"
    assert {c["state"] for c in shown["clocks"]} == {"met"}


def test_an_unknown_verb_applies_nothing_sends_nothing_and_answers_with_a_transcript(stage):
    talk = stage.opened()
    hers_before = len(stage.desk.sink.to(talk.requester))
    row = talk.works(f"{stage.verb('priority')} high\n#resolv\n{stage.words.advice}")
    assert row["state"] == "applied"
    shown = talk.ticket()
    assert (shown["priority"], shown["status"]) == ("normal", "new")
    assert len(stage.desk.sink.to(talk.requester)) == hers_before
    transcript = talk.mails(talk.agent)[-1]
    assert "#resolv" in transcript.text
    assert "resolve" in transcript.text
    assert stage.words.advice in transcript.text


def test_ok_releases_the_text_that_was_kept(stage):
    talk = stage.opened()
    talk.works(f"#resolv\n{stage.words.advice}")
    transcript = talk.mails(talk.agent)[-1]
    talk.works(stage.verb("ok"), transcript)
    got = stage.desk.mail_to(talk.requester, having=stage.words.advice)
    assert "#resolv" not in got.text
    assert talk.ticket()["status"] == "open"


def test_corrected_commands_take_the_place_of_the_faulty_ones(stage):
    talk = stage.opened()
    talk.works(f"#resolv\n{stage.words.advice}")
    talk.works(stage.verb("resolve"), talk.mails(talk.agent)[-1])
    assert stage.words.advice in stage.desk.mail_to(talk.requester, number=2).text
    assert talk.ticket()["status"] == "resolved"


def test_a_resolved_ticket_reopens_when_she_writes_within_the_grace_period(stage):
    talk = stage.opened()
    talk.works(f"{stage.verb('resolve')}\n{stage.words.advice}")
    resolved = stage.desk.mail_to(talk.requester, number=2)
    row = talk.says(resolved, stage.words.more)
    assert row["ticket"] == talk.key
    assert talk.ticket()["status"] == "open"
    assert stage.words.more in talk.mails(talk.agent)[-1].text


def test_thanks_alone_reopen_nothing(stage):
    talk = stage.opened()
    talk.works(f"{stage.verb('resolve')}\n{stage.words.advice}")
    resolved = stage.desk.mail_to(talk.requester, number=2)
    talk.says(resolved, "Muchas gracias!" if stage.words.language == "es" else "Thanks a lot!")
    assert talk.ticket()["status"] == "resolved"


# Machines write.


def sent_so_far(stage):
    stage.quiet()
    return len(stage.desk.sink.mails)


def sent_nothing_more(stage, before):
    return sent_so_far(stage) == before


def test_an_out_of_office_answer_is_recorded_and_never_answered(stage):
    talk = stage.opened()
    answer = talk.gets_answer()
    before = sent_so_far(stage)
    subject = stage.words.away_subject.format(subject=answer.mail["Subject"])
    row = talk.says(answer, stage.words.away, Subject=subject, Auto_Submitted="auto-replied")
    assert (row["state"], row["ticket"]) == ("applied", talk.key)
    assert sent_nothing_more(stage, before)
    shown = talk.ticket()
    assert shown["messages"][-1]["kind"] == "auto-reply"
    assert shown["next_response_due"] is None


def test_an_out_of_office_answer_to_the_acknowledgement_satisfies_no_clock(stage):
    talk = stage.opened()
    before = sent_so_far(stage)
    row = talk.says(talk.ack, stage.words.away, Auto_Submitted="auto-replied")
    assert row["ticket"] == talk.key
    assert sent_nothing_more(stage, before)
    assert talk.ticket()["first_response_due"] is not None


def test_a_list_mail_opens_a_ticket_that_nobody_is_thanked_for(stage):
    who = stage.somebody()
    mail = stage.compose(stage.words.hello, author=who, List_Id="<news.example.org>", Precedence="list")
    row = stage.arrive(mail)
    assert row["ticket"] is not None
    assert stage.desk.sink.to(who) == []
    shown = stage.rows("ticket", "show", row["ticket"])[0]
    assert shown["assignee"] is None
    assert shown["first_response_due"] is None
    for agent in ("ana@example.com", "ben@example.com"):
        assert [m for m in stage.desk.sink.to(agent) if row["ticket"] in str(m.mail["Subject"])]


def report_of(answer, kind="failed", status="5.1.1", said="550 5.1.1 no such user"):
    """A delivery report as an MTA makes it (RFC 3464), in octets."""
    header = answer.octets.partition(b"\r\n\r\n")[0].decode("utf-8", "replace")
    return (
        "From: Mail Delivery System <MAILER-DAEMON@mx.example.org>\r\n"
        f"To: {answer.mail_from}\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        f"Message-ID: <{kind}.{answer.mail['Message-ID'].strip('<>').partition('@')[0][-12:]}@mx.example.org>\r\n"
        "Date: Mon, 23 Nov 2026 10:00:00 +0000\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="=b"\r\n\r\n'
        "--=b\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n"
        f"The mail could not be delivered to <{answer.rcpt_to}>: {said}\r\n\r\n"
        "--=b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.example.org\r\n\r\n"
        f"Final-Recipient: rfc822; {answer.rcpt_to}\r\nAction: {kind}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; {said}\r\n\r\n"
        f"--=b\r\nContent-Type: text/rfc822-headers\r\n\r\n{header}\r\n\r\n--=b--\r\n"
    ).encode()


def test_a_bounce_tells_the_agent_takes_the_response_back_and_suspends_the_address(stage):
    talk = stage.opened()
    due = talk.ticket()["first_response_due"]
    answer = talk.gets_answer()
    assert talk.ticket()["first_response_due"] is None
    before = len(stage.desk.sink.to(talk.requester))
    row = stage.arrive(message_from_bytes(report_of(answer), policy=default), answer.mail_from, "")
    assert (row["state"], row["ticket"]) == ("applied", talk.key)
    bounced = talk.mails(talk.agent)[-1]
    assert talk.requester in bounced.text
    assert "550 5.1.1 no such user" in bounced.text
    shown = talk.ticket()
    assert shown["first_response_due"] == due
    out = next(m for m in shown["messages"] if m["direction"] == "out")
    assert [d["state"] for d in out["delivery"]] == ["failed"]
    assert [r["template"] for r in stage.rows("outbox", "list", "--ticket", talk.key)][-1] == "bounced"
    again = stage.arrive(hers(talk, subject="Another thing"))
    assert len(stage.desk.sink.to(talk.requester)) == before
    events = moments(stage.rows("ticket", "show", again["ticket"])[0])
    assert "suspended" in events["not-acknowledged"] + events.get("not-sent", "")


def test_our_own_mail_that_comes_back_is_recorded_and_never_answered(stage):
    talk = stage.opened()
    before = sent_so_far(stage)
    row = stage.arrive(message_from_bytes(talk.ack.octets, policy=default), SUPPORT, talk.ack.mail_from)
    assert row["state"] == "applied"
    assert sent_nothing_more(stage, before)
    assert len(talk.ticket()["events"]) <= len(moments(talk.ticket())) + 4


def test_her_mail_from_a_null_reverse_path_is_never_answered(stage):
    who = stage.somebody()
    stage.arrive(stage.compose(stage.words.hello, author=who), mail_from="")
    assert stage.desk.sink.to(who) == []


# Everything is told.


def test_the_ticket_tells_all_of_it_with_reasons(stage):
    talk = stage.opened()
    answer = talk.gets_answer()
    talk.says(answer, stage.words.more)
    shown = talk.ticket()
    told = moments(shown)
    assert {"opened", "assigned", "replied", "responded", "wrote"} <= set(told)
    assert "new:" in told["opened"]
    assert "token" in told["wrote"]
    assert all(event["actor"] and event["detail"] and event["at"].endswith("Z") for event in shown["events"])
    assert [m["direction"] for m in shown["messages"]] == ["in", "out", "in"]
    assert [m["from"]["address"] for m in shown["messages"]] == [talk.requester, talk.agent, talk.requester]
    assert all(m["authentication"] for m in shown["messages"] if m["direction"] == "in")
    assert {c["clock"] for c in shown["clocks"]} == {"first_response", "next_response", "resolution"}
    assert datetime.fromisoformat(shown["resolution_due"]) - datetime.fromisoformat(shown["created_at"]) > timedelta(0)


def test_the_same_mail_twice_has_no_second_effect(stage):
    talk = stage.opened()
    before = sent_so_far(stage)
    row = stage.arrive(talk.asked)
    assert row["state"] == "duplicate"
    assert sent_nothing_more(stage, before)
    assert len(talk.ticket()["messages"]) == 1


def test_what_was_taken_in_stands_in_the_journal_with_its_door(stage):
    talk = stage.opened()
    row = stage.entries(str(talk.asked["Message-ID"]))[0]
    assert row["door"] == stage.door
    assert row["mailbox"] == ("support" if stage.door == "imap" else None)
    assert (row["ticket"], row["attempts"] >= 1) == (talk.key, True)
