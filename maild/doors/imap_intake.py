r"""One look into a mailbox: what is there, what of it is new, take it, and only then touch it.

Progress is a row in the journal for each (UIDVALIDITY, UID), written in the commit that keeps the mail. \Seen is never
read as progress: people and their programs set it as they like. A crash at any point leaves either a mail without a
row, which is fetched, or a mail with a row, which is moved without being fetched again.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from maild.base.words import DoorName
from maild.doors.imap_after import Disposal, read_after
from maild.doors.imap_difficult import Difficult
from maild.doors.imap_model import (
    ASK_UIDS,
    BATCH_MAILS,
    BATCH_OCTETS,
    HEADER_OCTETS,
    LIST_AGAIN,
    LOOK_BATCHES,
    ImapJournal,
    Listed,
    Lost,
    Refused,
    Selected,
)
from maild.doors.imap_wire import Wire
from maild.journal.model import ImapOrigin, Incoming
from maild.message.envelope import NOT_FETCHED, Envelope
from maild.settings.doors import Mailbox


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look brought."""

    taken: int  # mails that became durable
    more: bool  # there is more that can be taken at once
    problem: str = ""  # what is wrong though the connection is well, in words


class Intake:
    """The progress of one mailbox, over connections. `stopping` is asked between batches."""

    def __init__(
        self, settings: Mailbox, store: ImapJournal, now: Callable[[], datetime], stopping: Callable[[], bool]
    ) -> None:
        """Begin with nothing known; raises ValueError when `after` cannot be read."""
        self._settings = settings
        self._store = store
        self._now = now
        self._stopping = stopping
        self._limit = settings.max_message_size or (1 << 31)  # 0 is none; IMAP counts in 32 bits
        self._after = read_after(settings.after)
        self._disposal = Disposal(self._after, self._limit)
        self._difficult = Difficult()
        self._folder: Selected | None = None
        self._uidvalidity = 0
        self._listed_at = now()
        self._waiting: dict[int, None] = {}  # in the folder and not in the journal, as far as we know; in order
        self._next = 1  # the lowest UID that the next new mail can have
        self._refusal = ""  # why mails could not be disposed of

    def begin(self) -> None:
        """Forget what was true for the last connection alone; the next look selects and lists anew."""
        self._folder = None

    def look(self, wire: Wire) -> Looked:
        """Take what is new, LOOK_BATCHES batches at most.

        Raises Lost, Refused, JournalUnavailable, DatabaseUnavailable; what was taken before that stays taken.
        """
        if self._folder is None or self._refusal or self._now() - self._listed_at >= LIST_AGAIN:
            folder = self._list_all(wire)
        else:
            folder = self._folder
            self._list_new(wire)
        now = self._now()
        due = [uid for uid in self._waiting if self._difficult.is_due(uid, now)]
        taken = self._take(wire, folder, due)
        now = self._now()
        more = any(self._difficult.is_due(uid, now) for uid in self._waiting)
        return Looked(taken, more, self._problem(folder))

    def _problem(self, folder: Selected) -> str:
        readonly = not folder.writable and self._after.verb != "leave"
        problems = (
            self._difficult.words(),
            f"{self._settings.folder} is read-only: mails are taken and stay where they are" if readonly else "",
            f"mails are taken, but the server refuses to {self._after.verb} them: {self._refusal}"
            if self._refusal
            else "",
        )
        return "; ".join(problem for problem in problems if problem)

    # What is there

    def _list_all(self, wire: Wire) -> Selected:
        """Compare the whole folder with the journal, and do what was left undone."""
        folder = wire.select(self._settings.folder)
        if folder.uidvalidity != self._uidvalidity:  # the old UIDs mean nothing now
            self._difficult = Difficult()
        self._folder, self._uidvalidity = folder, folder.uidvalidity
        uids = wire.all_uids(folder.exists)
        taken = self._taken(uids)
        self._waiting = {uid: None for uid in uids if uid not in taken}
        self._difficult.keep_only(self._waiting)
        highest = self._store.highest_uid(self._settings.name, folder.uidvalidity)
        self._next = max([highest, *uids[-1:]]) + 1
        self._listed_at = self._now()
        self._finish(wire, folder, sorted(taken))
        return folder

    def _list_new(self, wire: Wire) -> None:
        fresh = wire.uids_from(self._next)
        if fresh:
            taken = self._taken(fresh)
            self._waiting.update((uid, None) for uid in fresh if uid not in taken)
            self._next = fresh[-1] + 1

    def _taken(self, uids: Sequence[int]) -> set[int]:
        assert self._folder is not None
        name, validity = self._settings.name, self._folder.uidvalidity
        return {uid for chunk in _chunks(uids) for uid in self._store.taken_uids(name, validity, chunk)}

    def _finish(self, wire: Wire, folder: Selected, taken: Sequence[int]) -> None:
        """Dispose of mails that were taken and, by a crash or a refusal, are still here."""
        self._refusal = ""
        if not folder.writable:
            return
        try:
            for chunk in _chunks(self._disposal.undone(wire, taken, BATCH_MAILS, self._now())):
                self._disposal.later(wire, wire.describe(chunk))
        except Refused as refusal:
            self._refusal = refusal.words

    # Taking it

    def _take(self, wire: Wire, folder: Selected, uids: Sequence[int]) -> int:
        return sum(self._take_batch(wire, folder, batch) for batch in islice(self._batches(wire, uids), LOOK_BATCHES))

    def _batches(self, wire: Wire, uids: Sequence[int]) -> Iterator[list[Listed]]:
        """Give what can be fetched at once; what failed before comes last and alone, what is too large alone."""
        easy = [uid for uid in uids if uid not in self._difficult]
        hard = [uid for uid in uids if uid in self._difficult]
        batch: list[Listed] = []
        octets = 0
        for mail in self._described(wire, [*easy, *hard]):
            alone = mail.uid in self._difficult or mail.size > self._limit
            if batch and (alone or len(batch) >= BATCH_MAILS or octets + mail.size > BATCH_OCTETS):
                yield batch
                batch, octets = [], 0
            if alone:
                yield [mail]
            else:
                batch.append(mail)
                octets += mail.size
        if batch:
            yield batch

    def _described(self, wire: Wire, uids: Sequence[int]) -> Iterator[Listed]:
        """Give size and flags of each mail; one that has vanished meanwhile is no mail of ours."""
        for chunk in _chunks(uids):
            if self._stopping():
                return
            there = {mail.uid: mail for mail in wire.describe(chunk)}
            self._done_with([uid for uid in chunk if uid not in there])
            yield from (there[uid] for uid in chunk if uid in there)

    def _take_batch(self, wire: Wire, folder: Selected, batch: Sequence[Listed]) -> int:
        """Fetch a batch, keep it in one commit, then dispose of it; return how many mails became durable."""
        if self._stopping():
            return 0
        header_only = self._header_suffices(batch[0])
        try:
            fetched = self._header_of(wire, batch[0]) if header_only else self._bodies_of(wire, batch)
        except (Lost, Refused) as trouble:
            self._difficult.failed([mail.uid for mail in batch], self._now())
            if isinstance(trouble, Lost):
                raise
            return 0
        kept = [mail for mail in batch if mail.uid in fetched]
        self._difficult.failed([mail.uid for mail in batch if mail.uid not in fetched], self._now())
        if kept:
            self._store.append_now([self._incoming(folder, mail, fetched[mail.uid]) for mail in kept])
            self._done_with([mail.uid for mail in kept])
            self._dispose(wire, folder, kept, header_only=header_only)
        return len(kept)

    def _dispose(self, wire: Wire, folder: Selected, mails: Sequence[Listed], *, header_only: bool) -> None:
        try:
            if folder.writable:
                self._disposal.at_once(wire, mails, header_only=header_only)
        except Refused as refusal:
            self._refusal = refusal.words

    def _done_with(self, uids: Sequence[int]) -> None:
        for uid in uids:
            self._waiting.pop(uid, None)
        self._difficult.forget(uids)

    def _header_suffices(self, mail: Listed) -> bool:
        return mail.size > self._limit or self._difficult.is_hopeless(mail.uid, self._now())

    def _bodies_of(self, wire: Wire, batch: Sequence[Listed]) -> dict[int, bytes]:
        bodies = wire.bodies([mail.uid for mail in batch])
        # Some servers send nothing for a mail whose file they cannot read.
        return {mail.uid: bodies[mail.uid] for mail in batch if bodies.get(mail.uid) or mail.size == 0}

    def _header_of(self, wire: Wire, mail: Listed) -> dict[int, bytes]:
        too_large = mail.size > self._limit
        because = f"larger than {self._limit} octets" if too_large else "the server could not send it"
        header = wire.header(mail.uid)
        return {} if header is None else {mail.uid: _header_entry(header, mail.size, because)}

    def _incoming(self, folder: Selected, mail: Listed, octets: bytes) -> Incoming:
        settings = self._settings
        envelope = Envelope(DoorName.IMAP, self._now(), mailbox=settings.name, queue=settings.queue, trusted=True)
        return Incoming(envelope, octets, ImapOrigin(settings.name, folder.uidvalidity, mail.uid))


def _header_entry(header: bytes, size: int, because: str) -> bytes:
    """Return the octets that are journalled for a mail whose body is not fetched: its header, our field, no body."""
    head = header.rstrip(b"\r\n")
    if len(head) > HEADER_OCTETS:
        head = head[: head.rfind(b"\r\n", 0, HEADER_OCTETS) + 1].rstrip(b"\r\n")
    ours = f"{NOT_FETCHED}: size={size}; {because}\r\n\r\n".encode()
    return head + b"\r\n" + ours if head else ours


def _chunks(uids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (uids[at : at + ASK_UIDS] for at in range(0, len(uids), ASK_UIDS))
