"""A whole desk on real wires: the service, a sink as smarthost, and people who write to it and read its mail."""

import asyncio
import contextlib
import io
import json
import smtplib
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from maild.cli.main import run
from maild.service.configuration import load
from maild.service.daemon import Daemon
from tests.support.ports import free_port
from tests.support.waiting import LONG_SECONDS, PATIENCE_SECONDS, eventually, join

# What a desk does by itself, but for the sweeps: these run every few seconds of real time, so that what they send came
# sooner or later than a story's next line. A story runs them where it wants them.
AT_WORK = ("intake", "worker", "delivery")
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # 10:00 in Madrid: the office is open
MARTA = "Marta Gil <marta@example.org>"
ANA = "Ana Ruiz <ana@example.com>"
EXAMPLE = Path(__file__).parents[1] / "unit" / "settings" / "example.toml"


def run_maild(config: Path, *words: str, stdin: str = "") -> tuple[int, str, str]:
    """Run a command of the shell in this process, where all is imported: its exit code, and what it printed."""
    octets, err = io.BytesIO(), io.StringIO()
    with io.TextIOWrapper(octets, "utf-8", write_through=True) as out:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), _given(stdin):
            code = run(["--config", str(config), *words])
        return code, octets.getvalue().decode("utf-8", "replace"), err.getvalue()


@contextlib.contextmanager
def _given(text: str) -> Iterator[None]:
    before, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(text.encode()), "utf-8")
    try:
        yield
    finally:
        sys.stdin = before


class Clock:
    """A clock that goes on from a Monday morning and can be put forward."""

    def __init__(self, start: datetime = MONDAY) -> None:
        self._start = start
        self._began = time.monotonic()

    def __call__(self) -> datetime:
        """The time of this desk."""
        return self._start + timedelta(seconds=time.monotonic() - self._began)

    def advance(self, **by: float) -> None:
        """Put the clock forward."""
        self._start += timedelta(**by)


@dataclass(frozen=True)
class Received:
    """A mail that the smarthost took."""

    mail_from: str
    rcpt_to: str
    octets: bytes
    mail: EmailMessage

    @property
    def text(self) -> str:
        """The plain part."""
        part = self.mail.get_body(("plain",))
        return part.get_content() if part is not None else ""

    @property
    def html(self) -> str:
        """The HTML part."""
        part = self.mail.get_body(("html",))
        return part.get_content() if part is not None else ""


class Sink:
    """A smarthost that keeps what it is given; `answer` may say what it answers to DATA."""

    def __init__(self) -> None:
        self.mails: list[Received] = []
        self.answer: Callable[[Envelope], str] = lambda _: "250 2.0.0 Ok"
        self.port = free_port()
        self._server: asyncio.Server | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.come_back()

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:
        """Keep a mail when it is answered with 250."""
        answer = self.answer(envelope)
        if answer.startswith("250"):
            octets = bytes(envelope.original_content or b"")
            mail = message_from_bytes(octets, policy=default)
            assert isinstance(mail, EmailMessage)
            self.mails.extend(Received(envelope.mail_from or "", rcpt, octets, mail) for rcpt in envelope.rcpt_tos)
        return answer

    def to(self, address: str) -> list[Received]:
        """What one address got, oldest first."""
        return [m for m in self.mails if m.rcpt_to == address]

    def leave(self) -> None:
        """Be away until `come_back`: connections are cut, and new ones refused at a port that nobody else gets."""

        async def end() -> None:
            if self._server is not None:
                self._server.close()
            self._server = None
            for task in asyncio.all_tasks():
                if task is not asyncio.current_task():
                    task.cancel()

        self._do(end())

    def come_back(self) -> None:
        """Serve, at the same port as ever."""

        async def begin() -> None:
            self._server = await self._loop.create_server(self._session, "127.0.0.1", self.port)

        self._do(begin())

    def _session(self) -> SMTP:
        return SMTP(self, enable_SMTPUTF8=True, hostname="sink.example")

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_SECONDS)

    def close(self) -> None:
        """Stop; connections are cut."""
        self.leave()
        self._loop.call_soon_threadsafe(self._loop.stop)
        join(self._thread)
        self._loop.close()


