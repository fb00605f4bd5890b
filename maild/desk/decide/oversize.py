"""A mail that was too large to fetch: its header makes a ticket, and its sender hears once why we have not read it."""

import re

from maild.base.text import size_in_words
from maild.base.words import DoorName
from maild.desk.answering import why_no_acknowledgement
from maild.desk.bench import Case
from maild.desk.model import SYSTEM, Mail
from maild.desk.notices import PublicFacts
from maild.desk.telling import tell_requester
from maild.message.envelope import NOT_FETCHED

_SAID = re.compile(r"size=(\d{1,15}); larger than (\d{1,15}) octets")


def left_in_mailbox(mail: Mail) -> str | None:
    """Return why the IMAP door left a mail's body where it is; None when it has it all."""
    said = mail.message.values(NOT_FETCHED)
    return said[-1] if said and mail.envelope.door is DoorName.IMAP else None


def note_oversize(case: Case, mail: Mail) -> None:
    """Mark the ticket of a mail whose body was not fetched; nothing when it was."""
    if (left := left_in_mailbox(mail)) is not None:
        if "oversize" not in case.ticket.tags:
            case.change(tags=(*case.ticket.tags, "oversize"))
        case.event(SYSTEM, "not-fetched", f"its body stays in the mailbox {mail.envelope.mailbox}: {left}")


def is_too_large(mail: Mail) -> bool:
    """Tell whether a mail was not fetched for its size, and not for a fault of the server."""
    return _SAID.match(left_in_mailbox(mail) or "") is not None


def tell_too_large(case: Case, mail: Mail) -> None:
    """Explain it to the requester; the caller has asked whether she may have automatic mail about this one."""
    said = _SAID.match(left_in_mailbox(mail) or "")
    assert said is not None, "the caller has looked"
    facts = PublicFacts(
        requester_name=case.ticket.requester_name,
        status=case.ticket.status,
        received_at=mail.envelope.received_at,
        size=size_in_words(int(said[1])),
        size_max=size_in_words(int(said[2])),
    )
    tell_requester(case, "too-large", facts, automatic="auto-replied")


def answer_too_large(case: Case, mail: Mail) -> None:
    """Mark and explain it where nothing else would be answered: on a ticket that she has already."""
    note_oversize(case, mail)
    if not is_too_large(mail) or mail.message.author.key != case.ticket.requester:
        return
    reason = why_no_acknowledgement(case.bench, mail)
    if reason is not None:
        case.event(SYSTEM, "not-sent", f"too-large to {case.ticket.requester}: {reason}")
    else:
        tell_too_large(case, mail)
