"""Attachments: their names made safe, their octets measured and found again."""

import hashlib
import re
from collections.abc import Iterator

from maild.base.limits import DEFAULT_LIMITS, Limits
from maild.message.clean import clean_line, without_direction
from maild.message.model import Attachment
from maild.message.smime import is_smime, signed_content
from maild.message.structure import Node, normalised, read_structure
from maild.message.transfer import cut_files
from maild.message.words import decode_value

_SLASHES = re.compile(r"[/\\]+")
_DRIVE = re.compile(r"^[A-Za-z]:")
_ENDINGS = {
    "text/plain": ".txt", "text/html": ".html", "text/calendar": ".ics", "image/jpeg": ".jpg", "image/png": ".png",
    "image/gif": ".gif", "application/pdf": ".pdf", "message/rfc822": ".eml", "message/global": ".eml",
    "message/delivery-status": ".txt", "text/rfc822-headers": ".txt", "application/pgp-signature": ".asc",
    "application/pkcs7-signature": ".p7s", "text/vcard": ".vcf", "text/x-vcard": ".vcf",
}  # fmt: skip


WHOLE = "0"  # The `Attachment.part` of a mail that is attached to its own ticket as it came; real parts count from 1.


def safe_name(name: str) -> str:
    """Return a file name for showing and saving: no path, no control or direction marks, at most 255 octets of UTF-8.

    "" when nothing is left.
    """
    name = without_direction(clean_line(name.replace("\x00", "")))
    pieces = [piece for piece in _SLASHES.split(_DRIVE.sub("", name)) if piece.strip(". ")]
    name = pieces[-1].strip() if pieces else ""
    octets = name.encode("utf-8")
    most = DEFAULT_LIMITS.filename_bytes
    if len(octets) <= most:
        return name
    stem, dot, ending = name.rpartition(".")
    tail = (dot + ending).encode("utf-8") if stem and len(ending) <= 16 else b""
    kept = (stem.encode("utf-8") if tail else octets)[: most - len(tail)]
    return kept.decode("utf-8", "ignore") + tail.decode("utf-8")


def written_name(node: Node) -> str:
    """Return the name that a part gives itself, decoded and safe; "" when none."""
    for value in (node.disposition.of.get("filename", ""), node.parameter("name"), node.parameter("filename")):
        if value and (name := safe_name(value)):
            return name
    location = node.header.first("content-location")
    if location and node.disposition.value == "attachment":
        return safe_name(decode_value(location, node.hints))
    return ""


def name_of(node: Node, subject: str = "") -> str:
    """Return the name under which an attachment is shown; a nested mail is named by its subject."""
    written = written_name(node)
    if written:
        return written
    ending = _ENDINGS.get(node.type, "")
    if ending == ".eml":
        return (safe_name(subject[:100].replace("/", "-").replace("\\", "-")) or "message") + ending
    return f"part-{node.number}{ending or '.bin'}"


def describe(node: Node, octets: bytes, subject: str = "") -> Attachment:
    """Return the record of an attachment, given its decoded octets."""
    content_id = decode_value(node.header.first("content-id")).strip("<> ")[:300]
    return Attachment(
        filename=name_of(node, subject),
        content_type=node.type,
        size=len(octets),
        inline=node.disposition.value == "inline" or bool(content_id and node.disposition.value != "attachment"),
        sha256=hashlib.sha256(octets).hexdigest(),
        content_id=content_id,
        part=node.number,
    )


def in_container(node: Node, name: str, octets: bytes, content_type: str = "application/octet-stream") -> Attachment:
    """Return the record of a file that came out of a container such as uuencoded text or winmail.dat."""
    shown = safe_name(name) or "file.bin"
    return Attachment(
        shown, content_type, len(octets), False, hashlib.sha256(octets).hexdigest(), "", f"{node.number}!{shown}"
    )


def content_of(node: Node) -> tuple[bytes, str]:
    """Return the octets of an attachment: a nested mail as it stands, everything else decoded."""
    if node.part.kind == "mail" and node.children:
        return node.raw, ""
    return node.octets()


def read_part(octets: bytes, part: str, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """Return the decoded octets of an attachment by its `Attachment.part`; KeyError when there is no such part."""
    if part == WHOLE:
        return octets
    number, _, inner = part.partition("!")
    for node in read_structure(normalised(octets), limits).root.walk():
        if node.number == number:
            content = content_of(node)[0]
            if not inner:
                return content
            for name, contained in contained_files(node, content, limits):
                if (safe_name(name) or "file.bin") == inner:
                    return contained
    raise KeyError(part)


def contained_files(node: Node, content: bytes, limits: Limits) -> Iterator[tuple[str, bytes]]:
    """Yield the names and octets of the files within a part."""
    from maild.message.tnef import is_tnef, read_tnef

    if is_tnef(node.type, written_name(node)):
        yield from read_tnef(content, limits).files
        return
    if is_smime(node.type):
        yield from _signed_files(content, limits)
        return
    for name, octets in cut_files(content)[1]:
        yield decode_value(name, node.hints), octets


def _signed_files(content: bytes, limits: Limits) -> Iterator[tuple[str, bytes]]:
    """Yield the files of the mail that a signed S/MIME container carries."""
    inner = signed_content(content)
    root = read_structure(normalised(inner), limits).root if inner else None
    for node in root.walk() if root else ():
        if node.part.kind != "multipart":
            yield name_of(node), content_of(node)[0]
