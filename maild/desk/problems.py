"""What is known of problems, as values: which new mail one explains, and words in several languages."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from maild.base.text import plain
from maild.desk.model import KnownError

WORD_LETTERS_MIN = 3  # Shorter ones are articles and the like in both languages.
_LANGUAGE = re.compile(r"\[(?P<code>[A-Za-z]{2,3})\]")


@dataclass(frozen=True, slots=True)
class Wish:
    """How `#known-error` changes a problem: words to match by, and the title that requesters may read."""

    words: tuple[str, ...]
    title: str


def change_words(words: Sequence[str], title: str, values: Iterable[str]) -> Wish:
    """Return the words with those written `+x`, `x` or `category=a/b` added and `-x` removed; `title=…` is the title.

    A word `a|b` is met by either.
    """
    kept = list(words)
    for value in values:
        name, equals, given = value.partition("=")
        if equals and plain(name) in {"title", "titulo"}:
            title = given.strip(' "“”«»')
            continue
        word = plain(value.lstrip("+-").strip(","))
        kept = [w for w in kept if w != word]
        if word and not value.startswith("-"):
            kept.append(word)
    return Wish(tuple(kept), title)


def known_error_of(errors: Iterable[KnownError], text: str, category: str) -> KnownError | None:
    """Return the first known error whose words all stand in a text, and whose category, if it names one, is this."""
    meant = [error for error in errors if error.words]
    if not meant:
        return None
    folded = plain(text)
    return next((e for e in meant if all(_is_met(w, folded, category) for w in e.words)), None)


def _is_met(word: str, text: str, category: str) -> bool:
    if word.startswith(("category=", "categoria=")):
        return plain(category) == word.partition("=")[2]
    either = "|".join(re.escape(each) for each in word.split("|") if each)
    return re.search(rf"(?<!\w)(?:{either})(?!\w)", text) is not None


@dataclass(frozen=True, slots=True)
class Incident:
    """A ticket that may have the same cause as others."""

    number: int
    subject: str
    where: str  # its category or organisation for instance: only those of the same are compared
    team: str = ""


def similar_groups(incidents: Iterable[Incident], least: int = 3) -> list[tuple[Incident, ...]]:
    """Return incidents that may have one cause, the largest group first, in their order.

    Two belong together when `where` is the same and their subjects share at least half of the words that either has.
    Groups of fewer than `least` are left out.
    """
    groups: list[tuple[list[frozenset[str]], list[Incident]]] = []
    for incident in incidents:
        words = frozenset(w for w in re.findall(r"\w+", plain(incident.subject)) if len(w) >= WORD_LETTERS_MIN)
        near = (g for g in groups if g[1][0].where == incident.where)
        place = next((g for g in near if any(_are_alike(words, other) for other in g[0])), None)
        if place is None:
            groups.append(([words], [incident]))
            continue
        place[1].append(incident)
        if words not in place[0]:
            place[0].append(words)
    large = [tuple(found) for _, found in groups if len(found) >= least]
    return sorted(large, key=len, reverse=True)


def _are_alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one & other) and 2 * len(one & other) >= len(one | other)


def begins_block(text: str, languages: Sequence[str]) -> bool:
    """Tell whether a text begins with the block of one language, by a line such as `[es]`."""
    first, *_ = text.lstrip().splitlines() or [""]
    return _block_of(first, languages) is not None


def _block_of(line: str, languages: Sequence[str]) -> str | None:
    """Return the language of the desk whose block a line begins; None when it begins none."""
    mark = _LANGUAGE.fullmatch(line.strip())
    return mark["code"].lower() if mark is not None and mark["code"].lower() in languages else None


def in_language(text: str, language: str, languages: Sequence[str]) -> str:
    """Return the words of a text that are meant for one language.

    A line `[es]` of a language of the desk begins its block; what stands above the first block is for all who have
    none. A reader without either gets the block of the desk's first language that has one. A text without such lines
    is for everybody.
    """
    blocks: dict[str, list[str]] = {"": []}
    begun = ""
    for line in text.splitlines():
        code = _block_of(line, languages)
        if code is not None:
            begun = code
            blocks.setdefault(begun, [])
        else:
            blocks[begun].append(line)
    written = {code: "\n".join(lines).strip() for code, lines in blocks.items()}
    order = (language, "", *languages)
    return next((written[code] for code in order if written.get(code)), "")
