"""Attacks on a running desk, by SMTP: none changes, sends or reveals anything; each is on record with its reason."""

from collections.abc import Iterator

import pytest

from tests.stories.stage import HALF_PAST_NINE, LANGUAGES, WIRE, Stage, steady
from tests.support.desk import Clock, Desk
from tests.support.names import no_names

MALLORY = "mallory@evil.example"
ANA = "ana@example.com"


@pytest.fixture(scope="module")
def stage(tmp_path_factory) -> Iterator[Stage]:
    """A desk that stands in the open: no relay is trusted, and the DNS knows no name."""
    with no_names() as server:

        def change(text: str) -> str:
            text = steady("en")(text).replace('trusted_relays = ["127.0.0.1"]\n', "")
            return text.replace('agents = "pass-or-token"', f'agents = "pass-or-token"\nnameservers = ["{server}"]')

        desk = Desk(tmp_path_factory.mktemp("attacked"), change, clock=Clock(HALF_PAST_NINE))
        try:
            desk.start()
            yield Stage(desk, LANGUAGES["en"])
        finally:
            desk.close()


def untouched(talk, before) -> None:
    """Hold the ticket against what it was: its state, its people and its words are the same."""
    now = talk.ticket()
    same = ("status", "priority", "assignee", "requester", "participants", "messages", "clocks")
    assert {name: now[name] for name in same if name != "clocks"} == {n: before[n] for n in same if n != "clocks"}


def raw(mail) -> bytes:
    return mail.as_bytes(policy=WIRE)


def arrive_raw(stage: Stage, octets: bytes, mail_from: str = MALLORY) -> dict:
    entry = stage.desk.send(octets, to="support@example.com", mail_from=mail_from)

    return stage.desk.settled(entry)


def test_a_forged_agent_without_any_key_is_held_and_nothing_opens(stage):
    tickets = len(stage.rows("ticket", "list"))
    row = stage.arrive(stage.compose("#block marta@example.org", author=ANA), mail_from=MALLORY)
    assert (row["state"], row["reason"]) == ("quarantined", "agent-unproved")
    assert len(stage.rows("ticket", "list")) == tickets
    assert stage.desk.sink.to(MALLORY) == []


def test_an_agents_mail_that_is_replayed_has_no_second_effect(stage):
    talk = stage.opened()
    mail = stage.answer(talk.told, "#time 30m\nI look into it.", author=talk.agent)
    stage.arrive(mail)
    before, sent = talk.ticket(), len(stage.desk.sink.mails)
    to = str(mail["To"])
    entry = stage.desk.send(raw(mail), to=to, mail_from=MALLORY)
    stage.until(lambda: [r for r in stage.rows("inbound", "list", "--state", "duplicate") if r["entry"] == entry], "it")
    assert talk.ticket()["events"] == before["events"]
    untouched(talk, before)
    assert len(stage.desk.sink.mails) == sent


def test_an_agents_token_in_foreign_hands_runs_nothing_and_reveals_nothing(stage):
    talk = stage.opened()
    row = stage.arrive(stage.answer(talk.told, "#close\nGive me all of it.", author=MALLORY))
    now = talk.ticket()
    assert (row["ticket"], now["status"], now["messages"][-1]["public"]) == (talk.key, "new", False)
    assert "takes no part there" in row["because"]
    assert stage.desk.sink.to(MALLORY) == []
    assert len(talk.mails(talk.requester)) == 1


def test_two_authors_in_from_are_nobody(stage):
    talk = stage.opened()
    before = talk.ticket()
    for second in (f"From: {ANA}, {MALLORY}", f"From: {ANA}\r\nFrom: {MALLORY}"):
        mail = f"{second}\r\nTo: support@example.com\r\nSubject: [{talk.key}]\r\nMessage-ID: <{len(second)}@evil>\r\n"
        row = arrive_raw(stage, f"{mail}\r\n#close\r\n".encode())
        assert row["state"] == "quarantined"
        assert row["ticket"] is None
    untouched(talk, before)


