"""Machines that answer machines, and mail bombs: few mails go out, and other requesters do not notice."""

import json
import smtplib
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from tests.stories.stage import HALF_PAST_NINE, LANGUAGES, WIRE, Stage, steady
from tests.support.desk import Clock, Desk, run_maild
from tests.support.waiting import LONG_SECONDS, PATIENCE_SECONDS, eventually

OURS, THEIRS = "support@example.com", "support@other.example"
ROBOT = "orders@machine.example"
NOTICES_PER_AGENT = 20
AT_ONCE = 4  # Decisions that are under way at once do not see each other's mails: a limit may be passed by so many.
PEOPLE = tuple(f"person{n}@example.org" for n in range(5))
MARKS = ("Auto-Submitted", "X-Auto-Response-Suppress", "X-Maild-Loop", "Precedence", "In-Reply-To", "References")


def desk_in(folder: Path, domain: str = "example.com") -> Desk:
    """A desk of its own at a domain, which folds what is equal and answers one domain sparingly."""
    folder.mkdir(exist_ok=True)
    narrow = 'same_answers_per_hour = 2\nautomatic_per_domain_10min = 100\nequal_mails_within = "1h"\n'
    change = steady("en", narrow)

    def narrowed(text: str) -> str:
        few = change(text).replace("notices_per_agent_10min = 0", f"notices_per_agent_10min = {NOTICES_PER_AGENT}")
        return few.replace("example.com", domain)

    return Desk(folder, narrowed, clock=Clock(HALF_PAST_NINE))


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A running desk with narrow limits."""
    desk = desk_in(tmp_path)
    try:
        desk.start()
        yield Stage(desk, LANGUAGES["en"])
    finally:
        desk.close()


def post(desk: Desk, mail: EmailMessage, sender: str, to: str = OURS) -> None:
    """Give a mail to a desk's door."""
    with smtplib.SMTP("127.0.0.1", desk.port, timeout=PATIENCE_SECONDS) as client:
        client.sendmail(sender, [to], mail.as_bytes(policy=WIRE))


def pour(desk: Desk, mails: Iterator[tuple[str, EmailMessage]]) -> int:
    """Give many mails to a desk's door over one connection; returns how many."""
    count = 0
    with smtplib.SMTP("127.0.0.1", desk.port, timeout=PATIENCE_SECONDS) as client:
        for sender, mail in mails:
            client.sendmail(sender, [OURS], mail.as_bytes(policy=WIRE))
            count += 1
    return count


def wire(source: Desk, address: str, answer: Callable[[EmailMessage], None]) -> None:
    """Do something about each mail that a desk sends to an address."""

    def hear(envelope) -> str:
        if address in envelope.rcpt_tos:
            mail = message_from_bytes(bytes(envelope.original_content or b""), policy=default)
            assert isinstance(mail, EmailMessage)
            answer(mail)
        return "250 2.0.0 Ok"

    source.sink.answer = hear


def silent(*desks: Desk, patience: float = LONG_SECONDS) -> None:
    """Wait until no desk has anything to decide or to send, and nothing is on its way from one to the other."""

    def counts() -> list[tuple[dict, dict]]:
        found = (json.loads(run_maild(desk.config, "status", "--json")[1]) for desk in desks)
        return [(each["journal"], each["outbox"]) for each in found]

    def is_quiet() -> bool:
        before = counts()
        waiting = sum(j["received"] + j["failed"] + o["queued"] + o["deferred"] for j, o in before)
        return not waiting and counts() == before  # a mail from the last desk to the first is in neither's first count

    eventually(is_quiet, "silence", patience=patience)


def is_served(stage: Stage, who: str = "marta@example.org") -> bool:
    """Somebody else asks for help and is acknowledged."""
    post(stage.desk, stage.compose(f"Hello from {who}.", author=who, subject=f"Printer of {who}"), who)
    return bool(stage.desk.mail_to(who))


