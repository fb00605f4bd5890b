"""An agent's words on their way: what he says, how, and when it may leave."""

from dataclasses import dataclass, replace
from datetime import datetime

from maild.base.instants import from_text
from maild.desk.bench import Case
from maild.desk.commands.model import Outcome
from maild.desk.model import Mail, Post
from maild.message.model import Address, Message


@dataclass(frozen=True, slots=True)
class Words:
    """What an agent says on a ticket, and how."""

    mail: Mail
    text: str
    outcome: Outcome
    already_there: bool = False  # the requester got this very mail from him: it is not sent again
    draft: Post | None = None  # a draft that is released now
    joins: bool = True  # who stands in To and Cc comes on copy; not so in an answer to an internal mail

    def kept(self, post: Post) -> Post:
        """Return the post with what was kept of it when it was a draft: whole text, attachments, journal entry."""
        draft = self.draft
        if draft is None:
            return post
        return replace(post, text=draft.text, attachments=draft.attachments, entry=draft.entry)

    def to(self, post: Post, people: tuple[Address, ...]) -> Post:
        """Return the post as one that goes to these people in a mail of ours, whose Message-ID is not known yet."""
        return replace(post, to=people, cc=(), message_id="")

    def signed(self, name: str) -> str:
        """Return the agent's name as it stands below his words; "" when they end with it already."""
        last = self.text.rstrip().rpartition("\n")[2].casefold()
        return "" if any(part.casefold() in last.split() for part in name.split()) else name


def not_before(case: Case, outcome: Outcome) -> datetime | None:
    """Return when words may leave: as `#send-at` says, else when the undo window is over; None for at once."""
    if outcome.send_at:
        return from_text(outcome.send_at)
    window = case.bench.settings.outgoing.undo_window
    return case.bench.now + window if window else None


def whole_text(message: Message, head: int) -> str:
    """Return all that a mail says, quotes too, without the first `head` lines of what is new in it: its commands."""
    kept, at = [], 0
    for span in message.spans:
        if span.what != "new":
            continue
        lines = message.text[span.start : span.end].splitlines(keepends=True)
        while lines and head:
            head -= bool(lines.pop(0).strip())
        kept += [message.text[at : span.start], *lines]
        at = span.end
    return "".join([*kept, message.text[at:]]).strip("\r\n")
