"""Measure a mail once, when it is read: by our own checks, or by the word of our border."""

from dataclasses import replace

from maild.base.words import DoorName
from maild.message.envelope import Envelope
from maild.message.model import Message
from maild.proof.authres import read_results
from maild.proof.domains import Resolve
from maild.proof.evaluate import evaluate
from maild.proof.model import Results
from maild.settings.model import Settings


def measure(octets: bytes, message: Message, envelope: Envelope, resolve: Resolve, settings: Settings) -> Results:
    """Return the results that are stored with the entry and that `judge` draws its verdict from.

    Mail from a trusted door is measured by the Authentication-Results of `[proof] authserv_id`; other mail by us, and
    the field is then ignored. LMTP without such a field is measured by us too, but for SPF, which needs the client.
    """
    domain = message.author.domain
    if not envelope.trusted:
        return evaluate(octets, envelope, resolve, domain=domain)
    told = read_results(
        message.fields,
        authserv_id=settings.proof.authserv_id,
        own_domains=settings.own_domains,
        domain=domain,
    )
    if told.source or envelope.door is not DoorName.LMTP:
        return told
    measured = evaluate(octets, replace(envelope, client=""), resolve, domain=domain)
    return replace(measured, notes=(*told.notes, *measured.notes))
