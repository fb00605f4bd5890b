"""Words as people compare them, without case and accents; sizes as people write them."""

import unicodedata

_UNITS = ((1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB"))


def plain(word: str) -> str:
    """Return a word in lower case without accents, as verbs, names and patterns are compared."""
    folded = word.casefold()
    if folded.isascii():  # as most long texts are; there is no accent in them
        return folded
    decomposed = unicodedata.normalize("NFD", folded)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def size_in_words(octets: int) -> str:
    """Return a size as people write it in any of our languages, rounded: ``90 MB``."""
    for unit, name in _UNITS:
        if octets >= unit:
            return f"{(octets + unit // 2) // unit} {name}"
    return f"{octets} B"
