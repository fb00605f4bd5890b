"""The line by which a client says who wrote the words below it and when ("On …, Ana wrote:", "El …, Ana escribió:").

It may be wrapped onto several lines, or share one with the sender's own words; what its words are like, see
`attribution_words`.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from maild.message.attribution_words import (
    BRACKETED,
    DAY,
    DIGIT,
    OPENERS,
    RULES,
    VERBS,
    ends_with_verb,
    is_certain,
    is_likely,
    starts_like_a_date,
)
from maild.message.headerblocks import address_in, has_address
from maild.message.lines import LINE_CHARS_MAX, Line, depth, fold, is_blank, without_invisible
from maild.message.phrases import listed

WRAPPED_LINES_MAX = 5  # Long name, long address, "wrote:" on a line of its own.
ATTRIBUTION_CHARS_MAX = 600  # A name and an address of the greatest honest length.
_ENDS = (":", "：", ">>>", "-", "_", "*", "=", "\xa0", "\u202f")
_LAST_WORDS = frozenset(verb.rpartition(" ")[2] for verb in VERBS)
_FILLERS = tuple(
    f"{word} "
    for word in listed(
        "időpontban|používateľ|uživatel|odesílatel|użytkownik|пользователь"
        "|користувач|lietotājs|heeft|from|χρήστης|ο|tarihinde|uhr"
    )
)


@dataclass(frozen=True, slots=True)
class Attribution:
    """An attribution line: the lines it covers, where it begins on the first, and what it says."""

    first: int
    last: int
    column: int  # 0, or where it begins behind the sender's own words on the same line
    name: str
    address: str
    words: str
    certain: bool  # it needs no quoted line below it to be believed


def find(lines: list[Line], index: int) -> Attribution | None:
    """Return the attribution that begins on this line."""
    for line in lines[index : index + WRAPPED_LINES_MAX]:
        if _closes_one(line.text):
            break
    else:  # as on nearly every line: asked without a generator, which costs more than the answers
        return None
    text = lines[index].text[:LINE_CHARS_MAX]
    if not _may_begin(text):
        return _within(lines, index, text)
    if not starts_like_a_date(fold(text)):
        shared = _within(lines, index, text)
        if shared and shared.column:
            return shared
    return _wrapped(lines, index) or _within(lines, index, text)


def _wrapped(lines: list[Line], index: int) -> Attribution | None:
    """Return the attribution that begins at the head of this line and ends on it or on one of the next."""
    joined = ""
    for last in range(index, min(index + WRAPPED_LINES_MAX, len(lines))):
        piece = lines[last].text[:LINE_CHARS_MAX].strip()
        if not _belongs(lines, index, last, joined):
            return None
        joined = f"{joined} {piece}".strip()
        if len(joined) > ATTRIBUTION_CHARS_MAX:
            return None
        if not _may_end(piece) and not (piece.endswith(">") and _is_quoted_below(lines, last)):
            continue
        certain = is_certain(joined)
        if certain or (is_likely(joined) and _is_quoted_below(lines, last)):
            return None if last > index and _later(lines, index, last) else _made(index, last, 0, joined, certain)
    return None


def _belongs(lines: list[Line], first: int, index: int, joined: str) -> bool:
    """Say whether a line may go on an attribution: neither blank nor quoted, but for what clients tear apart."""
    piece = lines[index].text[:LINE_CHARS_MAX].strip()
    if not piece:
        return _is_torn(lines, index)
    return index == first or not (piece.startswith("--") or depth(piece)) or _closes(joined, piece)


def _later(lines: list[Line], index: int, last: int) -> bool:
    """Say whether a later line begins the same attribution by itself: then this one is the sender's own."""
    for start in range(index + 1, last + 1):
        text = " ".join(line.text[:LINE_CHARS_MAX].strip() for line in lines[start : last + 1])
        if _may_begin(lines[start].text[:LINE_CHARS_MAX]) and is_certain(text):
            return True
    return False


