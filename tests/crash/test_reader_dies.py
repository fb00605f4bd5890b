"""A mail that ends the process which reads it: by the kernel's limits, by a signal, by a fault in a library in C."""

import os
import resource
import shutil
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from maild.base.limits import Limits
from maild.base.words import DoorName, EntryState
from maild.journal.model import Incoming
from maild.message.envelope import Envelope
from maild.proof.model import Results
from maild.service import children as children_module
from maild.service import fork_server
from maild.service.child import Job, Plan
from maild.service.children import Children, ReadingFailed
from maild.service.configuration import load
from maild.service.house import open_house
from maild.service.pipeline import Pipeline
from tests.support.desk import MONDAY
from tests.support.poison import Poison
from tests.support.processes import children_of, has_ended, is_stopped
from tests.support.served import mail_of
from tests.support.waiting import LONG_SECONDS, eventually

EXAMPLE = Path(__file__).parents[1] / "unit" / "settings" / "example.toml"
LIMITS = replace(Limits(), parse_cpu_seconds=1, parse_memory_bytes=400_000_000)
DEATHS = {
    "killed": "SIGKILL",
    "segfault": "SIGSEGV",
    "busy": "SIGXCPU",
    "greedy": "MemoryError",
    "left": "exit code 3",
    "deep": "RecursionError",
}


@pytest.fixture(autouse=True, scope="module")
def _fork_server():
    fork_server.prepare()


def plan_of(folder):
    shutil.copy(EXAMPLE, folder / "maild.toml")
    house = open_house(load(folder / "maild.toml"), lambda: MONDAY)
    office = house.office
    house.close()
    return Plan(office.settings, office.keyring, office.own, LIMITS)


def job_of(octets) -> Job:
    """A mail that was measured before, so that no DNS is asked."""
    return Job(octets, Envelope(DoorName.SMTP, MONDAY, "", ("support@example.com",), "127.0.0.1"), Results())


@contextmanager
def children(folder, grace_seconds=LONG_SECONDS) -> Iterator[Children]:
    readers = Children(1, plan_of(folder), grace_seconds=grace_seconds)
    try:
        yield readers
    finally:
        readers.stop()


def subject_by(readers, number):
    return readers.read(job_of(mail_of(number, "next")[1])).message.subject


@pytest.mark.parametrize(("how", "words"), DEATHS.items())
def test_a_reader_that_dies_is_replaced_and_its_end_is_told(tmp_path, how, words):
    with children(tmp_path) as readers:
        for number in range(2):
            with pytest.raises(ReadingFailed, match=words):
                readers.read(job_of(Poison(how)))
            assert subject_by(readers, number) == f"Printer {number} of next"


def test_a_reader_that_waits_for_ever_is_ended(tmp_path):
    before = readers_below()
    with children(tmp_path, grace_seconds=0.5) as readers:
        for _ in range(2):  # in one and the same place
            with pytest.raises(ReadingFailed, match="took too long"):
                readers.read(job_of(Poison("silent")))
            assert readers_below() <= before


def test_a_reader_that_works_has_its_time_of_the_processor_however_long_a_busy_machine_makes_of_it(tmp_path):
    with children(tmp_path, grace_seconds=0.01 - LIMITS.parse_cpu_seconds) as readers:
        with pytest.raises(ReadingFailed, match="SIGXCPU"):
            readers.read(job_of(Poison("busy")))
        assert subject_by(readers, 1) == "Printer 1 of next"


def readers_below():
    """The processes that the fork server has made: those of us whose parent is not us but our child."""
    return {reader for child in children_of("self") for reader in children_of(child)}


def first_of(readers):
    """The process that has read the first mail, and waits for others."""
    before = readers_below()
    subject_by(readers, 1)
    (reader,) = eventually(lambda: readers_below() - before)
    return reader


def kill_the_first_of(readers):
    reader = first_of(readers)
    os.kill(reader, signal.SIGKILL)
    eventually(lambda: reader not in readers_below(), "its end")


def test_a_reader_that_was_killed_between_two_mails_costs_the_next_one_no_try(tmp_path):
    with children(tmp_path) as readers:
        kill_the_first_of(readers)
        assert subject_by(readers, 2) == "Printer 2 of next"


