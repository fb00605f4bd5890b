"""The small parts of the IMAP door: what is tried again when, how a mailbox is, what `after` says."""

from datetime import UTC, datetime, timedelta

import pytest

from maild.doors.imap import MailboxState
from maild.doors.imap_after import After, read_after
from maild.doors.imap_difficult import Difficult
from maild.doors.imap_health import Pulse

NOW = datetime(2026, 11, 21, 21, 42, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("move:Done/2026", After("move", folder="Done/2026")),
        ("seen", After("seen")),
        ("leave", After("leave")),
        ("delete", After("delete")),
        ("delete:30d", After("delete", days=timedelta(days=30))),
    ],
)
def test_what_is_done_after_is_read(text, after):
    assert read_after(text) == after


def test_a_bad_time_to_delete_is_refused():
    with pytest.raises(ValueError, match="no duration"):
        read_after("delete:soon")


def test_a_mail_that_cannot_be_fetched_is_tried_ever_more_rarely():
    difficult, now, waits = Difficult(), NOW, []
    for _ in range(6):
        difficult.failed([7], now)
        before = now
        while not difficult.is_due(7, now):
            now += timedelta(seconds=1)
        waits.append((now - before).total_seconds())
    assert waits == [0, 10, 60, 300, 300, 300]
    assert 7 in difficult
    assert difficult.is_due(8, now)


def test_a_server_that_is_ill_for_minutes_does_not_cost_a_body():
    difficult = Difficult()
    for minutes in range(6):
        difficult.failed([7], NOW + timedelta(minutes=minutes))
    assert not difficult.is_hopeless(7, NOW + timedelta(minutes=59))
    assert difficult.is_hopeless(7, NOW + timedelta(minutes=60))
    assert not difficult.is_hopeless(8, NOW + timedelta(days=1))


def test_what_fails_twice_is_named():
    difficult = Difficult()
    difficult.failed(range(1, 9), NOW)
    assert difficult.words() == ""
    difficult.failed([2], NOW)
    assert difficult.words() == "cannot fetch the mail with UID 2"
    difficult.failed(range(1, 9), NOW)
    assert difficult.words() == "cannot fetch the mail with UID 1, 2, 3, 4, 5 and more"
    difficult.keep_only([2, 3])
    difficult.forget([3])
    assert difficult.words() == "cannot fetch the mail with UID 2"


class Clock:
    def __init__(self):
        self.now = NOW
        self.told = []
        self.pulse = Pulse("support", lambda: self.now, self.told.append)


def test_a_mailbox_is_degraded_until_it_was_reached():
    assert Clock().pulse.health.state is MailboxState.DEGRADED


def test_a_look_that_goes_well_makes_a_mailbox_ok():
    clock = Clock()
    clock.now += timedelta(seconds=5)
    clock.pulse.answered(3, "")
    clock.now += timedelta(seconds=60)
    clock.pulse.answered(0, "")
    first, second = clock.told
    assert (first.state, first.since, first.contact, first.mail) == (
        "ok",
        NOW + timedelta(seconds=5),
        True,
        True,
    )
    assert (second.since, second.contact, second.mail) == (first.since, True, False)
    assert (second.last_contact, second.last_mail) == (NOW + timedelta(seconds=65), first.last_mail)


def test_a_problem_that_does_not_end_the_connection_degrades():
    clock = Clock()
    clock.pulse.answered(1, "INBOX is read-only")
    assert (clock.told[-1].state, clock.told[-1].reason) == ("degraded", "INBOX is read-only")


def test_ten_minutes_of_silence_are_death_and_an_answer_is_life():
    clock = Clock()
    clock.pulse.answered(0, "")
    clock.now += timedelta(minutes=9)
    clock.pulse.failed("no route to host", login_refused=False)
    assert clock.told[-1].state is MailboxState.DEGRADED
    clock.now += timedelta(minutes=1)
    clock.pulse.failed("no route to host", login_refused=False)
    clock.pulse.failed("no route to host", login_refused=False)
    health = clock.told[-1]
    assert (health.state, health.since, health.last_contact) == ("dead", clock.now, NOW)
    assert (health.contact, health.mail) == (False, False)
    clock.pulse.answered(0, "")
    assert clock.told[-1].state is MailboxState.OK


def test_three_refused_logins_in_a_row_are_death():
    clock = Clock()
    for refused in (True, True, False, True, True):
        clock.pulse.failed("wrong password", login_refused=refused)
        assert clock.told[-1].state is MailboxState.DEGRADED
    clock.pulse.failed("wrong password", login_refused=True)
    assert clock.told[-1].state is MailboxState.DEAD
