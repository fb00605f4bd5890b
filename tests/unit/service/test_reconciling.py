"""Every night: what lies on a server and was never taken is found, and so is what was taken and went nowhere."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from maild.base.words import DoorName
from maild.journal.model import ImapOrigin, Incoming
from maild.message.envelope import Envelope
from maild.service.reconciling import reconcile_nightly
from maild.service.watching import watch
from maild.settings.doors import Mailbox
from maild.store.reconciliation import in_words, reconciliation
from tests.support.imap_script import ScriptedImap

MAIL = b"From: marta@example.org\r\nSubject: hi\r\n\r\nhello\r\n"
NIGHT = datetime(2026, 11, 24, 3, 0, tzinfo=ZoneInfo("Europe/Madrid"))


@pytest.fixture
def server():
    with ScriptedImap() as server:
        yield server


@pytest.fixture
def desk(work, server):
    mailbox = Mailbox(name="support", host=server.host, port=server.port, tls="none", username=server.user)
    settings = work.office.settings.model_copy(update={"mailbox": (mailbox,)})
    work.office = replace(work.office, settings=settings)
    work.now = NIGHT
    work.server = server
    return work


def night(desk, minutes=5):
    """One call of the timetable, and the time goes on."""
    found = reconcile_nightly(
        desk.db, desk.house.journal, desk.office.settings, lambda _: desk.server.password, desk.now
    )
    desk.later(minutes=minutes)
    return found


def said(desk):
    with desk.db.reading() as reader:
        return in_words(reconciliation(reader))


def take(desk, uid):
    envelope = Envelope(DoorName.IMAP, desk.now, mailbox="support", trusted=True)
    [entry] = desk.house.journal.append_now(
        [Incoming(envelope, MAIL, ImapOrigin("support", desk.server.uidvalidity, uid))]
    )
    return entry


def alerts(desk):
    watch(desk.actor, desk.office, desk.now, lambda: 10**12)
    return [desk.text(row) for row in desk.outbox(template="alert")]


def test_a_mail_that_was_never_taken_is_told_to_the_postmaster(desk):
    [uid] = desk.server.put(MAIL)
    assert (night(desk), night(desk)) == (0, 1)
    assert said(desk) == [f"mailbox support: the mail with UID {uid} lies on the server and was never taken"]
    [told] = alerts(desk)
    assert "mail on a server, or in the journal, has no ticket" in told
    assert f"UID {uid} lies on the server" in told
    assert night(desk) == 0  # once a night
    take(desk, uid)
    desk.later(hours=24)
    night(desk)
    assert said(desk) == [
        "entry " + row["id"] + ": it was never decided on" for row in desk.db.execute("SELECT id FROM entry")
    ]


def test_a_mail_that_has_just_come_is_no_difference(desk):
    [first] = desk.server.put(MAIL)
    assert night(desk) == 0
    take(desk, first)
    desk.server.put(MAIL)  # and the next one is new by then
    assert night(desk) == 0
    assert said(desk) == []


def test_nothing_is_asked_before_its_hour_and_nothing_when_it_is_off(desk):
    desk.later(minutes=-1)
    night(desk)
    desk.settle("desk", reconcile_at="")
    night(desk, minutes=60)
    assert desk.server.lines == []


def test_looking_changes_nothing_on_the_server(desk):
    desk.server.put(MAIL)
    night(desk), night(desk)
    assert desk.server.count("SELECT") == 0
    assert desk.server.count("EXAMINE") == 2
    assert desk.server.inbox.flags == {1: set()}


def test_a_mailbox_that_cannot_be_compared_is_told(desk):
    desk.server.password = "another"
    desk.server.on("LOGIN", b"TAG NO [AUTHENTICATIONFAILED] wrong\r\n", times=9)
    assert (night(desk), night(desk)) == (0, 1)
    assert "could not be compared" in said(desk)[0]


def test_an_entry_that_counts_as_applied_and_had_no_effect_is_found(desk):
    entry = take(desk, 1)
    desk.run("UPDATE entry SET state = 'applied' WHERE id = ?", entry)
    desk.later(hours=2)
    assert night(desk) == 1
    assert said(desk) == [f"entry {entry}: it counts as applied and had no effect"]
    desk.run("UPDATE entry SET state = 'dropped' WHERE id = ?", entry)
    desk.run("DELETE FROM entry_octets WHERE entry = ?", entry)
    desk.now += timedelta(days=1)
    assert night(desk) == 1
    assert said(desk) == [f"entry {entry}: its octets are gone"]
