"""A connection to an IMAP server: IMAPClient behind types of ours. Every failure is Refused or Lost."""

import re
import select
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from time import monotonic as _monotonic
from typing import Any

from imapclient import DELETED, FLAGGED, SEEN
from imapclient.exceptions import (
    IMAPClientAbortError,
    IMAPClientError,
    IMAPClientReadOnlyError,
    LoginError,
    ProtocolError,
)

from maild.doors.imap_model import (
    LIST_MAILS,
    Listed,
    LoginRefused,
    Lost,
    Refused,
    Selected,
)

_CODE = re.compile(r"\[([A-Z][A-Z0-9-]*)[^\]]*\]")
_OCTETS = re.compile(r"\bb'([^']*)'")  # imaplib puts octets into its sentences as Python writes them
_THE_END = ("got more than", "socket error", "* BYE")  # imaplib's sentences for what no connection survives
_WORDS_MAX = 300  # of what a server says, in our reasons


@contextmanager
def in_our_words() -> Iterator[None]:
    """Turn what IMAPClient, imaplib and the socket raise into Refused and Lost."""
    try:
        yield
    except LoginError as error:
        # imaplib says BYE and a cut connection with the same class that NO has.
        raise _sorted(error, LoginRefused) from error
    except (IMAPClientAbortError, ProtocolError, OSError) as error:
        raise Lost(_words(error), _code(error)) from error
    except IMAPClientError as error:
        raise _sorted(error, Refused) from error
    except (ValueError, LookupError, TypeError) as error:
        raise Lost(f"the server says what cannot be read: {_words(error)}") from error


def _sorted(error: Exception, kind: type[Refused]) -> Refused | Lost:
    words, code = _words(error), _code(error)
    if isinstance(error.__context__, IMAPClientAbortError) or words.startswith(_THE_END):
        return Lost(words, code)
    return kind(words, code)


