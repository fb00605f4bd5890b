"""The SMTP and LMTP doors on one asyncio loop, joined to the journal."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime
from pathlib import Path

from maild.doors.auth import Users, read_users
from maild.doors.crowd import Crowd
from maild.doors.incoming import Incoming, TryAgain
from maild.doors.listen import open_tcp, open_unix
from maild.doors.lmtp import LmtpDoor
from maild.doors.policy import DoorPolicy, lmtp_policy, smtp_policy
from maild.doors.session import Callbacks
from maild.doors.smtp import Door
from maild.doors.tls import Certificate
from maild.journal.journal import Journal
from maild.journal.model import JournalUnavailable
from maild.journal.space import free_octets
from maild.proof.tokens import looks_like_token_address
from maild.service.office import Office
from maild.settings.fields import Listen
from maild.settings.model import Settings


def is_known_recipient(address: str, settings: Settings) -> bool:
    """True for every address that RCPT accepts: queues, aliases, our reply address bare or with any well-formed token.

    Tokens are judged later, by the pipeline: the answer here tells nobody which ones are good.
    """
    wanted, desk = address.strip().lower(), settings.desk
    local, _, domain = wanted.rpartition("@")
    return (
        wanted in settings.own_addresses
        or settings.queue_of_address(wanted) is not None
        or (local == "postmaster" and domain in settings.own_domains)
        or looks_like_token_address(wanted, desk.reply_address, desk.recipient_delimiter)
    )


class Doors:
    """All listeners of one process; every method belongs to the running loop but `accept`."""

    def __init__(
        self, journal: Journal, office: Callable[[], Office], now: Callable[[], datetime], database_folder: Path | None
    ) -> None:
        self._journal = journal
        self._office = office
        self._folder = database_folder
        self._crowd = Crowd()
        self._callbacks = Callbacks(self.accept, self._is_known, now, self._has_room)
        self._certificate: Certificate | None = None
        self._users: Users = {}
        self._doors: list[Door] = []

    def accept(self, incoming: Incoming) -> "Future[str]":
        """Keep a mail; the future gives its entry id after the durable commit, or raises TryAgain."""
        promise: Future[str] = Future()

        def kept(done: "Future[str]") -> None:
            fault = done.exception()
            if fault is None:
                promise.set_result(done.result())
            elif isinstance(fault, JournalUnavailable):
                promise.set_exception(TryAgain(fault.status, fault.detail))
            else:
                promise.set_exception(TryAgain("4.3.0", f"{type(fault).__name__}: {fault}"))

        self._journal.append(incoming).add_done_callback(kept)
        return promise

    async def open(self, inherited: Mapping[str, Sequence[socket.socket]]) -> None:
        """Listen on everything that the configuration names; sockets that systemd opened come before our own."""
        self.reload()
        settings = self._office().settings
        if settings.smtp is not None:
            door = self._add(Door(self._smtp_policy, self._callbacks, self._crowd))
            for listener in inherited.get("smtp") or _listeners(settings.smtp.listen):
                await door.listen(listener)
            for listener in inherited.get("smtps") or _listeners(settings.smtp.listen_tls):
                await door.listen(listener, implicit_tls=True)
        if settings.lmtp is not None:
            lmtp = self._add(LmtpDoor(self._lmtp_policy, self._callbacks, self._crowd))
            for listener in inherited.get("lmtp") or _listeners(settings.lmtp.listen):
                await lmtp.listen(listener)

    def addresses(self) -> list[dict[str, str]]:
        """Return what listens where: {"door": "smtp", "address": "127.0.0.1:8025"}."""
        return [{"door": str(d.session_type.door), "address": name} for d in self._doors for name in d.names]

    def reload(self) -> None:
        """Read certificate and users again; connections that are open keep what they began with. Raises OSError."""
        smtp = self._office().settings.smtp
        if smtp is None:
            return
        if smtp.tls_cert_file:
            self._certificate = Certificate(
                self._path(smtp.tls_cert_file), self._path(smtp.tls_key_file) if smtp.tls_key_file else None
            )
        self._users = read_users(self._path(smtp.users_file).read_text("utf-8")) if smtp.users_file else {}

    async def close(self) -> None:
        """Listen no more; mails in hand come to their answer."""
        await asyncio.gather(*(door.close() for door in self._doors))
        self._doors.clear()

    def _add(self, door: Door) -> Door:
        self._doors.append(door)
        return door

    def _path(self, name: str | Path) -> Path:
        return self._office().path.parent / name

    def _is_known(self, address: str) -> bool:
        return is_known_recipient(address, self._office().settings)

    def _has_room(self) -> bool:
        if self._folder is None:
            return True
        with contextlib.suppress(OSError):
            return free_octets(self._folder) >= self._office().settings.limits.free_space
        return False

    def _smtp_policy(self) -> DoorPolicy:
        settings = self._office().settings
        assert settings.smtp is not None, "the door was opened by a configuration that has it"
        tls = self._certificate.context if self._certificate is not None else None
        return smtp_policy(settings.smtp, settings.limits, hostname=settings.desk.domain, tls=tls, users=self._users)

    def _lmtp_policy(self) -> DoorPolicy:
        settings = self._office().settings
        assert settings.lmtp is not None, "the door was opened by a configuration that has it"
        return lmtp_policy(settings.lmtp, settings.limits, hostname=settings.desk.domain)


def _listeners(places: Sequence[Listen]) -> list[socket.socket]:
    found: list[socket.socket] = []
    for place in places:
        found.extend([open_unix(Path(place.path))] if place.path else open_tcp(place.host, place.port))
    return found
