"""The IMAP door against pymap, an IMAP server that somebody else wrote."""

import itertools
from datetime import UTC, datetime

import pytest

from maild.doors.imap import MailboxDoor
from tests.support.pymap_server import start_pymap
from tests.support.waiting import eventually

from .imap_house import desk, mail, mailbox

pytest.importorskip("pymap", reason="the extra maild[demo] is not installed")


@pytest.fixture
def pymap():
    with start_pymap() as server:
        yield server


@pytest.mark.parametrize("after", ["move:Processed", "delete"])
def test_what_lies_in_the_mailbox_is_taken_and_gone(tmp_path, pymap, after):
    pymap.append(mail("one"))
    pymap.append(mail("two"))
    with desk(tmp_path, pymap, after=after) as ours:
        assert ours.look().taken == 2
        assert ours.octets() == [mail("one"), mail("two")]
    assert pymap.folder_uids() == []
    assert len(pymap.folder_uids("Processed")) == (2 if after != "delete" else 0)


def test_what_stays_is_taken_once(tmp_path, pymap):
    pymap.append(mail("one"))
    with desk(tmp_path, pymap, after="seen") as ours:
        assert [ours.look().taken for _ in range(2)] == [1, 0]
        ours.restart()
        assert ours.look().taken == 0


def test_idle_tells_of_new_mail(tmp_path, pymap):
    told = []
    with desk(tmp_path, pymap) as ours:
        settings = mailbox(pymap, poll_interval="5m")
        numbers = itertools.count()
        door = MailboxDoor(
            settings, lambda: pymap.password, ours.journal, lambda: datetime.now(UTC), told.append, lambda: -0.99
        )
        door.start()
        try:
            eventually(lambda: told and told[-1].state == "ok")
            for _ in range(3):
                name = f"m{next(numbers)}"
                pymap.append(mail(name))
                eventually(lambda name=name: name in ours.subjects())
        finally:
            door.stop()
