"""Octets become a Message: total, in bounded time, with everything that was wrong named in `defects`."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace

from maild.base.limits import DEFAULT_LIMITS, Limits
from maild.message import dsn, forwards, quotes
from maild.message.addresses import read_raw_addresses
from maild.message.attachments import WHOLE
from maild.message.bodies import Body, Contents, collect, join
from maild.message.clean import clean_text
from maild.message.dates import read_date
from maild.message.fields import Header, read_header, skip_preface
from maild.message.html import sanitise, to_text
from maild.message.model import Address, Attachment, Field, Message, Span
from maild.message.structure import Structure, normalised, read_structure
from maild.message.words import decode_value

_TRACE = {
    "return-path", "received", "received-spf", "delivered-to", "x-original-to", "envelope-to", "authentication-results",
}  # fmt: skip
_SINGLE = ("From", "Date", "Subject", "Message-ID", "Content-Type")  # RFC 5322 section 3.6
_MESSAGE_ID = re.compile(r"<[^<>]{1,996}>")
_MARKER = re.compile(r"maild-ref:([a-z0-9.]{1,200})")
_ENCODED_CHARSET = re.compile(rb"=\?([A-Za-z0-9_.:-]{2,40})\?[BbQq]\?")


def parse(octets: bytes, limits: Limits = DEFAULT_LIMITS) -> Message:
    """Return what a mail says. Any octets give a Message; what could not be read, or was over a limit, is in `defects`.

    Never raises. The raw octets stay the truth: attachments are read from them by `read_part`.
    """
    try:
        return _parse(octets, limits, nested=False)
    except Exception as error:  # One mail must never stop those behind it; what it says is still in its octets.
        return outline(octets, type(error).__name__, limits)


def outline(octets: bytes, because: str, limits: Limits = DEFAULT_LIMITS) -> Message:
    """Return what the header alone says of a mail that broke its reader; the whole mail is its one attachment.

    Linear in the size of the mail: no part is opened, no body decoded. `unread` says `because`.
    """
    defects = [f"reading gave up: {because}"]
    read = normalised(octets)
    header = read_header(read, skip_preface(read, Header()), len(read), limits)
    sha256 = hashlib.sha256(octets).hexdigest()
    original = Attachment("original.eml", "message/rfc822", len(octets), False, sha256, part=WHOLE)
    message = Message(sha256, content_hash(read, header), len(octets), attachments=(original,), unread=because)
    return replace(_with_fields(message, header, (), limits, defects), defects=tuple(map(clean_text, defects)))


def _parse(octets: bytes, limits: Limits, nested: bool) -> Message:
    defects: list[str] = []
    sha256 = hashlib.sha256(octets).hexdigest()
    read = normalised(octets)
    if len(read) > limits.message_bytes:
        defects.append(f"mail over {limits.message_bytes} octets")
        read = read[: limits.message_bytes]
    structure = read_structure(read, limits)
    contents = collect(structure.root, limits)
    defects += [defect for defect in (*structure.defects, *contents.defects) if defect not in defects]
    header = structure.root.header
    hints = _hints(structure)
    message = _with_fields(
        Message(sha256=sha256, content_hash=content_hash(read, header), size=len(octets)),
        header,
        hints,
        limits,
        defects,
    )
    message = _with_body(message, structure, contents, limits, nested)
    return replace(
        message,
        content_type=structure.root.type[:200],
        defects=tuple(clean_text(d) for d in (*defects, *message.defects)),
    )


def content_hash(octets: bytes, header: Header) -> str:
    """Return SHA-256 over the body and all fields but the trace, in hex; line ends and folds do not count."""
    digest = hashlib.sha256()
    for entry in header.fields:
        name = entry.name.lower()
        if name in _TRACE or name.startswith(("arc-", "x-")):
            continue
        digest.update(name.encode() + b":" + b" ".join(entry.raw.split()) + b"\n")
    digest.update(b"\n" + octets[header.body :].replace(b"\r\n", b"\n").rstrip(b"\n"))
    return digest.hexdigest()


def _hints(structure: Structure) -> tuple[str, ...]:
    """Return the charsets that the mail names anywhere: its raw 8-bit fields are hardly ever in another."""
    named = [*structure.root.hints]
    for entry in structure.root.header.fields:
        if b"=?" in entry.raw:
            named += [found[1].decode("ascii").lower() for found in _ENCODED_CHARSET.finditer(entry.raw[:2_000])]
    return tuple(dict.fromkeys(named))


def _with_fields(message: Message, header: Header, hints: Sequence[str], limits: Limits, defects: list[str]) -> Message:
    """Fill in what the header says."""
    fields = tuple(Field(entry.name, decode_value(entry.raw, hints, limits.encoded_words)) for entry in header.fields)
    by_name: dict[str, str] = {}
    for entry in fields:
        by_name.setdefault(entry.name.lower(), entry.value)
    from_ = _from(header, hints, limits, defects)
    date = read_date(by_name.get("date", ""))
    if date is None:
        defects.append("Date is no date" if by_name.get("date") else "no Date")
    defects.extend(f"more than one {name} field" for name in _SINGLE if len(header.all(name.lower())) > 1)
    ids = _ids(header, "message-id", limits)
    sender = _addresses(header, "sender", hints, limits)
    return replace(
        message,
        message_id=ids[0] if ids else "",
        date=date,
        from_=from_,
        sender=sender[0] if sender else None,
        reply_to=_addresses(header, "reply-to", hints, limits),
        to=_addresses(header, "to", hints, limits),
        cc=_addresses(header, "cc", hints, limits),
        subject=by_name.get("subject", "")[: limits.subject_chars],
        in_reply_to=_ids(header, "in-reply-to", limits),
        references=_ids(header, "references", limits),
        fields=fields,
    )


def _from(header: Header, hints: Sequence[str], limits: Limits, defects: list[str]) -> tuple[Address, ...]:
    """Return the mailboxes of the first From; a second field, or anything but one mailbox, is a defect.

    RFC 5322 section 3.6 allows one field; who is believed at all must look at that defect too.
    """
    found = read_raw_addresses(header.first("from"), hints, limits.addresses)
    if not header.all("from"):
        defects.append("no From")
    elif not found:
        defects.append("From has no address")
    elif len(found) > 1:
        defects.append("From has more than one address")
    return found


def _addresses(header: Header, name: str, hints: Sequence[str], limits: Limits) -> tuple[Address, ...]:
    found = [address for raw in header.all(name) for address in read_raw_addresses(raw, hints, limits.addresses)]
    return tuple(found[: limits.addresses])


def _ids(header: Header, name: str, limits: Limits) -> tuple[str, ...]:
    """Return the Message-IDs of a field, in order and once each; a fold within one is taken out."""
    values = [decode_value(raw) for raw in header.all(name)]
    found = ["".join(each.split()) for value in values for each in _MESSAGE_ID.findall(value) if _is_one_id(each)]
    bare = [_bare_id(value) for value in values] if not found else []
    return tuple(dict.fromkeys(each for each in (*found, *bare) if each))[-limits.references :]


def _is_one_id(text: str) -> bool:
    return "@" in text or not any(char.isspace() for char in text)


def _bare_id(value: str) -> str:
    """Return a Message-ID that lost its angle brackets with them; "" when it is none."""
    word = value.strip().strip("<>")
    return f"<{word}>" if word and "@" in word and not any(char.isspace() or char in "<>" for char in word) else ""


def _with_body(message: Message, structure: Structure, contents: Contents, limits: Limits, nested: bool) -> Message:
    """Fill in the words, their spans, and what they tell of other mails."""
    body = join(contents.bodies)
    is_html_only = body.text is None and body.html is not None
    text = clean_text(_text_of(body))
    markers = _markers(text, body.html or "", limits)
    html = clean_text(body.html) if body.html is not None else None
    report = None if nested else dsn.read_report(b"", structure.tree, text)
    inner = None
    if not nested and report is None and contents.mails:
        inner = _parse(contents.mails[0].raw, limits, nested=True)
    forwarded = None if nested or report is not None else forwards.find(text, html, message.subject, inner)
    text, spans = quotes.partition(text, html, subject=message.subject, is_html_only=is_html_only)
    return replace(
        message,
        text=text,
        html=clean_text(sanitise(html)) if html is not None else None,
        spans=spans if spans or not text else (Span(0, len(text), "new"),),
        attachments=tuple(contents.attachments),
        report=report,
        forwarded=forwarded,
        markers=markers,
    )


def _text_of(body: Body) -> str:
    if body.text is not None:
        return body.text
    return to_text(body.html) if body.html is not None else ""


def _markers(text: str, html: str, limits: Limits) -> tuple[str, ...]:
    """Return the tokens of our own hidden markers in text or HTML, in order and once each."""
    found = dict.fromkeys(match[1].rstrip(".") for words in (text, html) for match in _MARKER.finditer(words))
    return tuple(found)[: limits.markers]