@pytest.mark.parametrize(("is_stripped", "most"), [(False, 1), (True, 6)])
def test_two_desks_that_write_to_each_other_fall_silent(tmp_path, is_stripped, most):
    ours, theirs = desk_in(tmp_path / "ours"), desk_in(tmp_path / "theirs", "other.example")
    passed: list[str] = []

    def relay(to: Desk, sender: str, address: str) -> Callable[[EmailMessage], None]:
        def carry(mail: EmailMessage) -> None:
            passed.append(address)
            if is_stripped:
                for name in MARKS:
                    del mail[name]
                mail.replace_header("Subject", f"About your request {len(passed)}")
                mail.replace_header("Message-ID", f"<stripped{len(passed)}@relay.example>")
            post(to, mail, sender if is_stripped else "bounces@relay.example", address)

        return carry

    try:
        ours.start()
        theirs.start()
        wire(ours, THEIRS, relay(theirs, OURS, THEIRS))
        wire(theirs, OURS, relay(ours, THEIRS, OURS))
        stage = Stage(ours)
        post(ours, stage.compose("Hello, we have a request for you.", author=THEIRS), THEIRS)
        ours.mail_to(THEIRS)
        silent(ours, theirs)
        assert 1 <= len(passed) <= most
        assert len(stage.rows("ticket", "list")) <= 4
        assert is_served(stage)
    finally:
        ours.close()
        theirs.close()


def test_a_machine_that_answers_everything_under_a_new_subject_is_soon_answered_no_more(stage):
    answered: list[EmailMessage] = []

    def answer(mail: EmailMessage) -> None:
        answered.append(mail)
        words = f"Your mail {len(answered)} was put into our system under number {len(answered) * 7919}."
        post(stage.desk, stage.compose(words, author=ROBOT, subject=f"Case {len(answered) * 7919}"), ROBOT)

    wire(stage.desk, ROBOT, answer)
    for day, most in ((1, 3), (2, 6), (3, 9), (4, 10), (5, 10)):
        post(stage.desk, stage.compose(f"Hello {day}.", author=ROBOT, subject=f"Start {day}"), ROBOT)
        silent(stage.desk)
        assert len(stage.desk.sink.to(ROBOT)) <= most
        stage.desk.clock.advance(minutes=11)
    assert len(stage.desk.sink.to(ROBOT)) >= 3
    assert is_served(stage)


def test_a_machine_that_answers_under_the_same_subject_is_answered_twice(stage):
    wire(
        stage.desk,
        ROBOT,
        lambda mail: post(
            stage.desk,
            stage.compose(f"Thank you for {mail['Message-ID']}.", author=ROBOT, subject="We have it"),
            ROBOT,
        ),
    )
    post(stage.desk, stage.compose("Hello.", author=ROBOT, subject="We have it"), ROBOT)
    silent(stage.desk)
    assert len(stage.desk.sink.to(ROBOT)) == 2
    assert is_served(stage)


def bomb(stage: Stage, number: int, *, senders: int = 1, is_equal: bool = False) -> Iterator[tuple[str, EmailMessage]]:
    """So many mails of some senders, equal ones or each with words of its own."""
    for n in range(number):
        who = f"bomb{n % senders}@bomb.example"
        words = "Answer me!" if is_equal else f"Answer me, for the time {n}!"
        yield who, stage.compose(words, author=who, subject="Boom" if is_equal else f"Boom {n}")


