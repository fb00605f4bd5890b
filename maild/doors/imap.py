"""The IMAP door: a thread that watches one mailbox and takes its mail into the journal."""

import socket
import threading
from collections.abc import Callable
from datetime import datetime

from maild.database.connection import DatabaseUnavailable
from maild.doors.imap_connect import connect
from maild.doors.imap_health import Pulse
from maild.doors.imap_intake import Intake
from maild.doors.imap_model import (
    BACKOFF_SECONDS,
    IDLE_AGAIN,
    SETTLE,
    THROTTLED_SECONDS,
    Health,
    ImapJournal,
    LoginRefused,
    Lost,
    MailboxState,
    Refused,
)
from maild.doors.imap_wire import Wire
from maild.journal.model import JournalUnavailable
from maild.log import events
from maild.settings.doors import Mailbox

__all__ = ["Health", "ImapJournal", "LoginRefused", "MailboxDoor", "MailboxState"]

JOIN_SECONDS = 2.0  # for the thread to end by itself, and again after its connection was cut


class MailboxDoor:
    """Watches one mailbox from `start` to `stop`.

    `password` gives the password, or the access token when `auth` is oauth2, at every login; it may raise LoginRefused.
    `store` keeps the mails. `report` is called in the door's thread after every look and every failure. `jitter` gives
    a number from 0 to 1. `refused` is called when the server did not take what `password` gave.
    One door at a time may watch a mailbox; who holds the lease is the caller's business.
    """

    def __init__(
        self,
        settings: Mailbox,
        password: Callable[[], str],
        store: ImapJournal,
        now: Callable[[], datetime],
        report: Callable[[Health], None],
        jitter: Callable[[], float],
        refused: Callable[[], None] = lambda: None,
    ) -> None:
        self._settings = settings
        self._password = password
        self._jitter = jitter
        self._refused = refused
        self._stopping = threading.Event()
        self._intake = Intake(settings, store, now, self._stopping.is_set)
        self._pulse = Pulse(settings.name, now, report)
        self._woken, self._waker = socket.socketpair()
        self._wire: Wire | None = None
        self._failures = 0  # connections in a row that ended before a whole look
        self._thread = threading.Thread(target=self._run, name=f"imap-{settings.name}", daemon=True)

    @property
    def health(self) -> Health:
        """How the mailbox is, as last reported."""
        return self._pulse.health

    def start(self) -> None:
        """Begin to watch; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """End the watch within five seconds, also in IDLE or in the middle of a fetch. Call it once.

        What was not yet in the journal stays in the mailbox for the next look.
        """
        self._stopping.set()
        self._waker.close()  # the other end becomes readable
        if self._thread.ident is None:
            self._woken.close()
        else:
            self._end()

    def _end(self) -> None:
        self._thread.join(JOIN_SECONDS)
        wire = self._wire
        if self._thread.is_alive() and wire is not None:
            wire.cut()
            self._thread.join(JOIN_SECONDS)

    def _run(self) -> None:
        with self._woken:
            while not self._stopping.is_set():
                self._visit_once()

    def _visit_once(self) -> None:
        """Visit the server; when that ends, say why and wait."""
        because, least, refused = "", 0.0, False
        try:
            self._visit()
        except (Lost, Refused) as trouble:
            because = trouble.words
            least = max(trouble.wait_seconds, THROTTLED_SECONDS if trouble.throttled else 0.0)
            refused = isinstance(trouble, LoginRefused) and not trouble.throttled
            if isinstance(trouble, LoginRefused):
                self._refused()
        except (JournalUnavailable, DatabaseUnavailable) as error:
            because = f"mails cannot be kept: {error}"
        except Exception as error:
            # Whatever it is, the mailbox is watched on; the log has the whole story.
            events.worker_failed(worker=f"imap-{self._settings.name}")
            because = f"an error of ours: {type(error).__name__}"
        if not self._stopping.is_set():
            self._pause(because, least=least, refused=refused)

    def _visit(self) -> None:
        """Connect, and look until the connection is lost or the door stops."""
        limit = self._settings.max_message_size or (1 << 31)
        # A quarter more, because the size that a server tells beforehand is an estimate at some.
        wire = connect(self._settings, self._password, literal_octets=limit + limit // 4 + 1_000_000)
        self._wire = wire
        try:
            self._intake.begin()
            events.mailbox_connected(mailbox=self._settings.name, host=self._settings.host)
            self._watch(wire)
        except Lost:
            wire.cut()  # or LOGOUT waits for an answer that nobody will give
            raise
        finally:
            wire.close()
            self._wire = None

    def _watch(self, wire: Wire) -> None:
        settled = False
        while not self._stopping.is_set():
            looked = self._intake.look(wire)
            self._failures = 0
            self._pulse.answered(looked.taken, looked.problem)
            if looked.more or self._stopping.is_set():
                continue
            settled = settled and not looked.taken
            self._rest(wire, settled=settled)
            settled = True

    def _rest(self, wire: Wire, *, settled: bool) -> None:
        """Wait for mail; the poll is the net under IDLE too, for a server or a router that forgot us."""
        seconds = min(self._settings.poll_interval, IDLE_AGAIN).total_seconds()
        if not settled:
            seconds = min(seconds, SETTLE.total_seconds())
        if wire.can_idle:
            wire.idle(seconds, self._woken)
        else:
            wire.wait(seconds, self._woken)

    def _pause(self, because: str, *, least: float, refused: bool) -> None:
        """Say what went wrong, and wait: twice as long after each failure, and never all doors at the same instant.

        `least` is the shortest wait, in seconds, of a server that wants us to come later.
        """
        first, longest = BACKOFF_SECONDS
        roll = self._jitter()
        seconds = min(longest, first * 2.0 ** min(self._failures, 10)) * (0.5 + 0.5 * roll)
        seconds = max(seconds, least * (1.0 + 0.25 * roll))
        self._failures += 1
        events.mailbox_lost(mailbox=self._settings.name, because=because, retry_seconds=seconds)
        self._tell_failure(because, refused=refused)
        self._stopping.wait(seconds)

    def _tell_failure(self, because: str, *, refused: bool) -> None:
        try:
            self._pulse.failed(because, login_refused=refused)
        except Exception:
            # Nobody heard it, as when the database is away; the next report will tell.
            events.worker_failed(worker=f"imap-{self._settings.name}")
