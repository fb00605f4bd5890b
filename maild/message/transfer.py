"""Content-Transfer-Encoding, and the encodings of old that stand inside text: uuencode and yEnc."""

import binascii
import re

from maild.message.words import decode_base64

_BEGIN = re.compile(rb"^begin(?:-base64)? [0-7]{3,4} ([^\r\n]{1,255})\r?\n", re.MULTILINE)
_UU_END = re.compile(rb"^(?:end|====)[ \t]*\r?$", re.MULTILINE)
_UU_LINE = re.compile(rb"[^\r\n]+")
_YBEGIN = re.compile(rb"^=ybegin [^\r\n]{0,300}?name=([^\r\n]{1,255})\r?\n", re.MULTILINE)
_YEND = re.compile(rb"^=yend[^\r\n]*\r?\n?", re.MULTILINE)
_YPART = re.compile(rb"\A=ypart[^\r\n]*\r?\n")
_YESCAPE = re.compile(rb"=(.)", re.DOTALL)
_YENC = bytes((octet - 42) % 256 for octet in range(256))
_WRONG = 10  # Lines that begin a file that is none, before the search is given up.
_FILES = 100  # In one text; each is an attachment.
_BLANK_INSIDE = re.compile(rb"\S[ \t]+(?=\S)")


def decode_transfer(raw: bytes, encoding: str) -> tuple[bytes, str]:
    """Undo a Content-Transfer-Encoding; return the octets and a defect in words, "" when all was right."""
    name = encoding.strip().strip("\"'").lower().partition(" ")[0].partition(";")[0].replace("_", "-")
    if name in {"", "7bit", "8bit", "binary", "7-bit", "8-bit", "none", "utf-8"}:
        return raw, ""
    if name in {"base64", "b64", "base-64"}:
        return _base64(raw)
    if name in {"quoted-printable", "qp", "quotedprintable"}:
        return binascii.a2b_qp(raw), ""
    if name in {"x-uuencode", "uuencode", "uue", "x-uue"}:
        _, files = cut_files(raw)
        return (files[0][1], "") if files else (raw, "uuencode without a begin line")
    return raw, f"transfer encoding {name[:40]!r} is unknown"


def _base64(raw: bytes) -> tuple[bytes, str]:
    """Decode base64; octets that are plainly words, with blanks and stops between them, were never encoded."""
    flat = raw.translate(None, b"\r\n \t")
    octets = decode_base64(flat)
    if flat and (not octets or len(_BLANK_INSIDE.findall(raw)) * 20 > len(flat)):
        return raw, "base64 without base64"
    right = len(flat) % 4 == 0 and len(octets) >= len(flat) // 4 * 3 - 2
    return octets, "" if right else "broken base64"


def cut_files(raw: bytes) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """Cut uuencoded and yEnc files out of a text; returns the text left, and each file's name and octets.

    What only looks like one stays in the text. Linear in the size of the text.
    """
    files: list[tuple[bytes, bytes]] = []
    if b"begin" not in raw:
        return raw, files
    for begin, end, decode in ((_BEGIN, _UU_END, _uudecode), (_YBEGIN, _YEND, _ydecode)):
        out, place, wrong = [], 0, 0
        while len(files) < _FILES and wrong < _WRONG and (start := begin.search(raw, place)) is not None:
            stop = end.search(raw, start.end())
            if stop is None:
                break
            octets = decode(raw[start.end() : stop.start()], start[0])
            if octets is None:
                out.append(raw[place : start.end()])
                place, wrong = start.end(), wrong + 1
                continue
            files.append((start[1].strip(), octets))
            out.append(raw[place : start.start()])
            place = stop.end()
        raw = b"".join([*out, raw[place:]])
    return raw, files


def _uudecode(lines: bytes, first: bytes) -> bytes | None:
    if first.startswith(b"begin-base64"):
        return decode_base64(lines)
    out = []
    for found in _UU_LINE.finditer(lines):
        line = found[0]
        length = (line[0] - 32) & 63
        try:
            out.append(binascii.a2b_uu(line[: (length + 2) // 3 * 4 + 1]))
        except binascii.Error:
            return None
    return b"".join(out)


def _ydecode(lines: bytes, _first: bytes) -> bytes | None:
    flat = _YPART.sub(b"", lines).translate(None, b"\r\n")
    return _YESCAPE.sub(lambda found: bytes(((found[1][0] - 64) % 256,)), flat).translate(_YENC)
