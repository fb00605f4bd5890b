"""Read reports that follow no standard: qmail, Exim, old Postfix, Exchange, Notes, Yahoo, Gmail and others."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message as Tree

from maild.message import dsn_marks as marks

HEAD_CHARACTERS_MAX = 20_000  # Mail systems say who failed before they return the mail.
HEAD_LINES_MAX = 500
PARTS_MAX = 20  # A report has three; also how deep they are followed.
REASON_CHARACTERS_MAX = 400


@dataclass(frozen=True, slots=True)
class Failure:
    """One address that a mail system names, with the words beside it."""

    address: str
    reason: str
    action: str  # failed, delayed, delivered


def read_prose(root: Tree, text: str, copies: str) -> tuple[Failure, ...]:
    """Return the addresses that a report in prose names; empty when none can be told.

    `copies` are the headers of returned mails that are parts of their own.
    """
    head, copy = _cut(text)
    action = _action(root, head)
    readings = [list(dict.fromkeys(found)) for found in _readers(root, head, copy + "\n" + copies)]
    excluded = _excluded(root)
    strangers = ([a for a in found if not _is_bystander(a, excluded)] for found in readings)
    # When nobody else is named, the one who wrote is the one who failed: he wrote to himself.
    named = next(filter(None, strangers), None) or next(filter(None, readings), [])
    return tuple(Failure(address, _reason(head, address, named), action) for address in _distinct(named))


def _is_bystander(address: str, excluded: set[str]) -> bool:
    return address.lower() in excluded or marks.NO_RECIPIENTS.match(address) is not None


def _readers(root: Tree, head: str, copy: str) -> Iterator[list[str]]:
    """Each way of finding the addresses, the most exact first; the first that finds any ends the search."""
    yield marks.ANY_ADDRESS.findall(" ".join(str(value) for value in root.get_all("X-Failed-Recipients", [])))
    yield _by_library(root)
    for shape in marks.SHAPES:
        yield shape.findall(head)
    alone = list(dict.fromkeys(marks.ANY_ADDRESS.findall(head)))
    if len(alone) == 1:
        yield alone
    for shape in marks.SHAPES[: marks.NAMED_SHAPES]:
        yield shape.findall(copy)
    yield _to_of(copy)


def _by_library(root: Tree) -> list[str]:
    """What flufl.bounce finds; it raises IndexError on a mail without From, and whatever a strange mail makes it."""
    from flufl.bounce import _scan, all_failures

    _scan.log.disabled = True  # It prints a traceback for every detector that a strange mail trips.
    try:
        temporary, permanent = all_failures(_beginning(root, PARTS_MAX))
    except Exception:  # its detectors index and decode freely; our own rules follow in any case
        return []
    found = [address.decode("ascii", "replace") for address in sorted(temporary | permanent)]
    return [address for address in found if marks.ANY_ADDRESS.fullmatch(address)]


def _beginning(part: Tree, depth: int) -> Tree:
    """A copy whose texts end early: the library tries every pattern on every line."""
    copy: Tree = Tree(policy=part.policy)
    for name, value in part.raw_items():
        copy.set_raw(name, value)
    inner = part.get_payload()
    if isinstance(inner, list):
        kept = [child for child in inner[:PARTS_MAX] if isinstance(child, Tree)] if depth > 0 else []
        copy.set_payload([_beginning(child, depth - 1) for child in kept])
    else:
        lines = str(inner)[:HEAD_CHARACTERS_MAX].split("\n")
        copy.set_payload("\n".join(lines[:HEAD_LINES_MAX]))
    return copy


def _cut(text: str) -> tuple[str, str]:
    """Split a report in prose into what the mail system says and the copy of our mail."""
    lines = text.replace("\r\n", "\n").split("\n")
    for number, line in enumerate(lines):
        if number > 0 and marks.COPY_BEGINS.match(line.strip()[:200]):
            return "\n".join(lines[:number])[:HEAD_CHARACTERS_MAX], "\n".join(lines[number:])[:HEAD_CHARACTERS_MAX]
    return text[:HEAD_CHARACTERS_MAX], ""


def _excluded(root: Tree) -> set[str]:
    """The mail system and the sender of the returned mail are not the ones who failed."""
    names = " ".join(str(value) for name in ("From", "To", "Reply-To") for value in root.get_all(name, []))
    return {address.lower() for address in marks.ANY_ADDRESS.findall(names)}


def _to_of(copy: str) -> list[str]:
    """The one recipient in the returned mail's To."""
    field = re.search(r"^[ \t]{0,8}to:[ \t]*(.*(?:\n[ \t]+\S.*)*)", copy, re.IGNORECASE | re.MULTILINE)
    addresses = marks.ANY_ADDRESS.findall(field[1]) if field else []
    return addresses if len(set(addresses)) == 1 else []


def _distinct(addresses: list[str]) -> list[str]:
    """Drop addresses that differ in case alone."""
    return list({address.lower(): address for address in reversed(addresses)}.values())[::-1]


def _action(root: Tree, head: str) -> str:
    said = f"{root.get('Subject', '')}\n{head}"
    if marks.DELIVERED.search(head):
        return "delivered"
    if marks.DELAYED_FOR_SURE.search(said) or (marks.DELAYED.search(said) and not marks.GAVE_UP.search(said)):
        return "delayed"
    return "failed"


def _reason(head: str, address: str, named: list[str]) -> str:
    """The words from an address's line on, up to the next address that failed."""
    lower = head.lower()
    place = lower.find(address.lower())
    if place < 0:
        return " ".join(head.split())[:REASON_CHARACTERS_MAX]
    start = lower.rfind("\n", 0, place) + 1
    others = {other.lower() for other in named} - {address.lower()}
    ends = [end for end in (lower.find(other, place + len(address)) for other in others) if end >= 0]
    return " ".join(head[start : min(ends, default=len(head))].split())[:REASON_CHARACTERS_MAX]
