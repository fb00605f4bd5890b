"""A notice becomes finished mails: one a recipient, signed, threaded, in the reader's language."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from maild.base.keys import format_key, keys_in_subject
from maild.base.words import DeliveryState, Purpose
from maild.desk.effects import Composed
from maild.desk.notices import Notice, Recipient
from maild.message.compose import Outgoing, can_be_named, compose
from maild.message.model import Address, Attachment
from maild.notice.catalogue import is_outside
from maild.notice.headers import further_headers
from maild.notice.prose import is_cut
from maild.notice.quiet import leaves_at
from maild.notice.templates import Page, Templates
from maild.notice.values import Frame, values_of
from maild.proof.model import Token
from maild.proof.tokens import Keyring, hour_of
from maild.settings.model import Settings

Fetch = Callable[[str, Attachment], bytes]
Sign = Callable[[bytes, str, datetime], bytes]  # finished octets, the address in From, and the instant


@dataclass(frozen=True, slots=True)
class Stamp:
    """What names and addresses of mails are made of."""

    settings: Settings
    keyring: Keyring
    now: datetime


@dataclass(frozen=True, slots=True)
class Press(Stamp):
    """All that stays the same from notice to notice."""

    templates: Templates
    fetch: Fetch
    sign: Sign


def unsigned(octets: bytes, from_: str, now: datetime) -> bytes:  # noqa: ARG001 - the shape of every Sign
    """Return a mail as it is: the desk has no key."""
    return octets


@dataclass(frozen=True, slots=True)
class Signs:
    """What all copies of one mail carry: its unique part, Message-ID and place in the thread."""

    ref: str
    message_id: str
    references: tuple[str, ...]
    in_reply_to: str


def render(
    notice: Notice,
    index: int,
    *,
    stimulus: str,
    settings: Settings,
    keyring: Keyring,
    templates: Templates,
    now: datetime,
    fetch: Fetch,
    sign: Sign = unsigned,
) -> tuple[Composed, ...]:
    """Return one finished mail for each recipient of the stimulus's `index`-th notice.

    The same arguments give the same octets, and the same stimulus and index the same Message-ID whatever the time.
    Raises WrongAudience for internal facts on their way outside.
    """
    press = Press(settings, keyring, now, templates, fetch, sign)
    signs = _signs(press, notice, keyring.ref_of(stimulus, index))
    attachments = [(a.filename, a.content_type, fetch(entry, a)) for entry, a in notice.attachments]
    attachments += notice.files
    if is_cut(notice.facts.words):
        attachments.append(("message.txt", "text/plain", notice.facts.words.encode("utf-8", "replace")))
    return tuple(_copy(press, notice, signs, recipient, attachments) for recipient in notice.recipients)


def stamped(
    notice: Notice, index: int, *, stimulus: str, settings: Settings, keyring: Keyring, now: datetime
) -> tuple[Composed, ...]:
    """Return what `render` does of the same arguments, before anything is composed: with empty octets."""
    stamp = Stamp(settings, keyring, now)
    signs = _signs(stamp, notice, keyring.ref_of(stimulus, index))
    return tuple(_composed(stamp, notice, signs, recipient, b"") for recipient in notice.recipients)


def _signs(stamp: Stamp, notice: Notice, ref: str) -> Signs:
    domain = stamp.settings.desk.domain
    root = _root(stamp, notice)
    references = dict.fromkeys(([root] if root else []) + [r for r in notice.references if r])
    return Signs(
        ref=ref,
        message_id=stamp.keyring.message_id(notice.purpose, notice.ticket, ref, domain),
        references=tuple(references),  # compose keeps the first and the newest
        in_reply_to=notice.in_reply_to or root,
    )


def _root(stamp: Stamp, notice: Notice) -> str:
    """Return the id under which clients gather a ticket's mails: one for requesters, for agents, for suppliers."""
    if not notice.ticket:
        return ""
    purpose = Purpose.REQUESTER if is_outside(notice.template) else Purpose.INTERNAL
    if notice.purpose is Purpose.SUPPLIER:
        purpose = Purpose.SUPPLIER
    ref = stamp.keyring.ref_of(f"root {notice.ticket} {purpose}", 0)
    return stamp.keyring.message_id(purpose, notice.ticket, ref, stamp.settings.desk.domain)


