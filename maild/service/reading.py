"""Read one mail: everything that can be said of it without a database, as one picklable value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from maild.base.limits import Limits
from maild.message.envelope import Envelope
from maild.message.model import Message
from maild.message.parse import outline, parse
from maild.proof.model import Results
from maild.triage import Finding, OwnMarks, classify, language

if TYPE_CHECKING:
    from maild.settings.model import Settings

Evaluate = Callable[[bytes, Envelope], Results]  # asks SPF, DKIM and DMARC, or a trusted Authentication-Results


@dataclass(frozen=True, slots=True)
class Reading:
    """What one mail says, how its From was measured, what kind of mail it is, and its language ("" when unknown)."""

    message: Message
    results: Results
    finding: Finding
    language: str


def read(octets: bytes, envelope: Envelope, own: OwnMarks, limits: Limits, evaluate: Evaluate | None = None) -> Reading:
    """Read a mail. Pure but for `evaluate`, which may ask the DNS; without it nothing was measured.

    What a parse child does: it may cost CPU and memory within the limits, and touches nothing else.
    """
    message = parse(octets, limits)
    results = Results() if evaluate is None else evaluate(octets, envelope)
    return Reading(message, results, classify(message, envelope, own), _language(message))


def outlined(octets: bytes, envelope: Envelope, own: OwnMarks, limits: Limits, because: str) -> Reading:
    """Return what the header of a mail says that broke its reader; nothing was measured, its language is unknown."""
    message = outline(octets, because, limits)
    return Reading(message, Results(), classify(message, envelope, own), "")


def with_own_marks(reading: Reading, envelope: Envelope, own: OwnMarks) -> Reading:
    """Judge the kind again with other marks of ours: whose Message-ID it carries is known only when it was read."""
    return replace(reading, finding=classify(reading.message, envelope, own))


def own_marks(settings: Settings) -> OwnMarks:
    """Return by what our own mail is known: addresses, domain, and the loop field that it carries."""
    desk = settings.desk
    return OwnMarks(settings.own_addresses, desk.domain, desk.domain.lower(), delimiter=desk.recipient_delimiter)


def _language(message: Message) -> str:
    """The language of the new words; of the whole body when nothing is new."""
    return language(message.new_text or message.text, message.subject)
