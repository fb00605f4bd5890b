"""To which queues a mail was written, and who asks in it."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from maild.message.addresses import read_addresses
from maild.message.envelope import Envelope
from maild.message.model import Message
from maild.settings.model import Queue, Settings

# After the envelope; the first field that names a queue decides.
DELIVERY_FIELDS = ("Delivered-To", "X-Original-To", "Envelope-To")
RESENT_FIELDS = ("Resent-To",)


def queues_of(message: Message, envelope: Envelope, settings: Settings) -> tuple[tuple[str, ...], str]:
    """Return the names of the queues that a mail was written to, in order, and the address that named the first.

    The envelope rules where it is known; else the first header field that names a queue; else the mailbox's
    own queue, or the one that an administrator released it to. Empty when none is ours.
    """
    for addresses in _places(message, envelope):
        named = _named(addresses, settings)
        if named:
            return tuple(dict.fromkeys(queue.name for queue, _ in named)), named[0][1]
    queue = settings.queue_named(envelope.queue) if envelope.queue else None
    return ((queue.name,), queue.address) if queue is not None else ((), "")


def is_to_control(message: Message, envelope: Envelope, settings: Settings) -> bool:
    """Tell whether a mail was written to the batch mailbox: by its envelope, else by its header."""
    control = settings.desk.control_address.lower()
    for place in _places(message, envelope):
        if control and control in {address.strip().lower() for address in place}:
            # Beside a queue it is a mail to that queue, and nobody's question is lost.
            return not _named(place, settings)
        if place is envelope.rcpt_to and place:
            return False
    return False


def _places(message: Message, envelope: Envelope) -> Iterator[tuple[str, ...]]:
    yield envelope.rcpt_to
    for name in DELIVERY_FIELDS:
        yield tuple(a.key for value in message.values(name) for a in read_addresses(value))
    yield tuple(a.key for a in message.to)
    yield tuple(a.key for a in message.cc)
    for name in RESENT_FIELDS:
        yield tuple(a.key for value in message.values(name) for a in read_addresses(value))


def _named(addresses: Iterable[str], settings: Settings) -> list[tuple[Queue, str]]:
    found = []
    for address in addresses:
        bare = _without_tag(address.strip().lower(), settings.desk.recipient_delimiter)
        queue = settings.queue_of_address(address) or settings.queue_of_address(bare)
        if queue is not None:
            found.append((queue, address.strip().lower() if settings.queue_of_address(address) else bare))
    return found


def _without_tag(address: str, delimiter: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local.partition(delimiter)[0]}@{domain}" if delimiter else address


def as_asked(message: Message, queues: tuple[str, ...], settings: Settings) -> Message:
    """Return the message with the person who asks as its author: a web form's Reply-To, else From."""
    for name in queues:
        queue = settings.queue_named(name)
        if queue is not None and message.author.key in queue.forms and len(message.reply_to) == 1:
            return replace(message, from_=message.reply_to)
    return message