def _copy(
    press: Press, notice: Notice, signs: Signs, recipient: Recipient, attachments: Sequence[tuple[str, str, bytes]]
) -> Composed:
    desk, reply_to = press.settings.desk, _reply_to(press, notice, signs, recipient)
    page, subject = _written(press, notice, signs, recipient, reply_to)
    sender = Address(notice.from_name or desk.name, notice.from_address or desk.reply_address)
    octets = compose(
        Outgoing(
            from_=sender,
            # Else we stand there ourselves, and the envelope names her.
            to=notice.to if any(map(can_be_named, (*notice.to, *notice.cc))) else (sender,),
            cc=notice.cc,
            reply_to=(Address(sender.name, reply_to),),
            subject=subject,
            message_id=signs.message_id,
            in_reply_to=signs.in_reply_to,
            references=signs.references,
            date=press.now,
            text=page.text,
            html=page.html,
            automatic=notice.automatic,
            headers=further_headers(notice, recipient, press.settings, reply_to=reply_to, ref=signs.ref, at=press.now),
            attachments=tuple(attachments),
        )
    )
    return _composed(press, notice, signs, recipient, press.sign(octets, sender.address, press.now))


def _reply_to(press: Press, notice: Notice, signs: Signs, recipient: Recipient) -> str:
    desk = press.settings.desk
    person = press.keyring.person_hash(recipient.address.key)
    token = Token(notice.purpose, notice.ticket, person, hour_of(press.now), signs.ref)
    return press.keyring.reply_address(desk.reply_address, desk.recipient_delimiter, token)


def _written(press: Press, notice: Notice, signs: Signs, recipient: Recipient, reply_to: str) -> tuple[Page, str]:
    """Return the mail's words and its subject; only a mail without a subject of its ticket takes the template's."""
    prefix = press.settings.desk.prefix
    key = format_key(prefix, notice.ticket) if notice.ticket else ""
    subject = subject_of(notice, prefix)
    frame = Frame(
        language=notice.language,
        zone=_zone(press.settings, notice, recipient),
        now=press.now,
        desk=press.settings.desk.name,
        key=key,
        subject=subject,
        title=notice.subject,
        role=recipient.role,
        purpose=notice.purpose,
        reply_to=reply_to,
        marker=press.keyring.marker(notice.purpose, notice.ticket, signs.ref),
        reader=recipient.address.key,
        names={} if is_outside(notice.template) else _names(press.settings),
    )
    page = press.templates.page(notice.language, notice.template, values_of(notice, frame))
    return page, subject or page.subject or press.settings.desk.name


def _names(settings: Settings) -> dict[str, str]:
    """Return what agents are called, by their addresses."""
    return {address: a.name for a in settings.agents if a.name for address in (a.address, *a.aliases)}


def subject_of(notice: Notice, prefix: str) -> str:
    """Return ``[KEY] first subject``, the key never twice; "" when the template's own subject is meant."""
    if not notice.ticket:
        return notice.subject
    if notice.ticket in keys_in_subject(notice.subject, prefix):
        return notice.subject
    return f"[{format_key(prefix, notice.ticket)}] {notice.subject}".rstrip()


def _zone(settings: Settings, notice: Notice, recipient: Recipient) -> ZoneInfo:
    """Return the clock that the reader lives by: an agent's own, the desk's for everybody else."""
    return settings.zone if is_outside(notice.template) else settings.zone_for(recipient.address.key)


def _quiet_until(stamp: Stamp, notice: Notice, recipient: Recipient) -> datetime | None:
    hours = stamp.settings.outgoing.quiet_hours
    return leaves_at(notice, hours, _zone(stamp.settings, notice, recipient), stamp.now)


def _composed(stamp: Stamp, notice: Notice, signs: Signs, recipient: Recipient, octets: bytes) -> Composed:
    desk = stamp.settings.desk
    held = bool(notice.hold) or notice.draft
    return Composed(
        mail_from=stamp.keyring.envelope_sender(
            desk.reply_address,
            desk.recipient_delimiter,
            recipient=recipient.address.key,
            ticket=notice.ticket,
            ref=signs.ref,
            hour=hour_of(stamp.now),
        ),
        rcpt_to=recipient.address.address,
        octets=octets,
        message_id=signs.message_id,
        ref=signs.ref,
        template=notice.template,
        ticket=notice.ticket,
        state=DeliveryState.HELD if held else DeliveryState.QUEUED,
        next_attempt_at=notice.not_before or _quiet_until(stamp, notice, recipient) or stamp.now,
        post=notice.post,
        words_of=notice.words_of,
        automatic=bool(notice.automatic),
        draft=notice.draft,
        hold=notice.hold,
    )
