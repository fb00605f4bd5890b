"""Header values become text: RFC 2047 encoded words in all their broken forms, and raw 8-bit octets."""

import binascii
import re
from collections.abc import Sequence

from maild.base.limits import DEFAULT_LIMITS
from maild.message.charsets import codec_name, decode_declared, guess
from maild.message.clean import clean_line

_FOLD = re.compile(rb"[ \t]*(?:\r\n|\n|\r)[ \t]*")
_START = re.compile(rb"=\?\s?([A-Za-z0-9][^?\s]{0,59})\s?\?\s?([BbQq])\s?\?")
_LOST_START = re.compile(rb"\s*\??([A-Za-z0-9][A-Za-z0-9_*-]{1,39})\?([BbQq])\?(?=[^?]*\?=)")
_UTF7 = re.compile(rb"\+[A-Za-z0-9+/]{3,}-")
_PADDING = re.compile(rb"=+")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
Piece = tuple[str, bytes]  # a charset label ("" for plain octets) and the octets under it


def unfold(raw: bytes) -> bytes:
    """Return a field's value in one line (RFC 5322 section 2.2.3), each fold as one space."""
    if b"\n" not in raw and b"\r" not in raw:
        return raw.strip(b" \t\0")
    return _FOLD.sub(b" ", raw).strip(b" \t\0")


def decode_base64(raw: bytes) -> bytes:
    """Decode base64 of any kind: blanks, foreign characters, missing padding, several pieces. Never raises."""
    try:
        return binascii.a2b_base64(raw, strict_mode=True)
    except binascii.Error:
        pass
    return b"".join(_base64_piece(piece) for piece in _PADDING.split(raw))


def _base64_piece(piece: bytes) -> bytes:
    letters = _NOT_BASE64.sub(b"", piece)
    letters = letters[: len(letters) - 1] if len(letters) % 4 == 1 else letters
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def decode_value(raw: bytes, hints: Sequence[str] = (), limit: int = DEFAULT_LIMITS.encoded_words) -> str:
    """Return a field's value as text of one line without control characters; never raises.

    `hints` are the charsets that the mail names elsewhere, for raw 8-bit octets. Beyond `limit` encoded words
    the rest stays as it is written.
    """
    value = unfold(raw)
    if b"?" not in value:
        return clean_line(_plain(value, hints))
    return clean_line("".join(_join(_pieces(value, limit), hints)))


def _plain(value: bytes, hints: Sequence[str]) -> str:
    if b"\x1b$" in value:
        return decode_declared(value, "iso-2022-jp", hints)[0]
    if b"+" in value and "utf-7" in hints and _UTF7.search(value):
        return decode_declared(value, "utf-7")[0]
    if value.isascii():
        return value.decode("ascii")
    return guess(value, hints)


def _pieces(value: bytes, limit: int) -> list[Piece]:
    """Cut a value into plain octets and encoded words; each octet is looked at a fixed number of times."""
    lost = _LOST_START.match(value[:2_000])
    if lost and codec_name(lost[1].decode("ascii")):
        value = b"=?" + value[lost.start(1) :]
    pieces: list[Piece] = []
    place = 0
    while limit > 0 and (found := _START.search(value, place)) is not None:
        limit -= 1
        end, after = _end_of_word(value, found.end())
        pieces.append(("", value[place : found.start()]))
        label = found[1].decode("latin-1")
        octets = _word(value[found.end() : end], found[2])
        pieces.append((label, octets) if octets is not None else ("", value[found.start() : after]))
        place = after
    pieces.append(("", value[place:]))
    return pieces


def _end_of_word(value: bytes, start: int) -> tuple[int, int]:
    """Return where a word's text ends and where to read on; a word that is not closed ends before the next one."""
    close = value.find(b"?=", start)
    following = _START.search(value, start, close if close >= 0 else len(value))
    if following is not None:
        return following.start(), following.start()
    if close < 0:
        return len(value.rstrip(b"?= ")), len(value)
    return close, close + 2


def _word(text: bytes, encoding: bytes) -> bytes | None:
    if encoding in b"Bb":
        return decode_base64(text) or (None if text.strip(b" =") else b"")
    return binascii.a2b_qp(text, header=True)


def _join(pieces: list[Piece], hints: Sequence[str]) -> list[str]:
    """Decode the pieces, with neighbouring words of one charset as one run: a character may be split between them."""
    out: list[str] = []
    label, run = "", b""
    for charset, octets in pieces:
        if charset and (not label or charset.lower() == label.lower()):
            label, run = charset, run + octets
            continue
        if not charset and label and not octets.strip():
            continue
        if label:
            out.append(decode_declared(run, label, hints)[0])
        label, run = (charset, octets) if charset else ("", b"")
        if not charset:
            out.append(_plain(octets, hints) if octets else "")
    if label:
        out.append(decode_declared(run, label, hints)[0])
    return out