@contextmanager
def no_more_files():
    """A process that may open no more files, as one that has reached its limit."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def test_a_reader_that_died_and_cannot_be_replaced_now_is_replaced_for_the_next_mail(tmp_path):
    with children(tmp_path) as readers:
        kill_the_first_of(readers)
        with no_more_files(), pytest.raises(ReadingFailed, match="no reader could be started"):
            readers.read(job_of(b""))
        assert subject_by(readers, 2) == "Printer 2 of next"


def test_a_reader_whose_fork_server_was_replaced_is_still_ended_when_it_waits_for_ever(tmp_path):
    (tmp_path / "other").mkdir()
    with children(tmp_path, grace_seconds=0.5) as readers:
        reader = first_of(readers)
        fork_server.kill()
        with children(tmp_path / "other") as others:
            assert subject_by(others, 2) == "Printer 2 of next"
            with pytest.raises(ReadingFailed, match="took too long"):
                readers.read(job_of(Poison("silent")))
            eventually(lambda: has_ended(reader), "its end")
            assert subject_by(readers, 3) == "Printer 3 of next"


@contextmanager
def stopped_fork_server():
    """A stop of the process that all readers of this one come from; nobody wakes it."""
    (forks,) = [child for child in children_of("self") if "forkserver" in Path(f"/proc/{child}/cmdline").read_text()]
    os.kill(forks, signal.SIGSTOP)
    try:
        eventually(lambda: is_stopped(forks), "its stop")
        yield
    finally:
        with suppress(ProcessLookupError):
            os.kill(forks, signal.SIGCONT)


def test_a_fork_server_that_has_stopped_holds_up_one_mail_and_is_replaced(tmp_path, monkeypatch):
    monkeypatch.setattr(children_module, "START_SECONDS", 0.1)
    with children(tmp_path) as readers:
        with stopped_fork_server(), pytest.raises(ReadingFailed, match="no reader could be started"):
            readers.read(job_of(b""))
        monkeypatch.undo()
        assert subject_by(readers, 1) == "Printer 1 of next"


def test_who_waits_for_a_fork_server_that_has_stopped_hears_of_the_end(tmp_path):
    with children(tmp_path) as readers, stopped_fork_server(), ThreadPoolExecutor() as one:
        reading = one.submit(readers.read, job_of(b""))
        eventually(reading.running)
        readers.stop()
        with pytest.raises(ReadingFailed, match=r"no reader could be started|the service is stopping"):
            reading.result()
        with pytest.raises(ReadingFailed, match="the service is stopping"):
            readers.read(job_of(b""))


class Desk:
    """The example's desk with real readers; mails of a label below `how` end them."""

    def __init__(self, folder, how):
        self.now = MONDAY
        plan = plan_of(folder)
        self.house = open_house(load(folder / "maild.toml"), lambda: self.now)
        self.readers = Children(1, plan, grace_seconds=LONG_SECONDS)

        def read(job):
            octets = Poison(how) if b"of poison" in job.octets else job.octets
            return self.readers.read(replace(job, octets=octets, results=Results()))

        self.pipeline = Pipeline(self.house.db, self.house.journal, lambda: self.house.office, read, lambda: self.now)

    def close(self):
        self.readers.stop()
        self.house.close()

    def accept(self, octets):
        envelope = Envelope(DoorName.SMTP, self.now, "a@example.org", ("support@example.com",), "127.0.0.1")
        return self.house.journal.append_now([Incoming(envelope, octets)])[0]

    def work(self):
        """Work off what waits now; returns what became of each entry."""
        return {e.id: self.pipeline.run(e) for e in self.house.journal.claim(9, "me", timedelta(minutes=10))}


@pytest.mark.parametrize(("how", "words"), list(DEATHS.items())[:4])
def test_a_mail_that_ends_its_reader_becomes_a_bare_ticket_and_the_next_one_waits_for_nothing(tmp_path, how, words):
    with closing(Desk(tmp_path, how)) as desk, capture_logs() as logs:
        poison, fine = desk.accept(mail_of(1, "poison")[1]), desk.accept(mail_of(2, "fine")[1])
        assert desk.work() == {poison: EntryState.FAILED, fine: EntryState.APPLIED}
        for seconds, state in ((6, EntryState.FAILED), (61, EntryState.APPLIED)):
            assert desk.work() == {}
            desk.now += timedelta(seconds=seconds)
            assert desk.work() == {poison: state}
        number = desk.house.journal.get(poison).ticket
        (row,) = desk.house.db.execute("SELECT tags FROM ticket WHERE number = ?", (number,))
        assert "unparsed" in row["tags"]
        assert [words in log["because"] for log in logs if log["event"] == "parser-died"] == [True] * 3
        sent = desk.house.db.execute("SELECT rcpt_to FROM outbox WHERE ticket = ?", (number,))
        assert {str(row["rcpt_to"]).partition("@")[2] for row in sent} == {"example.com"}  # agents, not the sender
