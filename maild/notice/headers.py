"""Further header fields of our mails: against loops, for Outlook's conversations, and for getting no more of them."""

import re
from datetime import datetime
from urllib.parse import quote

from maild.base.words import Audience, Role
from maild.desk.merging import ALWAYS
from maild.desk.model import Ticket
from maild.desk.notices import InternalFacts, Notice, Recipient
from maild.message.threadindex import answer_index
from maild.settings.model import Settings
from maild.triage.model import LOOP_FIELD

Headers = tuple[tuple[str, str], ...]

_LABEL = re.compile(r"[^a-z0-9]+")


def further_headers(
    notice: Notice, recipient: Recipient, settings: Settings, *, reply_to: str, ref: str, at: datetime
) -> Headers:
    """Return the fields that this recipient's copy carries beside the usual ones."""
    loop = ((LOOP_FIELD, loop_value(settings)),) if notice.automatic else ()
    return (*loop, *_conversation(notice, ref, at), *_leaving(notice, recipient, settings, reply_to))


def loop_value(settings: Settings) -> str:
    """Return what our loop field says on every automatic mail of this desk."""
    return settings.desk.domain.lower()


def _conversation(notice: Notice, ref: str, at: datetime) -> Headers:
    index = answer_index(notice.thread_index, at, ref)
    if not index:
        return ()
    topic = (("Thread-Topic", notice.thread_topic),) if notice.thread_topic else ()
    return (*topic, ("Thread-Index", index))


def _leaving(notice: Notice, recipient: Recipient, settings: Settings, reply_to: str) -> Headers:
    """Return List-Id and List-Unsubscribe (RFC 2919, 2369): for agents and those on copy, never for the requester."""
    if not notice.ticket or notice.template in ALWAYS or not _is_one_of_many(notice, recipient):
        return ()
    of_list = ("List-Id", f"<{_list(notice)}.{settings.desk.domain.lower()}>")
    ticket = _ticket(notice)
    if ticket is not None and ticket.assignee in {None, recipient.address.key}:
        return (of_list,)  # Who has the ticket cannot leave it by a click, nor may all leave one that nobody has.
    word = quote("#unsubscribe" if recipient.role is Role.CC else "#mute")
    return of_list, ("List-Unsubscribe", f"<mailto:{quote(reply_to, safe='@+=')}?subject={word}&body={word}>")


def _is_one_of_many(notice: Notice, recipient: Recipient) -> bool:
    return recipient.role is Role.CC or notice.audience in {Audience.AGENT, Audience.LEAD}


def _ticket(notice: Notice) -> Ticket | None:
    return notice.facts.ticket if isinstance(notice.facts, InternalFacts) else None


def _list(notice: Notice) -> str:
    """Return the list that the mail belongs to, by which its reader may sort: his ticket's queue."""
    ticket = _ticket(notice)
    name = _LABEL.sub("-", ticket.queue.lower()).strip("-") if ticket is not None else ""
    return name or "tickets"
