"""What an admin may rely on: reloads, two queues, copies of one mail, a mail that breaks its reader, the same twice."""

import contextlib
import smtplib
import sqlite3
import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import trustme
from structlog.testing import capture_logs

from maild.database import connection
from maild.desk.decide.message import decide_message
from maild.message.attachments import read_part
from maild.service.addressing import queues_of
from maild.service.children import ReadingFailed
from maild.service.composing import compose_all
from maild.service.configuration import load
from maild.service.house import House, open_house
from maild.service.pipeline import Pipeline, look_up
from maild.service.reading import Reading, own_marks, read
from maild.service.workers import Worker
from tests.stories.stage import HALF_PAST_NINE, LANGUAGES, WIRE, Stage, steady
from tests.support.desk import AT_WORK, Clock, Desk, run_maild
from tests.support.waiting import PATIENCE_SECONDS, eventually

BILLING = """
[[queue]]
name = "billing"
address = "billing@example.com"
team = "second-line"
sla = "standard"
"""


@contextlib.contextmanager
def running(folder, *, roles=AT_WORK, more="", change=str) -> Iterator[Stage]:
    def configure(text: str) -> str:
        return change(steady("en")(text)) + more

    desk = Desk(folder, configure, clock=Clock(HALF_PAST_NINE))
    try:
        desk.start(roles)
        yield Stage(desk, LANGUAGES["en"])
    finally:
        desk.close()


@pytest.fixture(scope="module")
def stage(tmp_path_factory) -> Iterator[Stage]:
    with running(tmp_path_factory.mktemp("two"), more=BILLING) as stage:
        yield stage


@contextlib.contextmanager
def house_of(stage: Stage) -> Iterator[House]:
    """The database of a desk as another process opens it."""
    house = open_house(load(stage.desk.config), stage.desk.clock)
    try:
        yield house
    finally:
        house.close()


# Reloads.


def test_a_reload_takes_a_new_queue_and_a_broken_file_is_refused(tmp_path):
    with running(tmp_path) as stage:
        mail = stage.compose("An invoice is wrong.", author="marta@example.org", To="billing@example.com")
        with pytest.raises(AssertionError, match=r"5\.1\.1"):
            stage.desk.send(mail)
        whole = stage.desk.config.read_text("utf-8")
        stage.desk.config.write_text(whole + BILLING, "utf-8")
        stage.desk.reload()

        def accepted() -> bool:
            with contextlib.suppress(AssertionError):
                stage.desk.send(mail)
                return True
            return False

        eventually(accepted, "the new queue")
        stage.desk.mail_to("marta@example.org")
        assert stage.rows("ticket", "list")[0]["queue"] == "billing"
        stage.desk.config.write_text(whole.replace('team = "first-line"', 'team = "nobody"'), "utf-8")
        stage.desk.reload()
        other = stage.compose("Another one is wrong, too.", author="luis@example.org", To="billing@example.com")
        stage.desk.send(other)
        stage.desk.mail_to("luis@example.org")
        stage.desk.config.write_text(whole, "utf-8")  # whole again, and without the queue
        stage.desk.reload()

        def refused() -> bool:
            with contextlib.suppress(AssertionError):
                stage.desk.send(mail)
                return False
            return True

        eventually(refused, "the queue to be gone")


TLS = 'listen_tls = ["127.0.0.1:0"]\ntls_cert_file = "cert.pem"\ntls_key_file = "key.pem"'


def certified(folder) -> ssl.SSLContext:
    """Put a certificate of a new authority where the door looks for its own; returns the trust in that one alone."""
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    (folder / "cert.pem").write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    issued.private_key_pem.write_to_path(folder / "key.pem")
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    return trust


def test_a_renewed_certificate_is_shown_under_implicit_tls_after_a_reload_and_cuts_nobody(tmp_path):
    first = certified(tmp_path)
    with running(tmp_path, change=lambda text: text.replace("[smtp]", f"[smtp]\n{TLS}")) as stage:

        def client(trust: ssl.SSLContext) -> smtplib.SMTP_SSL:
            port = int(stage.desk.address("smtps").rpartition(":")[2])
            return smtplib.SMTP_SSL("127.0.0.1", port, timeout=PATIENCE_SECONDS, context=trust)

        def hand_in(connection: smtplib.SMTP_SSL, author: str) -> None:
            connection.send_message(stage.compose("The door does not open.", author=author))
            stage.desk.mail_to(author)

        with client(first) as before:
            before.ehlo()
            before.mail("marta@example.org")
            second = certified(tmp_path)
            client(first).close()  # a file alone changes nothing
            stage.desk.reload()
            with client(second) as after:
                hand_in(after, "luis@example.org")
            with pytest.raises(ssl.SSLCertVerificationError):
                client(first)
            assert before.rcpt("support@example.com")[0] == 250, "a mail that was begun goes on"
            before.rset()
            hand_in(before, "marta@example.org")


# Two queues.


