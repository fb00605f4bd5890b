"""Words as people compare them: without case, without accents."""

import unicodedata


def plain(word: str) -> str:
    """Return a word in lower case without accents, as verbs, names and patterns are compared."""
    decomposed = unicodedata.normalize("NFD", word.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))
