"""Read a mail to the batch mailbox: one command a line, its tickets first."""

import re
from dataclasses import dataclass

from maild.base.keys import read_key
from maild.base.text import plain
from maild.desk.commands.model import Command
from maild.desk.commands.parse import VALUE
from maild.desk.commands.verbs import Tier, Verb, find_verb, nearest_verb

LINES_MAX = 200
TICKETS_MAX = 500  # of one mail; a longer list is worked on in several
_STOPS = frozenset({"--", "stop", "thanks", "gracias", "thank you", "muchas gracias", "end", "fin", "#end", "#fin"})
_LIMITS = frozenset({"limit", plain("límite")})
_RANGE = re.compile(r"(?P<first>\d{1,12}[A-Za-z]?)(?:-|\.\.|–)(?P<last>\d{1,12}[A-Za-z]?)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Target:
    """The tickets that a line names; of a range those that are there are meant."""

    numbers: tuple[int, ...]
    ranged: bool = False


@dataclass(frozen=True, slots=True)
class BatchLine:
    """One line: `target` None is a question about no ticket, `limit` a guard for the lines below."""

    line: str
    number: int  # counted from 1
    target: Target | None = None
    verb: Verb | None = None
    command: Command | None = None
    limit: str | None = None  # what stands behind `limit`
    nearest: str = ""  # for an unknown verb, the one that was probably meant
    problem: str = ""  # the phrase that says what is wrong
    word: str = ""  # the word that is


def read_batch(text: str, prefix: str) -> tuple[BatchLine, ...]:
    """Read the lines up to `--`, `stop`, `thanks` or `gracias`; those that mean nothing say so in `problem`."""
    found: list[BatchLine] = []
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip().strip("\u200b\ufeff\u00a0")
        if plain(stripped).rstrip(".!,") in _STOPS:
            break
        if stripped:
            found.append(_line(stripped, number, prefix))
        if len(found) == LINES_MAX:
            break
    return tuple(found)


def _line(line: str, number: int, prefix: str) -> BatchLine:
    head, rest = _cut(line)
    if plain(head.lstrip("#")) in _LIMITS:
        return BatchLine(line, number, limit=rest)
    target = _target(head, prefix)
    if target is not None:
        head, rest = _cut(rest)
    word = head.lstrip("#").rstrip(":")
    verb = find_verb(word)
    if verb is None:
        problem = "no-verb" if word else "batch-no-verb"
        return BatchLine(line, number, target, problem=problem, word=word or line, nearest=nearest_verb(word))
    values = tuple(next(g for g in m.groups() if g is not None) for m in VALUE.finditer(rest))
    command = Command(verb.word, values, rest, line, number)
    return BatchLine(line, number, target, verb, command)


def _cut(text: str) -> tuple[str, str]:
    head, _, rest = text.replace("\u00a0", " ").replace("\t", " ").partition(" ")
    return head, rest.strip()


def _target(word: str, prefix: str) -> Target | None:
    """Read `10427`, `ACME-10427P`, `124-130`, and several of them with commas between."""
    numbers: list[int] = []
    ranged = False
    for piece in word.strip(":;").split(","):
        key = read_key(piece, prefix)
        span = _RANGE.fullmatch(piece.strip()) if key is None else None
        if key is not None:
            numbers.append(key)
            continue
        first, last = (read_key(span[name], prefix) for name in ("first", "last")) if span is not None else (None, None)
        if first is None or last is None:
            return None
        ranged = True
        numbers.extend(range(first, min(last, first + TICKETS_MAX) + 1))
    return Target(tuple(dict.fromkeys(numbers)), ranged)


def named_tickets(lines: tuple[BatchLine, ...], prefix: str) -> tuple[int, ...]:
    """Return the tickets that the lines are about or name."""
    numbers: dict[int, None] = {}
    for line in lines:
        numbers.update(dict.fromkeys(line.target.numbers if line.target is not None else ()))
        if line.command is not None and line.verb is not None and "N" in line.verb.values:
            found = (read_key(value, prefix) for value in line.command.values)
            numbers.update(dict.fromkeys(n for n in found if n is not None))
    return tuple(numbers)


def wants_code(lines: tuple[BatchLine, ...]) -> list[str]:
    """Return the lines that destroy or widen something."""
    return [line.line for line in lines if line.verb is not None and line.verb.tier is Tier.DESTROYS]
