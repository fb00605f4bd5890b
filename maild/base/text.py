"""Words as people compare them: without case, without accents."""

import unicodedata


def plain(word: str) -> str:
    """Return a word in lower case without accents, as verbs, names and patterns are compared."""
    folded = word.casefold()
    if folded.isascii():  # as most long texts are; there is no accent in them
        return folded
    decomposed = unicodedata.normalize("NFD", folded)
    return "".join(c for c in decomposed if not unicodedata.combining(c))
