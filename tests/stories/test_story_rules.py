"""The finer rules of the desk on a running one: agents who ask, machines that write, limits, copies, old tokens."""

import smtplib
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from tests.stories.stage import HALF_PAST_NINE, LANGUAGES, Stage, Talk, steady
from tests.stories.test_story_conversation import report_of
from tests.support.desk import Clock, Desk
from tests.support.waiting import PATIENCE_SECONDS, eventually


@pytest.fixture(scope="module")
def stage(tmp_path_factory) -> Iterator[Stage]:
    desk = Desk(tmp_path_factory.mktemp("rules"), steady("en"), clock=Clock(HALF_PAST_NINE))
    try:
        desk.start()
        yield Stage(desk, LANGUAGES["en"])
    finally:
        desk.close()


def shown(stage: Stage, row: dict) -> dict:
    assert row["ticket"] is not None, row
    return stage.rows("ticket", "show", row["ticket"])[0]


def templates(talk: Talk, address: str) -> list[str]:
    rows = talk.stage.rows("outbox", "list", "--ticket", talk.key)
    return [row["template"] for row in rows if row["rcpt_to"] == address]


def verbs(ticket: dict) -> dict[str, str]:
    return {event["verb"]: event["detail"] for event in ticket["events"]}


# Agents.


def test_an_agent_who_asks_for_help_is_a_requester_and_never_gets_his_own_ticket(stage):
    row = stage.arrive(stage.compose("My own screen is dark.", author="Ana Ruiz <ana@example.com>"))
    ticket = shown(stage, row)
    assert (ticket["requester"], ticket["assignee"]) == ("ana@example.com", "ben@example.com")
    ack = stage.desk.mail_to("ana@example.com", having=ticket["key"])
    row = stage.arrive(stage.answer(ack, "It flickers.", author="ana@example.com"))
    ticket = shown(stage, row)
    assert [m["direction"] for m in ticket["messages"]] == ["in", "in"]
    assert ticket["first_response_due"] is not None


def test_the_first_public_answer_to_an_unassigned_ticket_takes_it(stage):
    talk = stage.opened()
    talk.works("#unassign")
    assert talk.ticket()["assignee"] is None
    talk.works(stage.words.advice)
    assert talk.ticket()["assignee"] == talk.agent


def test_an_answer_to_anothers_ticket_leaves_its_assignee(stage):
    talk = stage.opened()
    talk.works(f"#assign {talk.colleague}")
    talk.works(stage.words.advice)
    assert talk.ticket()["assignee"] == talk.colleague


def test_people_in_copy_of_an_agents_answer_come_on_copy(stage):
    talk = stage.opened()
    stage.arrive(stage.answer(talk.told, stage.words.advice, author=talk.agent, Cc="boss.of.hers@example.org"))
    assert "boss.of.hers@example.org" in talk.ticket()["participants"]


def test_take_opens_a_ticket_and_resolve_without_words_is_a_response(stage):
    talk = stage.opened()
    talk.works("#take")
    assert talk.ticket()["status"] == "open"
    assert talk.ticket()["first_response_due"] is not None
    talk.works("#resolve")
    assert talk.ticket()["first_response_due"] is None
    assert talk.ticket()["status"] == "resolved"
    assert templates(talk, talk.requester) == ["acknowledgement", "resolved"]


def test_an_agent_reopens_a_closed_ticket(stage):
    talk = stage.opened()
    talk.works("#close")
    assert talk.ticket()["status"] == "closed"
    assert templates(talk, talk.requester)[-1] == "closed"
    talk.works("#pending")
    assert talk.ticket()["status"] == "closed"
    assert "#pending" in talk.mails(talk.agent)[-1].text
    talk.works("#reopen")
    assert talk.ticket()["status"] == "open"


