"""The one reader of addresses: RFC 5322 section 3.4 and its obsolete forms, in one pass; in doubt, no address."""

import re
from collections.abc import Sequence

from maild.base.limits import DEFAULT_LIMITS
from maild.message.clean import clean_line, without_direction
from maild.message.model import Address
from maild.message.words import decode_value, unfold

_TOKEN = re.compile(
    rb"=\?[^?\s]{1,60}\?[BbQq]\?[^?\s\"<>]*\?="  # An encoded word may hold a comma that its writer should have encoded.
    rb"|\x1b\$[@B][^\x1b]*\x1b\([BJ]"  # Raw ISO-2022-JP holds every octet of ASCII.
    rb"|[^\\\"()<>\[\],;:@\s\x1b]+|\s+|.",
    re.DOTALL,
)
_LOCAL = re.compile(r"[^\s\"(),:;<>@\[\]\\\x00-\x1f\x7f]+")
_DOMAIN = re.compile(r"(?:[^\s\"(),:;<>@\[\]\\\x00-\x20\x7f.]+\.)*[^\s\"(),:;<>@\[\]\\\x00-\x20\x7f.]+")
_LITERAL = re.compile(r"\[[0-9A-Za-z:.]{2,60}\]")
_QUOTED_LOCAL = re.compile(r'"(?:[^"\\\x00-\x1f\x7f]|\\[\x20-\x7e])*"')
_COMMENT_DEPTH = 50


def read_addresses(raw: str, limit: int = DEFAULT_LIMITS.addresses) -> tuple[Address, ...]:
    """Read the mailboxes of an address list, groups opened, at most `limit`; never raises, linear in its size.

    What could be read in two ways yields no address: an address in a display name is a name only.
    """
    return read_raw_addresses(raw.encode("utf-8", "surrogateescape" if raw.isascii() else "replace"), (), limit)


def read_raw_addresses(
    raw: bytes, hints: Sequence[str] = (), limit: int = DEFAULT_LIMITS.addresses
) -> tuple[Address, ...]:
    """Read the mailboxes of a raw field value; `hints` are charsets for undeclared 8-bit names."""
    found: list[Address] = []
    line = unfold(raw)
    if line.startswith(b"=?") and b"@" not in line and b"<" not in line:
        line = decode_value(line, hints).encode()  # The whole list was encoded, against RFC 2047 section 5.
    for entry in _entries(line):
        address = entry.address(hints)
        if address is not None:
            found.append(address)
            if len(found) >= limit:
                break
    return tuple(found)


def is_address(text: str) -> bool:
    """Tell whether the text is one plausible addr-spec, of ASCII or international letters."""
    local, at, domain = text.rpartition("@")
    if not at or len(text) > DEFAULT_LIMITS.address_chars:
        return False
    right_local = (_LOCAL.fullmatch(local) is not None and "@" not in local) or _QUOTED_LOCAL.fullmatch(
        local
    ) is not None
    return right_local and (_DOMAIN.fullmatch(domain) is not None or _LITERAL.fullmatch(domain) is not None)


class _Entry:
    """One mailbox while it is read: the words outside angle brackets, the octets inside, the comments."""

    __slots__ = ("angle", "angles", "comments", "words")

    def __init__(self) -> None:
        self.words: list[tuple[bytes, bool]] = []  # octets, and whether they were quoted
        self.angle = b""
        self.angles = 0
        self.comments: list[bytes] = []

    def address(self, hints: Sequence[str]) -> Address | None:
        """Return the mailbox; None when there is none or more than one reading."""
        if self.angles > 1:
            return None
        if not self.angles:
            self._take_last_word()
        spec = _spec(self.angle) if self.angles else _bare(self.words)
        if not is_address(spec):
            return None
        return Address(self._name(hints) if self.angles else self._comment(hints), spec)

    def _take_last_word(self) -> None:
        """Read `Big Bug bug@example.com`, which lost its angle brackets; only with one @, so there is one reading."""
        plain = b"".join(octets for octets, quoted in self.words if not quoted)
        before, _, last = plain.strip().rpartition(b" ")
        if before and plain.count(b"@") == 1 and is_address(last.decode("utf-8", "replace")) and before[-1:] != b".":
            self.words = [(octets, True) for octets, quoted in self.words if quoted] + [(before, False)]
            self.angle, self.angles = last, 1

    def _name(self, hints: Sequence[str]) -> str:
        text = "".join(_decoded(octets, quoted, hints) for octets, quoted in _joined(self.words))
        return _tidy(text) or self._comment(hints)

    def _comment(self, hints: Sequence[str]) -> str:
        return _tidy(" ".join(decode_value(comment, hints) for comment in self.comments))


