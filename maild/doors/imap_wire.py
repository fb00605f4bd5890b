"""A connection to an IMAP server: IMAPClient behind types of ours. Every failure is Refused or Lost."""

import re
import select
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from time import monotonic as _monotonic
from typing import Any

from imapclient import DELETED, FLAGGED, SEEN, IMAPClient, SocketTimeout
from imapclient.exceptions import (
    IMAPClientAbortError,
    IMAPClientError,
    IMAPClientReadOnlyError,
    LoginError,
    ProtocolError,
)

from maild.doors.imap_model import (
    CONNECT_SECONDS,
    LIST_MAILS,
    READ_SECONDS,
    Listed,
    LoginRefused,
    Lost,
    Refused,
    Selected,
)
from maild.settings.doors import Mailbox
from maild.settings.fields import is_loopback

_CODE = re.compile(r"\[([A-Z][A-Z0-9-]*)[^\]]*\]")
_OCTETS = re.compile(r"\bb'([^']*)'")  # imaplib puts octets into its sentences as Python writes them
_THE_END = ("got more than", "socket error", "* BYE")  # imaplib's sentences for what no connection survives
_WORDS_MAX = 300  # of what a server says, in our reasons


@contextmanager
def _in_our_words() -> Iterator[None]:
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
    if isinstance(error.__context__, IMAPClientAbortError) or words.startswith(
        ("got more than", "socket error", "* BYE")
    ):
        return Lost(words, code)
    return kind(words, code)


