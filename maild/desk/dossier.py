"""What the next holder of a ticket has to know, gathered from its timeline so that nobody starts from the beginning."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from maild.base.words import Direction
from maild.desk.model import Attached, Event, Past, Post, Ticket
from maild.message.model import Address, Attachment

SAID_MAX = 10  # The latest messages; who wants all of them asks with #show.
DONE_MAX = 20
ATTACHED_MAX = 60
ATTACHED_FIRST = 20  # of these: how it began; the others are the latest
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
class Dossier:
    """A ticket's story in the order in which somebody asks for it; each list has the oldest first."""

    asked: Post | None = None  # the first message
    tried: tuple[Tried, ...] = ()
    said: tuple[Post, ...] = ()  # what was written since, the latest SAID_MAX
    done: tuple[Event, ...] = ()  # commands and what the desk did by itself, the latest DONE_MAX
    attachments: tuple[Attached, ...] = ()  # of its whole life, each file once; at most ATTACHED_MAX
    attachments_between: int = 0  # how many are left out behind the first ATTACHED_FIRST
    holders: tuple[str, ...] = ()  # who had it before


def dossier_of(ticket: Ticket, past: Past, now: Event) -> Dossier:
    """Return the dossier of a ticket as its timeline stood before the decision that hands it on, which is `now`."""
    posts = [post for post in past.posts if not post.draft]
    first = next((post for post in posts if post.direction is Direction.IN), None)
    files = _files(posts, past.older_files())
    between = max(len(files) - ATTACHED_MAX, 0)
    return Dossier(
        asked=first,
        tried=tuple(_tried((*past.events, now))),
        said=tuple(post for post in posts if post is not first)[-SAID_MAX:],
        done=tuple(event for event in past.events if event.verb not in _NOT_DONE)[-DONE_MAX:],
        attachments=(*files[:ATTACHED_FIRST], *files[ATTACHED_FIRST + between :]),
        attachments_between=between,
        holders=tuple(who for who in dict.fromkeys(holders(past.events)) if who != ticket.assignee),
    )


def _tried(events: Sequence[Event]) -> list[Tried]:
    told = ((event, event.detail.partition(TRIED)[2]) for event in events if event.verb in {"escalated", "returned"})
    return [Tried(event.at, event.actor, words) for event, words in told if words]


def attached(at: datetime, author: Address, attachments: Iterable[Attachment]) -> Iterator[Attached]:
    """Yield what is worth a line of the attachments of one message: no logo that stands in its text."""
    return (Attached(at, author.key, a.filename, a.size, a.sha256) for a in attachments if not a.inline)


def _files(posts: Sequence[Post], older: Sequence[Attached]) -> list[Attached]:
    """Return every file once, as it first came, oldest first."""
    with_posts = (file for post in posts for file in attached(post.at, post.author, post.attachments))
    found: dict[str, Attached] = {}
    for file in sorted((*older, *with_posts), key=lambda file: file.at):
        found.setdefault(file.sha256, file)
    return list(found.values())


def holders(events: Sequence[Event]) -> tuple[str, ...]:
    """Return everybody to whom a timeline says that the ticket was assigned, each time that it was, oldest first."""
    return tuple(event.detail.partition(":")[0] for event in events if event.verb == "assigned")
