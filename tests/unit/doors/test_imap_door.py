"""The thread of a mailbox: it waits, comes back, says how it is, and stops when it is told to."""

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from maild.doors import imap_model
from maild.doors.imap import LoginRefused, MailboxDoor
from maild.journal.model import JournalUnavailable
from tests.support.imap_script import ScriptedImap
from tests.support.waiting import eventually

from .imap_house import desk, mail, mailbox


@pytest.fixture
def server():
    with ScriptedImap() as server:
        yield server


class Watch:
    """A door that runs, and what it told."""

    def __init__(self, ours, settings, jitter, password=None):
        self.told = []
        self.now = ours.clock
        self.door = MailboxDoor(
            settings,
            password or (lambda: ours.server.password),
            ours.store,
            self.clock,
            self.told.append,
            jitter,
        )

    def clock(self):
        return self.now()

    @property
    def last(self):
        return self.told[-1]

    def is_well(self):
        return bool(self.told) and self.last.state == "ok"


@contextlib.contextmanager
def watch(tmp_path, server, *, password=None, store=None, jitter=lambda: -0.99, **settings):
    """Run a door; its waits are a hundredth of what they would be."""
    with desk(tmp_path, server) as ours:
        ours.store = store(ours.journal) if store else ours.journal
        watched = Watch(ours, mailbox(server, **settings), jitter, password)
        watched.ours = ours
        watched.door.start()
        try:
            yield watched
        finally:
            watched.door.stop()
            watched.door._thread.join(imap_model.READ_SECONDS / 2)  # a silent server would keep it for the whole
            assert not watched.door._thread.is_alive()


def idles(server):
    return any(session.idle for session in list(server.sessions))


def test_a_mail_that_comes_during_idle_is_taken_at_once(tmp_path, server):
    with watch(tmp_path, server, poll_interval="5m") as watched:
        eventually(lambda: idles(server))
        server.put(mail("one"))
        eventually(lambda: watched.ours.subjects() == ["one"])
        eventually(lambda: watched.last.last_mail is not None)
        assert watched.door.health.state == "ok"
        assert server.count("LOGIN") == 1


def test_without_idle_the_mailbox_is_polled(tmp_path, server):
    server.capabilities = ("MOVE", "UIDPLUS")
    with watch(tmp_path, server, poll_interval=timedelta(milliseconds=20)) as watched:
        eventually(lambda: server.count("NOOP") > 2)
        server.put(mail("one"))
        eventually(lambda: watched.ours.subjects() == ["one"])
    assert server.count("IDLE") == 0


def test_the_poll_is_a_net_under_an_idle_that_tells_nothing(tmp_path, server):
    with watch(tmp_path, server, poll_interval=timedelta(milliseconds=50)) as watched:
        eventually(lambda: server.count("IDLE") > 1)
        server.inbox.put(mail("untold"))
        eventually(lambda: watched.ours.subjects() == ["untold"])


def test_after_a_cut_the_door_comes_back(tmp_path, server):
    with watch(tmp_path, server) as watched:
        eventually(lambda: idles(server))
        server.sessions[0].hang_up()
        eventually(lambda: server.count("LOGIN") == 2 and idles(server))
        server.put(mail("one"))
        eventually(lambda: watched.ours.subjects() == ["one"])
        eventually(watched.is_well)
        assert "degraded" in [health.state for health in watched.told]


def test_half_a_mail_is_taken_whole_after_the_cut(tmp_path, server):
    def half(session, tag, line):
        session.send(session.fetched(1, 1, "(BODY.PEEK[])")[:-40])
        session.hang_up()

    server.on("UID FETCH .*BODY", half)
    server.put(mail("one"))
    with watch(tmp_path, server) as watched:
        eventually(lambda: watched.ours.octets() == [mail("one")])


def test_a_server_that_is_away_degrades_and_then_kills_the_mailbox(tmp_path, server):
    server.on("LOGIN", b"", times=1000)
    with watch(tmp_path, server) as watched:
        eventually(lambda: watched.told)
        assert watched.last.state == "degraded"
        watched.ours.later(minutes=11)
        eventually(lambda: watched.last.state == "dead")
        assert watched.last.reason
        assert watched.last.last_contact is None


def test_a_wrong_password_makes_the_mailbox_dead_and_a_right_one_lets_it_live(tmp_path, server):
    words = ["wrong"]
    with watch(tmp_path, server, password=lambda: words[0]) as watched:
        eventually(lambda: watched.told and watched.last.state == "dead")
        assert "wrong password" in watched.last.reason
        words[0] = server.password
        eventually(watched.is_well)