def _words(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "the server is silent"
    return " ".join(_OCTETS.sub(r"\1", str(error)).split())[:_WORDS_MAX] or type(error).__name__


def _code(error: Exception) -> str:
    found = _CODE.search(str(error))
    return found[1] if found else ""


class Wire:
    """One connection, logged in. Not for several threads, but for `cut`."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._idle_refused = False
        self._hurried = False  # the last IDLE ended at once, because of what came with its beginning

    def has(self, capability: str) -> bool:
        """Tell whether the server offers a capability, such as ``MOVE``."""
        with _in_our_words():
            return bool(self._client.has_capability(capability))

    @property
    def can_idle(self) -> bool:
        """Whether the server offers IDLE and has not refused it on this connection."""
        return not self._idle_refused and self.has("IDLE")

    def select(self, folder: str) -> Selected:
        """Open a folder for reading and writing; read-only is the server's choice and no fault."""
        with _in_our_words():
            try:
                said, writable = self._client.select_folder(folder), True
            except IMAPClientReadOnlyError:  # imaplib's word for a server that opens the folder read-only
                said, writable = self._client.select_folder(folder, readonly=True), False
            return Selected(int(said.get(b"UIDVALIDITY", 0)), int(said.get(b"EXISTS", 0)), writable)

    def all_uids(self, exists: int) -> list[int]:
        """Return the UIDs of the whole folder in order; `exists` is how many SELECT counted."""
        if exists <= LIST_MAILS:
            return self._search("ALL") if exists else []
        spans = range(1, exists + 1, LIST_MAILS)
        return sorted(uid for first in spans for uid in self._search(_span(first, exists)))

    def uids_from(self, first: int) -> list[int]:
        """Return the UIDs from `first` on, after giving the server a chance to find new mail."""
        with _in_our_words():
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
        with _in_our_words():
            return sorted({int(uid) for uid in self._client.search(list(criteria))})

    def describe(self, uids: Sequence[int]) -> list[Listed]:
        """Return sizes and flags of those mails that are still there, in order of UID."""
        with _in_our_words():
            said = self._client.fetch(uids, ["RFC822.SIZE", "FLAGS"])
            return [
                Listed(uid, int(said[uid][b"RFC822.SIZE"]), _flags(said[uid].get(b"FLAGS", ())))
                for uid in sorted(said)
                if b"RFC822.SIZE" in said[uid]
            ]

    def bodies(self, uids: Sequence[int]) -> dict[int, bytes]:
        """Return the octets of those mails that are still there; sets no flag."""
        return self._sections(uids, "BODY.PEEK[]", b"BODY[]")

    def header(self, uid: int) -> bytes | None:
        """Return the header block of a mail; None when it is not there any more."""
        return self._sections([uid], "BODY.PEEK[HEADER]", b"BODY[HEADER]").get(uid)

    def _sections(self, uids: Sequence[int], item: str, name: bytes) -> dict[int, bytes]:
        with _in_our_words():
            said = self._client.fetch(uids, [item])
            return {uid: said[uid][name] for uid in said if isinstance(said[uid].get(name), bytes)}

    def move(self, uids: Sequence[int], folder: str) -> None:
        """Move mails (RFC 6851); only where the server offers MOVE."""
        with _in_our_words():
            self._client.move(uids, folder)

    def copy(self, uids: Sequence[int], folder: str) -> None:
        """Copy mails into another folder."""
        with _in_our_words():
            self._client.copy(uids, folder)

    def create(self, folder: str) -> None:
        """Make a folder and subscribe to it, so that people's programs show it; one that is there is no fault."""
        try:
            with _in_our_words():
                self._client.create_folder(folder)
        except Refused as refusal:
            if refusal.code != "ALREADYEXISTS":
                raise
        with suppress(Refused), _in_our_words():
            self._client.subscribe_folder(folder)

    def mark_seen(self, uids: Sequence[int]) -> None:
        r"""Set \Seen."""
        with _in_our_words():
            self._client.add_flags(uids, [SEEN], silent=True)

    def mark_flagged(self, uids: Sequence[int]) -> None:
        r"""Set \Flagged."""
        with _in_our_words():
            self._client.add_flags(uids, [FLAGGED], silent=True)

    def mark_deleted(self, uids: Sequence[int]) -> None:
        r"""Set \Deleted."""
        with _in_our_words():
            self._client.add_flags(uids, [DELETED], silent=True)

    def expunge(self, uids: Sequence[int]) -> None:
        r"""Remove those of `uids` that bear \Deleted (RFC 4315), or all that do where the server has no UIDPLUS."""
        with _in_our_words():
            if self._client.has_capability("UIDPLUS"):
                self._client.uid_expunge(uids)
            else:
                self._client.expunge()

    def idle(self, seconds: float, woken: socket.socket) -> None:
        """Wait by IDLE (RFC 2177) for mail, for `woken` to be readable, or for the time to pass."""
        try:
            with _in_our_words():
                self._client.idle()
        except Refused as refusal:
            if "* " in refusal.words:  # it speaks before it listens, and IMAPClient has lost its place by that
                raise Lost(refusal.words, refusal.code) from refusal
            self._idle_refused = True
            return
        with _in_our_words():
            # A mail that came since our last look is told in the same breath as "+ idling", and select knows nothing
            # of what was read already. Every second time only, or a talkative server would keep us running.
            self._hurried = not self._hurried and self._has_read_ahead()
            if not self._hurried:
                self._until_mail(seconds, woken)
            self._client.idle_done()

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
            for answer in said:
                if answer[0] == b"BYE":
                    raise IMAPClientAbortError(f"BYE {_text(answer[1:])}")
            # Readable, and nothing to read: the connection ended. DONE will say so.
            if not said or any(b"EXISTS" in answer for answer in said):
                return

    def wait(self, seconds: float, woken: socket.socket) -> None:
        """Wait for the time to pass, for `woken` to be readable, or for the server to say something unasked."""
        with _in_our_words():
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
            with _in_our_words():
                self._client.logout()
        except (Lost, Refused):
            with suppress(OSError):
                self._client.shutdown()

    def cut(self) -> None:
        """End the connection from another thread, whatever it is doing; what waits on it raises Lost."""
        with suppress(OSError):
            self._client.socket().shutdown(socket.SHUT_RDWR)


def connect(mailbox: Mailbox, secret: Callable[[], str], *, literal_octets: int) -> Wire:
    """Connect and log in. `secret` gives the password, or the access token when `auth` is oauth2.

    A literal above `literal_octets` ends the connection. Raises Lost, LoginRefused, Refused.
    """
    if mailbox.tls == "none" and not is_loopback(mailbox.host):
        raise LoginRefused(f'tls = "none" is for this machine only, not for {mailbox.host}', "PRIVACYREQUIRED")
    with _in_our_words():
        client = _reach(mailbox)
    wire = Wire(client)
    try:
        _bound(client, literal_octets)
        with _in_our_words():
            if mailbox.tls == "starttls":
                client.starttls(_trusted(mailbox))
        word = secret()
        with _in_our_words():
            _log_in(client, mailbox, word)
    except BaseException:
        with suppress(OSError):
            client.shutdown()
        raise
    return wire


def _reach(mailbox: Mailbox) -> Any:
    implicit = mailbox.tls == "implicit"
    return IMAPClient(
        mailbox.host,
        mailbox.port,
        ssl=implicit,
        ssl_context=_trusted(mailbox) if implicit else None,
        timeout=SocketTimeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
    )


def _trusted(mailbox: Mailbox) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=mailbox.tls_ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # RFC 8996
    return context


def _bound(client: Any, octets: int) -> None:
    """Keep imaplib from reading a literal of any length into memory: a server may send more than it announced."""
    read = client._imap.read

    def bounded(size: int) -> bytes:
        if size > octets:
            raise IMAPClientAbortError(f"the server sends {size} octets at once, beyond the limit of {octets}")
        taken: bytes = read(size)
        return taken

    client._imap.read = bounded


def _log_in(client: Any, mailbox: Mailbox, secret: str) -> None:
    if mailbox.auth == "oauth2":
        bearer = client.has_capability("AUTH=OAUTHBEARER") and not client.has_capability("AUTH=XOAUTH2")
        (client.oauthbearer_login if bearer else client.oauth2_login)(mailbox.username, secret)
    elif client.has_capability("AUTH=PLAIN") and _needs_plain(client, mailbox.username + secret):
        client.plain_login(mailbox.username, secret)
    else:
        client.login(mailbox.username, secret)


def _needs_plain(client: Any, words: str) -> bool:
    """LOGIN knows ASCII only; PLAIN is UTF-8 (RFC 4616)."""
    return client.has_capability("LOGINDISABLED") or not words.isascii()


def _span(first: int, exists: int) -> str:
    last = first + LIST_MAILS - 1
    return f"{first}:{last}" if last < exists else f"{first}:*"


def _flags(said: Sequence[bytes]) -> frozenset[str]:
    return frozenset(flag.decode("ascii", "replace").lower() for flag in said)


def _text(parts: Sequence[object]) -> str:
    return " ".join(part.decode("utf-8", "replace") if isinstance(part, bytes) else str(part) for part in parts)
