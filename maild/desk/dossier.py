"""What the next holder of a ticket has to know, gathered from its timeline so that nobody starts from the beginning."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from maild.base.words import Direction
from maild.desk.model import Event, Past, Post, Ticket

SAID_MAX = 10  # The latest messages; who wants all of them asks with #show.
DONE_MAX = 20
TRIED = "tried: "

# What was written stands among the messages, and what was tried by itself.
_NOT_DONE = frozenset(
    {
        "opened",
        "wrote",
        "replied",
        "noted",
        "responded",
        "recorded",
        "thanked",
        "not-acknowledged",
        "not-sent",
        "folded",
    }
)


@dataclass(frozen=True, slots=True)
class Tried:
    """What an agent said that he had tried before he handed the ticket on."""

    at: datetime
    who: str
    words: str


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that came with a message, or went with one."""

    at: datetime
    who: str
    filename: str
    size: int  # octets


@dataclass(frozen=True, slots=True)
class Dossier:
    """A ticket's story in the order in which somebody asks for it; each list has the oldest first."""

    asked: Post | None = None  # the first message
    tried: tuple[Tried, ...] = ()
    said: tuple[Post, ...] = ()  # what was written since, the latest SAID_MAX
    done: tuple[Event, ...] = ()  # commands and what the desk did by itself, the latest DONE_MAX
    attachments: tuple[Attached, ...] = ()
    holders: tuple[str, ...] = ()  # who had it before


def dossier_of(ticket: Ticket, past: Past, now: Event) -> Dossier:
    """Return the dossier of a ticket as its timeline stood before the decision that hands it on, which is `now`."""
    posts = [post for post in past.posts if not post.draft]
    first = next((post for post in posts if post.direction is Direction.IN), None)
    return Dossier(
        asked=first,
        tried=tuple(_tried((*past.events, now))),
        said=tuple(post for post in posts if post is not first)[-SAID_MAX:],
        done=tuple(event for event in past.events if event.verb not in _NOT_DONE)[-DONE_MAX:],
        attachments=tuple(_attached(posts)),
        holders=tuple(who for who in dict.fromkeys(holders(past.events)) if who != ticket.assignee),
    )


def _tried(events: Sequence[Event]) -> list[Tried]:
    told = ((event, event.detail.partition(TRIED)[2]) for event in events if event.verb in {"escalated", "returned"})
    return [Tried(event.at, event.actor, words) for event, words in told if words]


def _attached(posts: Sequence[Post]) -> list[Attached]:
    found: dict[str, Attached] = {}
    for post in posts:
        for file in post.attachments:
            if not file.inline:
                found.setdefault(file.sha256, Attached(post.at, post.author.key, file.filename, file.size))
    return list(found.values())


def holders(events: Sequence[Event]) -> tuple[str, ...]:
    """Return everybody to whom a timeline says that the ticket was assigned, each time that it was, oldest first."""
    return tuple(event.detail.partition(":")[0] for event in events if event.verb == "assigned")
