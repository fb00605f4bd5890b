"""Read machine reports: delivery (RFC 3464), complaint (RFC 5965), receipt (RFC 8098), or a mail system's prose."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message as Tree

from maild.base.words import Kind
from maild.message import dsn_marks as marks
from maild.message.clean import clean_text
from maild.message.dsn_prose import Failure, read_prose
from maild.message.model import Report, ReportedRecipient
from maild.message.words import decode_value

DECLARED_AT = 2  # Points: a mail whose content type alone says "report" may be a broken mail of a person.
PARTS_MAX = 100  # A report has three; what lies behind the hundredth part is no report.
RECIPIENTS_MAX = 100  # One mail of ours has one recipient; lists of others have their own reports.
TEXT_CHARACTERS_MAX = 60_000
OPENING_CHARACTERS = 400
DIAGNOSTIC_CHARACTERS_MAX = 1_000

_TYPES = {
    "message/delivery-status": Kind.BOUNCE,
    "message/global-delivery-status": Kind.BOUNCE,
    "message/feedback-report": Kind.COMPLAINT,
    "message/disposition-notification": Kind.RECEIPT,
    "message/global-disposition-notification": Kind.RECEIPT,
}
_COPIES = ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers", "message/partial")
_FIELD = re.compile(r"^([A-Za-z][A-Za-z0-9-]{1,40})[ \t]*:[ \t]*(.*(?:\n[ \t]+\S.*)*)", re.MULTILINE)
_MSG_ID = re.compile(r"^message-id:\s*(<[^<>\s]{1,900}>)", re.IGNORECASE | re.MULTILINE)
_NO_OCTET = re.compile("[\ud800-\udc7f\udd00-\udfff]")
_COMMENT = re.compile(r"\([^()]*\)")

Block = dict[str, str]  # fields of one block of a report, names in lower case


@dataclass(frozen=True, slots=True)
class _Found:
    """The parts of a mail that a report may be made of; what lies inside a returned mail is not looked at."""

    blocks: tuple[tuple[Kind, tuple[Block, ...]], ...]
    copies: tuple[str, ...]  # returned mails or their headers, as text


def read_report(octets: bytes, root: Tree, text: str) -> Report | None:
    """Return what a mail reports on, or None when it is no machine's report.

    `root` is the parsed mail, `text` its body as text. A person who forwards or quotes a report writes no report.
    Total: whatever the mail holds, this returns.
    """
    del octets  # The tree has all that is needed; the raw mail is there for readers to come.
    found = _parts(root)
    original = _original_id(found, text)
    for kind, fields in found.blocks:
        if kind is not Kind.BOUNCE and not _is_rejection(kind, fields, text):
            return _other_report(kind, fields, original)
    blocks = tuple(block for _, some in found.blocks for block in some)
    recipients = tuple(dict.fromkeys(filter(None, map(_recipient, blocks))))[:RECIPIENTS_MAX]
    if not _is_report(root, found, text):
        return None
    if not recipients:
        copies = "\n".join(found.copies)
        recipients = tuple(_from_prose(failure) for failure in read_prose(root, text[:TEXT_CHARACTERS_MAX], copies))
    return Report(
        recipients=recipients[:RECIPIENTS_MAX],
        original_message_id=original,
        original_envelope_id=next((b["original-envelope-id"] for b in blocks if "original-envelope-id" in b), ""),
        kind=Kind.BOUNCE,
    )


def _is_report(root: Tree, found: _Found, text: str) -> bool:
    """Whether a mail system wrote it. A whole report says so itself; its parts may hang on a person's forward."""
    declared = root.get_content_type() == "multipart/report"
    if "X-Failed-Recipients" in root or (declared and found.blocks):
        return True
    return _weight(root, text) >= (DECLARED_AT if declared or found.blocks else marks.REPORT_AT)


def _is_rejection(kind: Kind, blocks: tuple[Block, ...], text: str) -> bool:
    """RFC 5429 section 2.1: a Sieve rejection has the form of a receipt; what it says is that the mail was refused."""
    disposition = " ".join(block.get("disposition", "") for block in blocks).lower()
    return kind is Kind.RECEIPT and "deleted" in disposition and "reject" in text[:OPENING_CHARACTERS].lower()


