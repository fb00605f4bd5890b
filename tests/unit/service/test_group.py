"""Mails that are decided together end as they would one by one, whatever happens to the group."""

import multiprocessing
import os
import shutil
import signal
import threading
import time
from concurrent.futures import Future
from dataclasses import replace
from datetime import timedelta

import pytest

from maild.base.words import DoorName
from maild.desk.effects import Decision
from maild.journal.model import Incoming
from maild.message.envelope import Envelope
from maild.proof.model import Results
from maild.service import children, group
from maild.service.child import Job, Plan, read_one
from maild.service.children import Composers, ComposingFailed
from maild.service.composer import ComposingPlan, Order
from maild.service.composing import compose_all
from maild.service.configuration import load
from maild.service.group import decide_together
from maild.service.house import open_house
from maild.service.pipeline import Pipeline
from maild.service.resolver import Resolver
from maild.service.workers import Worker
from maild.store.outbox import octets_of
from tests.support.waiting import LONG_SECONDS, eventually
from tests.unit.service.conftest import EXAMPLE, MONDAY

MAILS = (
    ("marta@example.org", "Message-ID: <one@example.org>\nSubject: Printer\n\nIt burns."),
    ("ben@example.org", "Message-ID: <two@example.org>\nSubject: Telephone\n\nIt rings."),
    (
        "marta@example.org",
        "Message-ID: <three@example.org>\nIn-Reply-To: <one@example.org>\nSubject: Re: Printer\n\nOut.",
    ),
    ("ben@example.org", "Message-ID: <two@example.org>\nSubject: Telephone\n\nIt rings."),
)


def mail_of(sender, rest):
    return f"From: {sender}\nTo: support@example.com\nDate: Mon, 23 Nov 2026 09:00:00 +0000\n{rest}\n".encode()


def now():
    return MONDAY


@pytest.fixture
def waiting(tmp_path):
    """The folder of a desk whose journal holds the mails."""
    folder = tmp_path / "waiting"
    folder.mkdir()
    (folder / "maild.toml").write_text(EXAMPLE, encoding="utf-8")
    house = open_house(load(folder / "maild.toml"), now)
    for sender, rest in MAILS:
        envelope = Envelope(DoorName.SMTP, MONDAY, sender, ("support@example.com",), "127.0.0.1")
        house.journal.append_now([Incoming(envelope, mail_of(sender, rest))])
    house.close()
    return folder


