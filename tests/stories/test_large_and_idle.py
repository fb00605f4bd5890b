"""Large mails leave the service small, and a crowd that says nothing leaves it quick."""

import contextlib
import smtplib
import socket

import pytest

from bench.intake import Taking
from bench.memory import LARGE, added
from tests.support.served import Served, mail_of
from tests.support.waiting import PATIENCE_SECONDS, eventually

IDLE = 200


@pytest.mark.parametrize(("at_once", "most"), [(1, 40_000_000), pytest.param(20, 200_000_000, marks=pytest.mark.soak)])
def test_large_mails_leave_the_service_small(tmp_path, at_once, most):
    served = Served(tmp_path)
    try:
        process = served.start().process
        assert added(Taking(served.port, process.pid), at_once) < most
        eventually(lambda: any(int(str(row["size"])) > LARGE // 2 for row in served.states().get("applied", [])))
    finally:
        served.close()


def test_two_hundred_that_say_nothing_keep_nobody_waiting(tmp_path):
    served = Served(tmp_path)
    with contextlib.ExitStack() as crowd:
        crowd.callback(served.close)
        served.start()
        for _ in range(IDLE):
            idle = crowd.enter_context(socket.create_connection(("127.0.0.1", served.port), timeout=PATIENCE_SECONDS))
            assert idle.recv(3) == b"220"
            idle.sendall(b"EHLO idle.example\r\nMAIL FROM:<someone@example.org>\r\nRC")
        with smtplib.SMTP("127.0.0.1", served.port, timeout=PATIENCE_SECONDS) as client:
            client.sendmail("ana@example.org", ["support@example.com"], mail_of(1, "crowd")[1])
        eventually(lambda: served.states().get("applied"), "a ticket")