def test_one_mail_to_two_queues_makes_siblings_and_one_acknowledgement(stage):
    who = stage.somebody()
    mail = stage.compose(stage.words.hello, author=who, To="support@example.com, billing@example.com")
    stage.desk.send(mail)
    stage.desk.mail_to(who)
    row = eventually(lambda: [r for r in stage.entries(str(mail["Message-ID"])) if r["state"] == "applied"], "it")[0]
    stage.quiet()
    first = stage.rows("ticket", "show", row["ticket"])[0]
    assert first["queue"] == "support"
    assert [link["kind"] for link in first["links"]] == ["related"]
    sibling = stage.rows("ticket", "show", first["links"][0]["ticket"])[0]
    assert (sibling["queue"], sibling["assignee"]) == ("billing", "eva@example.com")
    assert sibling["links"] == [{"kind": "related", "ticket": first["key"]}]
    assert len(stage.desk.sink.to(who)) == 1
    assert [m for m in stage.desk.sink.to("eva@example.com") if sibling["key"] in str(m.mail["Subject"])]


def test_a_second_copy_for_the_other_queue_makes_the_same_siblings(stage):
    who = stage.somebody()
    mail = stage.compose(stage.words.hello, author=who, To="support@example.com, billing@example.com")
    first = stage.arrive(mail, "support@example.com")
    second = stage.arrive(mail, "billing@example.com")
    assert (first["state"], second["state"]) == ("applied", "applied")
    assert first["ticket"] != second["ticket"]
    links = stage.rows("ticket", "show", second["ticket"])[0]["links"]
    assert links == [{"kind": "related", "ticket": first["ticket"]}]
    assert len(stage.desk.sink.to(who)) == 1


# The same mail again.


def test_a_second_copy_by_another_door_is_a_duplicate(stage, tmp_path):
    talk = stage.opened()
    before = len(stage.desk.sink.mails)
    copy = tmp_path / "copy.eml"
    copy.write_bytes(b"Received: from mx.example.com by desk; Mon, 23 Nov 2026 09:00:00 +0000\r\n" + octets(talk.asked))
    code, _, err = run_maild(stage.desk.config, "ingest", "--to", "support@example.com", str(copy))
    assert code == 0, err
    rows = eventually(
        lambda: [r for r in stage.entries(str(talk.asked["Message-ID"])) if r["state"] == "duplicate"], "the copy"
    )
    assert rows[0]["door"] == "ingest"
    stage.quiet()
    assert len(stage.desk.sink.mails) == before
    assert len(talk.ticket()["messages"]) == 1


def octets(mail) -> bytes:
    return mail.as_bytes(policy=WIRE)


def test_another_mail_with_the_same_message_id_is_not_lost(stage):
    talk = stage.opened()
    other = stage.compose("Quite another text.", author=talk.requester, subject="Quite another thing")
    other.replace_header("Message-ID", str(talk.asked["Message-ID"]))
    row = stage.arrive(other)
    assert row["state"] == "applied"
    assert row["ticket"] is not None


# A mail that breaks its reader.


@contextlib.contextmanager
def broken_reader(stage, house, fault: type[Exception] = ReadingFailed) -> Iterator[None]:
    """Work off the journal by a reader that mails with the subject Poison break, each time."""

    def read_or_break(job) -> Reading:
        if b"\r\nSubject: Poison\r\n" in job.octets:
            raise fault("the reader died: EOFError")
        return read(job.octets, job.envelope, own_marks(house.office.settings), house.office.limits)

    pipeline = Pipeline(house.db, house.journal, lambda: house.office, read_or_break, stage.desk.clock)
    worker = Worker(house.journal, pipeline, "test", 1, lambda: None)
    worker.start()
    try:
        yield
    finally:
        worker.stop()


@contextlib.contextmanager
def broken(folder) -> Iterator[Stage]:
    """A desk whose reader breaks on mails with the subject Poison."""
    with running(folder, roles=("intake", "delivery")) as stage, house_of(stage) as house, broken_reader(stage, house):
        yield stage


def tried_thrice(stage, entry: str, end: str) -> dict:
    """Put the clock to each next try of an entry until it has come to its end; returns its row when all is quiet."""

    def ended() -> dict | None:
        row = stage.rows("inbound", "show", entry)[0]
        # A try that has begun leaves its time as it was; one that has failed tells of the next.
        if row["state"] == "failed":
            wait = datetime.fromisoformat(row["next_attempt_at"]) - stage.desk.clock()
            stage.desk.clock.advance(seconds=max(0.0, wait.total_seconds() + 1))
        return row if row["state"] == end else None

    return stage.until(ended, end)


def test_a_mail_on_which_the_desk_breaks_three_times_is_put_aside_and_the_next_goes_on(tmp_path):
    with (
        running(tmp_path, roles=("intake", "delivery")) as stage,
        house_of(stage) as house,
        broken_reader(stage, house, RuntimeError),
    ):
        poison = stage.desk.send(stage.compose("x", author="eve@evil.example", subject="Poison"))
        stage.desk.send(stage.compose(stage.words.hello, author="marta@example.org"))
        stage.desk.mail_to("marta@example.org")
        row = tried_thrice(stage, poison, "quarantined")
        assert row["attempts"] == 3
        assert "the reader died" in row["reason"]
        assert stage.desk.sink.to("eve@evil.example") == []
        code, raw, _ = run_maild(stage.desk.config, "inbound", "show", "--raw", poison)
        assert code == 0
        assert "Subject: Poison" in raw


