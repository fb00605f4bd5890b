"""Lines of a body with their places, and the folding by which client words are compared."""

import unicodedata
from functools import lru_cache
from typing import NamedTuple

LINES_MAX = 5_000  # Lines looked at; own words stand in the first few. What follows takes the last kind.
LINE_CHARS_MAX = 4_000  # A header block on one line with fifty recipients; a longer line is nobody's attribution.

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff\u00ad"))


class Line(NamedTuple):
    """One line of the text: `text` without its line end, `start` and `end` (line end included) in the whole."""

    start: int
    end: int
    text: str
    mark: str = ""  # what the HTML says: "quoted" (surely), "block" (a bare block quotation), "" (nothing)


def split(text: str) -> list[Line]:
    """Return the lines of the text, at LF only, so that they cover it without a gap."""
    lines: list[Line] = []
    start = 0
    for piece in text.split("\n"):
        end = min(start + len(piece) + 1, len(text))
        lines.append(Line(start, end, piece.rstrip("\r")))
        start = end
        if len(lines) == LINES_MAX:
            break
    return lines


@lru_cache(maxsize=1024)
def fold(words: str) -> str:
    """Return the words without accents, case, bold marks, invisible signs and doubled spaces, for comparing."""
    if words.isascii():
        return " ".join(words.casefold().split())
    words = unicodedata.normalize("NFKD", words.translate(_INVISIBLE).casefold())
    bare = "".join(c for c in words if not unicodedata.combining(c))
    return " ".join(bare.replace("ł", "l").replace("ø", "o").replace("đ", "d").replace("ı", "i").split())


def without_invisible(text: str) -> str:
    """Return the text without the signs that nobody sees, such as those that turn the direction of writing."""
    return text.translate(_INVISIBLE)


def depth(text: str) -> int:
    """Return how many ">" stand before the words of this line, spaces between them allowed."""
    if ">" not in text[:LINE_CHARS_MAX]:
        return 0
    level = 0
    for sign in text[:LINE_CHARS_MAX]:
        if sign == ">":
            level += 1
        elif sign not in " \ufeff" or (level == 0 and sign == " " and not text.startswith(" >")):
            break
    return level


def unquoted(text: str) -> str:
    """Return the line without its first ">" and the one space behind it."""
    bare = text.lstrip(" \ufeff")
    if not bare.startswith(">"):
        return text
    bare = bare[1:]
    return bare.removeprefix(" ")


def is_blank(text: str) -> bool:
    """Say whether a reader sees nothing on this line."""
    return not text or text.isspace() or (not text.isascii() and not text.translate(_INVISIBLE).strip())


def words(table: str) -> frozenset[str]:
    """Return the folded words of one "|" list of the languages table."""
    return frozenset(filter(None, map(fold, table.split("|"))))
