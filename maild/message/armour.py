"""The armour of PGP inside a text (RFC 9580 section 6.2): which lines are its own and not the sender's."""

import re
from collections.abc import Iterator

from maild.message.lines import Line

SIGNED = "-----BEGIN PGP SIGNED MESSAGE-----"
ENCRYPTED = "-----BEGIN PGP MESSAGE-----"
_SIGNATURE = "-----BEGIN PGP SIGNATURE-----"
_SIGNATURE_ENDS = "-----END PGP SIGNATURE-----"
_FIELD = re.compile(r"[A-Z][A-Za-z]{2,20}: ")


def label(text: str) -> str:
    """Return what armour in a text says of it, in words; "" when there is none."""
    if ENCRYPTED in text:
        return "encrypted: PGP in the text"
    return "signed: PGP in the text, not checked" if SIGNED in text and _SIGNATURE in text else ""


def found(lines: list[Line]) -> Iterator[tuple[int, int]]:
    """Yield the first line of each piece of armour of a signed text, and the line behind its last."""
    place = 0
    while place < len(lines):
        begins = lines[place].text.rstrip()
        last = place + 1
        if begins == SIGNED:
            while last < len(lines) and _FIELD.match(lines[last].text):
                last += 1
            yield place, last
        elif begins == _SIGNATURE:
            ends = (n for n in range(place, len(lines)) if lines[n].text.rstrip() == _SIGNATURE_ENDS)
            last = next(ends, place) + 1
            yield place, last
        place = last