def test_a_password_that_cannot_be_had_is_a_reason_and_not_the_end(tmp_path, server):
    words = []

    def password():
        if not words:
            raise LookupError("no credential")
        return words[0]

    with watch(tmp_path, server, password=password) as watched:
        eventually(lambda: watched.told)
        assert watched.last.reason == "an error of ours: LookupError"
        words.append(server.password)
        eventually(watched.is_well)


def test_a_server_that_throttles_is_left_in_peace(tmp_path, server):
    server.on("LOGIN", b"TAG NO [UNAVAILABLE] too many\r\n", times=1000)
    with watch(tmp_path, server, jitter=lambda: 0.0) as watched:
        eventually(lambda: watched.told)
        assert watched.last.state == "degraded"
        assert server.count("LOGIN") == 1


def test_who_names_a_time_is_not_asked_before(tmp_path, server):
    def no_token():
        raise LoginRefused("the provider wants us to come later", "UNAVAILABLE", 300.0)

    with capture_logs() as logs, watch(tmp_path, server, jitter=lambda: 0.0, password=no_token) as watched:
        eventually(lambda: watched.told)
        assert watched.last.state == "degraded"
    assert [line["retry_seconds"] for line in logs if line["event"] == "mailbox-lost"] == [300.0]


def test_waits_grow_and_differ(tmp_path, server):
    rolls = iter([-0.999, -0.998, -0.996, -0.992, *[1.0] * 1000])
    server.on("LOGIN", b"", times=5)
    with capture_logs() as logs, watch(tmp_path, server, jitter=lambda: next(rolls)):
        eventually(lambda: sum(line["event"] == "mailbox-lost" for line in logs) == 5)
    assert [line["retry_seconds"] for line in logs if line["event"] == "mailbox-lost"] == [0.0, 0.0, 0.0, 0.0, 16.0]


def test_a_journal_that_cannot_write_leaves_the_mail_where_it_is(tmp_path, server):
    class Full:
        full = True

        def __init__(self, journal):
            self.taken_uids, self.highest_uid = journal.taken_uids, journal.highest_uid
            self.journal = journal

        def append_now(self, items):
            if self.full:
                raise JournalUnavailable("disk full")
            return self.journal.append_now(items)

    server.put(mail("one"))
    with watch(tmp_path, server, store=Full) as watched:
        eventually(lambda: watched.told)
        assert watched.last.reason == "mails cannot be kept: disk full"
        assert list(server.inbox.mails) == [1]
        watched.ours.store.full = False
        eventually(watched.is_well)
        assert watched.ours.subjects() == ["one"]
        assert server.inbox.mails == {}


def test_a_listener_that_fails_does_not_end_the_watch(tmp_path, server):
    class Deaf(list):
        def append(self, health):
            super().append(health)
            if len(self) < 3:
                raise RuntimeError("nobody listens")

    with desk(tmp_path, server) as ours:
        told = Deaf()
        door = MailboxDoor(mailbox(server), lambda: "secret", ours.journal, ours.clock, told.append, lambda: -0.99)
        door.start()
        try:
            eventually(lambda: len(told) > 2 and told[-1].state == "ok")
        finally:
            door.stop()


def test_the_door_stops_while_it_waits_for_a_silent_server(tmp_path, server):
    server.put(mail("one"))
    server.on("UID FETCH .*BODY", lambda session, tag, line: None)
    with watch(tmp_path, server):
        eventually(lambda: server.count("UID FETCH .*BODY") == 1)


def test_the_door_stops_while_it_waits_to_connect_again(tmp_path, server):
    server.on("LOGIN", b"TAG NO [UNAVAILABLE] too many\r\n", times=1000)
    with watch(tmp_path, server, jitter=lambda: 1.0) as watched:
        eventually(lambda: watched.told)


def test_the_door_stops_while_it_waits_for_a_greeting(tmp_path, server):
    server.greeting = b""
    with watch(tmp_path, server):
        eventually(lambda: server.sessions)


def test_a_door_that_was_never_opened_can_be_closed(tmp_path, server):
    with desk(tmp_path, server) as ours:
        Watch(ours, mailbox(server), lambda: 0.0).door.stop()


def test_a_connection_is_closed_politely(tmp_path, server):
    with watch(tmp_path, server):
        eventually(lambda: idles(server))
    assert server.lines[-2:] == ["DONE", "LOGOUT"] or server.lines[-1] == "LOGOUT"


def test_the_health_says_since_when(tmp_path, server):
    begun = datetime.now(UTC)
    with watch(tmp_path, server) as watched:
        watched.now = lambda: datetime.now(UTC)
        eventually(watched.is_well)
        assert watched.last.since >= begun
        assert watched.last.mailbox == "support"
