"""The journal as the rest of the program uses it."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import datetime, timedelta

from maild.base.words import EntryState
from maild.database.chain import append
from maild.database.connection import Database, DatabaseUnavailable
from maild.database.dialect import Word
from maild.journal import claims
from maild.journal.committer import Committer, Kept
from maild.journal.model import Entry, Incoming, JournalUnavailable, Measured, NoSuchEntry
from maild.journal.octets import read_octets
from maild.journal.rows import COLUMNS, entries_at, keep, read_entry
from maild.log import events
from maild.log.setup import in_one_write

LOOK_EVERY_SECONDS = 1.0  # entries of other processes are found by looking


class Journal:
    """Keeps every accepted mail; safe to share between threads. `close` it before the database.

    `new_id` makes an entry id (see `ids.id_maker`); `now` is the clock of tries and leases, in UTC.
    """

    def __init__(self, db: Database, now: Callable[[], datetime], new_id: Callable[[], str]) -> None:
        self._db = db
        self._now = now
        self._new_id = new_id
        self._committer = Committer(self._keep, _tell)
        self._waited = 0.0  # seconds; see `waited`
        self.wake = threading.Event()  # set when there is something to claim

    def append(self, incoming: Incoming) -> "Future[str]":
        """Promise to keep a mail; never blocks.

        The future gives the entry id after the durable COMMIT, which many mails share, or raises
        JournalUnavailable: then nothing was kept.
        """
        return self._committer.submit(incoming)

    def append_now(self, items: Sequence[Incoming]) -> list[str]:
        """Keep these mails in one durable commit and return their entry ids; all of them or JournalUnavailable."""
        try:
            kept = self._keep(items)
        except DatabaseUnavailable as error:
            raise JournalUnavailable(str(error)) from error
        _tell(items, kept)
        return [entry for entry, _ in kept]

    def _keep(self, items: Sequence[Incoming], came: float | None = None) -> list[Kept]:
        ids = [self._new_id() for _ in items]
        asked = time.monotonic()
        with self._db.transaction(came) as transaction:
            self._waited += time.monotonic() - asked  # of two threads at once one may be forgotten: it is a measure
            kept = keep(transaction, items, ids)
            transaction.say(Word.ENTRY)
        self.wake.set()
        return [(entry, entry == new_id) for entry, new_id in zip(kept, ids, strict=True)]

    def wait(self, seconds: float = LOOK_EVERY_SECONDS) -> None:
        """Wait until something was appended or retried here, at most `seconds`; then look with `claim` in any case."""
        self.wake.wait(seconds)
        self.wake.clear()

    @property
    def is_crowded(self) -> bool:
        """True while many clients wait for their mail to be kept: what was kept before can wait a moment longer."""
        return self._committer.is_crowded

    def waited(self) -> float:
        """Return the seconds that mails have waited, since this was last asked, for somebody else to end writing."""
        waited, self._waited = self._waited, 0.0
        return waited

    def claim(self, limit: int, worker: str, lease: timedelta) -> list[Entry]:
        """Take the next entries in order of arrival for `lease`; the try is counted, durably, before this returns.

        Entries whose tries all broke off are quarantined on the way.
        """
        now = self._now()
        if not self._db.execute("SELECT 1 AS one FROM entry WHERE state IN ('received', 'failed') LIMIT 1"):
            return []
        with self._db.transaction() as transaction:
            taken, lost = claims.claim(transaction, limit, worker, now, now + lease)
        for entry in lost:
            events.entry_quarantined(entry=entry.id, because=claims.BROKE_OFF)
        return taken

    def give_back(self, entries: Sequence[Entry], worker: str) -> None:
        """Undo claims that were not begun, as at a shutdown; their tries do not count."""
        with self._db.transaction() as transaction:
            for entry in entries:
                claims.give_back(transaction, entry.id, worker)

    def measure(self, entry: str, measured: Measured) -> None:
        """Keep what was found out about an entry, in a commit of its own; `store.apply` can do it in the decision's."""
        with self._db.transaction() as transaction:
            claims.measure(transaction, entry, measured)

    def fail(self, entry: str, reason: str) -> EntryState:
        """Note a try that failed. Returns FAILED when it is tried again, QUARANTINED after the third."""
        with self._db.transaction() as transaction:
            state = claims.fail(transaction, entry, reason, self._now())
        if state is EntryState.QUARANTINED:
            events.entry_quarantined(entry=entry, because=reason)
        else:
            events.entry_failed(entry=entry, attempts=self.get(entry).attempts, because=reason)
        return state

    def quarantine(self, entry: str, reason: str) -> None:
        """Keep an entry aside until a person looks at it."""
        with self._db.transaction() as transaction:
            claims.settle(transaction, entry, EntryState.QUARANTINED, reason, self._now())
        events.entry_quarantined(entry=entry, because=reason)

    def release(self, entry: str, queue: str | None = None, *, confirmed: bool = False, by: str = "") -> None:
        """Let a quarantined, failed or dropped entry be tried anew; `queue` is used when no address names one.

        `by` is who asked, for the audit record.

        Raises NoSuchEntry when there is none, or it has been applied.
        """
        with self._db.transaction() as transaction:
            claims.reopen(transaction, entry, queue, confirmed=confirmed)
            act = ("entry", entry, "confirmed" if confirmed else "released", queue or "")
            append(transaction, self._now(), by, None, [act])
            transaction.say(Word.ENTRY)
        events.entry_released(entry=entry, queue=queue or "")
        self.wake.set()

    def retry(self, entry: str, by: str = "") -> None:
        """Try a failed or quarantined entry once more."""
        self.release(entry, by=by)

    def drop(self, entry: str, reason: str, by: str = "") -> None:
        """Put an entry aside for good; its octets stay. Raises NoSuchEntry when there is none, or it was applied."""
        with self._db.transaction() as transaction:
            state, _ = claims.state_of(transaction, entry)
            if state is EntryState.APPLIED:
                raise NoSuchEntry(f"entry {entry} is applied already")
            claims.settle(transaction, entry, EntryState.DROPPED, reason, self._now())
            append(transaction, self._now(), by, None, [("entry", entry, str(EntryState.DROPPED), reason)])
        events.entry_dropped(entry=entry, because=reason)

    def get(self, entry: str) -> Entry:
        """Return an entry; raises NoSuchEntry when there is none."""
        rows = self._db.execute(f"SELECT {COLUMNS} FROM entry WHERE id = ?", (entry,))  # noqa: S608 a constant
        if not rows:
            raise NoSuchEntry(f"no entry {entry}")
        return read_entry(rows[0])

    def octets(self, entry: str) -> bytes:
        """Return the octets of an entry exactly as they came; raises NoSuchEntry when there is none."""
        octets = read_octets(self._db, entry)
        if octets is None:
            raise NoSuchEntry(f"no entry {entry}")
        return octets

    def oldest_waiting(self) -> datetime | None:
        """Return when the oldest entry arrived that waits to be applied; None when none waits."""
        index = self._db.dialect.by_index("entry_waiting")
        oldest = f"SELECT {COLUMNS} FROM entry{index} WHERE state IN ('received', 'failed') ORDER BY seq LIMIT 1"  # noqa: S608 a constant
        rows = self._db.execute(oldest)
        return read_entry(rows[0]).envelope.received_at if rows else None

    def taken_uids(self, mailbox: str, uidvalidity: int, uids: Sequence[int]) -> frozenset[int]:
        """Return those of `uids` (at most some hundred) whose mails are in the journal."""
        return frozenset(entries_at(self._db, mailbox, uidvalidity, uids))

    def highest_uid(self, mailbox: str, uidvalidity: int) -> int:
        """Return the highest UID of a mailbox that is in the journal; 0 when none is."""
        top = "SELECT max(uid) AS uid FROM imap_progress WHERE mailbox = ? AND uidvalidity = ?"
        return int(self._db.execute(top, (mailbox, uidvalidity))[0]["uid"] or 0)

    def close(self) -> None:
        """Keep what waits and stop; later appends raise JournalUnavailable."""
        self._committer.close()


def _tell(items: Sequence[Incoming], kept: Sequence[Kept]) -> None:
    with in_one_write():
        for incoming, (entry, is_new) in zip(items, kept, strict=True):
            if is_new:
                _tell_of(incoming, entry)


def _tell_of(incoming: Incoming, entry: str) -> None:
    envelope = incoming.envelope
    events.message_accepted(
        entry=entry,
        door=envelope.door,
        size=incoming.content.size,
        client=envelope.client,
        mailbox=envelope.mailbox,
        mail_from=envelope.mail_from or "",
        rcpt_to=",".join(envelope.rcpt_to),
    )
