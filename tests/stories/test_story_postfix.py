"""The story behind a real Postfix: mail comes in by it over SMTP, LMTP and a pipe, and leaves through it."""

import smtplib
from collections.abc import Iterator

import pytest

from tests.stories.stage import HALF_PAST_NINE, LANGUAGES, WIRE, Stage, steady
from tests.support.desk import Clock, Desk, Sink
from tests.support.ports import free_port
from tests.support.postfix import Postfix, require_postfix, start_postfix
from tests.support.waiting import PATIENCE_SECONDS, eventually


class PostfixStage(Stage):
    """The mail goes to Postfix, which hands it on as its tables say."""

    door = "lmtp"
    postfix: Postfix

    def hand_in(self, mail, to=None, mail_from=None) -> None:
        """Send as a neighbouring mail server does."""
        sender = mail_from if mail_from is not None else mail["From"].addresses[0].addr_spec
        recipients = [to] if to else [a.addr_spec for a in mail["To"].addresses]
        with smtplib.SMTP("127.0.0.1", self.postfix.port, timeout=PATIENCE_SECONDS) as client:
            client.sendmail(sender, recipients, mail.as_bytes(policy=WIRE))


@pytest.fixture(scope="module")
def stage(tmp_path_factory) -> Iterator[PostfixStage]:
    """A desk whose smarthost is Postfix, and a Postfix that knows its addresses."""
    require_postfix()
    port, sink = free_port(), Sink()

    def change(text: str) -> str:
        # Ports of its own: Postfix finds the desk there when it has been away.
        text = text.replace("127.0.0.1:0", f"127.0.0.1:{free_port()}")
        text = steady("es", f'\n[lmtp]\nlisten = ["127.0.0.1:{free_port()}"]\n')(text)
        return text.replace(f'smarthost = "127.0.0.1:{sink.port}"', f'smarthost = "127.0.0.1:{port}"')

    desk = Desk(tmp_path_factory.mktemp("desk"), change, clock=Clock(HALF_PAST_NINE), sink=sink)
    try:
        desk.start()
        lmtp = desk.address("lmtp")
        transport = [
            f"support@example.com smtp:[127.0.0.1]:{desk.port}",
            f"desk.example.com lmtp:inet:{lmtp}",
        ]
        aliases = [f'help: "|DELIVER --socket {lmtp} -f $SENDER help@example.com"']
        with start_postfix(port, sink.port, transport, aliases) as postfix:
            stage = PostfixStage(desk, LANGUAGES["es"])
            stage.postfix = postfix
            yield stage
    finally:
        desk.close()


def test_mail_relayed_by_postfix_is_acknowledged_through_postfix(stage):
    talk = stage.opened()
    assert stage.words.next in talk.ack.text
    assert talk.promise in talk.ack.text
    assert "by mx.example.com (Postfix)" in str(talk.ack.mail["Received"])
    entry = stage.entries(str(talk.asked["Message-ID"]))[0]
    assert (entry["door"], entry["client"]) == ("smtp", "127.0.0.1")


def test_the_whole_conversation_goes_through_postfix(stage):
    talk = stage.opened()
    answer = talk.gets_answer(f"#prioridad alta\n{stage.words.advice}")
    assert "#prioridad" not in answer.text
    assert answer.mail["In-Reply-To"] == talk.asked["Message-ID"]
    row = talk.says(answer, stage.words.more)
    assert (row["door"], row["ticket"]) == ("lmtp", talk.key)
    assert row["reason"] == "token"
    shown = talk.ticket()
    assert (shown["status"], shown["priority"]) == ("open", "high")
    assert [m["direction"] for m in shown["messages"]] == ["in", "out", "in"]


def test_mail_through_a_pipe_alias_opens_a_ticket(stage):
    who = stage.somebody()
    mail = stage.compose(stage.words.hello, author=f"Marta Gil <{who}>", To="help@pipe.example.com")
    row = stage.arrive(mail)
    assert (row["door"], row["state"], row["mail_from"]) == ("lmtp", "applied", who)
    assert row["rcpt_to"] == ["help@example.com"]
    ack = stage.desk.mail_to(who)
    assert ack.mail["From"].addresses[0].addr_spec == "help@example.com"


def test_an_unknown_recipient_bounces_at_postfix_and_leaves_no_entry(stage):
    who = stage.somebody()
    mail = stage.compose("Hello?", author=who, To="nobody@desk.example.com")
    stage.hand_in(mail)
    report = stage.desk.mail_to(who)
    assert report.mail_from in {"", "<>"}
    assert "5.1.1" in str(report.mail)
    assert stage.entries(str(mail["Message-ID"])) == []


def test_a_bounce_made_by_postfix_reaches_the_agent_whose_words_it_were(stage):
    talk = stage.opened()
    due = talk.ticket()["first_response_due"]
    stage.desk.sink.answer = lambda envelope: (
        "550 5.1.1 no such user here" if talk.requester in envelope.rcpt_tos else "250 2.0.0 Ok"
    )
    try:
        stage.hand_in(stage.answer(talk.told, stage.words.advice, author=talk.agent))
        told = stage.desk.mail_to(talk.agent, having="550 5.1.1 no such user here")
    finally:
        stage.desk.sink.answer = lambda envelope: "250 2.0.0 Ok"
    assert talk.key in str(told.mail["Subject"])
    shown = talk.ticket()
    assert [d["state"] for m in shown["messages"] for d in m["delivery"]] == ["failed"]
    assert shown["first_response_due"] == due
    assert shown["messages"][-1]["kind"] == "bounce"


def test_postfix_keeps_the_mail_while_the_desk_is_away(stage):
    who = stage.somebody()
    stage.desk.stop()
    mail = stage.compose(stage.words.hello, author=f"Marta Gil <{who}>")
    stage.hand_in(mail)
    eventually(lambda: "Connection refused" in stage.postfix.queued(), "a deferred mail")
    stage.desk.start()
    stage.desk.mail_to(who)
    assert len(stage.entries(str(mail["Message-ID"]))) == 1
