"""Mail that does not leave at once: the smarthost is away, says later, says never; an agent takes his words back."""

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

import pytest

from tests.stories.stage import HALF_PAST_NINE, LANGUAGES, Stage, steady
from tests.support.desk import Clock, Desk, run_maild
from tests.support.waiting import PATIENCE_SECONDS, eventually


@pytest.fixture
def stage(tmp_path) -> Iterator[Stage]:
    """A desk with a sink of its own, whose clock the test puts forward."""
    desk = Desk(tmp_path, steady("en"), clock=Clock(HALF_PAST_NINE))
    try:
        desk.start()
        yield Stage(desk, LANGUAGES["en"])
    finally:
        desk.close()


def outbox(stage: Stage, *states: str) -> list[dict]:
    rows = stage.rows("outbox", "list")
    return [row for row in rows if not states or row["state"] in states]


def both(stage: Stage, state: str) -> list[dict]:
    """Wait until the acknowledgement and the agent's mail are in a state; returns their rows."""

    def look() -> list[dict]:
        rows = outbox(stage, state)
        return rows if len(rows) == 2 else []

    return eventually(look, f"both mails {state}")


def test_a_smarthost_that_is_away_loses_nothing_and_each_mail_leaves_once(stage):
    stage.desk.sink.leave()
    row = stage.arrive(stage.compose(stage.words.hello, author="marta@example.org"))
    assert row["state"] == "applied"
    waiting = both(stage, "deferred")
    assert {r["template"] for r in waiting} == {"acknowledgement", "assigned"}
    assert all(r["attempts"] >= 1 and r["last_reply"] for r in waiting)
    stage.desk.stop()
    stage.desk.sink.come_back()
    stage.desk.clock.advance(minutes=11)
    stage.desk.start()
    assert {r["id"] for r in both(stage, "sent")} == {r["id"] for r in waiting}
    assert len(stage.desk.sink.mails) == 2
    assert len({m.rcpt_to for m in stage.desk.sink.mails}) == 2


def test_the_running_service_finds_its_smarthost_again_by_itself(stage):
    stage.desk.sink.leave()
    stage.arrive(stage.compose(stage.words.hello, author="marta@example.org"))
    both(stage, "deferred")
    stage.desk.sink.come_back()
    stage.desk.clock.advance(minutes=11)
    both(stage, "sent")
    assert len(stage.desk.sink.to("marta@example.org")) == 1


def test_a_mail_that_is_refused_for_now_is_tried_again_and_arrives_once(stage):
    answers, tries = ["451 4.7.1 greylisted"], list[str]()

    def answer(envelope) -> str:
        tries.extend(envelope.rcpt_tos)
        return answers[-1]

    stage.desk.sink.answer = answer
    stage.arrive(stage.compose(stage.words.hello, author="marta@example.org"))
    waiting = both(stage, "deferred")
    assert {r["last_reply"] for r in waiting} == {"451 4.7.1 greylisted"}
    assert stage.desk.sink.mails == []
    answers.append("250 2.0.0 Ok")
    stage.desk.clock.advance(minutes=2)
    sent = both(stage, "sent")
    assert len(stage.desk.sink.mails) == 2
    assert {r["rcpt_to"]: r["attempts"] for r in sent} == Counter(tries)
    assert min(r["attempts"] for r in sent) == 2


def test_words_that_are_refused_for_good_are_failed_and_their_agent_is_told(stage):
    talk = stage.opened()
    due = talk.ticket()["first_response_due"]
    stage.desk.sink.answer = lambda envelope: (
        "550 5.1.1 no such user" if talk.requester in envelope.rcpt_tos else "250 2.0.0 Ok"
    )
    talk.works(stage.words.advice)
    told = eventually(lambda: talk.mails(talk.agent)[1:], "the agent to be told")[0]
    assert "550 5.1.1 no such user" in told.text
    assert talk.requester in told.text
    shown = talk.ticket()
    delivery = next(m for m in shown["messages"] if m["direction"] == "out")["delivery"]
    assert [(d["rcpt_to"], d["state"], d["last_reply"]) for d in delivery] == [
        (talk.requester, "failed", "550 5.1.1 no such user")
    ]
    assert shown["first_response_due"] == due
    assert len(talk.mails(talk.requester)) == 1
    stage.desk.clock.advance(days=1)
    stage.opened()  # whatever is due was tried before what is written now
    assert [r["state"] for r in outbox(stage) if r["template"] == "agent-replied"] == ["failed"]


def test_an_agent_is_told_once_that_his_words_are_late(stage):
    talk = stage.opened()
    stage.desk.sink.answer = lambda envelope: (
        "450 4.2.0 mailbox busy" if talk.requester in envelope.rcpt_tos else "250 2.0.0 Ok"
    )
    talk.works(stage.words.advice)
    for tries in range(1, 8):

        def tried(tries: int = tries) -> bool:
            row = next(r for r in outbox(stage, "deferred", "queued") if r["template"] == "agent-replied")
            settled = datetime.fromisoformat(row["next_attempt_at"]) > stage.desk.clock()  # a claim counts it before
            return row["attempts"] == tries and settled

        eventually(tried, f"attempt {tries}")
        stage.desk.clock.advance(minutes=70)
    late = eventually(lambda: talk.mails(talk.agent)[1:], "the agent to be told")
    assert "has not reached" in late[0].text
    assert [r["template"] for r in outbox(stage)].count("bounced") == 1
    stage.desk.sink.answer = lambda envelope: "250 2.0.0 Ok"
    stage.desk.clock.advance(minutes=70)
    eventually(lambda: talk.mails(talk.requester)[1:], "the late words")


