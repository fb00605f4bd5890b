"""The demo's mails as .eml files: what people sent to the desk, and what they got from it."""

import threading
from collections import Counter
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Kept:
    """One mail to or from one person, and its file."""

    person: str  # the address
    path: Path
    octets: bytes

    @property
    def mail(self) -> EmailMessage:
        """The mail, read."""
        mail = message_from_bytes(self.octets, policy=default)
        assert isinstance(mail, EmailMessage)
        return mail

    @property
    def message_id(self) -> str:
        """Its Message-ID, "" without one."""
        return str(self.mail["Message-ID"] or "").strip()

    def part(self, kind: str) -> str:
        """Its "plain" or "html" part as text, "" when it has none."""
        part = self.mail.get_body((kind,))
        return str(part.get_content()) if part is not None else ""


class Mails:
    """A folder of .eml files, numbered for each person; may be used from any thread."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._numbers: Counter[str] = Counter()
        self._received: list[Kept] = []

    def received(self, recipient: str, octets: bytes) -> None:
        """Keep a mail that the desk sent to somebody."""
        with self._lock:
            self._received.append(self._keep(recipient, "to", octets))

    def sent(self, sender: str, octets: bytes) -> Kept:
        """Keep a mail that somebody sends to the desk."""
        with self._lock:
            return self._keep(sender, "from", octets)

    def find(self, recipient: str, message_id: str) -> Kept | None:
        """Return the mail of a Message-ID that somebody got; None when it has not come."""
        with self._lock:
            mails = [kept for kept in self._received if kept.person == recipient]
        return next((kept for kept in mails if kept.message_id == message_id), None)

    def _keep(self, person: str, way: str, octets: bytes) -> Kept:
        name = f"{way}-{''.join(c for c in person.partition('@')[0].lower() if c.isalnum()) or 'nobody'}"
        self._numbers[name] += 1
        path = self.folder / f"{name}-{self._numbers[name]}.eml"
        path.write_bytes(octets)
        return Kept(person, path, octets)
