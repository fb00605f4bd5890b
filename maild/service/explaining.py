"""What would be done with a mail, found out without doing it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from maild.base.limits import DEFAULT_LIMITS
from maild.service.reading import Reading, read
from maild.triage import OwnMarks

if TYPE_CHECKING:
    from maild.message.envelope import Envelope
    from maild.service.configuration import Configuration

Reader = Callable[[bytes, "Envelope", OwnMarks], Reading]


@dataclass(frozen=True, slots=True)
class Prospect:
    """The ticket that a mail would belong to, its commands, and the actions in order, in words.

    `rule` None: nothing can be said of tickets. `ticket` None beside a rule: a new one.
    """

    ticket: str | None = None
    rule: str | None = None
    commands: tuple[str, ...] = ()
    would: tuple[str, ...] = ()


def explain_ticket(reading: Reading, envelope: Envelope, configuration: Configuration | None) -> Prospect:
    """Return what the desk would do with a mail. Without a configuration nothing is said of tickets."""
    del reading, envelope, configuration
    return Prospect()


def own_marks(configuration: Configuration | None) -> OwnMarks:
    """Return by what our own mail is known; nothing without a configuration."""
    if configuration is None:
        return OwnMarks()
    settings = configuration.settings
    return OwnMarks(settings.own_addresses, settings.desk.domain, delimiter=settings.desk.recipient_delimiter)


def reader(configuration: Configuration | None) -> Reader:
    """Return the reader of mails from files. It asks no DNS."""
    del configuration
    return lambda octets, envelope, own: read(octets, envelope, own, DEFAULT_LIMITS)
