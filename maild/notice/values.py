"""What a template is given: public values for people outside, the ticket's for people inside, told apart by type."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from maild.base.words import Purpose, Role
from maild.desk.notices import InternalFacts, Notice, PublicFacts
from maild.message.quotes import REPLY_LINE
from maild.notice.catalogue import OUTSIDE, WrongAudience, is_outside

_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\"]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")

# What becomes of the words of an answer, by the token in its Reply-To.
EFFECTS = {Purpose.PUBLIC: "public", Purpose.INTERNAL: "note", Purpose.CONTROL: "control", Purpose.SUPPLIER: "note"}


@dataclass(frozen=True, slots=True)
class Frame:
    """What every template may show, whoever reads it; it says nothing of the ticket but its key and subject."""

    language: str
    zone: ZoneInfo
    now: datetime
    desk: str  # the desk's name
    key: str  # "" for mail that belongs to no ticket
    subject: str  # of this mail, with the key
    title: str  # the first subject, without the key
    role: Role  # of the reader
    purpose: Purpose
    reply_to: str  # with the reader's own token
    marker: str
    reader: str = ""  # the reader's address
    names: Mapping[str, str] = field(default_factory=dict)  # of agents, by address; only their colleagues read them

    def values(self) -> dict[str, Any]:
        """Return the values by the names that templates use."""
        return {
            "language": self.language,
            "zone": self.zone,
            "now": self.now,
            "desk": self.desk,
            "key": self.key,
            "subject": self.subject,
            "title": self.title,
            "role": str(self.role),
            "effect": EFFECTS.get(self.purpose, ""),
            "reader": self.reader,
            "reply_to": self.reply_to,
            "reply_line": REPLY_LINE.get(self.language, REPLY_LINE["en"]),
            "marker": self.marker,
        }


def public_values(frame: Frame, facts: PublicFacts) -> Mapping[str, Any]:
    """Return what a template for people outside is given; by type it can hold nothing internal."""
    return {**frame.values(), "facts": facts, "outside": True}


def internal_values(frame: Frame, facts: InternalFacts) -> Mapping[str, Any]:
    """Return what a template for agents, leads and administrators is given."""
    return {**frame.values(), "facts": facts, "outside": False, "named": partial(named, frame.names)}


def named(names: Mapping[str, str], text: object) -> str:
    """Return a text in which agents are called by their names, where they have one."""
    return _ADDRESS.sub(lambda found: names.get(found[0].lower(), found[0]), str(text))


def values_of(notice: Notice, frame: Frame) -> Mapping[str, Any]:
    """Return the values of a notice; raises WrongAudience when template, audience and facts do not agree."""
    outside = is_outside(notice.template)
    if outside is not (notice.audience in OUTSIDE):
        raise WrongAudience(f"{notice.template} is not written for the {notice.audience}")
    match notice.facts:
        case PublicFacts() as facts if outside:
            return public_values(frame, facts)
        case InternalFacts() as facts if not outside:
            return internal_values(frame, facts)
        case _:
            raise WrongAudience(f"{type(notice.facts).__name__} are not for the readers of {notice.template}")