def _parts(root: Tree) -> _Found:
    """Collect report parts and returned mails without going into the returned mails."""
    blocks: list[tuple[Kind, tuple[Block, ...]]] = []
    copies: list[str] = []
    waiting, seen = [root], 0
    while waiting and seen < PARTS_MAX:
        part, seen = waiting.pop(0), seen + 1
        kind = _TYPES.get(part.get_content_type())
        inner = part.get_payload()
        if kind is not None:
            blocks.append((kind, tuple(_blocks(part))))
        elif part.get_content_type() in _COPIES:
            copies.append(_as_text(part))
        elif isinstance(inner, list):
            waiting.extend(child for child in inner if isinstance(child, Tree))
    return _Found(tuple(blocks), tuple(copies))


def _as_text(part: Tree) -> str:
    """The headers of a returned mail, however the parser gave them to us."""
    inner = part.get_payload()
    if isinstance(inner, list):
        return "\n".join(_header_text(child) for child in inner if isinstance(child, Tree))
    return _storable(str(inner)[:TEXT_CHARACTERS_MAX])


def _storable(text: str) -> str:
    """The text with raw octets read as UTF-8: no lone surrogate reaches a database."""
    return clean_text(_octets(text).decode("utf-8", "replace"))


def _octets(text: str) -> bytes:
    """The octets that the parser kept as surrogates; any other surrogate becomes U+FFFD."""
    return _NO_OCTET.sub("\ufffd", text).encode("utf-8", "surrogateescape")


def _header_text(tree: Tree) -> str:
    lines = [f"{name}: {value}" for name, value in tree.raw_items()]
    if not lines and isinstance(tree.get_payload(), str):
        lines = [str(tree.get_payload())[:TEXT_CHARACTERS_MAX]]
    return _storable("\n".join(lines))


def _blocks(part: Tree) -> Iterator[Block]:
    """Yield the blocks of fields in a report part (RFC 3464 section 2.1)."""
    inner = part.get_payload()
    if isinstance(inner, list):
        for child in inner[: RECIPIENTS_MAX + 1]:
            if isinstance(child, Tree):
                yield from _text_blocks(_header_text(child))
        return
    yield from _text_blocks(_decoded(part))


def _decoded(part: Tree) -> str:
    """The text of a leaf, out of its transfer encoding."""
    octets = part.get_payload(decode=True)
    raw = octets if isinstance(octets, bytes) else _octets(str(part.get_payload()))
    return clean_text(raw[:TEXT_CHARACTERS_MAX].decode("utf-8", "replace"))


def _text_blocks(text: str) -> Iterator[Block]:
    for piece in re.split(r"\n[ \t]*\n", text[:TEXT_CHARACTERS_MAX].replace("\r\n", "\n")):
        block: Block = {}
        for name, value in _FIELD.findall(piece):
            block.setdefault(name.lower(), " ".join(value.split()))
        if block:
            yield block


def _recipient(block: Block) -> ReportedRecipient | None:
    """Read one recipient (RFC 3464 section 2.3); the address that we wrote to goes before the one it became."""
    address = next((a for a in map(_typed, _addresses_of(block)) if a), "")
    if not address:
        return None
    action = _COMMENT.sub("", block.get("action", "failed")).strip().lower().split(" ")[0].rstrip(";,") or "failed"
    action = {"error": "failed", "fail": "failed", "failure": "failed", "delay": "delayed"}.get(action, action)
    diagnostic = block.get("diagnostic-code", "")
    code = marks.STATUS.search(_COMMENT.sub("", block.get("status", "")))
    status = code[0] if code else ""
    return make_recipient(address, status, action, diagnostic)


def _addresses_of(block: Block) -> Iterator[str]:
    for name in ("original-recipient", "final-recipient", "x-actual-recipient"):
        if name in block:
            yield block[name]


def _typed(value: str) -> str:
    """The address in `rfc822; ana@example.org` (RFC 3464 section 2.1.2), however it is decorated; "" without one."""
    bare = _COMMENT.sub("", value.rpartition(";")[2]).strip().strip("<>\"' ")
    found = marks.ANY_ADDRESS.search(value) if value.isascii() else None  # RFC 6533 allows any letter
    if found:
        return found[0]
    return bare if bare and not bare.startswith("/") and " " not in bare and ";" in value else ""