class Desk:
    """The example's desk in a folder of the test's own, served in this process with a clock that can be put forward."""

    def __init__(
        self, folder: Path, change: Callable[[str], str] = str, *, clock: Clock | None = None, sink: Sink | None = None
    ) -> None:
        self.sink = sink or Sink()
        self.clock = clock or Clock()
        self.config = folder / "maild.toml"
        text = EXAMPLE.read_text("utf-8").replace("127.0.0.1:8025", "127.0.0.1:0")
        self.config.write_text(change(text.replace("127.0.0.1:8026", f"127.0.0.1:{self.sink.port}")), "utf-8")
        self._daemon: Daemon | None = None
        self._thread: threading.Thread | None = None
        self._written = 0

    def start(self, roles: tuple[str, ...] = AT_WORK) -> "Desk":
        """Serve; returns when every part stands."""
        ready, faults = threading.Event(), list[BaseException]()

        async def serve() -> None:
            self._daemon = Daemon(load(self.config), roles, environment={}, now=self.clock)
            await self._daemon.run(ready.set)

        def run() -> None:
            try:
                asyncio.run(serve())
            except BaseException as fault:
                faults.append(fault)
                ready.set()

        self._thread = threading.Thread(target=run, name="desk", daemon=True)
        self._thread.start()
        assert ready.wait(PATIENCE_SECONDS), "the service did not come up"
        if faults:
            raise faults[0]
        return self

    def stop(self) -> None:
        """Stop serving; what waits stays in the database."""
        if self._daemon is not None and self._thread is not None:
            self._daemon.stop()
            join(self._thread)
        self._daemon = self._thread = None

    def close(self) -> None:
        """Stop everything."""
        self.stop()
        self.sink.close()

    def reload(self) -> None:
        """Have the configuration read again; returns when it is in force, or refused."""
        assert self._daemon is not None
        daemon, before = self._daemon, self._daemon.reloads
        daemon.reload()
        eventually(lambda: daemon.reloads > before, "the reload")

    @property
    def is_stopping(self) -> bool:
        """Whether it was asked to leave, and has heard of it."""
        return self._daemon is None or self._daemon.stopping

    @property
    def port(self) -> int:
        """Where its SMTP door listens."""
        return int(self.address("smtp").rpartition(":")[2])

    def address(self, door: str) -> str:
        """Where a door listens: `127.0.0.1:8025`."""
        assert self._daemon is not None
        return dict(self._daemon.addresses())[door]

    def compose(
        self, text: str, *, author: str = MARTA, subject: str = "Printer", **fields: str | None
    ) -> EmailMessage:
        """A mail as a client makes it; a field given as None is left out."""
        self._written += 1
        mail = EmailMessage()
        own = f"<m{self._written}.{id(self)}@client.example>"
        given: dict[str, str | None] = {
            "From": author,
            "To": "support@example.com",
            "Subject": subject,
            "Message-ID": own,
            "Date": self.clock().strftime("%a, %d %b %Y %H:%M:%S +0000"),
        }
        for name, value in (given | {k.replace("_", "-"): v for k, v in fields.items()}).items():
            if value is not None:
                mail[name] = value
        mail.set_content(text)
        return mail

    def answer(self, received: Received, text: str, *, author: str, **fields: str | None) -> EmailMessage:
        """An answer to a mail as a client makes it: to its Reply-To, with a quote below."""
        quoted = "\n".join(f"> {line}" for line in received.text.splitlines())
        given: dict[str, str | None] = {
            "To": str(received.mail["Reply-To"]),
            "In-Reply-To": str(received.mail["Message-ID"]),
            "References": f"{received.mail['References']} {received.mail['Message-ID']}",
        }
        subject = fields.pop("Subject", None) or f"Re: {received.mail['Subject']}"
        body = f"{text}\n\nOn Mon, 23 Nov 2026 at 10:00, Acme Support wrote:\n{quoted}\n"
        return self.compose(body, author=author, subject=subject, **(given | fields))

    def send(self, mail: EmailMessage | bytes, *, to: str | None = None, mail_from: str | None = None) -> str:
        """Hand a mail to the SMTP door; returns the entry id of its answer."""
        octets = mail if isinstance(mail, bytes) else mail.as_bytes(policy=default.clone(linesep="\r\n"))
        parsed = message_from_bytes(octets, policy=default)
        sender = mail_from if mail_from is not None else parsed["From"].addresses[0].addr_spec
        recipients = [to] if to else [a.addr_spec for a in parsed["To"].addresses]
        with smtplib.SMTP("127.0.0.1", self.port, timeout=PATIENCE_SECONDS) as client:
            client.ehlo()
            client.mail(sender)
            for recipient in recipients:
                code, reply = client.rcpt(recipient)
                assert code == 250, reply
            code, reply = client.data(octets)
        assert code == 250, reply
        return reply.decode().rpartition(" ")[2]

    def mail_to(self, address: str, *, number: int = 1, having: str = "") -> Received:
        """Wait for the `number`-th mail to an address whose subject or text has some words."""

        def found() -> list[Received]:
            mails = [m for m in self.sink.to(address) if having in f"{m.mail['Subject']}\n{m.text}"]
            return mails[number - 1 : number]

        return eventually(found, f"mail {number} to {address} with {having!r}")[0]

    def settled(self, entry: str) -> dict[str, Any]:
        """Wait until an entry is applied, quarantined or a duplicate, and its mails have left; returns its row."""

        def look() -> dict[str, Any] | None:
            rows = [row for row in self.rows("inbound", "list") if row["entry"] == entry]
            return rows[0] if rows and rows[0]["state"] not in {"received", "failed"} else None

        row = eventually(look, f"entry {entry}")
        eventually(lambda: not self.rows("outbox", "list", "--state", "queued"), "an empty outbox")
        return row

    def maild(self, *words: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command of the shell against this desk."""
        maild = Path(sys.executable).with_name("maild")
        return subprocess.run(
            [str(maild), "--config", str(self.config), *words],
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            timeout=LONG_SECONDS,
            check=False,
        )

    def rows(self, *words: str) -> list[dict[str, Any]]:
        """What a command prints with --json."""
        code, out, err = run_maild(self.config, *words, "--json")
        assert code == 0, err
        return [json.loads(line) for line in out.splitlines()]

    def ticket(self, number: int = 1) -> dict[str, Any]:
        """One ticket as `maild ticket show --json` tells it."""
        return self.rows("ticket", "show", str(number))[0]

    def renew(self) -> None:
        """Have the service renew its calendars, as its timetable would."""
        assert self._daemon is not None
        self._daemon.renew()

    def sweep(self) -> None:
        """Have the service do what is due by now, as its timetable would."""
        assert self._daemon is not None
        self._daemon.sweep()