def test_a_mail_that_breaks_its_reader_three_times_becomes_a_ticket_with_the_mail_attached(tmp_path):
    with (
        running(tmp_path, roles=("intake", "delivery")) as stage,
        house_of(stage) as house,
        broken_reader(stage, house),
    ):
        poison = stage.compose("#close", author="eve@evil.example", subject="Poison")
        entry = stage.desk.send(poison)
        stage.desk.send(stage.compose(stage.words.hello, author="marta@example.org"))
        stage.desk.mail_to("marta@example.org")
        row = tried_thrice(stage, entry, "applied")
        (ticket,) = stage.rows("ticket", "show", row["ticket"])
        assert (ticket["subject"], ticket["requester"]) == ("Poison", "eve@evil.example")
        assert set(ticket["tags"]) == {"unparsed", "unverified"}
        (message,) = ticket["messages"]
        assert [a["filename"] for a in message["attachments"]] == ["original.eml"]
        assert message["text"] == ""
        assert any("the reader died" in event["detail"] for event in ticket["events"])
        stage.quiet()
        assert stage.desk.sink.to("eve@evil.example") == []
        assert any("Poison" in str(received.mail["Subject"]) for received in stage.desk.sink.mails)


def test_a_mail_in_an_agents_name_that_breaks_its_reader_is_put_aside(tmp_path):
    with (
        running(tmp_path, roles=("intake", "delivery")) as stage,
        house_of(stage) as house,
        broken_reader(stage, house),
    ):
        entry = stage.desk.send(stage.compose("#close", author="ana@example.com", subject="Poison"))
        row = tried_thrice(stage, entry, "quarantined")
        assert row["reason"] == "agent-unproved"


def test_an_entry_that_was_put_aside_can_be_tried_again(tmp_path):
    with running(tmp_path) as stage:
        row = stage.arrive(
            stage.compose("To nobody.", author="marta@example.org", To="x@example.com"), "desk@desk.example.com"
        )
        assert (row["state"], row["reason"]) == ("quarantined", "no-queue")
        code, _, err = run_maild(stage.desk.config, "inbound", "release", row["entry"], "--queue", "support")
        assert code == 0, err
        stage.desk.mail_to("marta@example.org")
        again = next(r for r in stage.rows("inbound", "list") if r["entry"] == row["entry"])
        assert (again["state"], again["ticket"]) == ("applied", "ACME-1R")


# The same twice.


def test_the_same_mail_decided_twice_gives_the_same_octets(tmp_path):
    with running(tmp_path, roles=("intake",)) as stage, house_of(stage) as house:
        stage.desk.send(stage.compose(stage.words.hello, author="marta@example.org"))
        (entry,) = house.journal.claim(1, "test", timedelta(minutes=10))

        def once() -> tuple[str, tuple]:
            office, now = house.office, HALF_PAST_NINE
            raw = house.journal.octets(entry.id)
            reading = read(raw, entry.envelope, own_marks(office.settings), office.limits)
            written_to = queues_of(reading.message, entry.envelope, office.settings)
            mail, snapshot = look_up(house.db, entry, reading, written_to, office, now, reserve=False)
            decision = decide_message(mail, replace(snapshot, new_numbers=(1,)), office.settings, office.slas, now)
            return repr(decision), compose_all(decision, office, now, lambda _, a: read_part(raw, a.part))

        (first, mails), (second, again) = once(), once()
        assert first == second
        assert [m.octets for m in mails] == [m.octets for m in again]
        assert len(mails) == 2


def test_a_replay_proves_that_nothing_changes(stage):
    talk = stage.opened()
    before = (talk.ticket(), len(stage.desk.sink.mails))
    entry = stage.entries(str(talk.asked["Message-ID"]))[0]["entry"]
    code, _, err = run_maild(stage.desk.config, "inbound", "replay", entry)
    assert code == 0, err
    stage.quiet()
    assert (talk.ticket(), len(stage.desk.sink.mails)) == before


def test_a_reload_while_the_database_is_locked_is_refused_and_the_service_goes_on(tmp_path, monkeypatch):
    monkeypatch.setitem(connection._PRAGMAS, "busy_timeout", 100)
    with running(tmp_path) as stage, capture_logs() as log:
        mail = stage.compose("An invoice is wrong.", author="marta@example.org", To="billing@example.com")
        whole = stage.desk.config.read_text("utf-8")
        with contextlib.closing(sqlite3.connect(tmp_path / "maild.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            stage.desk.config.write_text(whole + BILLING, "utf-8")
            stage.desk.reload()
            eventually(lambda: [line for line in log if line["event"] == "configuration-refused"], "the refusal")
            other.execute("ROLLBACK")
        with pytest.raises(AssertionError, match=r"5\.1\.1"):
            stage.desk.send(mail)
        stage.desk.reload()
        eventually(lambda: [line for line in log if line["event"] == "configuration-reloaded"], "the reload")
        stage.desk.send(mail)
        stage.desk.mail_to("marta@example.org")
