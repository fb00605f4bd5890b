"""Octets become text: declared charsets, those that lie, and none at all."""

import codecs
import re
from collections.abc import Iterable
from functools import lru_cache

from maild.message.likeness import is_dense, likely_codec, likely_script

# Labels that mean another codec than Python thinks, or a superset that real mail uses under the smaller name.
_LABELS = {
    "ascii": "ascii us-ascii ansi_x3.4-1968 646 iso-ir-6",
    "utf-8": "utf8mb4 utf8 utf-8 cp65001 unicode-1-1-utf-8 utf_8",
    "utf-7": "unicode-1-1-utf-7 unicode-2-0-utf-7 x-unicode-2-0-utf-7",
    "cp1252": (
        "iso-8859-1 iso8859-1 iso_8859-1 latin1 latin-1 l1 8859-1 iso88591 iso-8859-1-windows-3.1-latin-1 ansi x-cp1252"
    ),
    "cp1254": "iso-8859-9 iso8859-9 latin5",
    "cp874": "iso-8859-11 tis-620 windows-874",
    "iso8859-8": "iso-8859-8-i iso-8859-8-e",
    "iso8859-6": "iso-8859-6-i",
    "gb18030": "gb2312 gbk x-gbk gb_2312-80 euc-cn cp936 gb2312_charset chinese windows-936",
    "hz": "hz-gb-2312",
    "big5hkscs": "big5 big5-hkscs x-x-big5 cn-big5 big-5",
    "cp949": "euc-kr ks_c_5601-1987 ks_c_5601-1989 ks_c_5601 ksc5601 korean windows-949 ksc_5601",
    "cp932": "shift_jis shift-jis sjis x-sjis ms_kanji windows-31j",
    "maild-2022-jp": "iso-2022-jp iso-2022-jp-ms cp50220 cp50221 csiso2022jp iso2022-jp",
    "euc_jp": "x-euc-jp x-euc",
    "mac_roman": "macintosh x-mac-roman x-macroman mac",
    "mac_cyrillic": "x-mac-cyrillic",
    "mac_latin2": "x-mac-ce",
    "koi8_r": "koi8 koi",
    "koi8_u": "koi8-ru",
    "cp1250": "x-cp1250",
    "cp1251": "x-cp1251 win-1251 win1251",
}
_MEANT = {label: codec for codec, labels in _LABELS.items() for label in labels.split()}
_NO_TEXT = {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"}  # Codecs, but not of text.
_NO_HINT = {"", "ascii", "utf-8", "utf-7", "maild-2022-jp", "hz"}  # They would have fitted, or fit anything.
_LATIN = {"ascii", "cp1252", "cp1254", "iso8859-15", "cp1250", "iso8859-2"}
_LABEL = re.compile(r"[a-z0-9][a-z0-9._:+()-]{0,39}")
_CP = re.compile(r"(?:windows|win|cp|ms|ibm|x-cp|x-windows)[-_]?(\d{3,4})")
_MUCH = 400  # Octets; charset-normalizer is wrong about short texts.
_LETTERS = re.compile(rb"[A-Za-z]")
_HIGH = re.compile(rb"[\x80-\xff]+")


@lru_cache(maxsize=512)
def codec_name(label: str) -> str:
    """Return the codec to use for a charset label as mail writes it; "" when it names none."""
    name = label.strip().strip("\"'<>").strip().lower().partition("*")[0]
    if name.startswith("charset="):
        name = name[8:]
    if name in _MEANT:
        return _MEANT[name]
    if not _LABEL.fullmatch(name) or name.replace("_", "-") in _NO_TEXT:
        return ""
    for guess in (
        name,
        _CP.sub(r"cp\1", name),
        name.replace("_", "-"),
        name.removeprefix("x-"),
        name.removeprefix("cs"),
    ):
        try:
            found = codecs.lookup(guess)
        except (LookupError, ValueError):
            continue
        if not getattr(found, "_is_text_encoding", True) or found.name.replace("_", "-") in _NO_TEXT:
            continue
        return _MEANT.get(found.name, found.name)
    return ""


def decode_declared(raw: bytes, label: str, hints: Iterable[str] = ()) -> tuple[str, str]:
    """Decode by a declared charset and return the text with a defect in words, "" when the charset held.

    Never raises. A label that lies or does not exist gives way to a guess.
    """
    codec = codec_name(label)
    if codec and (text := _as_declared(raw, codec)) is not None:
        return text, ""
    said = label.strip()[:40] or "none"
    if raw.isascii() and codec != "maild-2022-jp":
        return raw.decode("ascii"), "" if codec else f"charset {said!r} is unknown"
    text = guess(raw, [hint for hint in hints if codec_name(hint) != codec])
    if codec == "ascii":
        return text, "8-bit text declared as us-ascii"
    if codec and text.count("\ufffd") * 4 > len(text):
        text = _replaced(raw, codec)
    return text, f"charset {said!r} does not fit the text" if codec else f"charset {said!r} is unknown"


def _as_declared(raw: bytes, codec: str) -> str | None:
    """Decode strictly; None when the charset lies. Text valid as UTF-8 is hardly ever meant as a Latin charset."""
    if codec in _LATIN and not raw.isascii() and (text := _strict(raw, "utf-8")) is not None:
        return text
    if codec == "cp1252" and not raw.isascii() and _looks_unlike_latin(raw):
        return None
    text = _strict(raw, codec)
    if text is None and codec == "cp1252":
        return _replaced(raw, codec)
    if text is None and codec not in {"ascii", "utf-8", "maild-2022-jp"} and _mostly_right(raw, codec):
        return _replaced(raw, codec)
    if text is None and codec == "utf-8" and _mostly_right(raw, codec):
        return None if _strict(raw, "gb18030") and is_dense(raw) and not _has_utf8(raw) else _utf8_damaged(raw)
    return text.removeprefix("\ufeff") if text else text


def _looks_unlike_latin(raw: bytes, most: int = 12) -> bool:
    """Tell whether text declared as Latin-1 is of another script: accents are rarer than letters."""
    sample = raw[:4_000]
    high = sum(map(len, _HIGH.findall(sample)))
    return high >= most and high >= len(_LETTERS.findall(sample)) and likely_script(sample) != ""


def _has_utf8(raw: bytes) -> bool:
    return raw.decode("utf-8", "replace").count("\ufffd") * 10 < max(1, len(_HIGH.findall(raw)))


def _utf8_damaged(raw: bytes) -> str | None:
    """Return UTF-8 with a few damaged places marked; None when the damage says that it is another charset."""
    text = raw.decode("utf-8", "replace")
    whole = sum(1 for char in text if char > "\x7f" and char != "\ufffd")
    return text if whole >= max(1, text.count("\ufffd")) else None


def _mostly_right(raw: bytes, codec: str) -> bool:
    text = _replaced(raw[:20_000], codec)
    return text.count("\ufffd") * 20 <= len(text)


def _strict(raw: bytes, codec: str) -> str | None:
    """Decode without pardon; None when it does not fit."""
    try:
        if codec == "maild-2022-jp":
            return _decode_2022_jp(raw, "strict")
        return raw.decode(codec)
    except (UnicodeError, LookupError, ValueError):
        return None


def _replaced(raw: bytes, codec: str) -> str:
    """Decode with U+FFFD where it does not fit; Windows' five unused places become blanks, as browsers show them."""
    try:
        if codec == "maild-2022-jp":
            return _decode_2022_jp(raw, "replace")
        return raw.decode(codec, "replace")
    except (UnicodeError, LookupError, ValueError):
        return raw.decode("cp1252", "replace")


_ESCAPES = re.compile(rb"\x1b(\$[@AB]|\$\([A-Z]|\([A-Z]|\$\)[A-Z])")


def _decode_2022_jp(raw: bytes, errors: str) -> str:
    """Decode ISO-2022-JP with the vendor's characters of row 13, which Python's codec does not know."""
    pieces = _ESCAPES.split(raw)
    if errors == "strict" and len(pieces) == 1 and not raw.isascii():
        raise UnicodeError("8-bit text without any escape sequence")
    out = [pieces[0].decode("ascii" if pieces[0].isascii() else "cp932", errors)]
    for escape, run in zip(pieces[1::2], pieces[2::2], strict=True):
        if escape in {b"$@", b"$B"}:
            out.append(_jis(run, errors))
        elif escape == b"(I":
            out.append(bytes(octet | 0x80 if 0x21 <= octet <= 0x5F else octet for octet in run).decode("cp932", errors))
        elif escape.startswith(b"("):
            out.append(run.decode("ascii" if run.isascii() else "cp932", errors))
        else:
            out.append((b"\x1b" + escape + run + b"\x1b(B").decode("iso2022_jp_ext", errors))
    return "".join(out)


def _jis(run: bytes, errors: str) -> str:
    """Decode pairs of JIS X 0208 by way of Shift JIS."""
    out = bytearray()
    place = 0
    while place < len(run):
        one = run[place] & 0x7F
        if one < 0x21 or place + 1 == len(run):
            out.append(one)
            place += 1
            continue
        two = run[place + 1] & 0x7F
        row = (one + 1) // 2 + (0x70 if one <= 0x5E else 0xB0)
        out += bytes((row, (two + (0x1F if two < 0x60 else 0x20)) if one % 2 else two + 0x7E))
        place += 2
    return bytes(out).decode("cp932", errors)


def guess(raw: bytes, hints: Iterable[str] = ()) -> str:
    """Decode octets of no declared charset: UTF-8, then the charsets that the mail itself names, then by likeness.

    Never raises; where nothing fits the answer is Windows-1252.
    """
    for codec in ("utf-16" if _has_utf16_mark(raw) else "utf-8", "utf-8"):
        if (text := _strict(raw, codec)) is not None:
            return text.removeprefix("\ufeff")
    for codec in map(codec_name, hints):
        if codec in _NO_HINT or (codec in _LATIN and _looks_unlike_latin(raw, 4)):
            continue
        if (text := _strict(raw, codec)) is not None:
            return text
    damaged = _utf8_damaged(raw)
    if damaged is not None and damaged.count("\ufffd") * 20 < len(damaged):
        return damaged
    return _replaced(raw, _by_normalizer(raw) if len(raw) >= _MUCH else likely_codec(raw))


def _has_utf16_mark(raw: bytes) -> bool:
    return raw.startswith((b"\xff\xfe", b"\xfe\xff")) and len(raw) % 2 == 0


def _by_normalizer(raw: bytes) -> str:
    """Ask charset-normalizer about a long text where the letters alone speak for no script; it is slow but thorough."""
    found = likely_codec(raw)
    if found != "cp1252" or not is_dense(raw[:4_000]):
        return found
    from charset_normalizer import from_bytes

    best = from_bytes(raw[:4_000], steps=3, chunk_size=512).best()
    return best.encoding if best is not None else found
