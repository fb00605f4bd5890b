"""A real `maild serve` process on a desk's configuration, to be killed, stopped and started again."""

import os
import signal
import smtplib
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from email.message import EmailMessage
from pathlib import Path

from maild.database.light import connect
from maild.service.location import store_url
from tests.support.desk import Desk, Sink
from tests.support.ports import free_port
from tests.support.waiting import LONG_SECONDS, eventually

MAILD = Path(sys.executable).with_name("maild")
WAITING = """
SELECT (SELECT count(*) FROM entry WHERE state IN ('received', 'failed'))
    + (SELECT count(*) FROM outbox WHERE state IN ('queued', 'deferred')) AS n
"""
UNLIMITED = """
[limits]
automatic_per_person_10min = 0
automatic_per_person_day = 0
automatic_per_minute = 0
notices_per_agent_10min = 0
free_space = 0
"""


class Served:
    """The example's desk in a process of its own; limits of automatic mail are off unless `change` sets others."""

    def __init__(self, folder: Path, change: Callable[[str], str] = str, *, sink: Sink | None = None) -> None:
        self.port = free_port()

        def configure(text: str) -> str:
            listen = f"127.0.0.1:{self.port}"
            return change(text.replace("127.0.0.1:0", listen).replace("[[queue]]", f"{UNLIMITED}\n[[queue]]", 1))

        self.desk = Desk(folder, configure, sink=sink)
        self.sink = self.desk.sink
        self.database = folder / "maild.db"
        self.log = folder / "serve.log"
        self.roles: tuple[str, ...] = ()  # all
        self.process: subprocess.Popen[bytes] | None = None

    def spawn(self, before: Sequence[str] = (), **environment: str) -> "subprocess.Popen[bytes]":
        """Start the process and return at once; `before` stands before the command, as `strace -f` does."""
        words = [*before, str(MAILD), "--config", str(self.desk.config), "serve"]
        words += [word for role in self.roles for word in ("--role", role)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(words, stderr=log, stdout=log, env=self._environment(environment))
        return self.process

    def start(self, before: Sequence[str] = (), **environment: str) -> "Served":
        """Start the process; returns when it greets."""
        process = self.spawn(before, **environment)
        eventually(lambda: process.poll() is not None or self.greets(), "a greeting", LONG_SECONDS)
        assert process.poll() is None, self.log.read_text()[-3000:]
        return self

    @staticmethod
    def _environment(more: Mapping[str, str]) -> dict[str, str]:
        return {**{k: v for k, v in os.environ.items() if not k.startswith(("MAILD", "NOTIFY"))}, **more}

    def greets(self) -> bool:
        """Whether the SMTP door answers."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as client:
                return client.recv(3) == b"220"
        except OSError:
            return False

    def kill(self) -> None:
        """Take the process away without a warning."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(LONG_SECONDS)

    def stop(self) -> int:
        """Ask the process to leave and return its exit code."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(LONG_SECONDS)

    def close(self) -> None:
        """Stop everything."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(LONG_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
        self.desk.close()

    def states(self) -> dict[str, list[dict[str, object]]]:
        """The entries of the journal by state, as `maild inbound list` tells them."""
        found: dict[str, list[dict[str, object]]] = {}
        for row in self.desk.rows("inbound", "list"):
            found.setdefault(str(row["state"]), []).append(row)
        return found

    def quiet(self) -> bool:
        """Whether no entry waits and no mail is to be sent; asked of the database, for a command would keep it busy."""
        with connect(store_url(self.desk.config)) as reader:
            return reader.execute(WAITING) == [{"n": 0}]

    def memory(self) -> int:
        """The resident memory of the process itself, in octets."""
        assert self.process is not None
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")


class Sender(threading.Thread):
    """A client that sends mails one after the other, each again and again until it is acknowledged, as an MTA does."""

    def __init__(self, port: int, make: Callable[[], tuple[str, bytes]]) -> None:
        super().__init__(daemon=True)
        self._port = port
        self._make = make
        self._enough = threading.Event()
        self.acknowledged: list[str] = []

    def run(self) -> None:
        """Send until `finish`; the mail in hand is brought to its end even then."""
        while not self._enough.is_set():
            self.hand_in()

    def hand_in(self) -> str:
        """Send one mail until it is acknowledged, and return its Message-ID."""
        message_id, octets = self._make()
        while not self._try(octets):
            self._enough.wait(0.01)
        self.acknowledged.append(message_id)
        return message_id

    def finish(self) -> None:
        """Send no further mail, and wait until the last one was taken."""
        self._enough.set()
        self.join(LONG_SECONDS)
        assert not self.is_alive(), "a mail was never taken"

    def _try(self, octets: bytes) -> bool:
        sender = octets.partition(b"From: ")[2].partition(b"\r\n")[0].decode()
        try:
            with smtplib.SMTP("127.0.0.1", self._port, timeout=30) as client:
                client.sendmail(sender, ["support@example.com"], octets)
        except (OSError, smtplib.SMTPException):
            return False
        return True


def mail_of(number: int, label: str, size: int = 0) -> tuple[str, bytes]:
    """A mail of a requester of its own, and its Message-ID."""
    message_id = f"<{label}.{number}@client.example>"
    mail = EmailMessage()
    mail["From"] = f"requester{number}.{label}@example.org"
    mail["To"] = "support@example.com"
    mail["Subject"] = f"Printer {number} of {label}"
    mail["Message-ID"] = message_id
    mail["Date"] = "Mon, 23 Nov 2026 09:00:00 +0000"
    mail.set_content(f"Hello, printer {number} does not print.\n" + "It makes a noise like a drum.\n" * (size // 31))
    return message_id, mail.as_bytes().replace(b"\n", b"\r\n")
