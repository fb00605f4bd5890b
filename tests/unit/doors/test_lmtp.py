"""The LMTP door on a unix socket, and faults that every recipient hears of."""

import os
import socket
import stat

import pytest

from maild.base.words import DoorName
from maild.doors.incoming import TryAgain
from maild.doors.listen import open_tcp, open_unix
from maild.doors.lmtp import LmtpDoor
from maild.doors.policy import lmtp_policy
from maild.settings.desk import Limits
from maild.settings.doors import Lmtp

from .house import house


@pytest.fixture
def desk(tmp_path):
    with house(door=LmtpDoor, unix=tmp_path / "lmtp.sock") as running:
        yield running


def test_a_mail_over_the_socket_is_trusted_and_has_no_client(desk):
    with desk.line() as line:
        line.ask("LHLO mx", "MAIL FROM:<ana@example.org>", "RCPT TO:<support@example.com>", "DATA")
        assert line.ask(".") == "250 2.0.0 Ok: queued as e1"
    envelope = desk.keeper.mails[0].envelope
    assert envelope.door is DoorName.LMTP
    assert envelope.trusted
    assert envelope.client == ""


def test_a_fault_of_ours_is_told_for_each_recipient(desk):
    desk.keeper.fault = TryAgain()
    with desk.line() as line:
        line.ask("LHLO mx", "MAIL FROM:<ana@example.org>", "RCPT TO:<support@example.com>")
        line.ask("RCPT TO:<help@example.com>", "DATA")
        line.send(b".\r\n")
        assert [line.reply(), line.reply()] == [TryAgain().reply] * 2
        assert line.ask("NOOP").startswith("250")


def test_the_socket_of_a_dead_process_is_replaced_and_a_live_one_is_not(tmp_path):
    path = tmp_path / "lmtp.sock"
    open_unix(path).close()
    with open_unix(path) as listener:
        assert stat.S_IMODE(path.stat().st_mode) == 0o666
        with pytest.raises(FileExistsError):
            open_unix(path)
        assert listener.getsockname() == os.fspath(path)
    with pytest.raises(OSError):
        open_unix(tmp_path / "no" / "such" / "folder")


def test_all_addresses_of_a_host_are_listened_on_or_none():
    listeners = open_tcp("", 0)
    try:
        assert {listener.family for listener in listeners} <= {socket.AF_INET, socket.AF_INET6}
        port = listeners[0].getsockname()[1]
        host = listeners[0].getsockname()[0]
        with pytest.raises(OSError):
            open_tcp(host, port)
    finally:
        for listener in listeners:
            listener.close()


def test_our_own_mta_is_not_made_to_bounce_a_stray_cr(tmp_path):
    policy = lmtp_policy(Lmtp(), Limits(), hostname="desk.example.com")
    with house(policy, door=LmtpDoor, unix=tmp_path / "other.sock") as desk, desk.line() as line:
        line.ask("LHLO mx", "MAIL FROM:<ana@example.org>", "RCPT TO:<support@example.com>", "DATA")
        line.send(b"a\rb\nc\r\n.\r\n")
        assert line.reply().startswith("250")
        assert desk.keeper.mails[0].octets == b"a\r\nb\r\nc\r\n"