def test_words_within_the_undo_window_wait_and_can_be_cancelled(tmp_path):
    desk = Desk(
        tmp_path,
        lambda text: steady("en")(text).replace('undo_window = "0s"', 'undo_window = "2m"'),
        clock=Clock(HALF_PAST_NINE),
    )
    try:
        desk.start()
        stage = Stage(desk, LANGUAGES["en"])
        talk = stage.opened()
        stage.hand_in(stage.answer(talk.told, stage.words.advice, author=talk.agent))
        row = eventually(lambda: [r for r in outbox(stage) if r["template"] == "agent-replied"], "his words")[0]
        assert row["state"] == "queued"
        assert talk.ticket()["first_response_due"] is None
        stage.hand_in(stage.answer(talk.told, "#cancel", author=talk.agent))
        eventually(lambda: outbox(stage, "cancelled"), "his words cancelled")
        desk.clock.advance(minutes=3)
        stage.quiet()
        assert len(talk.mails(talk.requester)) == 1
        assert talk.ticket()["first_response_due"] is not None
        stage.hand_in(stage.answer(talk.told, stage.words.more, author=talk.agent))
        eventually(lambda: outbox(stage, "queued"), "his other words")
        desk.clock.advance(minutes=3)
        desk.mail_to(talk.requester, number=2, having="")
        assert len(talk.mails(talk.requester)) == 2
    finally:
        desk.close()


def test_words_that_are_to_leave_later_can_be_taken_back(stage):
    talk = stage.opened()
    stage.hand_in(stage.answer(talk.told, "#send-at 2h\nLater.", author=talk.agent))
    eventually(lambda: [r for r in outbox(stage, "queued") if r["template"] == "agent-replied"], "his words")
    stage.hand_in(stage.answer(talk.told, "#cancel", author=talk.agent))
    eventually(lambda: outbox(stage, "cancelled"), "his words cancelled")
    stage.desk.clock.advance(hours=3)
    stage.quiet()
    assert len(talk.mails(talk.requester)) == 1


def test_a_service_that_is_stopped_between_data_and_its_answer_waits_for_that_answer(stage):
    on_the_wire, go_on = threading.Semaphore(0), threading.Event()

    def answer(envelope):
        on_the_wire.release()
        assert go_on.wait(PATIENCE_SECONDS)
        return "250 2.0.0 Ok"

    stage.desk.sink.answer = answer
    stage.hand_in(stage.compose(stage.words.hello, author="marta@example.org"))
    assert on_the_wire.acquire(timeout=PATIENCE_SECONDS)
    leaving = threading.Thread(target=stage.desk.stop)
    leaving.start()
    eventually(lambda: stage.desk.is_stopping, "the service to hear of it")
    go_on.set()
    leaving.join(PATIENCE_SECONDS)
    assert not leaving.is_alive()
    assert {row["attempts"] for row in outbox(stage)} <= {0, 1}
    stage.desk.start()
    both(stage, "sent")
    assert sorted(m.rcpt_to for m in stage.desk.sink.mails) == sorted(r["rcpt_to"] for r in outbox(stage))


def test_what_an_admin_holds_waits_until_he_releases_it(stage):
    stage.desk.sink.answer = lambda envelope: "451 4.7.1 later"
    stage.arrive(stage.compose(stage.words.hello, author="marta@example.org"))
    rows = both(stage, "deferred")
    ack = next(r for r in rows if r["template"] == "acknowledgement")
    assert run_maild(stage.desk.config, "outbox", "hold", ack["id"])[0] == 0
    stage.desk.sink.answer = lambda envelope: "250 2.0.0 Ok"
    stage.desk.clock.advance(minutes=5)
    eventually(lambda: outbox(stage, "sent"), "the other one sent")
    assert stage.desk.sink.to("marta@example.org") == []
    assert run_maild(stage.desk.config, "outbox", "release", ack["id"])[0] == 0
    both(stage, "sent")
    assert len(stage.desk.sink.to("marta@example.org")) == 1


def test_every_mail_that_left_has_what_the_contract_says(stage):
    talk = stage.opened()
    talk.works(f"#resolve\n{stage.words.advice}")
    stage.desk.mail_to(talk.requester, number=2)
    for received in stage.desk.sink.mails:
        mail = received.mail
        assert mail["MIME-Version"] == "1.0"
        assert mail["Date"]
        assert mail["Message-ID"].endswith("@desk.example.com>")
        assert str(mail["Subject"]).startswith(f"[{talk.key}] ")
        assert received.mail_from.startswith("desk+")
        assert received.mail_from.endswith("@desk.example.com")
        assert "desk+" in str(mail["Reply-To"])
        assert received.text
        assert received.html
        assert mail.defects == []
        assert all(len(line) <= 998 for line in received.octets.split(b"\r\n"))
        automatic = received.rcpt_to != talk.requester or received is stage.desk.sink.to(talk.requester)[0]
        assert bool(mail["Auto-Submitted"]) is automatic
        assert bool(mail["X-Auto-Response-Suppress"]) is automatic
    tokens = [str(m.mail["Reply-To"]) for m in stage.desk.sink.mails]
    assert len({(t, m.rcpt_to) for t, m in zip(tokens, stage.desk.sink.mails, strict=True)}) >= 2
    assert len({m.mail_from for m in stage.desk.sink.mails}) == len(stage.desk.sink.mails)