def _joined(words: list[tuple[bytes, bool]]) -> list[tuple[bytes, bool]]:
    """Join neighbours of one kind, so that encoded words are decoded across the blanks between them."""
    runs: list[tuple[list[bytes], bool]] = []
    for octets, quoted in words:
        if runs and runs[-1][1] == quoted and not quoted:
            runs[-1][0].append(octets)
        else:
            runs.append(([octets], quoted))
    return [(b"".join(run), quoted) for run, quoted in runs]


def _decoded(octets: bytes, quoted: bool, hints: Sequence[str]) -> str:
    text = decode_value(octets, hints)
    if quoted:
        return text
    before = " " if octets[:1].isspace() else ""
    return before + text + (" " if text and octets[-1:].isspace() else "")


def _tidy(name: str) -> str:
    name = without_direction(clean_line(name))
    name = re.sub(r"\s+", " ", name).strip()
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = name[1:-1].strip()
    return name[: DEFAULT_LIMITS.name_chars]


def _spec(angle: bytes) -> str:
    """Return the addr-spec within angle brackets, without blanks, comments and an obsolete route."""
    text = angle.decode("utf-8", "replace").strip()
    if text.startswith("@") and ":" in text:
        text = text.rpartition(":")[2]
    if text.lower().startswith("mailto:"):
        text = text[7:]
    return _without_blanks(text)


def _without_blanks(text: str) -> str:
    """Drop blanks around dots and the @ (obsolete forms); other blanks stay and make it no address."""
    text = re.sub(r"\s?([@.])\s?", r"\1", re.sub(r"\s+", " ", text.strip()))
    local, at, domain = text.rpartition("@")
    if len(local) > 2 and local[0] == local[-1] == '"' and _LOCAL.fullmatch(local[1:-1]) and ".." not in local:
        local = local[1:-1]
    return local + at + domain.rstrip(".")


def _bare(words: list[tuple[bytes, bool]]) -> str:
    """Return the addr-spec of a mailbox without angle brackets."""
    text = b"".join(b'"' + octets + b'"' if quoted else octets for octets, quoted in words)
    return _without_blanks(text.decode("utf-8", "replace"))


class _Reader:
    """Walks over the tokens of a list once and hands out entries."""

    __slots__ = ("entries", "entry", "place", "tokens")

    def __init__(self, line: bytes) -> None:
        self.tokens = _TOKEN.findall(line)
        self.place = 0
        self.entries: list[_Entry] = []
        self.entry = _Entry()

    def close(self) -> None:
        """End the entry that is being read."""
        if self.entry.words or self.entry.angles:
            self.entries.append(self.entry)
        self.entry = _Entry()

    def step(self) -> None:
        """Read one token and what it opens."""
        token = self.tokens[self.place]
        self.place += 1
        if token == b'"':
            self.entry.words.append((self._until(b'"'), True))
        elif token == b"(":
            self.entry.comments.append(self._comment())
        elif token == b"<":
            self._angle()
        elif token in {b",", b";"}:
            self.close()
        elif (
            token == b":"
            and not self.entry.angles
            and not any(b"@" in word for word, quoted in self.entry.words if not quoted)
        ):
            self.entry = _Entry()  # What stood before was the name of a group.
        else:
            self.entry.words.append((token, False))

    def _until(self, end: bytes) -> bytes:
        """Return the octets up to the closing token, quoted pairs resolved; an open one ends with the line."""
        out: list[bytes] = []
        while self.place < len(self.tokens):
            token = self.tokens[self.place]
            self.place += 1
            if token == end:
                break
            if token == b"\\" and self.place < len(self.tokens):
                token = self.tokens[self.place]
                self.place += 1
            out.append(token)
        return b"".join(out)

    def _comment(self) -> bytes:
        depth, out = 1, []
        while self.place < len(self.tokens):
            token = self.tokens[self.place]
            self.place += 1
            if token == b"\\" and self.place < len(self.tokens):
                token = self.tokens[self.place]
                self.place += 1
            elif token == b"(":
                depth += depth < _COMMENT_DEPTH
            elif token == b")":
                depth -= 1
                if not depth:
                    break
            out.append(token)
        return b"".join(out)

    def _angle(self) -> None:
        """Read an address in angle brackets; quotes inside hide what they hold."""
        out: list[bytes] = []
        while self.place < len(self.tokens):
            token = self.tokens[self.place]
            self.place += 1
            if token == b">":
                break
            if token == b"<":
                self.entry.angles += bool(b"".join(out).strip())
                out = []
            elif token == b"(":
                self._comment()
            elif token == b'"':
                out.append(b'"' + self._until(b'"') + b'"')
            else:
                out.append(token)
        self.entry.angle = b"".join(out)
        self.entry.angles += 1


def _entries(line: bytes) -> list[_Entry]:
    reader = _Reader(line)
    while reader.place < len(reader.tokens):
        reader.step()
    reader.close()
    return reader.entries