def test_commands_stop_at_the_first_line_of_text(stage):
    talk = stage.opened()
    talk.works("#priority high\nPlease type this:\n#close")
    got = stage.desk.mail_to(talk.requester, number=2)
    assert "#close" in got.text
    assert "#priority" not in got.text
    assert talk.ticket()["status"] == "open"


def test_a_rehearsal_does_nothing_and_says_what_it_would(stage):
    talk = stage.opened()
    talk.works("#dry-run\n#close\nGood bye.")
    assert talk.ticket()["status"] == "new"
    assert len(talk.mails(talk.requester)) == 1
    assert "#close" in talk.mails(talk.agent)[-1].text


def test_a_higher_priority_brings_shorter_targets(stage):
    talk = stage.opened()
    before = talk.ticket()["first_response_due"]
    talk.works("#priority urgent")
    after = talk.ticket()
    assert after["first_response_due"] < before
    assert [c["target_seconds"] for c in after["clocks"] if c["clock"] == "first_response"] == [1800]


def test_the_notification_names_a_likely_older_ticket_of_hers(stage):
    talk = stage.opened()
    row = stage.arrive(stage.compose("Me again.", author=talk.requester))
    again = shown(stage, row)
    assert again["key"] != talk.key
    told = stage.desk.mail_to(again["assignee"], having=f"[{again['key']}]")
    assert talk.key in told.text
    assert "#merge" in told.text


# Machines.


def test_an_agents_out_of_office_is_recorded_and_never_posted(stage):
    talk = stage.opened()
    row = talk.works("I am on holiday.", Auto_Submitted="auto-replied", Subject="Out of office")
    assert (row["state"], row["ticket"]) == ("applied", talk.key)
    ticket = talk.ticket()
    assert ticket["messages"][-1]["public"] is False
    assert len(talk.mails(talk.requester)) == 1
    assert ticket["first_response_due"] is not None


def test_a_late_report_about_nothing_of_ours_opens_nothing(stage):
    report = (
        b"From: MAILER-DAEMON@mx.example.org\r\nTo: support@example.com\r\nSubject: Undelivered Mail\r\n"
        b"Message-ID: <r1@mx.example.org>\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="=b"\r\n\r\n'
        b"--=b\r\n\r\nIt failed.\r\n--=b\r\nContent-Type: message/delivery-status\r\n\r\n"
        b"Reporting-MTA: dns; mx.example.org\r\n\r\nFinal-Recipient: rfc822; x@example.org\r\nAction: failed\r\n"
        b"Status: 5.1.1\r\n--=b--\r\n"
    )
    before = len(stage.desk.sink.mails)
    row = stage.arrive(message_from_bytes(report, policy=default), "support@example.com", "")
    assert (row["state"], row["ticket"]) == ("applied", None)
    assert len(stage.desk.sink.mails) == before


def test_a_report_of_delay_fails_nothing(stage):
    talk = stage.opened()
    answer = talk.gets_answer()
    report = report_of(answer, "delayed", "4.4.1", "connection timed out")
    stage.arrive(message_from_bytes(report, policy=default), answer.mail_from, "")
    out = next(m for m in talk.ticket()["messages"] if m["direction"] == "out")
    assert [d["state"] for d in out["delivery"]] == ["sent"]
    assert talk.ticket()["first_response_due"] is None


def test_a_forged_report_suspends_nobody(stage):
    talk = stage.opened()
    answer = talk.gets_answer()
    forged = report_of(answer).replace(answer.mail_from.encode(), b"support@example.com")
    forged = forged.replace(str(answer.mail["Message-ID"]).encode(), b"<forged@desk.example.com>")
    mail = message_from_bytes(forged, policy=default)
    mail.replace_header("To", "support@example.com")
    stage.arrive(mail, "support@example.com", "")
    out = next(m for m in talk.ticket()["messages"] if m["direction"] == "out")
    assert [d["state"] for d in out["delivery"]] == ["sent"]