class Desk:
    """A copy of the waiting desk, and its entries, which are read."""

    def __init__(self, waiting, name):
        folder = waiting.parent / name
        shutil.copytree(waiting, folder)
        self.house = open_house(load(folder / "maild.toml"), now)
        self.office = office = self.house.office
        plan = Plan(office.settings, office.keyring, office.own, office.limits)

        def read(job):
            return read_one(Job(job.octets, job.envelope, Results()), plan, Resolver(()))

        self.pipeline = Pipeline(self.house.db, self.house.journal, lambda: office, read, now)
        self.group = []
        for entry in self.house.journal.claim(10, "me", timedelta(minutes=1)):
            reading = Future()
            reading.set_result(self.pipeline.prepare(entry))
            self.group.append((entry, reading))

    def one_by_one(self):
        for entry, reading in self.group:
            self.pipeline.finish(entry, reading)

    def compose(self, order):
        done = Future()
        try:
            done.set_result(compose_all(order.decision, self.office, order.now, None))
        except Exception as fault:
            done.set_exception(fault)
        return done

    def end(self):
        """Return all that people and agents will ever see of it."""
        db = self.house.db
        sent = [{**row, "octets": octets_of(db, row["id"])} for row in db.execute("SELECT * FROM outbox ORDER BY seq")]
        tables = ("ticket", "post", "event", "clock", "applied", "participant", "person")
        kept = {table: db.execute(f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables}
        states = db.execute("SELECT id, state, reason, ticket FROM entry ORDER BY id")
        self.house.close()
        return sent, kept, states


def test_mails_decided_together_end_octet_for_octet_as_one_by_one(waiting):
    alone, together = Desk(waiting, "alone"), Desk(waiting, "together")
    alone.one_by_one()
    assert decide_together(together.pipeline, together.compose, together.group) == len(MAILS)
    sent, kept, states = alone.end()
    assert (sent, kept, states) == together.end()
    assert len(sent) > 2
    assert sorted(row["state"] for row in states) == ["applied", "applied", "applied", "duplicate"]


def test_nothing_is_kept_of_a_group_whose_mails_cannot_be_composed(waiting):
    def compose(order):
        failed = Future()
        failed.set_exception(ComposingFailed("the child died"))
        return failed

    alone, broken = Desk(waiting, "alone"), Desk(waiting, "broken")
    alone.one_by_one()
    assert decide_together(broken.pipeline, compose, broken.group) == 0
    assert broken.house.db.execute("SELECT count(*) AS n FROM ticket") == [{"n": 0}]
    broken.one_by_one()
    assert alone.end() == broken.end()


def test_mails_that_are_never_composed_keep_nobody_from_writing_for_long(waiting, monkeypatch):
    asked = []

    def compose(order):
        asked.append(Future())
        return asked[-1]

    monkeypatch.setattr(group, "COMPOSING_SECONDS", 0.05)
    alone, stuck = Desk(waiting, "alone"), Desk(waiting, "stuck")
    alone.one_by_one()
    assert decide_together(stuck.pipeline, compose, stuck.group) == 0
    assert all(order.cancelled() for order in asked)
    with stuck.house.db.transaction() as transaction:
        assert transaction.execute("SELECT count(*) AS n FROM ticket") == [{"n": 0}]
    stuck.one_by_one()
    assert alone.end() == stuck.end()


def test_nothing_is_kept_of_mails_that_another_configuration_composed(waiting):
    desk, other = Desk(waiting, "desk"), Desk(waiting, "other")
    settings = other.office.settings
    elsewhere = settings.model_copy(update={"desk": settings.desk.model_copy(update={"domain": "other.example"})})

    def compose(order):
        done = Future()
        done.set_result(compose_all(order.decision, replace(other.office, settings=elsewhere), order.now, None))
        return done

    assert decide_together(desk.pipeline, compose, desk.group) == 0
    assert desk.house.db.execute("SELECT count(*) AS n FROM outbox") == [{"n": 0}]
    desk.end()
    other.end()


def test_a_door_that_waits_to_write_ends_a_group(waiting, monkeypatch):
    desk = Desk(waiting, "desk")
    monkeypatch.setattr(type(desk.house.db), "is_awaited", True)
    assert decide_together(desk.pipeline, desk.compose, desk.group) == 1
    assert desk.house.db.execute("SELECT count(*) AS n FROM ticket") == [{"n": 1}]
    desk.end()


@pytest.fixture
def _patient(monkeypatch):
    """A child may take longer to compose than keeps nobody from writing."""
    monkeypatch.setattr(children, "COMPOSING_SECONDS", LONG_SECONDS)


@pytest.mark.usefixtures("_patient")
def test_a_child_composes_what_the_service_would(waiting):
    desk = Desk(waiting, "desk")
    office, place = desk.office, desk.house.db.place
    plan = ComposingPlan(office.settings, office.keyring, office.templates.folders, office.signer, place.full_url)
    composers = Composers(1, plan)
    entry, reading = desk.group[0]
    notices = Decision(entry.id, notices=desk.pipeline.decide(entry, reading.result()).decision.notices)
    try:
        composers.warm_up()
        assert composers.compose(Order(notices, MONDAY)) == compose_all(notices, office, MONDAY, None)
    finally:
        composers.stop()
        desk.end()


@pytest.mark.usefixtures("_patient")
def test_a_composer_that_hangs_keeps_nobody_waiting_who_gives_it_more_than_its_pipe_holds(waiting, monkeypatch):
    monkeypatch.setattr(children, "SEND_SECONDS", 0.2)
    desk = Desk(waiting, "desk")
    office, place = desk.office, desk.house.db.place
    plan = ComposingPlan(office.settings, office.keyring, office.templates.folders, office.signer, place.full_url)
    others = set(multiprocessing.active_children())
    composers = Composers(1, plan)
    composers.warm_up()
    (hanging,) = set(multiprocessing.active_children()) - others
    os.kill(hanging.pid, signal.SIGSTOP)
    told = []

    def compose():
        with pytest.raises(ComposingFailed) as failed:
            composers.compose(Order(Decision("x" * 4_000_000), MONDAY))
        told.append(str(failed.value))

    asking = threading.Thread(target=compose, daemon=True)
    asking.start()
    asking.join(LONG_SECONDS)
    try:
        assert told == ["the reader took too long"]
        assert composers.compose(Order(Decision(""), MONDAY)) == ()
    finally:
        if asking.is_alive():
            os.kill(hanging.pid, signal.SIGKILL)
            asking.join()
        composers.stop()
        desk.end()


def test_while_many_clients_wait_a_worker_gives_way_and_still_gets_on(waiting, monkeypatch):
    monkeypatch.setattr("maild.journal.committer.CROWD_SECONDS", 1000)
    monkeypatch.setattr("maild.service.workers.GIVE_WAY_SECONDS", 0.2)
    desk = Desk(waiting, "desk")
    journal, db = desk.house.journal, desk.house.db
    journal.give_back([entry for entry, _ in desk.group], "me")
    envelope = Envelope(DoorName.SMTP, MONDAY, "a@example.org", ("support@example.com",), "127.0.0.1")
    with db.transaction():  # meanwhile nothing is kept
        promises = [journal.append(Incoming(envelope, mail_of("a@example.org", f"\n\n{n}"))) for n in range(20)]
    for promise in promises:
        promise.result(LONG_SECONDS)
    assert journal.is_crowded
    worker = Worker(journal, desk.pipeline, "test", 1, lambda: None)
    begun = time.monotonic()
    worker.start()
    settled = "SELECT count(*) AS n FROM entry WHERE state IN ('applied', 'duplicate')"
    assert eventually(lambda: db.execute(settled)[0]["n"] >= 3)
    assert time.monotonic() - begun >= 0.6  # three entries, one by one, and a rest before each
    worker.stop()
    desk.end()


def test_a_client_that_waits_alone_is_given_as_long_as_it_has_waited(waiting, monkeypatch):
    monkeypatch.setattr("maild.service.workers.GIVE_WAY_SECONDS", 30)
    desk = Desk(waiting, "desk")
    journal, db = desk.house.journal, desk.house.db
    journal.give_back([entry for entry, _ in desk.group], "me")
    envelope = Envelope(DoorName.SMTP, MONDAY, "a@example.org", ("support@example.com",), "127.0.0.1")
    with db.transaction():
        promise = journal.append(Incoming(envelope, mail_of("a@example.org", "\n\nAlone")))
        assert eventually(lambda: db.is_awaited)
        since = time.monotonic()
        assert eventually(lambda: time.monotonic() - since > 0.4)
    promise.result(LONG_SECONDS)
    assert not journal.is_crowded
    worker = Worker(journal, desk.pipeline, "test", 1, lambda: None)
    begun = time.monotonic()
    worker.start()
    settled = "SELECT count(*) AS n FROM entry WHERE state IN ('applied', 'duplicate')"
    assert eventually(lambda: db.execute(settled)[0]["n"] > 0)
    assert time.monotonic() - begun >= 0.4
    assert journal.waited() < 0.4  # and once
    worker.stop()
    desk.end()


def test_a_service_that_is_stopped_reads_no_mail_that_it_has_given_back(waiting):
    desk = Desk(waiting, "desk")
    journal, db = desk.house.journal, desk.house.db
    journal.give_back([entry for entry, _ in desk.group], "me")
    read, is_begun, may_end = [], threading.Event(), threading.Event()

    def read_slowly(job):
        if job.octets:
            read.append(job.octets)
            is_begun.set()
            assert may_end.wait(LONG_SECONDS)
        return desk.pipeline.read(job)

    worker = Worker(journal, replace(desk.pipeline, read=read_slowly), "test", 1, lambda: None)
    worker.start()
    assert is_begun.wait(LONG_SECONDS)
    worker.stop()  # and waits for no reading
    given_back = "SELECT count(*) AS n FROM entry WHERE state = 'received' AND attempts = 0"
    assert db.execute(given_back) == [{"n": len(MAILS)}]
    assert len(read) == 1
    may_end.set()
    desk.end()
