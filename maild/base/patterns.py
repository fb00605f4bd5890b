"""Patterns as administrators write them: exact, with `*` and `?`, or `/regex/`; none can be made to hang."""

import fnmatch
import re
from functools import lru_cache
from typing import Any

from maild.base.text import plain

SEARCHED_CHARACTERS_MAX = 100_000  # What stands further down in a mail says nothing of what it is about.
PATTERN_CHARACTERS_MAX = 500
_REGEX_MEMORY = 1_048_576  # Octets that one compiled expression may take; enough for all but \w{1000}.


def is_regex(pattern: str) -> bool:
    """Tell whether a pattern is a regular expression between slashes."""
    return len(pattern) > 2 and pattern.startswith("/") and pattern.endswith("/")


def is_glob(pattern: str) -> bool:
    """Tell whether a pattern has a `*` or `?` in it and is no regular expression."""
    return not is_regex(pattern) and ("*" in pattern or "?" in pattern)


def check_pattern(pattern: str) -> None:
    """Raise ValueError, in words, when a pattern cannot be used."""
    if len(pattern) > PATTERN_CHARACTERS_MAX:
        raise ValueError(f"it is longer than {PATTERN_CHARACTERS_MAX} characters; write several patterns as a list")
    if is_regex(pattern):
        _regex(pattern[1:-1])


def matches(pattern: str, text: str) -> bool:
    """Tell whether a text is what a pattern says.

    A plain pattern and one with `*` or `?` cover the whole text; neither knows case nor accents. A regular expression,
    of the syntax of RE2, is searched for without regard to case. The time is linear in the text, whatever stands in it.
    """
    text = text[:SEARCHED_CHARACTERS_MAX]
    if is_regex(pattern):
        return _regex(pattern[1:-1]).search(text.encode("utf-8", "replace").decode()) is not None
    if is_glob(pattern):
        return _glob(plain(pattern)).fullmatch(plain(text)) is not None
    return plain(pattern).strip() == plain(text).strip()


@lru_cache(maxsize=1024)
def _glob(pattern: str) -> re.Pattern[str]:
    # fnmatch matches each piece between two stars once and for all (an atomic group): no backtracking.
    return re.compile(fnmatch.translate(pattern.replace("[", "[[]")))


@lru_cache(maxsize=1024)
def _regex(pattern: str) -> Any:
    import re2  # late: few files have a regular expression, and the library is a compiled one

    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = _REGEX_MEMORY
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        said = error.args[0]
        words = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        raise ValueError(
            f"it is no regular expression ({words}); write the syntax of RE2: no look-around, no back-references"
        ) from None
