"""Conditions of rules and services: which keys there are, what may be written behind them, and what is wrong."""

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from maild.base.patterns import check_pattern, is_glob, is_regex
from maild.base.words import Kind, Priority, Status, TicketType, Verdict
from maild.settings.fields import Span, read_size, read_span

Values = tuple[str, ...]
When = Mapping[str, Values]

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# One row a key: what it looks at, as the manual says it.
KEYS: Mapping[str, str] = {
    "subject": "the subject of the mail, of the ticket where no mail came",
    "from": "the address in From, or the name",
    "to": "an address in To",
    "cc": "an address in Cc",
    "text": "what was written now, without quotes and signature",
    "address": "the queue's address or alias that was written to",
    "kind": "human, auto-generated, list ...",
    "verdict": "how far From is believed: pass, fail, none, temperror",
    "attachment": "the name or the type of an attachment",
    "size": 'the octets of the mail: ">10MB", "<2kB"',
    "language": "the language of the ticket",
    "queue": "the ticket's queue",
    "team": "its team",
    "status": "its status",
    "type": "its type",
    "priority": "its priority",
    "category": "its category",
    "tag": "one of its tags",
    "service": "its service of the catalogue",
    "assignee": "the agent who has it",
    "person": "an address or the name of the requester",
    "organisation": "the requester's organisation, or the domain of the address",
    "vip": "true: the requester is a VIP",
    "weekday": "mon, tue, wed, thu, fri, sat or sun",
    "time": 'the time of day at the desk: "22:00-06:00"',
    "calendar": "the calendar in whose working time the mail came",
}
OPEN_KEYS: Mapping[str, str] = {
    "header.": "any field of the header: header.X-Mailer",
    "field.": "a field of the ticket: field.room",
}
NOT = "not."
SIZE = re.compile(r"([<>])\s*(.+)")
_FIELD_NAME = re.compile(r"[!-9;-~]+")  # RFC 5322 section 2.2

_WORDS: Mapping[str, frozenset[str]] = {
    "kind": frozenset(Kind),
    "verdict": frozenset(Verdict),
    "status": frozenset(Status),
    "type": frozenset(TicketType),
    "priority": frozenset(Priority),
    "weekday": frozenset(WEEKDAYS),
    "vip": frozenset({"true", "false"}),
}


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition: it holds when any value of its key is as any of `values` says; the other way round if negated."""

    key: str  # without `not.`
    values: Values
    negated: bool = False

    @property
    def written(self) -> str:
        """The key as it stands in the file."""
        return f"{NOT if self.negated else ''}{self.key}"


def read_when(value: object) -> object:
    """Return conditions as a flat table of lists: `header.X-Foo` may be written as a table in a table."""
    return dict(_flat(value, "")) if isinstance(value, dict) else value


def _flat(table: Mapping[str, object], above: str) -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for key, value in table.items():
        if isinstance(value, dict):
            found += _flat(value, f"{above}{key}.")
        else:
            found.append(
                (f"{above}{key}", tuple(map(_text, value)) if isinstance(value, list | tuple) else _one(value))
            )
    return found


def _one(value: object) -> Values:
    return (_text(value),)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@lru_cache(maxsize=1024)
def _conditions(when: tuple[tuple[str, Values], ...]) -> tuple[Condition, ...]:
    return tuple(Condition(key.removeprefix(NOT), values, key.startswith(NOT)) for key, values in when)


def conditions_of(when: When) -> tuple[Condition, ...]:
    """Return the conditions of a table, in the order in which they are written; all of them must hold."""
    return _conditions(tuple(when.items()))


def problem_of(condition: Condition, names: Mapping[str, tuple[str, ...]]) -> tuple[str, str] | None:
    """Return what is wrong with a condition and how to mend it; None when it can be used.

    `names` are the queues, teams, services and calendars that there are, by the condition's key.
    """
    if unknown := _unknown_key(condition.key):
        return unknown
    if not condition.values:
        return "there is nothing to compare with", "write a text, or a list of which any may hold"
    for value in condition.values:
        try:
            _CHECKS.get(condition.key, _check_text)(value)
            _check_word(value, _WORDS.get(condition.key, frozenset()))
            _check_word(value, frozenset(name.lower() for name in names.get(condition.key, ())))
        except ValueError as error:
            problem, _, mend = str(error).partition("; ")
            which = f"{value}: " if len(condition.values) > 1 else ""
            return f"{which}{problem}", mend or "docs/rules.md tells what may stand there"
    return None


def _unknown_key(key: str) -> tuple[str, str] | None:
    if key in KEYS:
        return None
    for prefix in OPEN_KEYS:
        if key.startswith(prefix) and _FIELD_NAME.fullmatch(key.removeprefix(prefix)):
            return None
    near = difflib.get_close_matches(key.lower(), [*KEYS, *OPEN_KEYS], n=1, cutoff=0.5)
    mend = f"did you mean {near[0]}?" if near else f"known here: {', '.join((*KEYS, *OPEN_KEYS))}, and not. before each"
    return "there is no such condition", mend


def _check_text(value: str) -> None:
    check_pattern(value)


def _check_word(value: str, known: frozenset[str]) -> None:
    """A plain word that nothing can ever be is a slip of the pen."""
    if known and not is_glob(value) and not is_regex(value) and value.lower() not in known:
        near = difflib.get_close_matches(value.lower(), sorted(known), n=1, cutoff=0.5)
        raise ValueError(
            f"there is none; did you mean {near[0]}?" if near else f"there is none; {', '.join(sorted(known))}"
        )


def _check_size(value: str) -> None:
    found = SIZE.fullmatch(value.strip())
    if found is None:
        raise ValueError('it says not what it is compared with; write ">10MB" or "<2kB"')
    read_size(found[2])


def _check_time(value: str) -> None:
    hours_of(value)


def hours_of(value: str) -> Span:
    """Read ``22:00-06:00``; raises ValueError."""
    return read_span(value)


_CHECKS: Mapping[str, Callable[[str], None]] = {"size": _check_size, "time": _check_time}