def test_a_report_that_somebody_on_copy_makes_up_takes_nothing_back(stage):
    talk = stage.opened()
    answer = stage.answer(talk.told, "Here it is.", author=talk.agent, Cc="boss@example.org")
    stage.arrive(answer, talk.told.mail["Reply-To"].addresses[0].addr_spec)
    hers, his = stage.desk.mail_to(talk.requester, number=2), stage.desk.mail_to("boss@example.org")
    assert hers.mail["Message-ID"] == his.mail["Message-ID"]
    forged = report_of(his).replace(b"rfc822; boss@example.org", f"rfc822; {talk.requester}".encode())
    for number, recipient in enumerate(("support@example.com", his.mail_from)):
        report = forged.replace(b"Message-ID: <", f"Message-ID: <{number}".encode(), 1)
        row = stage.arrive(message_from_bytes(report, policy=default), recipient, "")
        assert (row["state"], row["ticket"]) == ("applied", talk.key)
    out = next(m for m in talk.ticket()["messages"] if m["direction"] == "out")
    assert {d["rcpt_to"]: d["state"] for d in out["delivery"]} == {talk.requester: "sent", "boss@example.org": "failed"}
    assert talk.ticket()["first_response_due"] is None


def test_three_soft_bounces_suspend_an_address_for_a_day(stage):
    who = stage.somebody()
    for number in range(3):
        talk = stage.opened(who)
        stage.desk.clock.advance(minutes=11)
        answer = talk.gets_answer(f"Words {number}.")
        report = report_of(answer, status="4.2.2", said=f"452 4.2.2 mailbox full {number}")
        stage.arrive(message_from_bytes(report, policy=default), answer.mail_from, "")
    row = stage.arrive(stage.compose("Once more.", author=who, subject="Once more"))
    assert "suspended" in verbs(shown(stage, row))["not-acknowledged"]


def test_a_monitor_opens_a_ticket_without_clocks_until_an_agent_takes_it(stage):
    mail = stage.compose("Disk full", author="monitor@example.net", Auto_Submitted="auto-generated")
    row = stage.arrive(mail)
    ticket = shown(stage, row)
    assert (ticket["assignee"], ticket["first_response_due"], ticket["resolution_due"]) == (None, None, None)
    assert stage.desk.sink.to("monitor@example.net") == []
    told = stage.desk.mail_to("ana@example.com", having=ticket["key"])
    stage.arrive(stage.answer(told, "#take", author="ana@example.com"))
    assert shown(stage, row)["resolution_due"] is not None


@pytest.mark.parametrize("local", ["noreply", "no-reply", "mailer-daemon", "bounces", "team-request"])
def test_a_role_address_is_never_answered(stage, local):
    row = stage.arrive(stage.compose("Something happened.", author=f"{local}@example.net", subject=f"News of {local}"))
    assert row["state"] == "applied"
    assert stage.desk.sink.to(f"{local}@example.net") == []


def test_info_is_a_person(stage):
    stage.opened("info@example.net")


def test_mail_from_an_address_of_ours_is_a_loop(stage):
    before = len(stage.desk.sink.mails)
    row = stage.arrive(stage.compose("Hello me.", author="support@example.com"))
    assert row["state"] == "applied"
    assert [m.rcpt_to for m in stage.desk.sink.mails[before:] if "support@" in m.rcpt_to] == []


# Limits.


def test_a_fourth_acknowledgement_within_ten_minutes_is_not_sent_and_the_timeline_says_so(stage):
    who = stage.somebody()
    rows = [stage.arrive(stage.compose(f"Number {n}", author=who, subject=f"Number {n}")) for n in range(4)]
    assert len(stage.desk.sink.to(who)) == 3
    last = verbs(shown(stage, rows[-1]))
    assert "automatic mails in 10 minutes" in last.get("not-acknowledged", "") + last.get("not-sent", "")


