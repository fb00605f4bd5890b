"""What one mail alone does not show: somebody who tries, in an hour, what never works.

Each such mail had no effect and stands in the journal with its reason; here they are counted by who sent them.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from maild.base.words import Kind
from maild.settings.model import Settings

ENTRIES_NAMED_MAX = 20
_KEYS = re.compile(r"its subject names ([0-9, ]+), where .* takes no part")
_STRANGER = ("takes no part there, so it is kept as a note", "wrote it, so it is kept as a note")
PATTERNS = ("foreign-keys", "foreign-tokens", "unproved-commands", "forged-reports")


@dataclass(frozen=True, slots=True)
class Came:
    """One mail as the journal has it."""

    entry: str
    client: str  # "" when no host handed it in, or a relay that brings everybody's
    mail_from: str
    reason: str
    ticket: int | None


def suspicions(mails: Iterable[Came], settings: Settings) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield ((pattern, who), the entries in words) for whoever passes `[limits] suspicious_per_hour`.

    Who is a sender, a domain or a client.
    """
    most = settings.limits.suspicious_per_hour
    found: dict[tuple[str, str], dict[str, int]] = {}
    for mail in mails:
        pattern, weight = _pattern(mail)
        for who in _who(mail) if weight else ():
            found.setdefault((pattern, who), {})[mail.entry] = weight
    for alarm, entries in found.items():
        if most and sum(entries.values()) > most:
            named = list(entries)[:ENTRIES_NAMED_MAX]
            more = f" + {len(entries) - len(named)}" if len(entries) > len(named) else ""
            yield alarm, ", ".join(named) + more


def _pattern(mail: Came) -> tuple[str, int]:
    """Return what a mail tried, and how often: one mail may name many keys."""
    keys = _KEYS.search(mail.reason)
    if keys is not None:
        return "foreign-keys", keys[1].count(",") + 1
    if mail.reason.endswith(_STRANGER):
        return "foreign-tokens", 1
    if mail.reason.startswith("agent-unproved"):
        return "unproved-commands", 1
    if mail.reason.startswith(f"{Kind.BOUNCE}:") and mail.ticket is None:
        return "forged-reports", 1
    return "", 0


def _who(mail: Came) -> Iterator[str]:
    sender = mail.mail_from.lower()
    if "@" in sender:
        yield sender
        yield f"@{sender.rpartition('@')[2]}"
    if mail.client:
        yield mail.client
