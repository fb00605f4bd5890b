"""What was commanded, what is wrong with it, and what came of it."""

from dataclasses import dataclass, field
from enum import StrEnum

from maild.base.words import Status
from maild.desk.model import Ticket
from maild.desk.notices import Found


@dataclass(frozen=True, slots=True)
class Command:
    """One `#verb value` line; `verb` is the English word whatever language it was written in."""

    verb: str
    values: tuple[str, ...]  # words and quoted strings, in order
    rest: str  # all that stands behind the verb, as written
    line: str  # the whole line as written
    number: int  # counted from 1 in the new text

    @property
    def whole(self) -> str:
        """Return all that stands behind the verb as one value: without its quotes when it is one quoted whole."""
        return self.values[0] if len(self.values) == 1 else self.rest


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a line cannot be done; `nearest` is the verb that was probably meant, "" when none is near."""

    line: str
    number: int
    reason: str
    nearest: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """The head of an agent's new text, read whole: commands, what is wrong, and the words below them."""

    commands: tuple[Command, ...]
    faults: tuple[Fault, ...]
    text: str  # what is left: the words for the requester or the note, without outer blank lines
    head: int = 0  # how many lines stand before the words, blank ones not counted


class Mode(StrEnum):
    """Where the words of an answer go."""

    PUBLIC = "public"
    NOTE = "note"
    SUPPLIER = "supplier"  # to third parties alone
    ANNOUNCEMENT = "announcement"  # to the requesters of all children
    WORKAROUND = "workaround"  # they are what helps until a problem is solved


@dataclass(slots=True)
class Outcome:
    """What running a block did; filled while it runs, thrown away with its bench when there is a fault."""

    faults: list[Fault]
    lines: list[tuple[str, str | Found]]  # (line as written, what became of it: in words, or what a question found)
    mode: Mode | None = None  # `#reply` or `#note` given; None: the token decides
    status: Status | None = None  # a state command was given: the words change the status no further
    questions: bool = False  # something was asked: the transcript always goes out
    dry_run: bool = False  # `#dry-run`: nothing is kept, the transcript says what would happen
    release_draft: bool = False  # `#ok`: the kept draft is sent without commands
    full: bool = False  # `#full`: the whole text goes out, quotes included
    language: str = ""  # `#lang` for this answer
    send_at: str = ""  # RFC 3339, `#send-at`
    destroys: list[str] = field(default_factory=list)  # lines that want a confirmation code
    above: list[str] = field(default_factory=list)  # `#canned name above`: stands over the agent's own words
    below: list[str] = field(default_factory=list)  # `#canned name`: stands under them
    duplicate_of: Ticket | None = None  # `#duplicate N`: its requester is told how that one stands
    workaround: str = ""  # what `#workaround` says on its line, when the blocks of other languages stand below
    suppliers: tuple[str, ...] = ()  # `#supplier`: to whom the words go with Mode.SUPPLIER

    def around(self, text: str) -> str:
        """Return the agent's own words with the canned ones over and under them."""
        return "\n\n".join(part for part in (*self.above, text, *self.below) if part)
