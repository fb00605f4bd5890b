"""What a rule said about one ticket."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ruling:
    """Whether one rule fired on a ticket, and why, or the first of its conditions that did not hold."""

    rule: str
    ticket: int
    on: str  # new, reply or status
    fired: bool
    because: str  # in words
    condition: str = ""  # the key that did not hold, as it is written; "" when all held
    wanted: tuple[str, ...] = ()  # what stands behind it
    seen: tuple[str, ...] = ()  # what was there instead
    commands: tuple[str, ...] = ()  # that were run
    fault: str = ""  # why the commands could not be done; "" when they could
