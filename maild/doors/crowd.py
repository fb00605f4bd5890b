"""All open connections together: who is let in, who has to go, who has asked too often."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

from maild.doors.dialogue import Client
from maild.doors.policy import DoorPolicy
from maild.doors.promises import Promises
from maild.doors.throttle import Buckets, Connections, client_key

TOO_MANY_FROM_YOU = "421 4.7.0 Too many connections from your address"
TOO_MANY = "421 4.3.2 Too many connections, please try again later"
MADE_ROOM = "421 4.3.2 Too many connections, the longest idle goes first"
TOO_FAST = "450 4.7.1 Too many mails in a minute, please try again later"


class Guest(Protocol):
    """A connection, as far as the crowd needs to know it."""

    client: Client
    heard: float  # when it last said something, by the loop's clock
    is_busy: bool  # it waits for us, not we for it

    def cut(self, reply: str) -> None:
        """Say a last word and hang up."""


class Crowd:
    """Shared by all doors of one event loop, and used on that loop alone."""

    def __init__(self) -> None:
        self.promises = Promises()
        self.guests: set[Guest] = set()
        self.auth_gate = asyncio.Semaphore(2)  # Passwords cost a processor and 32 MiB each.
        self.auth_failures = Buckets()
        self._connections = Connections()
        self._mails_by_client = Buckets()
        self._mails_by_sender = Buckets()
        self._left = asyncio.Event()

    @property
    def total(self) -> int:
        """How many connections are open."""
        return self._connections.total

    def admit(self, guest: Guest, policy: DoorPolicy) -> str:
        """Let a connection in and return "", or return the reply that turns it away."""
        key = client_key(guest.client.address)
        limit = policy.connections_per_client
        is_free = guest.client.is_exempt or guest.client.is_trusted
        if limit and not is_free and self._connections.of(key) >= limit:
            return TOO_MANY_FROM_YOU
        if policy.connections and self.total >= policy.connections and not self._make_room():
            return TOO_MANY
        self.guests.add(guest)
        self._connections.opened(key)
        return ""

    def _make_room(self) -> bool:
        idle = min((guest for guest in self.guests if not guest.is_busy), key=lambda guest: guest.heard, default=None)
        if idle is None:
            return False
        idle.cut(MADE_ROOM)
        self.leave(idle)
        return True

    def leave(self, guest: Guest) -> None:
        """Count a connection out; a second time does nothing."""
        if guest in self.guests:
            self.guests.remove(guest)
            self._connections.closed(client_key(guest.client.address))
            self._left.set()

    def is_stressed(self, policy: DoorPolicy) -> bool:
        """Whether nearly all connections are taken, so that the silent ones have to be shorter."""
        return bool(policy.connections) and self.total >= policy.stressed_from

    def too_fast(self, guest: Guest, sender: str, policy: DoorPolicy, now: float) -> str:
        """Count a mail; return "", or a 4xx reply when its client or sender has sent too many in the last minute."""
        if guest.client.is_exempt:
            return ""
        key = client_key(guest.client.address)
        if not guest.client.is_trusted and not self._mails_by_client.take(key, policy.mails_per_client, now):
            return TOO_FAST
        # The null reverse-path is everybody's: it counts by client.
        by_sender = self._mails_by_sender.take(sender.lower() or key, policy.mails_per_sender, now)
        return "" if by_sender else TOO_FAST

    async def emptied(self, guests: Callable[[], Sequence[Guest]]) -> None:
        """Wait until none of these guests is left."""
        while guests():
            self._left.clear()
            await self._left.wait()