def people_are_served_first(
    stage: Stage, mails: Iterator[tuple[str, EmailMessage]], number: int, patience: float = LONG_SECONDS
) -> None:
    """A bomb lies in the journal, then some people write, and the desk starts to work: they do not wait for it.

    Returns when all is silent.
    """
    stage.desk.stop()
    stage.desk.start(("intake",))
    assert pour(stage.desk, mails) == number
    for who in PEOPLE:
        post(stage.desk, stage.compose(f"Hello from {who}.", author=who, subject=f"Printer of {who}"), who)
    stage.desk.stop()
    stage.desk.start()
    silent(stage.desk, patience=patience)
    opened = {ticket["requester"]: ticket["number"] for ticket in stage.rows("ticket", "list")}
    assert max(opened[who] for who in PEOPLE) <= number // 2, "they waited for the bomb"
    assert all(stage.desk.sink.to(who) for who in PEOPLE)


def test_a_mail_bomb_of_one_sender_makes_nobody_wait_and_is_answered_three_times(stage):
    people_are_served_first(stage, bomb(stage, 150), 150)
    assert len(stage.desk.sink.to("bomb0@bomb.example")) == 3


def test_the_same_mail_a_hundred_times_is_one_ticket_one_answer_and_three_notices(stage):
    assert pour(stage.desk, bomb(stage, 100, is_equal=True)) == 100
    silent(stage.desk)
    (ticket,) = stage.rows("ticket", "list")
    assert len(stage.desk.sink.to("bomb0@bomb.example")) == 1
    assert len(stage.desk.sink.to(ticket["assignee"])) == 1 + len({2, 10, 100})
    assert len(stage.rows("ticket", "show", "1")[0]["messages"]) == 100
    assert is_served(stage)


def test_a_bomb_in_many_names_of_one_domain_is_answered_a_hundred_times(stage):
    people_are_served_first(stage, bomb(stage, 130, senders=130), 130)
    answered = [m for m in stage.desk.sink.mails if m.rcpt_to.endswith("@bomb.example")]
    assert 100 <= len(answered) <= 100 + AT_ONCE
    for agent in {ticket["assignee"] for ticket in stage.rows("ticket", "list")}:
        assert len(stage.desk.sink.to(agent)) <= NOTICES_PER_AGENT + AT_ONCE


def test_a_storm_of_bounces_sends_nothing_and_opens_no_ticket(stage):
    def bounces() -> Iterator[tuple[str, EmailMessage]]:
        for n in range(60):
            mail = stage.compose(
                f"<nobody{n}@example.net>: 550 5.1.1 no such user",
                author="MAILER-DAEMON@relay.example",
                subject="Undelivered Mail Returned to Sender",
            )
            yield "", mail

    pour(stage.desk, bounces())
    silent(stage.desk)
    assert stage.desk.sink.mails == []
    assert is_served(stage)


def test_a_mailbox_full_of_out_of_office_replies_sends_nothing_and_opens_no_ticket(stage):
    def away() -> Iterator[tuple[str, EmailMessage]]:
        for n in range(60):
            who = f"person{n}@firm.example"
            subject = stage.words.away_subject.format(subject="Maintenance on Sunday")
            yield who, stage.compose(stage.words.away, author=who, subject=subject, Auto_Submitted="auto-replied")

    pour(stage.desk, away())
    silent(stage.desk)
    assert stage.desk.sink.mails == []
    assert stage.rows("ticket", "list") == []
    assert is_served(stage)


@pytest.mark.soak
@pytest.mark.parametrize("senders", [1, 10_000])
def test_ten_thousand_mails_make_nobody_wait_and_few_mails_go_out(stage, senders):
    people_are_served_first(stage, bomb(stage, 10_000, senders=senders), 10_000, patience=3600)
    answered = [m for m in stage.desk.sink.mails if m.rcpt_to.endswith("@bomb.example")]
    limit = 3 if senders == 1 else 100
    assert limit <= len(answered) <= limit + AT_ONCE
    agents = {ticket["assignee"] for ticket in stage.rows("ticket", "list")}
    others = len(PEOPLE) + len(agents) * (NOTICES_PER_AGENT + AT_ONCE)
    assert len(stage.desk.sink.mails) - len(answered) <= others
    assert stage.rows("inbound", "list", "--state", "quarantined") == []
