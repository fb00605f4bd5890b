"""Values with parameters (RFC 2045 section 5.1, RFC 2183, RFC 2231), as written by the good and the broken alike."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from maild.base.limits import DEFAULT_LIMITS
from maild.message.charsets import codec_name, decode_declared
from maild.message.words import decode_value, unfold

_KEY = re.compile(rb"[ \t;]*([^\s=;\"()]{1,100})[ \t]*=[ \t]*")
_LATER_KEY = re.compile(rb"[\s;,]+[A-Za-z][A-Za-z0-9*_-]{0,40}[ \t]*=")
_NAMES = {"name", "filename"}
_MISPLACED = re.compile(rb"[A-Za-z][A-Za-z0-9_-]{2,39}'[A-Za-z-]{0,10}'[^']*%[0-9A-Fa-f]{2}[^']*")  # in a plain value
_PIECE = re.compile(r"(.+?)\*(?:(\d{1,3})(\*?))?")
_QUOTED_PAIR = re.compile(rb"\\([\"\\])")


@dataclass(slots=True)
class Parameters:
    """The value before the first semicolon in lower case, and its parameters by name in lower case."""

    value: str = ""
    of: dict[str, str] = field(default_factory=dict)
    defects: list[str] = field(default_factory=list)


def read_parameters(raw: bytes, hints: Sequence[str] = (), limit: int = DEFAULT_LIMITS.parameters) -> Parameters:
    """Read a Content-Type or Content-Disposition value; never raises, linear in its size.

    The first of two parameters of one name counts. Extended parameters (`name*`) win over plain ones.
    """
    line = unfold(raw)
    cut = line.find(b";")
    head = line if cut < 0 else line[:cut]
    if cut < 0 and (missing := _LATER_KEY.search(line)) is not None:
        cut, head = missing.start(), line[: missing.start()]
    found = Parameters(head.decode("ascii", "replace").strip().strip("\"'").lower())
    plain: dict[str, bytes] = {}
    place = cut if cut >= 0 else len(line)
    while place < len(line):
        if len(plain) >= limit:
            found.defects.append(f"more than {limit} parameters")
            break
        key = _KEY.match(line, place)
        if key is None:
            following = line.find(b";", place + 1)
            place = following if following >= 0 else len(line)
            continue
        value, place = _value(line, key.end())
        plain.setdefault(key[1].decode("latin-1").lower(), value)
    _decode(plain, found, hints)
    return found


def _value(line: bytes, start: int) -> tuple[bytes, int]:
    """Read one value and return it with the place behind it; a quote that never closes ends at the semicolon."""
    if line[start : start + 1] == b'"':
        end = start + 1
        while (end := line.find(b'"', end)) >= 0 and _escaped(line, end):
            end += 1
        if end >= 0:
            return _QUOTED_PAIR.sub(rb"\1", line[start + 1 : end]), _behind(line, end + 1)
        start += 1
    end = line.find(b";", start)
    end = len(line) if end < 0 else end
    return line[start:end].strip(), end


def _escaped(line: bytes, place: int) -> bool:
    return line[place - 1 : place] == b"\\" and line[place - 2 : place - 1] != b"\\"


def _behind(line: bytes, place: int) -> int:
    """Return where the next parameter begins, also when its semicolon is missing."""
    end = line.find(b";", place)
    missing = _LATER_KEY.match(line, place)
    if missing is not None:
        return place
    return len(line) if end < 0 else end


def _decode(plain: dict[str, bytes], found: Parameters, hints: Sequence[str]) -> None:
    """Join RFC 2231 pieces and decode all values to text."""
    pieces: dict[str, list[tuple[int, bool, bytes]]] = {}
    for key, value in plain.items():
        split = _PIECE.fullmatch(key)
        if split is None:
            extended = key in _NAMES and _MISPLACED.fullmatch(value)
            found.of.setdefault(key, _extended([(0, True, value)], hints) if extended else _bare(key, value, hints))
            continue
        number = int(split[2]) if split[2] else 0
        pieces.setdefault(split[1], []).append((number, split[2] is None or split[3] == "*", value))
    for name, run in pieces.items():
        found.of[name] = _extended(sorted(run, key=lambda piece: piece[0]), hints) or found.of.get(name, "")


def _bare(key: str, value: bytes, hints: Sequence[str]) -> str:
    """Decode a plain value; some clients put a file name in apostrophes as if these were quotes."""
    quoted = key in _NAMES and len(value) > 2 and value[:1] == value[-1:] == b"'"
    return decode_value(value[1:-1] if quoted else value, hints)


def _extended(run: list[tuple[int, bool, bytes]], hints: Sequence[str]) -> str:
    """Decode `charset'language'percent-encoded` pieces; without a charset the octets are guessed."""
    label = ""
    _, encoded, first = run[0]
    if encoded and first.count(b"'") >= 2:
        start, _, rest = first.split(b"'", 2)
        label, run = start.decode("latin-1"), [(run[0][0], True, rest), *run[1:]]
    octets = b"".join(unquote_to_bytes(value) if coded else value for _, coded, value in run)
    if b"=?" in octets:
        return decode_value(octets, hints)
    if label and codec_name(label):
        return decode_declared(octets, label, hints)[0]
    return decode_value(octets, hints) if not label or b"\x1b" in octets else decode_declared(octets, "", hints)[0]
