"""The measure of a mail, taken on its raw octets before any parser sees it: where its parts are, and what is too much.

The answer is a skeleton: the same tree of parts with clean Content-Type fields and new, short boundaries, and with
octet ranges in place of the contents. A parser of MIME reads it in a time that the sender cannot choose.
"""

import hashlib
import re
from dataclasses import dataclass, field

from maild.base.limits import Limits
from maild.message.fields import Header, read_header, skip_preface
from maild.message.parameters import Parameters, read_parameters

INDEX_FIELD = "X-Maild-Part"
_TYPE = re.compile(r"[a-z0-9!#$&^_.+*-]{1,80}/[a-z0-9!#$&^_.+*-]{1,120}")
_MENDED = re.compile(r"(?:text|multipart|image|audio|video|application|message)/[a-z0-9.+-]{1,80}")
_TOKEN_LINE = re.compile(rb"(?:^|\n)--([^\s-][^\r\n]{0,199}?)[ \t]*\r?\n(?=content-)", re.IGNORECASE)
_FALSE_HITS = 10_000  # Lines that begin like a delimiter and are none: nobody's text has more of one kind.
_GUESS_BYTES = 4_000  # The first delimiter of a mail with a wrong boundary stands near the top.
_WHOLE = {"message/delivery-status", "message/disposition-notification", "message/feedback-report"}
_WHOLE_BYTES = 60_000  # A delivery report of 200 recipients.
_MAILS = {"message/rfc822", "message/global", "message/news"}


@dataclass(slots=True)
class Part:
    """One part as it stands in the octets."""

    header: Header
    type: Parameters
    start: int  # of its header
    content: int  # of its content
    end: int  # behind its content
    kind: str = "leaf"  # or "multipart", "mail" (the next part is the mail in it)


@dataclass(slots=True)
class Skeleton:
    """What the measure found: parts in order, octets for the parser, and what had to be cut."""

    parts: list[Part] = field(default_factory=list)
    octets: bytes = b""
    defects: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Level:
    """One open multipart: its boundary in the octets, its owner, and where its next delimiter line is."""

    boundary: bytes
    number: int
    owner: int  # the index of its part
    digest: bool
    hit: int = -1  # where the next delimiter line starts
    searched: int = -1  # up to where there is no other


def measure(octets: bytes, limits: Limits) -> Skeleton:
    """Take the measure of a mail; linear in its size, never raises."""
    return _Walk(octets, limits).run()


