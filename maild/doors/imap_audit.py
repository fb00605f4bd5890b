"""Compares a folder with the journal: which mails lie there that were never taken. Changes nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from maild.doors.imap_connect import connect
from maild.doors.imap_model import ASK_UIDS, ImapJournal, Lost, Refused
from maild.settings.doors import Mailbox

LITERAL_OCTETS = 1_000_000  # no mail is fetched
NAMED_MAX = 100  # mails that are named one by one; all are counted


@dataclass(frozen=True, slots=True)
class Compared:
    """What a comparison found; `problem` is why there was none, "" when there was."""

    mailbox: str
    uidvalidity: int = 0
    on_server: int = 0
    missing: tuple[int, ...] = ()  # UIDs without a row, in order
    came_at: tuple[tuple[int, datetime], ...] = ()  # of the first NAMED_MAX of them, where the server says it
    problem: str = ""


def compare(mailbox: Mailbox, secret: Callable[[], str], store: ImapJournal, *, seconds: float) -> Compared:
    """Compare one mailbox over a connection of its own, read-only; `seconds` is the longest silence."""
    try:
        wire = connect(mailbox, secret, literal_octets=LITERAL_OCTETS, seconds=seconds)
        try:
            folder = wire.examine(mailbox.folder)
            uids = wire.all_uids(folder.exists)
            missing: list[int] = []
            for at in range(0, len(uids), ASK_UIDS):
                chunk = uids[at : at + ASK_UIDS]
                taken = store.taken_uids(mailbox.name, folder.uidvalidity, chunk)
                missing += [uid for uid in chunk if uid not in taken]
            came = wire.arrivals(missing[:NAMED_MAX]) if missing else {}
        finally:
            wire.close()
    except (Lost, Refused) as trouble:
        return Compared(mailbox.name, problem=trouble.words)
    return Compared(mailbox.name, folder.uidvalidity, len(uids), tuple(missing), tuple(sorted(came.items())))
