"""Words become octets: one outgoing mail whose values cannot break out of their fields (RFC 5322, 2045, 3834)."""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address as Mailbox
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime

from maild.base.limits import DEFAULT_LIMITS
from maild.message.addresses import is_address
from maild.message.attachments import safe_name
from maild.message.clean import clean_line, clean_text, without_direction
from maild.message.model import Address

SUPPRESSED = "OOF, AutoReply, DR, RN, NRN"  # Not "All": bounces are wanted.
_FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,75}")
_ID = re.compile(r"<[!-;=?-~]{1,500}@[!-;=?-~]{1,450}>")
_OURS = {
    "from", "to", "cc", "bcc", "reply-to", "sender", "subject", "message-id", "in-reply-to", "references", "date",
    "mime-version", "auto-submitted", "x-auto-response-suppress", "return-path", "received",
}  # fmt: skip
_DOT_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_CONTENT_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,80}/[A-Za-z0-9!#$&^_.+-]{1,120}")
_ROOTS_KEPT = 4  # The root of a thread and its neighbours, by which clients sort; the rest are the newest.
_WIDTH = 78  # RFC 5322 section 2.1.1: what a line should not pass.
_LIBRARY_FOLDS = {"from", "to", "cc", "reply-to", "subject", "content-type", "content-disposition"}


class _Folding(EmailPolicy):
    """The library's policy, but a long Message-ID or token is never turned into encoded words (RFC 2047 section 5)."""

    def fold_binary(self, name: str, value: str) -> bytes:
        """Return a whole field with its folds, as octets; fields of plain ASCII words are folded at blanks only."""
        own = None if name.lower() in _LIBRARY_FOLDS else _folded_at_blanks(name, str(value).split())
        if own is not None:
            return own
        folded: bytes = super().fold_binary(name, value)
        return folded


def _folded_at_blanks(name: str, words: list[str]) -> bytes | None:
    """Return a field of ASCII words; None when a word is of other letters, or longer than any line may be."""
    if not all(word.isascii() and len(word) <= DEFAULT_LIMITS.line_octets - len(name) - 2 for word in words):
        return None
    lines = [f"{name}:"]
    for word in words:
        if len(lines[-1]) + 1 + len(word) > _WIDTH and lines[-1].strip() != f"{name}:":
            lines.append("")
        lines[-1] += " " + word
    return "\r\n".join([*lines, ""]).encode("ascii")


_Value = str | list[Mailbox]
_POLICY = _Folding(linesep="\r\n", max_line_length=_WIDTH, refold_source="all")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Everything that one mail says; Message-IDs with their angle brackets."""

    from_: Address
    to: tuple[Address, ...]
    subject: str
    message_id: str
    date: datetime  # aware
    text: str
    html: str = ""  # "": no HTML part
    cc: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    in_reply_to: str = ""
    references: tuple[str, ...] = ()  # the ticket's root first
    automatic: str = ""  # the value of Auto-Submitted: "auto-generated", "auto-replied", or "" for a person's words
    headers: tuple[tuple[str, str], ...] = ()  # further fields; none of those that stand above
    attachments: tuple[tuple[str, str, bytes], ...] = ()  # file name, content type, octets


def compose(mail: Outgoing) -> bytes:
    """Return the octets of a mail, lines ended by CRLF, in ASCII; the same mail gives the same octets.

    Values are made safe: line ends and control characters become blanks, international domains become A-labels.
    Raises ValueError when From, the Message-ID or every recipient is unusable, or a further field has a bad name.
    """
    fields = _addresses(mail)
    fields.append(("Subject", _line(mail.subject)[: DEFAULT_LIMITS.subject_chars]))
    fields.append(("Date", format_datetime(mail.date.astimezone(UTC))))
    fields += _ids(mail)
    if mail.automatic:
        if mail.automatic not in {"auto-generated", "auto-replied"}:
            raise ValueError(f"{mail.automatic!r} is no value of Auto-Submitted")
        fields += [("Auto-Submitted", mail.automatic), ("X-Auto-Response-Suppress", SUPPRESSED)]
    for name, value in mail.headers:
        if _FIELD_NAME.fullmatch(name) is None or name.lower() in _OURS or name.lower().startswith("content-"):
            raise ValueError(f"{name!r} cannot be a further header field")
        fields.append((name, _line(value)))
    fields.append(("MIME-Version", "1.0"))
    return b"".join(_field(name, value) for name, value in fields) + _content(mail)


def _field(name: str, value: _Value) -> bytes:
    """Return a field with its folds; what fits a line as it is need not be read again by the library, which is slow."""
    text = value if isinstance(value, str) else ", ".join(map(str, value))
    if text.isascii() and text.isprintable() and "=?" not in text:
        plain = _plain_field(name, text, is_mailbox=not isinstance(value, str) and len(value) == 1)
        if plain is not None:
            return plain
    _, read = _POLICY.header_store_parse(name, value)
    folded: bytes = _POLICY.fold_binary(name, read)
    # Before a long word the library may leave a line of blanks alone, which would end the header.
    return b"".join(line for line in folded.splitlines(keepends=True) if line.strip())


def _plain_field(name: str, text: str, *, is_mailbox: bool) -> bytes | None:
    """Return a field of printable ASCII without encoded words; None when it needs more than folds at its blanks."""
    line = f"{name}: {text}"
    if text and len(line) <= _WIDTH:
        return f"{line}\r\n".encode("ascii")
    if name.lower() not in _LIBRARY_FOLDS:
        return _folded_at_blanks(name, text.split())
    named, _, address = line.rpartition(" <")
    if is_mailbox and named and len(named) <= _WIDTH and 2 + len(address) <= _WIDTH:  # our reply addresses are long
        return f"{named}\r\n <{address}\r\n".encode("ascii")
    return None


def _line(value: str) -> str:
    """Return a value for a header field: one line, no control characters, nothing that turns the writing."""
    return re.sub(r"\s+", " ", without_direction(clean_line(value))).strip()


def thread(references: tuple[str, ...], most: int = DEFAULT_LIMITS.references_sent) -> tuple[str, ...]:
    """Return the Message-IDs to put into References: the root and the first ones, then the newest."""
    right = tuple(dict.fromkeys(found for found in references if _ID.fullmatch(found)))
    if len(right) <= most:
        return right
    return (*right[:_ROOTS_KEPT], *right[_ROOTS_KEPT - most :])


def can_be_named(address: Address) -> bool:
    """Tell whether a header in ASCII can name somebody."""
    return _mailbox(address) is not None


def _addresses(mail: Outgoing) -> list[tuple[str, _Value]]:
    sender = _mailbox(mail.from_)
    if sender is None:
        raise ValueError(f"{mail.from_.address!r} is no address to send from")
    fields: list[tuple[str, _Value]] = [("From", [sender])]
    for name, addresses in (("To", mail.to), ("Cc", mail.cc), ("Reply-To", mail.reply_to)):
        boxes = [box for box in map(_mailbox, addresses) if box is not None]
        if boxes:
            fields.append((name, boxes))
    if not {"To", "Cc"} & dict(fields).keys():
        raise ValueError("the mail has no recipient that could be written down")
    return fields


def _mailbox(address: Address) -> Mailbox | None:
    """Return an address for the header; None when it is none. A domain of other letters becomes its A-label."""
    if not is_address(address.address):
        return None
    local, _, domain = address.address.rpartition("@")
    try:
        domain.encode("ascii")
    except UnicodeEncodeError:
        try:
            domain = domain.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    if not local.isascii():
        return None  # That needs SMTPUTF8 (RFC 6531), which few smarthosts offer.
    try:
        name = _line(address.name)[: DEFAULT_LIMITS.name_chars]
        if _DOT_ATOMS.fullmatch(local) and _DOT_ATOMS.fullmatch(domain):  # nothing for the library to parse
            return Mailbox(display_name=name, username=local, domain=domain)
        return Mailbox(display_name=name, addr_spec=f"{local}@{domain}")
    except (ValueError, IndexError, MessageError):
        return None


def _ids(mail: Outgoing) -> list[tuple[str, str]]:
    """Return the fields of Message-IDs, as they are: refolding would break the long ones."""
    if _ID.fullmatch(mail.message_id) is None:
        raise ValueError(f"{mail.message_id!r} is no Message-ID")
    fields = [("Message-ID", mail.message_id)]
    if _ID.fullmatch(mail.in_reply_to):
        fields.append(("In-Reply-To", mail.in_reply_to))
    references = thread(mail.references)
    if references:
        fields.append(("References", " ".join(references)))
    return fields


def _content(mail: Outgoing) -> bytes:
    """Return text, HTML and attachments with their fields; `=_` of a boundary stands in no transfer encoding."""
    digest = hashlib.sha256(mail.message_id.encode("utf-8")).hexdigest()[:24]
    words = [_words("plain", mail.text), *([_words("html", mail.html)] if mail.html else [])]
    inner = f"=_{digest}_{1 if mail.attachments else 0}"
    body = _multipart("alternative", inner, words) if mail.html else words[0]
    if not mail.attachments:
        return body
    return _multipart("mixed", f"=_{digest}_0", [body, *(_attachment(*each) for each in mail.attachments)])


def _multipart(subtype: str, boundary: str, parts: list[bytes]) -> bytes:
    opening = f"--{boundary}\r\n".encode("ascii")
    head = f'Content-Type: multipart/{subtype};\r\n boundary="{boundary}"\r\n\r\n'.encode("ascii")
    return head + b"".join(opening + part + b"\r\n" for part in parts) + f"--{boundary}--\r\n".encode("ascii")


def _words(subtype: str, text: str) -> bytes:
    """Return a part of text; the transfer encoding keeps lines short and octets ASCII."""
    text = clean_text(text)
    octets = (text if text.endswith("\n") else f"{text}\n").encode("utf-8").replace(b"\n", b"\r\n")
    encoding = _encoding(text)
    if encoding == "base64":
        encoded = base64.encodebytes(octets).replace(b"\n", b"\r\n")
    else:
        encoded = binascii.b2a_qp(octets, istext=True)
    head = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n'
    return head.encode("ascii") + encoded


def _attachment(name: str, content_type: str, octets: bytes) -> bytes:
    right = content_type if _CONTENT_TYPE.fullmatch(content_type) else "application/octet-stream"
    main, _, sub = right.partition("/")
    if main.lower() in {"message", "multipart"}:
        main, sub = "application", "octet-stream"  # Neither may be encoded (RFC 2045 section 6.4).
    part = EmailMessage(policy=_POLICY)
    filename = _line(safe_name(name)) or "file.bin"
    part.set_content(octets, maintype=main, subtype=sub, disposition="attachment", filename=filename)
    del part["MIME-Version"]  # It stands once, above all parts (RFC 2045 section 4).
    return part.as_bytes()


def _encoding(text: str) -> str:
    """Return the shorter of the two encodings that survive every relay: quoted-printable for Latin letters."""
    head = text[:4_000]
    beyond = len(head) - len(head.encode("ascii", "ignore"))
    return "base64" if beyond * 3 > len(head) else "quoted-printable"
