"""The SMTP door: listens, and makes a session of each connection (RFC 5321)."""

import asyncio
import contextlib
import socket
from collections.abc import Callable

from maild.base.words import DoorName
from maild.doors.commands import MailSession
from maild.doors.crowd import Crowd
from maild.doors.dialogue import SMTP_VERBS
from maild.doors.policy import DoorPolicy
from maild.doors.session import LEAVING, Callbacks
from maild.log import events

BACKLOG = 1024  # Connections that wait for `accept`; the kernel may allow fewer.


class SmtpSession(MailSession):
    """A connection of the SMTP door."""

    door = DoorName.SMTP
    verbs = SMTP_VERBS


class Door:
    """One kind of listener on any number of sockets. All methods belong to the running event loop.

    `policy` is asked for each new connection, so a reload only has to change what it returns. Doors on one loop share
    a Crowd, and with it the limits over all.
    """

    session_type: type[MailSession] = SmtpSession

    def __init__(self, policy: Callable[[], DoorPolicy], callbacks: Callbacks, crowd: Crowd) -> None:
        self._policy = policy
        self._callbacks = callbacks
        self._crowd = crowd
        self._servers: list[tuple[asyncio.Server, str]] = []

    async def listen(self, listener: socket.socket, *, implicit_tls: bool = False) -> str:
        """Take connections from a bound socket, our own or inherited, and return its address in words.

        The door closes it in the end, or when `unlisten` names it.
        """
        listener.setblocking(False)

        def session() -> MailSession:
            """Return the protocol of one connection."""
            return self._session(implicit_tls=implicit_tls)

        if listener.family == socket.AF_UNIX:
            server = await asyncio.get_running_loop().create_unix_server(session, sock=listener, backlog=BACKLOG)
        else:
            server = await asyncio.get_running_loop().create_server(session, sock=listener, backlog=BACKLOG)
        name = _name_of(listener)
        self._servers.append((server, name))
        events.door_opened(door=self.session_type.door, address=name)
        return name

    def unlisten(self, address: str) -> None:
        """Take no more connections at an address; those that are open go on."""
        for server, name in self._servers[:]:
            if name == address:
                server.close()
                self._servers.remove((server, name))
                events.door_closed(door=self.session_type.door, address=name)

    @property
    def names(self) -> tuple[str, ...]:
        """Where it listens: "127.0.0.1:8025", "[::1]:8025" or "unix:/run/maild/lmtp.sock"."""
        return tuple(name for _, name in self._servers)

    def _session(self, *, implicit_tls: bool) -> MailSession:
        return self.session_type(self._policy(), self._callbacks, self._crowd, implicit_tls=implicit_tls)

    async def close(self, *, grace_seconds: float = 5.0) -> None:
        """Listen no more, hang up on the idle, let mails in hand come to their answer, then hang up on all."""
        for _, name in self._servers[:]:
            self.unlisten(name)
        for guest in self._guests():
            guest.retire()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._crowd.emptied(self._guests), grace_seconds)
        for guest in self._guests():
            guest.cut(LEAVING)

    def _guests(self) -> list[MailSession]:
        return [guest for guest in self._crowd.guests if isinstance(guest, self.session_type)]


def _name_of(listener: socket.socket) -> str:
    address = listener.getsockname()
    if isinstance(address, tuple):
        return f"[{address[0]}]:{address[1]}" if ":" in address[0] else f"{address[0]}:{address[1]}"
    return f"unix:{address}"