def _closes(joined: str, piece: str) -> bool:
    """Say whether a line with ">" is no quote but the end of a bracket that a client wrapped."""
    return piece.endswith(":") and joined.count("<") > joined.count(">")


def _is_torn(lines: list[Line], index: int) -> bool:
    """Say whether a blank line stands between a name and its address, as some clients tear them."""
    following = lines[index + 1].text.strip() if index + 1 < len(lines) else ""
    return following == "<" or following.startswith("<mailto:")


def _made(first: int, last: int, column: int, joined: str, certain: bool) -> Attribution:
    return Attribution(first, last, column, _name(joined), address_in(joined), joined, certain)


def _within(lines: list[Line], index: int, text: str) -> Attribution | None:
    """Return an attribution that shares its line with the sender's words before it ("thanks On …, Bob wrote:")."""
    bare = text.rstrip()
    if not bare.endswith(":") or not DAY.search(bare) or len(bare) > ATTRIBUTION_CHARS_MAX:
        return None
    for found in reversed(list(re.finditer(r"[ -](?:On|El|Le|Am|Il|Em|Op) ", bare))):
        tail = bare[found.start() + 1 :]
        if is_certain(tail) and (has_address(tail) or _is_quoted_below(lines, index)):
            column = len(bare[: found.start() + 1].rstrip(RULES))
            return _made(index, index, column, tail, True)
    if ends_with_verb(fold(bare)) and has_address(bare) and _is_quoted_below(lines, index):
        return _made(index, index, 0, bare, False)
    return None


@lru_cache(maxsize=1024)  # a line is asked about by everybody who looks for the end of her own words
def _may_begin(text: str) -> bool:
    """Say whether a line looks like the first one of an attribution."""
    bare = text.strip(" \t\xa0\ufeff-*_>(\u202f")
    if not bare or len(text) >= LINE_CHARS_MAX:
        return False
    if DIGIT.search(bare) or bare.endswith((":", "：")) or ("@" in bare and BRACKETED.search(bare)):
        return True
    return text.lstrip().startswith("--") or fold(bare[:40]).startswith(OPENERS)


@lru_cache(maxsize=1024)
def _closes_one(text: str) -> bool:
    """Say whether an attribution can end on this line: on hardly any line of prose."""
    piece = text[:LINE_CHARS_MAX].strip()
    return piece.endswith(">") or _may_end(piece)


def _may_end(piece: str) -> bool:
    """Say at small cost whether a line looks like the last one of an attribution."""
    piece = piece if piece.isascii() else without_invisible(piece)
    return piece.endswith(_ENDS) or fold(piece[-30:]).rpartition(" ")[2] in _LAST_WORDS


def _is_quoted_below(lines: list[Line], index: int) -> bool:
    """Say whether the next line that is not blank is quoted."""
    for line in lines[index + 1 : index + 5]:
        if not is_blank(line.text):
            return depth(line.text) > 0 or line.mark != ""
    return False


_QUOTED_NAME = re.compile(r"[\"“„«]\s?([^\"“”„«»<>]{1,100}?)\s?[\"”“»]")


def _name(joined: str) -> str:
    """Return the display name: the quoted words, or those between the last comma, verb or time and the address."""
    found = _QUOTED_NAME.search(joined)
    if found:
        return found.group(1).strip()
    head = re.split(r"[<(\[]", joined, maxsplit=1)[0]
    head = re.split(r",|\d[:.h]\d\d(?::\d\d)?(?: ?[ap]\.? ?m\.?)?|[\xa0\u202f]", head.rstrip(" ,"))[-1].strip()
    kept = [word for word in head.split() if fold(word) not in VERBS and f"{fold(word)} " not in OPENERS + _FILLERS]
    return " ".join(kept).strip(" \"'-,:") if len(kept) <= 8 else ""