class _Walk:
    """One pass over the octets, from delimiter to delimiter."""

    def __init__(self, octets: bytes, limits: Limits) -> None:
        self.octets, self.limits = octets, limits
        self.nonce = hashlib.sha256(octets).hexdigest()[:24].encode()  # No sender can write it into his mail.
        self.stack: list[_Level] = []
        self.unclosed: list[int] = []  # indices of the parts that have no end yet
        self.out: list[bytes] = []
        self.found = Skeleton()
        self.false_hits = 0
        self.numbers = 0
        self.place = 0

    def run(self) -> Skeleton:
        """Walk over the whole mail."""
        header = Header()
        start = skip_preface(self.octets, header)
        self._part(start, header.defects, "text/plain")
        while (line := self._delimiter()) is not None:
            self._take(*line)
        self._end_parts(0, len(self.octets))
        if self.stack:
            self.say("multipart without its last delimiter")
        for part in self.found.parts:
            for defect in [*part.header.defects, *part.type.defects]:
                self.say(defect)
        self.found.octets = b"".join(self.out)
        return self.found

    def say(self, defect: str) -> None:
        """Name a defect once."""
        if defect not in self.found.defects:
            self.found.defects.append(defect)

    def _part(self, start: int, defects: list[str], default: str) -> None:
        """Read the header at `start`, and of the mail in a mail too, and open what they announce."""
        nested = True
        while nested:
            header = read_header(self.octets, start, len(self.octets), self.limits)
            header.defects[:0] = defects
            kind = read_parameters(header.first("content-type"), (), self.limits.parameters)
            part = Part(header, kind, start, header.body, -1)
            self._settle_type(part, default)
            nested = part.type.value in _MAILS and self._may_nest(part)
            part.kind = "mail" if nested else "multipart" if self._opens(part) else "leaf"
            self.found.parts.append(part)
            self.unclosed.append(len(self.found.parts) - 1)
            self._emit(part)
            start, defects, default = part.content, [], "text/plain"
        self.place = max(0, part.content - 1)

    def _settle_type(self, part: Part, default: str) -> None:
        """Make the type that counts out of the declared one, or take the default."""
        if not part.header.first("content-type").strip():
            part.type.value = default
        elif not _TYPE.fullmatch(part.type.value):
            self.say("a Content-Type that is none")
            mended = _MENDED.search(part.type.value)
            part.type.value = mended[0] if mended else "text/plain"

    def _too_deep(self) -> bool:
        depth = sum(1 for index in self.unclosed if self.found.parts[index].kind != "leaf")
        if depth >= self.limits.mime_depth:
            self.say(f"MIME nested deeper than {self.limits.mime_depth}")
        return depth >= self.limits.mime_depth

    def _may_nest(self, part: Part) -> bool:
        """Tell whether a mail in a mail is opened: not when encoded (RFC 2046 section 5.2.1), nor too deep or late."""
        encoding = part.header.first("content-transfer-encoding").strip().lower()
        plain = encoding not in {b"base64", b"quoted-printable", b"x-uuencode", b"uuencode"}
        return plain and not self._full() and not self._too_deep()

    def _opens(self, part: Part) -> bool:
        """Open a multipart; without a usable boundary, or too deep, it is a leaf."""
        if not part.type.value.startswith("multipart/") or self._too_deep():
            return False
        declared = part.type.of.get("boundary", "").encode("utf-8", "replace").rstrip()
        boundary = self._present(part, declared)
        if boundary:
            self.numbers += 1
            digest = part.type.value == "multipart/digest"
            self.stack.append(_Level(boundary, self.numbers, len(self.found.parts), digest))
        return bool(boundary)

    def _present(self, part: Part, boundary: bytes) -> bytes:
        """Return the declared boundary if it delimits anything here, else one guessed from the first delimiter line."""
        place = max(0, part.content - 1)
        end = self._bound(place)
        if boundary and self._at_line(boundary, place, end) >= 0:
            return boundary
        self.say("multipart without its boundary")
        guessed = _TOKEN_LINE.search(self.octets, place, min(end, place + _GUESS_BYTES))
        if guessed is None or any(level.boundary == guessed[1] for level in self.stack):
            return b""
        return guessed[1]

    def _emit(self, part: Part) -> None:
        """Write the part's header for the parser, and the content of machine reports, which are parts themselves."""
        content_type = part.type.value
        if part.kind == "multipart":
            boundary = self._boundary(self.stack[-1].number)
            self.out.append(b'Content-Type: %s; boundary="%s"\n' % (content_type.encode(), boundary))
        else:
            hidden = part.kind == "leaf" and (content_type.startswith("multipart/") or content_type in _MAILS)
            self.out.append(b"Content-Type: %s\n" % (b"text/plain" if hidden else content_type.encode()))
        self.out.append(b"%s: %d\n\n" % (INDEX_FIELD.encode(), len(self.found.parts) - 1))
        if content_type in _WHOLE:
            end = self._bound(max(0, part.content - 1))
            self.out.append(self.octets[part.content : min(end, part.content + _WHOLE_BYTES)].replace(b"\r\n", b"\n"))

    def _boundary(self, number: int) -> bytes:
        return b"maild-%s-%d" % (self.nonce, number)

    def _bound(self, place: int) -> int:
        """Return where the nearest delimiter line behind `place` of any open multipart starts, else the end.

        An inner boundary is looked for only up to the next outer delimiter, and each stretch once for each level.
        """
        end = len(self.octets)
        for level in self.stack:
            if level.hit < place and level.searched < end:
                level.hit = self._at_line(level.boundary, max(place, level.searched), end)
                level.searched = level.hit if level.hit >= 0 else end
            if place <= level.hit < end:
                end = level.hit
        return end

    def _full(self) -> bool:
        if len(self.found.parts) >= self.limits.mime_parts:
            self.say(f"more than {self.limits.mime_parts} MIME parts")
            return True
        return False

    def _at_line(self, boundary: bytes, start: int, end: int) -> int:
        """Return where a delimiter line of this boundary starts, counted from the LF before it; -1: nowhere."""
        place = start
        while self.false_hits < _FALSE_HITS and (place := self.octets.find(b"\n--" + boundary, place, end)) >= 0:
            rest = self.octets[place + 3 + len(boundary) : self._line_end(place)].rstrip()
            if rest in {b"", b"--"}:
                return place
            self.false_hits += 1
            place += 3
        return -1

    def _line_end(self, place: int) -> int:
        """Return the end of the line behind the LF at `place`, as far as a delimiter may reach."""
        end = self.octets.find(b"\n", place + 1)
        return len(self.octets) if end < 0 else end + 1

    def _delimiter(self) -> tuple[int, int, int, bool] | None:
        """Return the next delimiter line: its level, where it starts and ends, and whether it closes; None: no more."""
        start = self._bound(self.place)
        if not self.stack or start >= len(self.octets):
            return None
        end = self._line_end(start)
        line = self.octets[start + 1 : end].rstrip()
        for depth in range(len(self.stack) - 1, -1, -1):
            opening = b"--" + self.stack[depth].boundary
            if line in {opening, opening + b"--"}:
                return depth, start, end, line != opening
        return None

    def _take(self, depth: int, start: int, end: int, closing: bool) -> None:
        """Close what the delimiter line closes and read the part that it opens."""
        level = self.stack[depth]
        self._end_parts(level.owner + 1, start - (self.octets[start - 1 : start] == b"\r"))
        if len(self.stack) > depth + 1:
            self.say("multipart without its last delimiter")
        del self.stack[depth if closing else depth + 1 :]
        self.out.append(b"\n--%s%s\n" % (self._boundary(level.number), b"--" if closing else b""))
        self.place = end - 1
        if closing:
            return
        if self._full():
            self.stack.clear()
            return
        self._part(end, [], "message/rfc822" if level.digest else "text/plain")

    def _end_parts(self, first: int, end: int) -> None:
        """Set the end of all unclosed parts from this index on."""
        while self.unclosed and self.unclosed[-1] >= first:
            part = self.found.parts[self.unclosed.pop()]
            part.end = max(part.content, end)