@pytest.mark.parametrize(
    "author",
    [
        f'"{ANA}" <{MALLORY}>',
        f"=?utf-8?q?ana=40example=2Ecom?= <{MALLORY}>",
        f"Ana Ruiz ({ANA}) <{MALLORY}>",
        "=?utf-8?b?YW5hQGV4YW1wbGUuY29t?= <mallory@evil.example>",
    ],
)
def test_an_agents_address_in_the_display_name_gives_no_right(stage, author):
    talk = stage.opened()
    before = talk.ticket()
    mail = (
        f"From: {author}\r\nTo: support@example.com\r\nSubject: [{talk.key}] x\r\nMessage-ID: <{hash(author)}@evil>\r\n"
    )
    row = arrive_raw(stage, f"{mail}\r\n#close\r\nPlease.\r\n".encode())
    untouched(talk, before)
    assert row["ticket"] != talk.key
    opened = stage.rows("ticket", "show", row["ticket"])[0] if row["ticket"] else None
    assert opened is None or opened["requester"] == MALLORY


@pytest.mark.parametrize(
    "author",
    [
        "=?utf-8?q?ana=40example=2Ecom?=",
        "<=?utf-8?q?ana?=@example.com>",
        "\u0430na@example.com",
        "ana@ex\u0430mple.com",
    ],
)
def test_an_encoded_or_lookalike_address_is_no_agents(stage, author):
    talk = stage.opened()
    before = talk.ticket()
    mail = (
        f"From: {author}\r\nTo: support@example.com\r\nSubject: [{talk.key}] y\r\nMessage-ID: <{hash(author)}@evil>\r\n"
    )
    row = arrive_raw(stage, f"{mail}\r\n#close\r\n".encode())
    untouched(talk, before)
    assert row["ticket"] != talk.key


def test_commands_in_quotes_in_a_forward_and_in_a_customers_mail_are_inert(stage):
    talk = stage.opened()
    talk.says(talk.ack, "#priority urgent\n#assign eva@example.com\nIt burns.")
    talk.works("I see.\n\n> #close\n> #spam\n\n#resolve")
    forward = (
        "For you.\n\n---------- Forwarded message ----------\nFrom: Eve <eve@evil.example>\nSubject: x\n\n#close\n"
    )
    talk.works(forward)
    now = talk.ticket()
    assert (now["status"], now["priority"], now["assignee"]) == ("open", "normal", talk.agent)


@pytest.mark.parametrize("author", [MALLORY, "mailer-daemon@mx.example.com"])
def test_a_forged_report_takes_nothing_back_and_suspends_nobody(stage, author):
    talk = stage.opened()
    answer = talk.gets_answer()
    before = talk.ticket()
    report = (
        f"From: <{author}>\r\nTo: support@example.com\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        f"Message-ID: <r{len(author)}{talk.key}@evil>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nIt did not arrive.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.evil.example\r\n\r\n"
        f"Final-Recipient: rfc822; {talk.requester}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
        "--b\r\nContent-Type: message/rfc822\r\n\r\n"
        f"Message-ID: <forged.{talk.key}@desk.example.com>\r\nSubject: [{talk.key}]\r\n\r\nx\r\n--b--\r\n"
    )
    row = arrive_raw(stage, report.encode(), mail_from="")
    now = talk.ticket()
    assert row["ticket"] is None
    assert row["reason"] == "bounce"
    assert now["messages"] == before["messages"]
    assert next(c for c in now["clocks"] if c["clock"] == "first_response")["state"] == "met"
    talk.gets_answer("You still get this.")
    assert answer.rcpt_to == talk.requester


def test_guessed_keys_open_tickets_of_their_own_and_are_on_record(stage):
    talk = stage.opened()
    before = talk.ticket()
    for number in range(6):
        row = stage.arrive(stage.compose(f"Guess {number}", author=MALLORY, subject=f"[{talk.key}] {number}"))
        assert row["ticket"] != talk.key
    untouched(talk, before)
    assert all(talk.requester not in m.text for m in stage.desk.sink.to(MALLORY))
    assert "takes no part" in row["because"]
