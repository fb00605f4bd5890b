"""Sentences of the vocabulary, in which a template puts names and numbers for what stands in braces."""

from collections.abc import Mapping
from functools import lru_cache
from string import Formatter

from markupsafe import Markup, escape

_Pieces = tuple[tuple[str, str], ...]  # words, and the name in the braces behind them; "" when there are none


class Sentence:
    """`str.format` of a sentence whose braces hold a name each and nothing else; jinja2's own takes ten times as long.

    No attribute of a value can be reached by such a sentence, so the sandbox has nothing to look at.
    """

    def __init__(self, said: str, pieces: _Pieces) -> None:
        self._said = said
        self._pieces = pieces

    def __call__(self, *args: object, **named: object) -> str:
        """Return the sentence with these values; in Markup they are escaped. Raises as `str.format` does."""
        if args or not all(isinstance(value, str) for value in named.values()):
            return self._said.format(*args, **named)  # numbers are written as Python writes them
        filled = _filled(self._pieces, named if type(self._said) is str else {k: escape(v) for k, v in named.items()})
        return type(self._said)(filled)


def sentence_of(said: object) -> Sentence | None:
    """Return a sentence to be filled in, None for anything else or with more than names in its braces."""
    if type(said) is not str and type(said) is not Markup:
        return None
    pieces = _pieces(str(said))
    return Sentence(said, pieces) if pieces is not None else None


def _filled(pieces: _Pieces, named: Mapping[str, object]) -> str:
    return "".join([f"{words}{named[name]}" if name else words for words, name in pieces])


@lru_cache(maxsize=256)
def _pieces(said: str) -> _Pieces | None:
    """Return what a sentence consists of; the vocabulary has a few dozen that are filled in."""
    try:
        parsed = list(Formatter().parse(said))
    except ValueError:  # a brace alone: jinja2 says so in its own words
        return None
    if any(name is not None and (spec or kind or not name.isidentifier()) for _, name, spec, kind in parsed):
        return None
    return tuple((words, name or "") for words, name, _, _ in parsed)