def test_a_recipient_that_is_not_ours_is_refused_and_an_expired_token_is_not(stage):
    talk = stage.opened()
    with smtplib.SMTP("127.0.0.1", stage.desk.port, timeout=PATIENCE_SECONDS) as client:
        client.ehlo()
        client.mail("marta@example.org")
        code, reply = client.rcpt("elsewhere@example.com")
        assert (code, reply.split()[0]) == (550, b"5.1.1")
        assert client.rcpt("postmaster@example.com")[0] == 250
        assert client.rcpt("desk@desk.example.com")[0] == 250
        assert client.rcpt(talk.told.mail["Reply-To"].addresses[0].addr_spec)[0] == 250


def test_an_agent_token_that_is_too_old_proves_nothing(tmp_path):
    desk = Desk(tmp_path, steady("en"), clock=Clock(HALF_PAST_NINE))
    try:
        desk.start()
        stage = Stage(desk, LANGUAGES["en"])
        talk = stage.opened()
        desk.clock.advance(days=31)
        row = talk.works("#close")
        assert row["state"] == "quarantined"
        assert talk.ticket()["status"] == "new"
        row = talk.says(talk.ack, "Is anybody there?")  # hers does not expire
        assert row["ticket"] == talk.key
    finally:
        desk.close()


# Bodies.


def test_a_mail_in_html_alone_is_read_and_answered(stage):
    who = stage.somebody()
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = who, "support@example.com", "Pr\u00fcfung \u2013 Dr\u00fccker"
    mail["Message-ID"] = f"<html.{who}>"
    mail.set_content("<p>It <b>burns</b> &amp; smokes.<script>alert(1)</script></p>", subtype="html")
    ticket = shown(stage, stage.arrive(mail))
    assert "It burns & smokes." in ticket["messages"][0]["new_text"]
    ack = stage.desk.mail_to(who)
    assert ack.mail["Subject"] == f"[{ticket['key']}] Pr\u00fcfung \u2013 Dr\u00fccker"
    told = stage.desk.mail_to(ticket["assignee"], having=ticket["key"])
    assert "<script" not in told.html
    assert "alert(1)" not in told.html


def test_her_words_cannot_forge_markup_or_fields_in_our_mail(stage):
    who = stage.somebody()
    words = "<img src=x onerror=alert(1)>\nBcc: victim@example.org\n{{ 7*7 }} {% raw %}"
    row = stage.arrive(stage.compose(words, author=f'"Eve <b>" <{who}>', subject="x\u202ereverse {{ 7*7 }}"))
    ticket = shown(stage, row)
    for received in (stage.desk.mail_to(who), stage.desk.mail_to(ticket["assignee"], having=ticket["key"])):
        assert "<img src=x" not in received.html
        assert received.mail["Bcc"] is None
        assert "{{ 7*7 }}" in received.text + str(received.mail["Subject"])
        assert "49" not in str(received.mail["Subject"])


def test_an_empty_mail_opens_a_ticket_all_the_same(stage):
    row = stage.arrive(stage.compose("", author=stage.somebody(), subject=" "))
    assert shown(stage, row)["subject"] == "(no subject)"


def test_a_mail_without_any_author_is_put_aside(stage):
    mail = stage.compose("Hello.", author="a@example.org, b@example.org")
    row = stage.arrive(mail, mail_from="a@example.org")
    assert (row["state"], row["reason"]) == ("quarantined", "no-author")


def test_an_answer_to_all_that_comes_twice_is_told_once(stage):
    talk = stage.opened()
    answer = talk.gets_answer()
    mail = stage.answer(
        answer, stage.words.more, author=talk.requester, To=f"{answer.mail['Reply-To']}, support@example.com"
    )
    before = len(talk.mails(talk.agent))
    stage.arrive(mail, answer.mail["Reply-To"].addresses[0].addr_spec)
    stage.arrive(mail, "support@example.com")
    eventually(lambda: len(stage.entries(str(mail["Message-ID"]))) == 2, "both copies")
    assert len(talk.mails(talk.agent)) == before + 1
    assert len(talk.ticket()["messages"]) == 3
