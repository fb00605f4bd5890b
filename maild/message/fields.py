"""The header block of a mail or a part, read from the raw octets (RFC 5322 section 2.2), once and in order."""

import re
from dataclasses import dataclass, field

from maild.base.limits import Limits

_NAME = re.compile(rb"([!-9;-~]{1,100})[ \t]*:")
_PLAIN_NAME = re.compile(rb"[A-Za-z][A-Za-z0-9-]{1,60}[ \t]{0,20}:(?:[ \t]|\r?\n|$)")
_MBOX = re.compile(rb">?From (?![ \t]*:)")
_JUNK_LINES = 5  # So far ahead a wrapped value that lost its blanks is looked for.
_STRUCTURED = {
    "content-type", "content-disposition", "content-transfer-encoding", "content-id", "mime-version", "date",
    "resent-date", "content-description", "content-location",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class RawField:
    """One field as it stands: its name, and the octets behind the colon with their folds."""

    name: str
    raw: bytes


@dataclass(slots=True)
class Header:
    """The fields of one header block and the offset at which the body begins."""

    fields: list[RawField] = field(default_factory=list)
    body: int = 0
    defects: list[str] = field(default_factory=list)

    def first(self, name: str) -> bytes:
        """Return the raw value of the first field of this name (in lower case), b"" when there is none."""
        return next((entry.raw for entry in self.fields if entry.name.lower() == name), b"")

    def all(self, name: str) -> list[bytes]:
        """Return the raw values of all fields of this name (in lower case)."""
        return [entry.raw for entry in self.fields if entry.name.lower() == name]


def skip_preface(octets: bytes, header: Header) -> int:
    """Return where the header begins: behind a byte order mark, blank lines and an mbox line."""
    start = 3 if octets.startswith(b"\xef\xbb\xbf") else 0
    if start:
        header.defects.append("byte order mark before the header")
    while start < len(octets) and octets[start : start + 1] in {b"\r", b"\n"}:
        start += 1
    if start > 3:
        header.defects.append("blank lines before the header")
    while _MBOX.match(octets, start, start + 400):
        start = _line_end(octets, start)
        if "mbox line before the header" not in header.defects:
            header.defects.append("mbox line before the header")
    return start


def _line_end(octets: bytes, start: int) -> int:
    end = octets.find(b"\n", start)
    return len(octets) if end < 0 else end + 1


def read_header(octets: bytes, start: int, end: int, limits: Limits) -> Header:
    """Read fields from `start` until the blank line, `end`, or a line that can only be body; never raises.

    What is over a limit is cut or left out, and said in `defects`. Linear in the size of the header.
    """
    header = Header()
    lines: list[bytes] = []
    place, stop = start, min(end, start + limits.header_bytes)
    while place < end:
        if place >= stop:
            return _cut_header(octets, place, end, header, lines, limits)
        after = min(_line_end(octets, place), end)
        line = octets[place:after]
        if not line.strip(b"\r\n"):
            place = after
            break
        if line[:1] in b" \t" and lines:
            if not line.strip() and not _continues(octets, after):
                place = after
                break
            lines.append(line)
        elif (found := _NAME.match(line if header.fields or lines else line.lstrip(b" \t"))) is not None:
            _keep(header, lines, limits)
            lines = [found[1], found.string[found.end() :]]
        elif not _junk(octets, place, end, header, lines):
            break
        place = after
    _keep(header, lines, limits)
    header.body = place
    return header


def _continues(octets: bytes, place: int) -> bool:
    """Tell whether the header goes on behind a line of blanks only."""
    return _PLAIN_NAME.match(octets[place : place + 64]) is not None or octets[place : place + 1] in {b" ", b"\t"}


def _junk(octets: bytes, place: int, end: int, header: Header, lines: list[bytes]) -> bool:
    """Take a line that is no field into the header when a field follows soon; else the body begins here."""
    ahead = place
    for _ in range(_JUNK_LINES):
        ahead = min(_line_end(octets, ahead), end)
        following = octets[ahead : ahead + 100]
        if ahead >= end or following[:1] in b"\r\n":
            break
        if _PLAIN_NAME.match(following):
            header.defects.append("a header line that is no field")
            if lines:
                lines.append(b" " + octets[place : _line_end(octets, place)])
            return True
    header.defects.append("no blank line between header and body" if lines or header.fields else "no header")
    return False


def _keep(header: Header, lines: list[bytes], limits: Limits) -> None:
    """Close the field that is being read, within the limits."""
    if not lines:
        return
    if len(header.fields) >= limits.fields:
        _say(header, f"more than {limits.fields} header fields")
        return
    name = lines[0].decode("ascii")
    raw = b"".join(lines[1:])
    most = limits.structured_field_bytes if name.lower() in _STRUCTURED else limits.field_bytes
    if len(raw) > most:
        _say(header, f"header field {name[:40]} over {most} octets")
        raw = raw[:most]
    header.fields.append(RawField(name, raw))


def _say(header: Header, defect: str) -> None:
    if defect not in header.defects:
        header.defects.append(defect)


def _cut_header(octets: bytes, place: int, end: int, header: Header, lines: list[bytes], limits: Limits) -> Header:
    """Leave out the rest of a header that is too large; the body begins behind its blank line."""
    _keep(header, lines, limits)
    _say(header, f"header over {limits.header_bytes} octets")
    blanks = [at + len(mark) for mark in (b"\r\n\r\n", b"\n\n") if (at := octets.find(mark, place - 2, end)) >= 0]
    header.body = min(blanks, default=end)
    return header
