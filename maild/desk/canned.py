"""Canned texts: prepared words that `#canned name` puts beside an agent's own, in the requester's language."""

import difflib
import re
from collections.abc import Mapping

from maild.base.text import plain

Canned = Mapping[str, Mapping[str, str]]
"""The text of each by name, then by language; names in lower case and without accents."""

PLACEHOLDERS = ("requester", "key", "agent", "service")
_PLACEHOLDER = re.compile(r"\{([A-Za-z_]+)\}")


def unknown_placeholders(text: str) -> list[str]:
    """Return the names in braces that nothing is known for; they would stand in the mail as they are."""
    return [name for name in dict.fromkeys(_PLACEHOLDER.findall(text)) if name not in PLACEHOLDERS]


def expand(text: str, values: Mapping[str, str]) -> str:
    """Return a text with its placeholders filled in, once: what a value holds is never read as a placeholder."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text).strip()


def find_canned(canned: Canned, name: str, languages: tuple[str, ...]) -> str | None:
    """Return a text in the first of these languages that it is written in, else in any; None: there is no such text."""
    written = canned.get(plain(name))
    if not written:
        return None
    return next((written[language] for language in languages if language in written), next(iter(written.values())))


def nearest_canned(canned: Canned, name: str) -> str:
    """Return the name that was probably meant; "" when none is near."""
    near = difflib.get_close_matches(plain(name), list(canned), n=1, cutoff=0.5)
    return near[0] if near else ""
