"""The ticket key: PREFIX-<number><letter>, safe to say on the phone."""

import re

CHECK_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"  # The Spanish DNI's: number modulo 23.
DIGITS_MAX = 12  # A trillion tickets; a longer number is somebody else's.

_WRITTEN = re.compile(
    rf"(?:(?P<prefix>[A-Za-z][A-Za-z0-9]*)-)?(?P<number>[0-9]{{1,{DIGITS_MAX}}})(?P<letter>[A-Za-z])?"
)


def check_letter(number: int) -> str:
    """Return the check letter of a ticket number."""
    return CHECK_LETTERS[number % len(CHECK_LETTERS)]


def format_key(prefix: str, number: int) -> str:
    """Return the key as it is printed, for instance ``ACME-10427P``."""
    return f"{prefix}-{number}{check_letter(number)}"


def read_key(text: str, prefix: str) -> int | None:
    """Return the number that an agent or administrator wrote as ``10427``, ``10427P`` or the whole key.

    None when it is no key, or carries another prefix or a wrong letter.
    """
    written = _WRITTEN.fullmatch(text.strip().strip("[]").removeprefix("#"))
    if written is None or (written["prefix"] or prefix).upper() != prefix.upper():
        return None
    number = int(written["number"])
    if number == 0 or (written["letter"] or check_letter(number)).upper() != check_letter(number):
        return None
    return number


def keys_in_subject(subject: str, prefix: str) -> tuple[int, ...]:
    """Return the numbers of all whole, bracketed keys of this desk in a subject, from left to right.

    A key of another prefix, with a wrong check letter or in other digits than ASCII does not count.
    """
    written = re.compile(rf"\[{re.escape(prefix)}-([0-9]{{1,{DIGITS_MAX}}})([A-Z])\]", re.IGNORECASE | re.ASCII)
    return tuple(
        int(found[1])
        for found in written.finditer(subject)
        if int(found[1]) > 0 and found[2].upper() == check_letter(int(found[1]))
    )
