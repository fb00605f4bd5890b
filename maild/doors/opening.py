"""Open the listeners that the configuration asks for, and follow it through reloads."""

import asyncio
import socket
import ssl
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from maild.doors.auth import Users, read_users
from maild.doors.crowd import Crowd
from maild.doors.listen import open_tcp, open_unix
from maild.doors.lmtp import LmtpDoor
from maild.doors.policy import DoorPolicy, lmtp_policy, smtp_policy
from maild.doors.session import Callbacks
from maild.doors.smtp import Door
from maild.doors.tls import load_certificate
from maild.settings.doors import Smtp
from maild.settings.fields import Listen
from maild.settings.model import Settings

SMTP, SMTPS, LMTP = "smtp", "smtps", "lmtp"  # the names of sockets that systemd hands over (FileDescriptorName=)


class Place(NamedTuple):
    """One line of the configuration that says where to listen."""

    kind: str
    listen: Listen


class Doors:
    """The SMTP and LMTP listeners of one event loop; all methods belong to it."""

    def __init__(self, callbacks: Callbacks) -> None:
        self.crowd = Crowd()
        self._policies: dict[str, DoorPolicy] = {}
        self._doors: dict[str, Door] = {
            SMTP: Door(lambda: self._policies[SMTP], callbacks, self.crowd),
            LMTP: LmtpDoor(lambda: self._policies[LMTP], callbacks, self.crowd),
        }
        self._doors[SMTPS] = self._doors[SMTP]
        self._open: dict[Place, list[str]] = {}
        self._inherited: dict[str, list[str]] = {}

    async def apply(self, settings: Settings, inherited: Mapping[str, Sequence[socket.socket]] | None = None) -> None:
        """Listen where the configuration says, by its rules; called again, follow what changed and keep connections.

        `inherited` are sockets that listen already, by the names above; a kind that has some needs no other place.
        Raises OSError or ValueError, naming the file or address, when something cannot be had; then all is as before.
        """
        policies = _policies(settings)
        inherited = inherited or {}
        served = {*self._inherited, *(kind for kind, sockets in inherited.items() if sockets)}
        wanted = [place for place in _places(settings) if place.kind not in served]
        opened = _listeners(place for place in wanted if place not in self._open)
        self._policies |= policies
        for kind, sockets in inherited.items():
            self._inherited[kind] = [await self._listen(kind, listener) for listener in sockets]
        for place, listeners in opened.items():
            self._open[place] = [await self._listen(place.kind, listener) for listener in listeners]
        for place in [place for place in self._open if place not in wanted]:
            for address in self._open.pop(place):
                self._doors[place.kind].unlisten(address)

    async def _listen(self, kind: str, listener: socket.socket) -> str:
        return await self._doors[kind].listen(listener, implicit_tls=kind == SMTPS)

    def addresses(self) -> list[tuple[str, str]]:
        """Return (kind, address) of every open listener, for instance ("smtp", "127.0.0.1:8025")."""
        inherited = [(kind, address) for kind, addresses in self._inherited.items() for address in addresses]
        return inherited + [(place.kind, address) for place, addresses in self._open.items() for address in addresses]

    async def close(self, *, grace_seconds: float = 5.0) -> None:
        """Listen no more; mails in hand come to their answer within the grace."""
        await asyncio.gather(*(self._doors[kind].close(grace_seconds=grace_seconds) for kind in (SMTP, LMTP)))
        self._open.clear()
        self._inherited.clear()


def _policies(settings: Settings) -> dict[str, DoorPolicy]:
    hostname = settings.desk.domain
    found: dict[str, DoorPolicy] = {}
    if settings.smtp is not None:
        found[SMTP] = smtp_policy(
            settings.smtp,
            settings.limits,
            hostname=hostname,
            tls=_certificate(settings.smtp),
            users=_users(settings.smtp.users_file),
        )
    if settings.lmtp is not None:
        found[LMTP] = lmtp_policy(settings.lmtp, settings.limits, hostname=hostname)
    return found


def _certificate(smtp: Smtp) -> ssl.SSLContext | None:
    if smtp.tls_cert_file is None:
        if smtp.require_tls or smtp.listen_tls:
            raise ValueError("smtp: TLS is asked for and there is no tls_cert_file")
        return None
    try:
        return load_certificate(smtp.tls_cert_file, smtp.tls_key_file)
    except OSError as error:
        raise ValueError(f"{smtp.tls_cert_file}: {error}") from error


def _users(path: Path | None) -> Users:
    if path is None:
        return {}
    try:
        return read_users(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"{path}: {error}") from error


def _places(settings: Settings) -> list[Place]:
    places: list[Place] = []
    if settings.smtp is not None:
        places += [Place(SMTP, listen) for listen in settings.smtp.listen]
        places += [Place(SMTPS, listen) for listen in settings.smtp.listen_tls]
    if settings.lmtp is not None:
        places += [Place(LMTP, listen) for listen in settings.lmtp.listen]
    return places


def _listeners(places: Iterable[Place]) -> dict[Place, list[socket.socket]]:
    opened: dict[Place, list[socket.socket]] = {}
    for place in places:
        try:
            listen = place.listen
            opened[place] = [open_unix(Path(listen.path))] if listen.path else open_tcp(listen.host, listen.port)
        except OSError as error:
            for listener in (listener for listeners in opened.values() for listener in listeners):
                listener.close()
            raise OSError(error.errno, f"{place.listen}: {error.strerror or error}") from error
    return opened