def make_recipient(address: str, status: str, action: str, diagnostic: str) -> ReportedRecipient:
    """Return a recipient with its class (hard, soft, policy, full, unknown) drawn from RFC 3463 code and words."""
    status = _better_status(status, diagnostic)
    what = _class_of(status, diagnostic)
    failed = action == "failed"
    permanent = failed and not status.startswith(("4", "2"))
    return ReportedRecipient(address, status, action, permanent, diagnostic[:DIAGNOSTIC_CHARACTERS_MAX], what)


def _better_status(status: str, diagnostic: str) -> str:
    """A status of X.0.0 says nothing; the diagnostic text often names a real one."""
    if status and not status.endswith(".0.0"):
        return status
    found = marks.STATUS.search(diagnostic)
    better = found is not None and not found[0].endswith(".0.0") and found[0][0] == (status[:1] or found[0][0])
    return found[0] if found and better else status


def _class_of(status: str, diagnostic: str) -> str:
    digit, _, detail = status.partition(".")
    if digit == "2":
        return "unknown"
    by_code = marks.CODES.get(detail, "")
    by_words = next((what for what, words in marks.WORDS if words.search(diagnostic)), "")
    # Providers put full mailboxes and spam under any code, so these words go before it.
    if by_words in ("full", "policy") and by_code in ("", "hard", "soft", "policy") and detail != "1.1":
        return by_words
    reply = marks.REPLY_CODE.search(diagnostic)
    return by_code or by_words or {"4": "soft", "5": "hard"}.get(digit or (reply[1] if reply else ""), "unknown")


def _from_prose(failure: Failure) -> ReportedRecipient:
    found = (marks.STATUS if failure.action == "delivered" else marks.FAILED_STATUS).search(failure.reason)
    return make_recipient(failure.address, found[0] if found else "", failure.action, failure.reason)


def _original_id(found: _Found, text: str) -> str:
    """The Message-ID of the mail that is reported on: from the returned part, else from the copy in the text."""
    for copy in (*found.copies, text[:TEXT_CHARACTERS_MAX]):
        seen = _MSG_ID.search(copy)
        if seen:
            return seen[1]
    for _, blocks in found.blocks:
        for block in blocks:
            for name in ("original-message-id", "x-original-message-id"):
                if name in block:
                    return block[name].split(" ")[0]
    return ""


def _other_report(kind: Kind, blocks: tuple[Block, ...], original: str) -> Report:
    """A complaint (RFC 5965 section 3) or a receipt (RFC 8098 section 3.1)."""
    fields: Block = {}
    for block in blocks:
        fields = block | fields
    named = fields.get("original-rcpt-to") or fields.get("original-recipient") or fields.get("final-recipient") or ""
    return Report(
        original_message_id=fields.get("original-message-id", "").split(" ")[0] or original,
        original_rcpt_to=_typed(named) if named else "",
        original_envelope_id=fields.get("original-envelope-id", ""),
        kind=kind,
    )


def header(root: Tree, name: str) -> str:
    """One field of the mail as decoded text, "" when it is absent."""
    value = root.get(name)
    return "" if value is None else decode_value(_octets(str(value)))


def _weight(root: Tree, text: str) -> int:
    """Points for "a mail system wrote this" (`dsn_marks.REPORT_WEIGHTS`), each place counted once at its heaviest."""
    sender = header(root, "From")
    address = marks.ANY_ADDRESS.search(sender)
    bare = re.search(r"<?([\w.-]+)@?>?", sender)
    name = address[0] if address else (bare[1] if bare else "")
    places = {
        "sender": name,
        "daemon": name if name else sender.strip(),
        "name": sender,
        "path": header(root, "Return-Path"),
        "auto": header(root, "Auto-Submitted"),
        "subject": header(root, "Subject"),
        "text": text[:TEXT_CHARACTERS_MAX],
        "opening": text[:OPENING_CHARACTERS],
    }
    best: dict[str, int] = {}
    for points, where, pattern in marks.REPORT_WEIGHTS:
        if where not in marks.MACHINE and not best:
            return 0  # The table begins with what speaks for a machine.
        if pattern.search(places[where]):
            key = where if points > 0 else f"-{where}"
            best[key] = max(points, best.get(key, points))
    machine = best.keys() & marks.MACHINE
    told = machine and best.keys() & marks.CONTENT
    unnamed = marks.UNNAMED if machine == {"opening"} and best["opening"] < marks.REPORT_AT else 0
    return sum(best.values()) - unnamed if told else min(0, sum(best.values()))