def _words(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "the server is silent"
    return " ".join(_OCTETS.sub(r"\1", str(error)).split())[:_WORDS_MAX] or type(error).__name__


def _code(error: Exception) -> str:
    found = _CODE.search(str(error))
    return found[1] if found else ""


@dataclass(frozen=True, slots=True)
class Namespace:
    """Where the folders of a server stand (RFC 2342)."""

    prefix: str  # of the user's own folders, such as ``INBOX.``
    delimiter: str  # "" when there are no levels, or nobody said
    others: tuple[str, ...] = ()  # prefixes of other people's folders, and of shared ones

    def place(self, folder: str) -> str:
        """Return the name of a folder; one that begins with a prefix of the server stays in its place."""
        written = folder if self.delimiter in {"", "/"} else folder.replace("/", self.delimiter)
        known = tuple(prefix.lower() for prefix in (self.prefix, *self.others) if prefix)
        return written if written.lower().startswith(known) else self.prefix + written


def _namespace(said: Any) -> Namespace:
    """Read what IMAPClient makes of the answer: personal, other and shared, each a list of (prefix, delimiter)."""
    personal, *rest = said
    prefix, delimiter = personal[0] if personal else ("", "")
    return Namespace(
        _said(prefix), _said(delimiter), tuple(_said(each[0]) for spaces in rest for each in spaces or () if each[0])
    )


def _said(word: str | bytes | None) -> str:
    return word.decode("ascii", "replace") if isinstance(word, bytes) else word or ""


class Wire:
    """One connection, logged in. Not for several threads, but for `cut`."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._idle_refused = False
        self._space: Namespace | None = None
        self._hurried = False  # the last IDLE ended at once, because of what came with its beginning

    def has(self, capability: str) -> bool:
        """Tell whether the server offers a capability, such as ``MOVE``."""
        with in_our_words():
            return bool(self._client.has_capability(capability))

    @property
    def can_idle(self) -> bool:
        """Whether the server offers IDLE and has not refused it on this connection."""
        return not self._idle_refused and self.has("IDLE")

    def select(self, folder: str) -> Selected:
        """Open a folder for reading and writing; read-only is the server's choice and no fault."""
        name = self.place(folder)
        with in_our_words():
            try:
                said, writable = self._client.select_folder(name), True
            except IMAPClientReadOnlyError:  # imaplib's word for a server that opens the folder read-only
                said, writable = self._client.select_folder(name, readonly=True), False
            return Selected(int(said.get(b"UIDVALIDITY", 0)), int(said.get(b"EXISTS", 0)), writable)

    def examine(self, folder: str) -> Selected:
        """Open a folder to look at it alone: nothing that is done later changes it."""
        name = self.place(folder)
        with in_our_words():
            said = self._client.select_folder(name, readonly=True)
            return Selected(int(said.get(b"UIDVALIDITY", 0)), int(said.get(b"EXISTS", 0)), writable=False)

    def place(self, folder: str) -> str:
        """Return a folder's name as this server has it: below its prefix, with its delimiter in place of "/"."""
        if folder.upper() == "INBOX":
            return folder
        if self._space is None:
            self._space = self._ask_namespace()
        return self._space.place(folder)

    def _ask_namespace(self) -> Namespace:
        """Ask where folders stand (RFC 2342); a server that does not say it has no prefix."""
        try:
            with in_our_words():
                if self._client.has_capability("NAMESPACE"):
                    return _namespace(self._client.namespace())
                listed = self._client.list_folders("", "")  # RFC 3501 section 6.3.8: the delimiter alone
                return Namespace("", _said(listed[0][1]) if listed else "")
        except Refused:
            return Namespace("", "")

    def all_uids(self, exists: int) -> list[int]:
        """Return the UIDs of the whole folder in order; `exists` is how many SELECT counted."""
        if exists <= LIST_MAILS:
            return self._search("ALL") if exists else []
        spans = range(1, exists + 1, LIST_MAILS)
        return sorted(uid for first in spans for uid in self._search(_span(first, exists)))

    def uids_from(self, first: int) -> list[int]:
        """Return the UIDs from `first` on, after giving the server a chance to find new mail."""
        with in_our_words():
            self._client.noop()
        # `n:*` always names the last mail too, also when its UID is lower (RFC 3501 section 6.4.8).
        return [uid for uid in self._search("UID", f"{first}:*") if uid >= first]

    def deleted_uids(self) -> list[int]:
        r"""Return the UIDs of all mails that bear \Deleted, whoever set it."""
        return self._search("DELETED")

    def uids_before(self, day: date) -> list[int]:
        """Return the UIDs of mails that came into the folder before a day."""
        return self._search("BEFORE", day)

    def _search(self, *criteria: object) -> list[int]:
        with in_our_words():
            return sorted({int(uid) for uid in self._client.search(list(criteria))})

    def describe(self, uids: Sequence[int]) -> list[Listed]:
        """Return sizes and flags of those mails that are still there, in order of UID."""
        with in_our_words():
            said = self._client.fetch(uids, ["RFC822.SIZE", "FLAGS"])
            return [
                Listed(uid, int(said[uid][b"RFC822.SIZE"]), _flags(said[uid].get(b"FLAGS", ())))
                for uid in sorted(said)
                if b"RFC822.SIZE" in said[uid]
            ]

    def arrivals(self, uids: Sequence[int]) -> dict[int, datetime]:
        """Return when each mail that is still there came into the folder, in UTC."""
        with in_our_words():
            said = self._client.fetch(uids, ["INTERNALDATE"])
            return {uid: said[uid][b"INTERNALDATE"].astimezone(UTC) for uid in said if b"INTERNALDATE" in said[uid]}

    def bodies(self, uids: Sequence[int]) -> dict[int, bytes]:
        """Return the octets of those mails that are still there; sets no flag."""
        return self._sections(uids, "BODY.PEEK[]", b"BODY[]")

    def header(self, uid: int) -> bytes | None:
        """Return the header block of a mail; None when it is not there any more."""
        return self._sections([uid], "BODY.PEEK[HEADER]", b"BODY[HEADER]").get(uid)

    def _sections(self, uids: Sequence[int], item: str, name: bytes) -> dict[int, bytes]:
        with in_our_words():
            said = self._client.fetch(uids, [item])
            return {uid: said[uid][name] for uid in said if isinstance(said[uid].get(name), bytes)}

    def move(self, uids: Sequence[int], folder: str) -> None:
        """Move mails (RFC 6851); only where the server offers MOVE."""
        name = self.place(folder)
        with in_our_words():
            self._client.move(uids, name)

    def copy(self, uids: Sequence[int], folder: str) -> None:
        """Copy mails into another folder."""
        name = self.place(folder)
        with in_our_words():
            self._client.copy(uids, name)

    def create(self, folder: str) -> None:
        """Make a folder and subscribe to it, so that people's programs show it; one that is there is no fault."""
        name = self.place(folder)
        try:
            with in_our_words():
                self._client.create_folder(name)
        except Refused as refusal:
            if refusal.code != "ALREADYEXISTS":
                raise
        with suppress(Refused), in_our_words():
            self._client.subscribe_folder(name)

    def mark_seen(self, uids: Sequence[int]) -> None:
        r"""Set \Seen."""
        with in_our_words():
            self._client.add_flags(uids, [SEEN], silent=True)

    def mark_flagged(self, uids: Sequence[int]) -> None:
        r"""Set \Flagged."""
        with in_our_words():
            self._client.add_flags(uids, [FLAGGED], silent=True)

    def mark_deleted(self, uids: Sequence[int]) -> None:
        r"""Set \Deleted."""
        with in_our_words():
            self._client.add_flags(uids, [DELETED], silent=True)

    def expunge(self, uids: Sequence[int]) -> None:
        r"""Remove those of `uids` that bear \Deleted (RFC 4315), or all that do where the server has no UIDPLUS."""
        with in_our_words():
            if self._client.has_capability("UIDPLUS"):
                self._client.uid_expunge(uids)
            else:
                self._client.expunge()

    def idle(self, seconds: float, woken: socket.socket) -> None:
        """Wait by IDLE (RFC 2177) for mail, for `woken` to be readable, or for the time to pass."""
        try:
            with in_our_words():
                self._client.idle()
        except Refused as refusal:
            if "* " in refusal.words:  # it speaks before it listens, and IMAPClient has lost its place by that
                raise Lost(refusal.words, refusal.code) from refusal
            self._idle_refused = True
            return
        with in_our_words():
            # A mail that came since our last look is told in the same breath as "+ idling", and select knows nothing
            # of what was read already. Every second time only, or a talkative server would keep us running.
            self._hurried = not self._hurried and self._has_read_ahead()
            if not self._hurried:
                self._until_mail(seconds, woken)
            _refuse_farewell(self._client.idle_done()[1])

    def _has_read_ahead(self) -> bool:
        """Tell whether the server said more than what was asked of the connection so far."""
        wire, file = self._client.socket(), self._client._imap.file
        before = wire.gettimeout()
        wire.setblocking(False)
        try:
            return bool(file.peek(1))
        except ssl.SSLWantReadError:
            return False
        finally:
            wire.settimeout(before)

    def _until_mail(self, seconds: float, woken: socket.socket) -> None:
        deadline = _monotonic() + seconds
        while (left := deadline - _monotonic()) > 0 and self._readable(left, woken):
            said = self._client.idle_check(timeout=0)
            _refuse_farewell(said)
            # Readable, and nothing to read: the connection ended. DONE will say so.
            if not said or any(b"EXISTS" in answer for answer in said):
                return

    def wait(self, seconds: float, woken: socket.socket) -> None:
        """Wait for the time to pass, for `woken` to be readable, or for the server to say something unasked."""
        with in_our_words():
            self._readable(seconds, woken)

    def _readable(self, seconds: float, woken: socket.socket) -> bool:
        """Return True when the server said something; False when `woken` was touched or the time has passed."""
        wire = self._client.socket()
        if getattr(wire, "pending", int)():
            return True
        poll = select.poll()
        poll.register(wire.fileno(), select.POLLIN)
        poll.register(woken.fileno(), select.POLLIN)
        ready = {fd for fd, _ in poll.poll(seconds * 1000)}
        return wire.fileno() in ready and woken.fileno() not in ready

    def close(self) -> None:
        """Say LOGOUT and close; never raises."""
        try:
            with in_our_words():
                self._client.logout()
        except (Lost, Refused):
            with suppress(OSError):
                self._client.shutdown()

    def cut(self) -> None:
        """End the connection from another thread, whatever it is doing; what waits on it raises Lost."""
        with suppress(OSError):
            self._client.socket().shutdown(socket.SHUT_RDWR)


def _refuse_farewell(said: Sequence[Sequence[object]]) -> None:
    """Raise IMAPClientAbortError with the server's words when it says BYE among what it says unasked."""
    for answer in said:
        if answer[0] == b"BYE":
            raise IMAPClientAbortError(f"BYE {_text(answer[1:])}")


def _span(first: int, exists: int) -> str:
    last = first + LIST_MAILS - 1
    return f"{first}:{last}" if last < exists else f"{first}:*"


def _flags(said: Sequence[bytes]) -> frozenset[str]:
    return frozenset(flag.decode("ascii", "replace").lower() for flag in said)


def _text(parts: Sequence[object]) -> str:
    return " ".join(part.decode("utf-8", "replace") if isinstance(part, bytes) else str(part) for part in parts)
