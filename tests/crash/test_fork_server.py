"""The process that all children come from hangs, as any process may: the service neither stalls nor stays by it."""

import os
import signal
import sqlite3
from contextlib import closing, suppress

from tests.support.processes import children_of, is_stopped
from tests.support.served import Sender, Served, mail_of
from tests.support.waiting import PATIENCE_SECONDS, eventually


def fork_server_of(served):
    """The one process below the service that has children of its own."""
    below = [child for child in children_of(served.process.pid) if children_of(child)]
    return below[0] if len(below) == 1 else None


def test_a_fork_server_that_has_stopped_does_not_keep_the_service_and_costs_no_mail(tmp_path):
    with closing(Served(tmp_path)) as served:
        served.start()
        sender = Sender(served.port, iter([mail_of(1, "before"), mail_of(2, "behind")]).__next__)
        assert sender.hand_in()
        eventually(served.quiet, "an empty journal and outbox")
        forks = eventually(lambda: fork_server_of(served), "the fork server")
        os.kill(forks, signal.SIGSTOP)
        try:
            eventually(lambda: is_stopped(forks), "its stop")
            for reader in children_of(forks):
                os.kill(reader, signal.SIGKILL)  # another one has to be started for the next mail
            assert sender.hand_in()
            eventually(lambda: attempts_in(served) == [(1,)], "a try to read it")
            served.process.send_signal(signal.SIGTERM)
            assert served.process.wait(PATIENCE_SECONDS) == 0
        finally:
            with suppress(ProcessLookupError):
                os.kill(forks, signal.SIGKILL)
        assert attempts_in(served) == [(0,)]  # it was not the mail's try


def attempts_in(served):
    with closing(sqlite3.connect(served.database)) as db:
        return db.execute("SELECT attempts FROM entry WHERE state = 'received'").fetchall()
