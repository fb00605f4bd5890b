"""A mail becomes a message of its ticket."""

from typing import Any

from maild.base.words import Direction, Role
from maild.desk.bench import Case
from maild.desk.model import SYSTEM, Mail, Post
from maild.message.model import Address
from maild.message.threadindex import TOPIC_CHARACTERS_MAX, read_index

FLAGGED = "flagged"  # the tag of tickets with a mail whose Reply-To contradicts its From
UNPARSED = "unparsed"  # the tag of tickets with a mail that could not be read
SUBJECT_CHARACTERS_MAX = 200  # What a list and a mail client still show; the post keeps the whole.


def post_of(
    case: Case,
    mail: Mail,
    *,
    public: bool,
    direction: Direction = Direction.IN,
    new_text: str | None = None,
    draft: bool = False,
    sent_again: bool = False,
) -> Post:
    """Return the mail as a message of the case's ticket.

    `new_text` replaces what the sender wrote now, for an agent's words without their commands.
    `sent_again`: the words leave in a mail of ours, whose Message-ID is filled in when it is rendered.
    """
    message = mail.message
    to, cc = _readers(case) if sent_again else (message.to, message.cc)
    return Post(
        id=case.bench.next_post_id(),
        ticket=case.ticket.number,
        direction=direction,
        author=message.author,
        at=mail.envelope.received_at,
        subject=message.subject,
        to=to,
        cc=cc,
        message_id="" if sent_again else message.message_id,
        text=message.text,
        new_text=message.new_text if new_text is None else new_text,
        attachments=message.attachments,
        entry=mail.entry,
        kind=mail.finding.kind,
        authentication=f"{mail.proof.verdict}: {mail.proof.because}{f'; {mail.signature}' if mail.signature else ''}",
        public=public,
        draft=draft,
        canonical_subject=mail.canonical_subject,
        content_hash=message.content_hash,
    )


def post_mail(case: Case, mail: Mail, *, public: bool) -> None:
    """Put a mail on the case's ticket as it came.

    A ticket with one that nobody could read is tagged `unparsed`; one whose Reply-To contradicts its From, `flagged`.
    """
    case.post(post_of(case, mail, public=public))
    if mail.proof.conflict:
        case.change(tags=tuple(dict.fromkeys((*case.ticket.tags, FLAGGED))))
        case.event(SYSTEM, "flagged", mail.proof.conflict)
    if mail.message.unread:
        case.change(tags=tuple(dict.fromkeys((*case.ticket.tags, UNPARSED))))
        case.event(SYSTEM, "unparsed", f"its body could not be read, the mail is attached: {mail.message.unread}")


def _readers(case: Case) -> tuple[tuple[Address, ...], tuple[Address, ...]]:
    """Return to whom words of an agent go in a mail of ours: the requester, and those on copy."""
    ticket = case.ticket
    copied = tuple(Address(p.name, p.address) for p in ticket.with_role(Role.CC))
    return (Address(ticket.requester_name, ticket.requester),), copied


def threading_of(mail: Mail) -> dict[str, Any]:
    """Return by what Outlook gathers the mail's conversation, as attributes of a ticket; {} when it came without."""
    index = next((read for value in mail.message.values("Thread-Index") if (read := read_index(value))), "")
    topic = next((" ".join(value.split()) for value in mail.message.values("Thread-Topic")), "")
    return {"thread_index": index, "thread_topic": topic[:TOPIC_CHARACTERS_MAX]} if index else {}


def remember_threading(case: Case, mail: Mail) -> None:
    """Keep it when the requester wrote: what goes to her carries it on."""
    if mail.message.author.key == case.ticket.requester:
        case.change(**threading_of(mail))
