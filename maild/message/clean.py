"""Strings that every database, terminal and header may hold."""

import re

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_NEWLINES = re.compile("\r\n?")


def clean_text(text: str) -> str:
    """Return the text without NUL (PostgreSQL refuses it), with U+FFFD for lone surrogates, lines ended by LF."""
    if "\r" in text:
        text = _NEWLINES.sub("\n", text)
    if _is_storable(text):
        return text
    return _UNSTORABLE.sub(lambda found: "" if found[0] == "\x00" else "\ufffd", text)


def _is_storable(text: str) -> bool:
    """Tell whether neither NUL nor a lone surrogate stands in a text: encoding asks that faster than a pattern."""
    try:
        return "\x00" not in text and (text.isascii() or bool(text.encode()))
    except UnicodeEncodeError:
        return False


def clean_line(text: str) -> str:
    """Return the text as one line: control characters and line ends of any kind become a single space."""
    return _CONTROL.sub(" ", text).strip() if not text.isprintable() else text.strip()


def without_direction(text: str) -> str:
    """Return the text without the marks that turn the direction of writing, by which `exe.gpj` reads as a picture."""
    return _BIDI.sub("", text)
