"""Quotes that are marked with a bar or with initials in place of ">": old clients, The Bat!, Emacs."""

import re

from maild.message.lines import Line

_BAR = re.compile(r" {0,2}\|(?: ?>| |$)[^|]*$")  # A second bar makes it a row of a table.
_INITIALS = re.compile(r" ?[^\W\d_]{1,5}>{1,5}(?: |$)")
_LINES_MIN = 2  # One line alone may be anything.


def marked(lines: list[Line]) -> list[Line]:
    """Return the lines with those marked "block" that may be such a quote; an attribution above must prove it."""
    bars = [number for number, line in enumerate(lines) if _is_marked(line)]
    if len(bars) < _LINES_MIN:
        return lines
    found = list(lines)
    for number in bars:
        found[number] = lines[number]._replace(mark="block")
    return found


def _is_marked(line: Line) -> bool:
    head = line.text[:8]
    return ("|" in head or ">" in head) and bool(_BAR.match(line.text) or _INITIALS.match(line.text))
