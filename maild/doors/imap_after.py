"""What is done with a mail on the server once it is durable in the journal; never before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from maild.base.instants import read_duration
from maild.doors.imap_model import Listed, Refused
from maild.doors.imap_wire import Wire

KEEP_FLAGS = frozenset({"\\flagged"})  # a person's mark on a mail that is not to be lost
_NO_FOLDER = frozenset({"", "TRYCREATE", "NONEXISTENT"})  # a refusal that making the folder may mend


@dataclass(frozen=True, slots=True)
class After:
    """The setting `after`, read."""

    verb: str  # "move", "seen", "delete" or "leave"
    folder: str = ""  # of "move"
    days: timedelta = timedelta(0)  # of "delete": how long a mail stays after it came


def read_after(text: str) -> After:
    """Read ``move:FOLDER``, ``seen``, ``leave``, ``delete`` or ``delete:30d``; raises ValueError for a bad duration."""
    verb, _, rest = text.partition(":")
    if verb == "move":
        return After("move", folder=rest.strip())
    if verb == "delete" and rest:
        return After("delete", days=read_duration(rest.strip()))
    return After(verb)


class Disposal:
    """Does `after` with mails. A mail of which only the header was taken is moved or marked, but never deleted.

    Such a mail is flagged instead, for a person to see, and a flagged mail is not deleted later either.
    """

    def __init__(self, after: After, max_message_size: int) -> None:
        self._after = after
        self._max_size = max_message_size

    def at_once(self, wire: Wire, mails: Sequence[Listed], *, header_only: bool = False) -> None:
        """Dispose of mails that have just become durable; raises Refused when the server does not let us."""
        uids = [mail.uid for mail in mails]
        if self._after.verb == "move":
            self._move(wire, uids)
        elif self._after.verb == "seen":
            wire.mark_seen(uids)
        elif self._after.verb == "delete" and header_only:
            wire.mark_flagged(uids)
        elif self._after.verb == "delete" and not self._after.days:
            self._delete(wire, mails)

    def later(self, wire: Wire, mails: Sequence[Listed]) -> None:
        r"""Do what was left undone for mails that were taken before: by a crash, a cut or a refusal.

        A mail that bears \Deleted was copied already and only waits to be expunged.
        """
        if self._after.verb == "move":
            gone = [mail.uid for mail in mails if "\\deleted" in mail.flags]
            staying = [mail.uid for mail in mails if "\\deleted" not in mail.flags]
            if gone:
                _expunge(wire, gone)
            if staying:
                self._move(wire, staying)
        elif self._after.verb == "delete":
            self._delete(wire, mails)
        elif self._after.verb == "seen":
            unseen = [mail.uid for mail in mails if "\\seen" not in mail.flags]
            if unseen:
                wire.mark_seen(unseen)

    def undone(self, wire: Wire, taken: Sequence[int], crashed: int, now: datetime) -> Sequence[int]:
        """Return which of the UIDs taken before may be left undone; the last `crashed` are what one crash can leave."""
        if self._after.verb == "move":
            return taken
        if self._after.verb == "delete" and not self._after.days:
            return taken
        if self._after.verb == "delete":
            old = set(wire.uids_before((now - self._after.days).date())) if taken else set()
            return [uid for uid in taken if uid in old]
        # Only these: a person may have marked an older mail as unread, for reasons of his own.
        return taken[-crashed:] if self._after.verb == "seen" else []

    def _move(self, wire: Wire, uids: Sequence[int]) -> None:
        try:
            self._move_into(wire, uids)
        except Refused as refusal:
            if refusal.code not in _NO_FOLDER:
                raise
            wire.create(self._after.folder)
            self._move_into(wire, uids)

    def _move_into(self, wire: Wire, uids: Sequence[int]) -> None:
        if wire.has("MOVE"):
            wire.move(uids, self._after.folder)
            return
        wire.copy(uids, self._after.folder)
        wire.mark_deleted(uids)
        _expunge(wire, uids)

    def _delete(self, wire: Wire, mails: Sequence[Listed]) -> None:
        uids = [mail.uid for mail in mails if mail.size <= self._max_size and not mail.flags & KEEP_FLAGS]
        if uids:
            wire.mark_deleted(uids)
            _expunge(wire, uids)


def _expunge(wire: Wire, uids: Sequence[int]) -> None:
    """Expunge these mails; without UIDPLUS only when nobody else marked another mail as deleted."""
    if wire.has("UIDPLUS") or set(wire.deleted_uids()) <= set(uids):
        wire.expunge(uids)
