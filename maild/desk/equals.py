"""Equal mails of one sender: however many come within the window, they are one ticket."""

import hashlib

from maild.desk.bench import Bench, Case
from maild.desk.model import Mail, Ticket
from maild.desk.people import workers_of
from maild.desk.posting import post_mail
from maild.desk.telling import tell_agents

COUNTS_TOLD = frozenset({2, 10, 100, 1_000, 10_000, 100_000})  # at which count of equal mails the agents hear of it


def fingerprint(mail: Mail) -> str:
    """Return what equal mails share: sender, queues, canonical subject, words and attachments; "" for an unread one."""
    message = mail.message
    if message.unread or not message.author.address:
        return ""
    parts = (
        *(message.author.key, *sorted(mail.queues), "", mail.canonical_subject, " ".join(message.text.split())),
        *(attachment.sha256 for attachment in message.attachments),
    )
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()


def equal_ticket(bench: Bench) -> Ticket | None:
    """Return the open ticket of an equal mail that came within the window; None when there is none."""
    window, found = bench.settings.limits.equal_mails_within, bench.snapshot.equal
    if not window or found is None or found.created_at <= bench.now - window:
        return None
    return found


def fold_in(case: Case, mail: Mail) -> None:
    """Record an equal mail on the ticket that stands for all: no status, no clock, no answer; agents hear of counts."""
    count = max(case.ticket.equal_mails, 1) + 1
    post_mail(case, mail, public=not mail.finding.automatic)
    case.change(equal_mails=count)
    author = mail.message.author.key
    case.event(author, "folded-in", f"the same mail for the {_ordinal(count)} time: no ticket of its own")
    if count in COUNTS_TOLD:
        reason = f"the same mail came {count} times; it stays one ticket, and further ones are recorded there"
        who = workers_of(case.bench, case.ticket)
        tell_agents(case, "requester-wrote", who, words=mail.message.new_text, author=author, reason=reason)


def _ordinal(count: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(count % 10, "th") if count % 100 not in (11, 12, 13) else "th"
    return f"{count}{ending}"
