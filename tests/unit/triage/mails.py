"""Mails for the tests of triage, made of what triage looks at."""

from datetime import UTC, datetime

from maild.base.words import DoorName
from maild.message.envelope import Envelope
from maild.message.model import Address, Field, Message, Report, Span
from maild.triage import Finding, OwnMarks, classify

OWN = OwnMarks(
    addresses=frozenset({"support@example.com", "desk@desk.example.com"}),
    domain="desk.example.com",
    loop="this-desk",
    is_ours=frozenset({"<ours@desk.example.com>"}),
)


def kind_of(
    subject: str = "Printer",
    text: str = "It does not print.",
    *,
    sender: str = "ana@example.org",
    sender_name: str = "Ana",
    mail_from: str | None = "ana@example.org",
    message_id: str = "<1@example.org>",
    report: Report | None = None,
    in_reply_to: tuple[str, ...] = (),
    own: OwnMarks = OWN,
    **fields: str,
) -> Finding:
    """Classify a mail with these fields; an underscore in a field's name is a hyphen."""
    message = Message(
        sha256="",
        content_hash="",
        size=1,
        message_id=message_id,
        subject=subject,
        text=text,
        spans=(Span(0, len(text), "new"),),
        from_=(Address(sender_name, sender),) if sender else (),
        in_reply_to=in_reply_to,
        report=report,
        fields=tuple(Field(name.replace("_", "-"), value) for name, value in fields.items()),
    )
    envelope = Envelope(DoorName.SMTP, datetime(2026, 11, 21, tzinfo=UTC), mail_from=mail_from)
    return classify(message, envelope, own)
