"""The knowledge base: articles in several languages, and which of them answer some words.

Articles are ranked by BM25 (Robertson and Zaragoza, 2009) with title and tags counted three times. Words are compared
by their first letters, without case and accents, which takes plurals and endings together in English and Spanish.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from maild.base.text import plain

OFFERED = "offered"  # the timeline's verb when articles were offered to a requester
STEM_LETTERS = 6
HEADING_WORDS_MIN = 2  # of title and tags that a mail must have; one word alone is chance
HEADING_LETTERS_MIN = 4  # shorter words of a title, "the" and "and", say nothing
_K1, _B = 1.2, 0.75
_WEIGHT = 3  # of title and tags
_WORD = re.compile(r"[^\W_]{3,}")
_TITLE = re.compile(r"^#\s+(.+)$", re.MULTILINE)
_TAGS = re.compile(r"^(?:tags|etiquetas):[ \t]*(.*)$", re.MULTILINE | re.IGNORECASE)
EXCERPT_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class Article:
    """One article in one language."""

    name: str
    language: str
    title: str
    tags: tuple[str, ...]
    text: str  # without title and tags

    @property
    def excerpt(self) -> str:
        """How it begins, in one line."""
        words = " ".join(self.text.split())
        return words if len(words) <= EXCERPT_CHARACTERS else words[:EXCERPT_CHARACTERS].rpartition(" ")[0] + " …"


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that answers, and how well: more is better, and 0 is not at all."""

    article: Article
    score: float


def read_article(name: str, language: str, text: str) -> Article:
    """Read Markdown: its first heading is the title, a line `Tags: a, b` or `Etiquetas: a, b` names its tags."""
    title, tags = _TITLE.search(text), _TAGS.search(text)
    body = _TAGS.sub("", _TITLE.sub("", text, count=1), count=1).strip()
    words = tuple(tag.strip() for tag in tags[1].split(",") if tag.strip()) if tags else ()
    return Article(name, language, title[1].strip() if title else name, words, body)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """All articles by name and language, with how often each has each word."""

    articles: Mapping[str, Mapping[str, Article]] = field(default_factory=dict)
    counts: Mapping[tuple[str, str], Counter[str]] = field(default_factory=dict)

    def search(self, words: str, languages: Sequence[str], limit: int = 5) -> list[Hit]:
        """Return the best articles for some words, best first, each in the first of these languages that it is in."""
        shown = [_in(written, languages) for written in self.articles.values()]
        counts = {article.name: self.counts[article.name, article.language] for article in shown}
        lengths = {name: sum(count.values()) for name, count in counts.items()}
        average = sum(lengths.values()) / max(len(lengths), 1)
        wanted = dict.fromkeys(stems(words))
        rare = {stem: _rarity(sum(stem in count for count in counts.values()), len(counts)) for stem in wanted}
        hits = [
            Hit(a, sum(rare[s] * _saturated(counts[a.name][s], lengths[a.name] / average) for s in wanted))
            for a in shown
        ]
        return sorted((hit for hit in hits if hit.score > 0), key=lambda hit: (-hit.score, hit.article.name))[:limit]

    def offers(self, words: str, languages: Sequence[str], limit: int = 3) -> list[Article]:
        """Return the articles that a requester is offered: those whose heading is mostly in her words."""
        said = set(stems(words))
        hits = self.search(words, languages, limit=len(self.articles))
        return [hit.article for hit in hits if _covers(said, hit.article)][:limit]


def _covers(said: set[str], article: Article) -> bool:
    title = {stem for stem in stems(article.title) if len(stem) >= HEADING_LETTERS_MIN}
    heading = title | set(stems(" ".join(article.tags)))
    return len(heading & said) >= HEADING_WORDS_MIN and 2 * len(title & said) >= len(title)


def know(articles: Iterable[Article]) -> Knowledge:
    """Return articles ready to be searched."""
    by_name: dict[str, dict[str, Article]] = {}
    counts: dict[tuple[str, str], Counter[str]] = {}
    for article in articles:
        by_name.setdefault(article.name, {})[article.language] = article
        heading = stems(" ".join((article.title, *article.tags))) * _WEIGHT
        counts[article.name, article.language] = Counter([*heading, *stems(article.text)])
    return Knowledge(by_name, counts)


def stems(text: str) -> list[str]:
    """Return the words of a text of three letters and more, by their first six letters."""
    return [word[:STEM_LETTERS] for word in _WORD.findall(plain(text))]


def _in(written: Mapping[str, Article], languages: Sequence[str]) -> Article:
    return next((written[language] for language in languages if language in written), next(iter(written.values())))


def _rarity(having: int, of: int) -> float:
    return math.log(1 + (of - having + 0.5) / (having + 0.5))


def _saturated(count: int, length: float) -> float:
    return count * (_K1 + 1) / (count + _K1 * (1 - _B + _B * length)) if count else 0.0
