"""Which mail is for the batch mailbox."""

from datetime import UTC, datetime

import pytest

from maild.base.words import DoorName
from maild.message.envelope import Envelope
from maild.message.model import Address, Message
from maild.service.addressing import is_to_control
from tests.unit.desk.bench import settings

CONTROL = "control@desk.example.com"
NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rcpt_to", "to", "cc", "meant"),
    [
        ((CONTROL,), ("support@example.com",), (), True),
        (("CONTROL@desk.example.com",), (), (), True),
        ((CONTROL, "support@example.com"), (), (), False),
        (("support@example.com",), (CONTROL,), (), False),
        ((), (CONTROL,), (), True),
        ((), ("else@example.org",), (CONTROL,), True),
        ((), (CONTROL, "help@example.com"), (), False),
        ((), ("support@example.com",), (), False),
    ],
)
def test_the_envelope_says_so_or_else_the_header_and_a_queue_goes_before(rcpt_to, to, cc, meant):
    message = Message("", "", 0, to=tuple(Address("", a) for a in to), cc=tuple(Address("", a) for a in cc))
    assert is_to_control(message, Envelope(DoorName.SMTP, NOW, rcpt_to=rcpt_to), settings()) is meant


def test_a_desk_without_a_batch_mailbox_has_no_mail_for_it():
    alone = settings().model_copy(update={"desk": settings().desk.model_copy(update={"control_address": ""})})
    message = Message("", "", 0, to=(Address("", ""),))
    assert not is_to_control(message, Envelope(DoorName.SMTP, NOW, rcpt_to=("",)), alone)
