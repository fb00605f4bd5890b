"""Where the story plays: people write to the desk by SMTP and IMAP, and see what came of it."""

import imaplib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid, parseaddr
from typing import Any, TypeVar

from maild.base.keys import read_key
from maild.base.words import EntryState
from maild.database.light import connect
from maild.outbox.connection import Credentials
from maild.outbox.connection import connect as dial
from maild.service.demo import imap
from maild.service.demo.embedded import Embedded
from maild.service.demo.mails import Kept
from maild.service.location import store_url
from maild.settings.desk import Outgoing
from maild.settings.fields import Listen
from maild.store.mail_queries import list_inbound, list_outbox, raw_inbound
from maild.store.queries import tickets_by_number
from maild.store.queries_more import key_prefix

PATIENCE_SECONDS = 120.0  # A busy machine may take its time; longer is no answer at all.
LOOK_SECONDS = 0.03
SUPPORT = "support@acme.example"
WATCH_SECONDS = 1.0
WATCH_ROWS = 200
_WAITING = ("queued", "deferred")
_UNSETTLED = (EntryState.RECEIVED, EntryState.FAILED)
T = TypeVar("T")
Row = Mapping[str, Any]


class StoryFault(Exception):
    """The desk did not do what the story tells; the words say what was missing."""


class Left(Exception):
    """The demo was asked to end while the story still played."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who writes."""

    name: str
    address: str

    @property
    def mailbox(self) -> str:
        """The person as it stands in From."""
        return f"{self.name} <{self.address}>"


@dataclass(frozen=True, slots=True)
class Told:
    """A mail that the desk sent: its outbox row and its file."""

    row: Row
    kept: Kept


@dataclass(frozen=True, slots=True)
class Taken:
    """A mail that the desk took: its journal row and its file."""

    row: Row
    kept: Kept


