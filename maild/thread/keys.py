"""Collect every hint in a mail to the ticket that it belongs to, and say what the store must look up for it."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TypeVar

from maild.base.keys import keys_in_subject
from maild.base.words import Purpose
from maild.message.envelope import Envelope
from maild.message.model import Message
from maild.proof.model import Token
from maild.proof.tokens import Keyring
from maild.settings.model import Settings
from maild.thread.model import Keys, Wanted
from maild.thread.subjects import canonical_subject

MESSAGE_IDS_MAX = 200  # of In-Reply-To and References together: a thread longer than that names its ticket otherwise
SUBJECT_KEYS_MAX = 10  # More keys in one subject are a guess, not a reference.
_RECIPIENT_FIELDS = ("Delivered-To", "X-Original-To", "Envelope-To", "Resent-To")

Hint = TypeVar("Hint")


def keys(message: Message, envelope: Envelope, *, keyring: Keyring, settings: Settings) -> Keys:
    """Return every hint in the mail. What bears no valid signature of ours counts as somebody else's Message-ID."""
    desk = settings.desk
    tokens = _once(_tokens(message, envelope, keyring, settings))
    replies, foreign_replies = _sorted_out(message.in_reply_to, keyring, desk.domain)
    references, foreign_references = _sorted_out(reversed(message.references), keyring, desk.domain)
    return Keys(
        message_id=message.message_id,
        content_hash=message.content_hash,
        tokens=tokens,
        reply_ids=replies,
        reference_ids=references,
        foreign_reply_ids=foreign_replies,
        foreign_reference_ids=foreign_references,
        subject_numbers=_once(keys_in_subject(message.subject, desk.prefix))[:SUBJECT_KEYS_MAX],
        markers=_once(_read(map(keyring.read_marker, message.markers))),
        canonical_subject=canonical_subject(message.subject, desk.prefix),
        report_ids=_once(_report_ids(message, tokens, keyring, desk.domain)),
    )


def wanted(found: Keys) -> Wanted:
    """Return what the store must look up before `choose`: Message-IDs that are not ours, and ticket numbers."""
    ours = (found.report_ids, found.tokens, found.reply_ids, found.reference_ids, found.markers)
    numbers = chain((token.ticket for token in chain(*ours) if token.ticket), found.subject_numbers)
    return Wanted(
        message_ids=_once((*found.foreign_reply_ids, *found.foreign_reference_ids)),
        tickets=_once(numbers),
    )


def _tokens(message: Message, envelope: Envelope, keyring: Keyring, settings: Settings) -> Iterator[Token]:
    """Yield the tokens in the recipients' addresses, the envelope's first: it alone says where the mail really went."""
    recipients = chain(
        envelope.rcpt_to,
        (mailbox.address for mailbox in (*message.to, *message.cc)),
        (value.strip().strip("<>") for name in _RECIPIENT_FIELDS for value in message.values(name)),
    )
    desk = settings.desk
    return _read(keyring.read_address(r, desk.reply_address, desk.recipient_delimiter) for r in recipients)


def _report_ids(message: Message, tokens: Iterable[Token], keyring: Keyring, domain: str) -> Iterator[Token]:
    """Yield what says which mail of ours a report is about: the reverse-path it came back to, then what it quotes."""
    yield from (token for token in tokens if token.purpose is Purpose.ENVELOPE)
    if message.report is not None:
        yield from _read((keyring.read(message.report.original_envelope_id),))
        yield from _read((keyring.read_message_id(message.report.original_message_id, domain),))


def _sorted_out(message_ids: Iterable[str], keyring: Keyring, domain: str) -> tuple[tuple[Token, ...], tuple[str, ...]]:
    """Divide Message-IDs into ours, verified, and all others; the order stays."""
    ours: list[Token] = []
    foreign: list[str] = []
    for message_id in _once(message_ids)[:MESSAGE_IDS_MAX]:
        token = keyring.read_message_id(message_id, domain)
        if token is None:
            foreign.append(message_id)
        else:
            ours.append(token)
    return tuple(ours), tuple(foreign)


def _read(tokens: Iterable[Token | None]) -> Iterator[Token]:
    return (token for token in tokens if token is not None)


def _once(hints: Iterable[Hint]) -> tuple[Hint, ...]:
    return tuple(dict.fromkeys(hints))
