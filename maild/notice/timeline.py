"""What happened to a ticket, in the reader's language and by his clock.

The desk writes reasons as English sentences; `templates/<language>/_reasons.txt` says how each is read, so that a
language is one folder. A sentence that has no row there is shown as it was written.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial

from jinja2 import Environment, pass_context
from jinja2.runtime import Context

from maild.base.instants import from_text
from maild.desk.model import Event
from maild.notice.dates import short

# What may stand in the braces of a row, by its name; anything else is any words.
_INSTANT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
_SHAPES = {"n": r"\d+", "at": _INSTANT, "address": r"[^\s,;]+@[^\s,;]+", "name": r"[\w.-]+"}
_SENTENCES = frozenset({"rest", "more"})
_BRACES = re.compile(r"\{(\w+)\}")
_DEPTH_MAX = 4  # sentences within sentences
LANGUAGES_KEPT = 16  # A desk speaks a few; a reload brings a new environment.
# Their detail is what somebody said or chose, and is nobody's to translate.
_OWN_WORDS = frozenset(
    {
        "subject", "category", "tags", "field", "rated", "workaround", "known-error", "commented", "approved", "asked",
        "rejected", "requester", "resolution-code", "undone", "commands-refused", "service", "offered", "language",
    }
)  # fmt: skip
_NOTHING = "none"


@dataclass(frozen=True, slots=True)
class Tongue:
    """How one language says reasons: its rows in their order, and its words by the braces that they stand in."""

    rows: tuple[tuple[re.Pattern[str], str], ...]
    words: Mapping[str, Mapping[str, str]]


@pass_context
def told(context: Context, event: Event) -> str:
    """Return why a line of the timeline was written, in the language of the mail."""
    tongue = tongue_of(context.environment, context["language"])
    if event.verb == "type":
        return tongue.words["type"].get(event.detail, event.detail)
    if event.verb in _OWN_WORDS and event.detail != _NOTHING:
        return event.detail
    return in_tongue(event.detail, tongue, lambda text: _shown(context, text))


def in_tongue(detail: str, tongue: Tongue, shown: Callable[[str], str], depth: int = 0) -> str:
    """Return a reason in a language; `shown` says an instant (RFC 3339) to the reader."""
    say = partial(_part, tongue=tongue, shown=shown, depth=depth)
    for sentence, said in tongue.rows:
        found = sentence.fullmatch(detail)
        if found is not None and depth < _DEPTH_MAX:
            return said.format(**{name: say(name, text) for name, text in found.groupdict().items()})
    return detail


def _part(name: str, text: str, *, tongue: Tongue, shown: Callable[[str], str], depth: int) -> str:
    if name in _SENTENCES:
        return in_tongue(text, tongue, shown, depth + 1)
    return shown(text) if name == "at" else tongue.words.get(name, {}).get(text, text)


def _shown(context: Context, text: str) -> str:
    try:
        return short(context, from_text(text))
    except ValueError:  # figures in the form of an instant, and no day of any month
        return text


@lru_cache(maxsize=LANGUAGES_KEPT)
def tongue_of(environment: Environment, language: str) -> Tongue:
    """Return how a language says reasons, as its folder has it; English where it has no such page.

    Raises ValueError for a row that fills in what its sentence does not have.
    """
    vocabulary = environment.get_template(f"{language}/_words.txt").module
    reasons: list[tuple[str, str]] = getattr(environment.get_template(f"{language}/_reasons.txt").module, "reasons", [])
    tables = {
        "clock": "clocks",
        "status": "statuses",
        "priority": "priorities",
        "before": "priorities",
        "type": "types",
    }
    words = {brace: dict(getattr(vocabulary, table, {})) for brace, table in tables.items()}
    for sentence, said in reasons:
        if unknown := set(_BRACES.findall(said)) - set(_BRACES.findall(sentence)):
            raise ValueError(f"{language}/_reasons.txt: {sentence!r} has no {sorted(unknown)[0]!r} to fill in")
    return Tongue(tuple((_pattern(sentence, words), said) for sentence, said in reasons), words)


def _pattern(sentence: str, words: Mapping[str, Mapping[str, str]]) -> re.Pattern[str]:
    """Return what finds a row's sentence, a group a brace."""
    pieces = _BRACES.split(sentence)
    shapes = _SHAPES | {brace: "|".join(map(re.escape, known)) for brace, known in words.items()}
    made = (
        f"(?P<{piece}>{shapes.get(piece, '.+?')})" if at % 2 else re.escape(piece) for at, piece in enumerate(pieces)
    )
    return re.compile("".join(made), re.DOTALL)


FILTERS: dict[str, Callable[..., object]] = {"told": told}
