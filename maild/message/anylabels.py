"""Header words in a language that no table knows, told by what stands behind them: a date, addresses, a subject."""

import re

from maild.message.headerblocks import HeaderBlock, has_address
from maild.message.lines import LINE_CHARS_MAX, Line, is_blank

_LINE = re.compile(r"\s?\*{0,2}([^\W\d][^:：<>@]{0,24}?)\s?[:：]\*{0,2}[ \t\xa0]*(\S.*)$")
_MOMENT = re.compile(r"\d.*?(?<!\d)\d{1,2}[:.]\d{2}(?!\d)")
_FIELDS_MIN, _FIELDS_MAX = 3, 7
_BEFORE_MAX = 2  # Blank lines between the rule and the labels.


def is_ruled(text: str) -> bool:
    """Say whether words stand between rules of dashes, as a client's separator does."""
    bare = text.strip()
    return bare.startswith("-----") and bare.endswith("-----") and 0 < len(bare.strip("- ")) <= 60


def read(lines: list[Line], rule: int) -> HeaderBlock | None:
    """Return the block below a separator: three lines or more of "label: value" and a blank one; None when unsure.

    There must be a date with its time, a subject and an address; the first address is the sender's.
    """
    first = rule + 1
    while first < min(len(lines), rule + 1 + _BEFORE_MAX) and is_blank(lines[first].text):
        first += 1
    values: dict[str, str] = {}
    last = first
    while last < len(lines) and last - first < _FIELDS_MAX:
        found = _LINE.match(lines[last].text[:LINE_CHARS_MAX])
        if found is None:
            break
        value = found[2].strip(" \t\xa0*")
        values.setdefault(_kind(value, values), value)
        last += 1
    whole = last - first >= _FIELDS_MIN and {"from", "date", "subject"} <= values.keys()
    ended = last < len(lines) and is_blank(lines[last].text)
    return HeaderBlock(first, last - 1, values) if whole and ended else None


def _kind(value: str, known: dict[str, str]) -> str:
    if has_address(value):
        return "to" if "from" in known else "from"
    return "date" if _MOMENT.search(value) and "date" not in known else "subject"