class Stage:
    """The people's side of one embedded desk."""

    def __init__(self, desk: Embedded) -> None:
        self.desk = desk
        self._url = store_url(desk.config)
        self._seen: set[str] = set()
        self.told: list[Told] = []

    def compose(self, author: Person, subject: str, text: str, *, to: str = SUPPORT, **fields: str) -> EmailMessage:
        """Return a mail as a client makes it; `In_Reply_To` and the like are header fields."""
        mail = EmailMessage()
        given = {"From": author.mailbox, "To": to, "Subject": subject, "Date": format_datetime(self.desk.clock())}
        given["Message-ID"] = make_msgid(domain=author.address.rpartition("@")[2])
        for name, value in (given | {name.replace("_", "-"): value for name, value in fields.items()}).items():
            mail[name] = value
        mail.set_content(text)
        return mail

    def answer(self, author: Person, template: str, text: str) -> EmailMessage:
        """Return an answer to the last mail of a template that the author got, with a quote below, as clients do."""
        got = self.last(author.address, template).kept
        quoted = "\n".join(f"> {line}" for line in got.part("plain").splitlines())
        return self.compose(
            author,
            f"Re: {got.mail['Subject']}",
            f"{text}\n\nOn {got.mail['Date']}, Acme Support wrote:\n{quoted}\n",
            to=str(got.mail["Reply-To"]),
            In_Reply_To=got.message_id,
            References=f"{got.mail['References'] or ''} {got.message_id}".strip(),
        )

    def last(self, address: str, template: str) -> Told:
        """Return the last mail of a template that somebody got."""
        found = [told for told in self.told if (told.row["rcpt_to"], told.row["template"]) == (address, template)]
        if not found:
            raise StoryFault(f"{address} has got no mail `{template}`")
        return found[-1]

    def post(self, mail: EmailMessage, *, mail_from: str | None = None) -> Taken:
        """Hand a mail to the SMTP door, and wait until the desk has dealt with it."""
        octets = mail.as_bytes(policy=SMTP.clone(utf8=False))
        author, recipients = _address(mail, "From"), [_address(mail, "To")]
        sender = author if mail_from is None else mail_from
        kept = self.desk.mails.sent(author, octets)
        door = Listen("127.0.0.1", self.desk.smtp_port)
        plain = Outgoing(smarthost=(door,), tls="none")
        with dial(plain, door, Credentials("client.example"), PATIENCE_SECONDS) as client:
            client.sendmail(sender, recipients, octets)
        return self._settled(kept)

    def put(self, mail: EmailMessage) -> Taken:
        """Put a mail into the support mailbox, as a provider does, and wait until the desk has fetched it."""
        octets = mail.as_bytes(policy=SMTP.clone(utf8=False))
        kept = self.desk.mails.sent(_address(mail, "From"), octets)
        with imaplib.IMAP4("127.0.0.1", self.desk.imap_port, timeout=PATIENCE_SECONDS) as client:
            client.login(imap.USER, imap.PASSWORD)
            answer, words = client.append("INBOX", "", "", octets)
        if answer != "OK":
            raise StoryFault(f"the IMAP server did not take {kept.path}: {words!r}")
        return self._settled(kept)

    def advance(self, by: timedelta) -> None:
        """Put the desk's clock forward, and have it look at once for what is due."""
        self.desk.clock.advance(by)
        self.desk.daemon.sweep()

    def _settled(self, kept: Kept) -> Taken:
        def look() -> Row | None:
            """Return what became of the mail, None as long as that is open."""
            rows = self._inbound(kept.message_id)
            done = [row for row in rows if row["state"] not in _UNSETTLED]
            return done[-1] if done else None

        return Taken(self.wait(look, f"the desk to deal with {kept.path}"), kept)

    def hear(self) -> Sequence[Told]:
        """Return the mails that the desk has sent since the last call, once no mail of it waits any more."""

        def look() -> list[Told] | None:
            """Return what the desk has sent since, None as long as something is under way."""
            rows = self._unheard()
            told = self._arrived_of(rows)
            return told if len(told) == len(rows) else None

        return self._mark(self.wait(look, "the desk's mails"))

    def hear_now(self) -> Sequence[Told]:
        """Return the mails that the desk has sent since the last call, and wait for none."""
        return self._mark(self._arrived_of(self._unheard()))

    def _unheard(self) -> list[Row]:
        return [row for row in self._outbox() if row["id"] not in self._seen]

    def _arrived_of(self, rows: Sequence[Row]) -> list[Told]:
        return [Told(row, kept) for row in rows if (kept := self._file(row)) is not None]

    def _mark(self, heard: list[Told]) -> list[Told]:
        self._seen |= {told.row["id"] for told in heard}
        self.told += heard
        return heard

    def _file(self, row: Row) -> Kept | None:
        return None if row["state"] in _WAITING else self.desk.mails.find(row["rcpt_to"], row["message_id"] or "")

    def _inbound(self, message_id: str) -> list[dict[str, Any]]:
        with connect(self._url) as reader:
            return list_inbound(reader, key_prefix(reader), {"message_id": [message_id]})

    def _outbox(self) -> list[dict[str, Any]]:
        with connect(self._url) as reader:
            return [row for row in list_outbox(reader, key_prefix(reader), None, WATCH_ROWS) if row["state"] != "held"]

    def ticket(self, key: str) -> Row | None:
        """Return a ticket as it stands."""
        with connect(self._url) as reader:
            prefix = key_prefix(reader)
            number = read_key(key, prefix)
            return next(iter(tickets_by_number(reader, prefix, [number] if number else [])), None)

    def watch(self) -> None:
        """Count what has come so far as seen: `arrived` tells of what comes from now on."""
        with connect(self._url) as reader:
            self._seen |= {row["entry"] for row in list_inbound(reader, key_prefix(reader))}

    def arrived(self) -> Sequence[Taken]:
        """Wait a second, and return the mails that the desk has dealt with since the last call; raises Left."""
        if self.desk.leaving.wait(WATCH_SECONDS):
            raise Left
        with connect(self._url) as reader:
            rows = [row for row in list_inbound(reader, key_prefix(reader), None, WATCH_ROWS) if self._is_new(row)]
            found = [(row, raw_inbound(reader, row["entry"]) or b"") for row in rows]
        self._seen |= {row["entry"] for row in rows}
        return [Taken(row, self.desk.mails.sent(_author(octets), octets)) for row, octets in found]

    def _is_new(self, row: Row) -> bool:
        return row["entry"] not in self._seen and row["state"] not in _UNSETTLED

    def wait(self, look: Callable[[], T | None], what: str) -> T:
        """Return what `look` finds as soon as it finds something; raises StoryFault or Left."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (found := look()) is None:
            if self.desk.leaving.wait(LOOK_SECONDS):
                raise Left
            if time.monotonic() > deadline:
                raise StoryFault(f"{what} did not come within {PATIENCE_SECONDS:.0f} seconds")
        return found


def _author(octets: bytes) -> str:
    """Return the address in From of whatever came in, "" when there is none."""
    return parseaddr(str(message_from_bytes(octets)["From"] or ""))[1]


def _address(mail: EmailMessage, field: str) -> str:
    address: str = mail[field].addresses[0].addr_spec
    return address
