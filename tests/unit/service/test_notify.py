"""What systemd is told, over a socket of the test's own, and what it hands over, to a process of the test's own."""

import json
import os
import socket
import subprocess
import sys

import pytest

from maild.service.notify import Notifier, inherited_sockets
from tests.support.waiting import LONG_SECONDS, PATIENCE_SECONDS


@pytest.fixture
def manager(tmp_path):
    """The manager's end of `$NOTIFY_SOCKET`."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.bind(str(tmp_path / "notify"))
        end.settimeout(PATIENCE_SECONDS)
        yield end


def test_the_manager_hears_of_start_and_end(manager):
    notifier = Notifier({"NOTIFY_SOCKET": manager.getsockname()})
    notifier.ready()
    notifier.watchdog()
    notifier.stopping()
    assert [manager.recv(100) for _ in range(3)] == [b"READY=1", b"WATCHDOG=1", b"STOPPING=1"]


def test_a_reload_is_told_with_the_monotonic_clock(manager):
    Notifier({"NOTIFY_SOCKET": manager.getsockname()}).reloading()
    said = dict(line.split("=") for line in manager.recv(200).decode().splitlines())
    assert said["RELOADING"] == "1"
    assert int(said["MONOTONIC_USEC"]) > 0


def test_a_status_is_one_line_whatever_is_in_it(manager):
    Notifier({"NOTIFY_SOCKET": manager.getsockname()}).status("well\nREADY=1")
    assert manager.recv(200) == b"STATUS=well READY=1"


def test_a_name_that_begins_with_an_at_is_abstract():
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.bind(f"\0maild-test-{os.getpid()}")
        end.settimeout(PATIENCE_SECONDS)
        Notifier({"NOTIFY_SOCKET": f"@maild-test-{os.getpid()}"}).ready()
        assert end.recv(100) == b"READY=1"


def test_outside_systemd_nothing_is_said_and_nothing_fails():
    notifier = Notifier({})
    notifier.ready()
    notifier.stopping()
    assert notifier.watchdog_seconds == 0


@pytest.mark.parametrize(
    ("environment", "seconds"),
    [
        ({"WATCHDOG_USEC": "60000000"}, 60.0),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": str(os.getpid())}, 60.0),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"}, 0.0),
        ({"WATCHDOG_USEC": "soon"}, 0.0),
    ],
)
def test_the_watchdog_is_fed_only_by_whom_it_watches(environment, seconds):
    assert Notifier(environment).watchdog_seconds == seconds


HEIR = """
import json, os, sys
from maild.service.notify import inherited_sockets
environment = {**os.environ, "LISTEN_PID": str(os.getpid())}
found = inherited_sockets(environment)
told = {name: [each.getsockname()[1] for each in sockets] for name, sockets in found.items()}
left = [each.get_inheritable() for sockets in found.values() for each in sockets]
print(json.dumps([told, left]))
"""


def inherit(listeners, names):
    """Start a process with sockets from descriptor 3 on, as systemd does, and return what it found."""

    def hand_over():
        spare = [os.dup2(each.fileno(), 100 + number) for number, each in enumerate(listeners)]
        for number, descriptor in enumerate(spare):
            os.dup2(descriptor, 3 + number)

    environment = {**os.environ, "LISTEN_FDS": str(len(listeners)), "LISTEN_FDNAMES": names}
    done = subprocess.run(
        [sys.executable, "-c", HEIR],
        env=environment,
        preexec_fn=hand_over,
        close_fds=False,
        capture_output=True,
        text=True,
        timeout=LONG_SECONDS,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_sockets_are_found_by_the_names_that_their_units_gave():
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
        ports = [each.getsockname()[1] for each in (one, two)]
        assert inherit([one, two], "smtp:lmtp") == [{"smtp": ports[:1], "lmtp": ports[1:]}, [False, False]]
        assert inherit([one, two], "smtp:smtp") == [{"smtp": ports}, [False, False]]
        assert inherit([one, two], "lmtp") == [{"lmtp": ports[:1], "smtp": ports[1:]}, [False, False]]


def test_sockets_of_another_process_are_left_alone():
    assert inherited_sockets({"LISTEN_PID": "1", "LISTEN_FDS": "1", "LISTEN_FDNAMES": "smtp"}) == {}
    assert inherited_sockets({}) == {}
