"""A desk in one thread, at a clock that is moved by hand."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from maild.base.words import DoorName
from maild.message.envelope import Envelope
from maild.outbox.schedule import Reply
from maild.service.child import Plan, read_one
from maild.service.children import ReadingFailed
from maild.service.configuration import load
from maild.service.resolver import Nobody
from maild.service.simulation.world import VirtualClock, World

EXAMPLE = (Path(__file__).parents[1] / "settings" / "example.toml").read_text("utf-8")
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MAIL = b"From: marta@example.org\nTo: support@example.com\nSubject: %s\nMessage-ID: <%s@a>\n\nIt burns.\n"


@pytest.fixture
def world(tmp_path):
    (tmp_path / "maild.toml").write_text(EXAMPLE, "utf-8")

    def read(job):
        if b"killer" in job.octets:
            raise ReadingFailed("the reader died")
        return read_one(
            job, Plan(desk.office.settings, desk.office.keyring, desk.office.own, desk.office.limits), Nobody()
        )

    replies = iter([Reply(450, "4.2.1", "later")])
    clock = VirtualClock(MONDAY)
    smarthost = lambda _: next(replies, Reply(250, "2.0.0", "Ok"))  # noqa: E731 - one line says it
    desk = World(load(tmp_path / "maild.toml"), read, clock, smarthost, lambda bits: bits)
    yield desk
    desk.close()


def _take(world, name):
    return world.take(MAIL % (name, name), Envelope(DoorName.INGEST, world.clock.now, trusted=True))


def _one(world, sql):
    return world.house.db.execute(sql)[0]


def test_a_mail_that_kills_its_reader_becomes_a_ticket_after_three_tries_and_holds_up_nobody(world):
    _take(world, b"killer")
    world.run_to(MONDAY + timedelta(seconds=1))
    _take(world, b"printer")
    assert len(world.unsettled()) == 1
    world.run_to(MONDAY + timedelta(minutes=5))
    assert not world.unsettled()
    assert "unparsed" in _one(world, "SELECT tags FROM ticket WHERE subject = 'killer'")["tags"]


def test_the_clock_goes_from_due_to_due_and_a_refused_mail_is_tried_again(world):
    _take(world, b"printer")
    world.run_to(MONDAY + timedelta(seconds=3))
    states = "SELECT count(*) AS n FROM outbox WHERE state = 'deferred'"
    assert _one(world, states)["n"] == 1
    assert world.next() <= MONDAY + timedelta(minutes=2)
    world.run_to(MONDAY + timedelta(days=2))
    assert _one(world, "SELECT count(*) AS n FROM outbox WHERE state <> 'sent'")["n"] == 0
    told = [row["percent"] for row in world.house.db.execute("SELECT percent FROM told WHERE clock = 'first_response'")]
    assert sorted(told)[-1] == 100
