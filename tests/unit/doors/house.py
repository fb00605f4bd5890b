"""A door on a real socket, with a journal that only remembers."""

import asyncio
import re
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from maild.doors.crowd import Crowd
from maild.doors.incoming import Incoming
from maild.doors.listen import open_tcp, open_unix
from maild.doors.lmtp import LmtpDoor
from maild.doors.policy import DoorPolicy
from maild.doors.session import Callbacks
from maild.doors.smtp import Door
from maild.doors.throttle import Rate
from tests.support.waiting import PATIENCE_SECONDS, eventually, join

NOW = datetime(2026, 11, 21, 21, 42, tzinfo=UTC)
OURS = {"support@example.com", "help@example.com", "postmaster", "postmaster@example.com", "soporte@ñandú.example"}
REPLY = re.compile(rb"(?:[2-5]\d\d-[\x20-\x7e]*\r\n)*[2-5]\d\d [\x20-\x7e]*\r\n")
FREE = Rate(0, seconds=60.0)
POLICY = DoorPolicy(
    hostname="desk.example.com",
    octets_max=100_000,
    auth_delay_seconds=0.01,
    mails_per_client=FREE,
    mails_per_sender=FREE,
)


class Loop(asyncio.SelectorEventLoop):
    """An event loop whose clock can be put forward: a door waits for minutes, and no test does."""

    ahead = 0.0

    def time(self) -> float:
        return super().time() + self.ahead


@dataclass
class Keeper:
    """The far side of the door: keeps every mail at once, unless told otherwise."""

    mails: list[Incoming] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    fault: Exception | None = None
    raised: Exception | None = None
    room: bool = True
    held: list[Future[str]] = field(default_factory=list)
    holds: bool = False
    known_fault: Exception | None = None

    def accept(self, incoming: Incoming) -> Future[str]:
        if self.raised is not None:
            raise self.raised
        future: Future[str] = Future()
        # As the journal does it: the file of a large mail is gone once it is answered.
        self.mails.append(replace(incoming, octets=b"".join(incoming.content.pieces())))
        if self.holds:
            self.held.append(future)
        elif self.fault is not None:
            self.mails.pop()
            future.set_exception(self.fault)
        else:
            future.set_result(f"e{next(self.numbers)}")
        return future

    def knows(self, address: str) -> bool:
        if self.known_fault is not None:
            raise self.known_fault
        return address.lower() in OURS


class Line:
    """A client that sees exactly what is on the wire."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self.file = connection.makefile("rb")

    def send(self, octets: bytes) -> None:
        self.socket.sendall(octets)

    def reply(self) -> str:
        """One whole reply, its lines joined by a newline."""
        lines = []
        while True:
            line = self.file.readline()
            assert line == b"" or line.endswith(b"\r\n"), line
            lines.append(line.decode().rstrip("\r\n"))
            if line[3:4] != b"-":
                return "\n".join(lines)

    def ask(self, *commands: str) -> str:
        """Send each command, wait for its reply, return the last one."""
        reply = ""
        for command in commands:
            self.send(command.encode() + b"\r\n")
            reply = self.reply()
        return reply

    def begin_mail(self, mail: str = "MAIL FROM:<ana@example.org>") -> None:
        assert self.ask("EHLO client.example", mail, "RCPT TO:<support@example.com>").startswith("250")
        assert self.ask("DATA").startswith("354")

    def is_over(self) -> bool:
        """Whether the server hung up."""
        return self.file.readline() == b""

    def close(self) -> None:
        self.file.close()
        self.socket.close()


@dataclass
class House:
    """A running door: where it listens, what it kept, and how to change its policy."""

    loop: Loop
    door: Door
    crowd: Crowd
    keeper: Keeper
    addresses: list[str | tuple[str, int]]
    policy: DoorPolicy

    @property
    def port(self) -> int:
        return int(self.addresses[0][1])

    @contextmanager
    def line(self, *, greeted: bool = True, which: int = 0) -> Iterator[Line]:
        address = self.addresses[which]
        family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
        connection = socket.socket(family, socket.SOCK_STREAM)
        with connection:
            connection.settimeout(PATIENCE_SECONDS)
            connection.connect(address)
            line = Line(connection)
            try:
                if greeted:
                    assert line.reply().startswith("220 "), "no greeting"
                yield line
            finally:
                line.close()

    def later(self, seconds: float) -> None:
        """Put the clock of the door forward; returns when all that was due has been done."""

        async def wait() -> None:
            self.loop.ahead += seconds
            for _ in range(3):  # a timer is found due in one turn of the loop, and runs in the next
                await asyncio.sleep(0)

        asyncio.run_coroutine_threadsafe(wait(), self.loop).result(PATIENCE_SECONDS)

    def emptied(self) -> None:
        """Wait until the door has seen every client leave."""
        eventually(lambda: self.crowd.total == 0, "an empty house")

    def close(self, grace_seconds: float = PATIENCE_SECONDS) -> None:
        closed = asyncio.run_coroutine_threadsafe(self.door.close(grace_seconds=grace_seconds), self.loop)
        closed.result(2 * PATIENCE_SECONDS)


@contextmanager
def house(
    policy: DoorPolicy = POLICY, *, door: type[Door] = Door, unix: Path | None = None, implicit: bool = False
) -> Iterator[House]:
    """A door in a loop of its own thread; closed and joined at the end."""
    loop = Loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    keeper = Keeper()
    made: list[House] = []

    def policy_now() -> DoorPolicy:
        return made[0].policy

    async def open_door() -> House:
        crowd = Crowd()
        callbacks = Callbacks(keeper.accept, keeper.knows, lambda: NOW, lambda: keeper.room)
        opened = door(policy_now, callbacks, crowd)
        listeners = [open_unix(unix)] if unix else open_tcp("127.0.0.1", 0)
        addresses = [listener.getsockname() for listener in listeners]
        made.append(House(loop, opened, crowd, keeper, addresses, policy))
        for listener in listeners:
            await opened.listen(listener)
        if implicit:
            for listener in open_tcp("127.0.0.1", 0):
                made[0].addresses.append(listener.getsockname())
                await opened.listen(listener, implicit_tls=True)
        return made[0]

    try:
        yield asyncio.run_coroutine_threadsafe(open_door(), loop).result(PATIENCE_SECONDS)
    finally:
        if made:
            made[0].close(grace_seconds=0.2)
        _finish(loop, thread)


def _finish(loop: Loop, thread: threading.Thread) -> None:
    async def settle() -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        if others:
            await asyncio.wait(others, timeout=PATIENCE_SECONDS)
        await loop.shutdown_default_executor()

    asyncio.run_coroutine_threadsafe(settle(), loop).result(2 * PATIENCE_SECONDS)
    loop.call_soon_threadsafe(loop.stop)
    join(thread)
    loop.close()


LMTP = LmtpDoor
