"""Large mails leave the service small, and a crowd that says nothing leaves it quick."""

import contextlib
import os
import signal
import smtplib
import socket
import time

import pytest

from bench.intake import Taking
from bench.memory import LARGE, added
from tests.support.processes import children_of
from tests.support.served import Served, mail_of
from tests.support.waiting import LONG_SECONDS, eventually

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


def quickest(served, label, tries=3):
    """The seconds of the quickest of some mails, from the first octet to the promise."""
    found = []
    for number in range(tries):
        begun = time.monotonic()
        with smtplib.SMTP("127.0.0.1", served.port, timeout=LONG_SECONDS) as client:
            client.sendmail("ana@example.org", ["support@example.com"], mail_of(number, label)[1])
        found.append(time.monotonic() - begun)
    return min(found)


def test_two_hundred_that_say_nothing_and_a_mail_that_holds_its_reader_keep_nobody_waiting(tmp_path):
    served = Served(tmp_path)
    with contextlib.ExitStack() as crowd:
        crowd.callback(served.close)
        served.start()
        alone = quickest(served, "alone")
        eventually(served.quiet, "an empty journal and outbox", LONG_SECONDS)
        for _ in range(IDLE):
            idle = crowd.enter_context(socket.create_connection(("127.0.0.1", served.port), timeout=20))
            assert idle.recv(3) == b"220"
            idle.sendall(b"EHLO idle.example\r\nMAIL FROM:<someone@example.org>\r\nRC")
        readers = [reader for child in children_of(served.process.pid) for reader in children_of(child)]
        for reader in readers:
            os.kill(reader, signal.SIGSTOP)
        # A machine that is busy is so for both: what the crowd adds is a second at the most.
        assert quickest(served, "crowd") < alone + 1
        for reader in readers:
            with contextlib.suppress(ProcessLookupError):  # who holds a mail for too long is ended
                os.kill(reader, signal.SIGCONT)
        eventually(lambda: len(served.states().get("applied", ())) == 6, "tickets", LONG_SECONDS)
