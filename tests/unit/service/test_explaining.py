"""What explain knows when there is a configuration."""

from datetime import UTC, datetime
from pathlib import Path

from maild.base.words import DoorName, Kind, Purpose
from maild.message.envelope import Envelope
from maild.proof.tokens import Keyring
from maild.service.configuration import Configuration
from maild.service.explaining import Prospect, Prospector, understand
from maild.settings.model import Settings

ENVELOPE = Envelope(DoorName.INGEST, datetime(2026, 11, 21, tzinfo=UTC), trusted=True)
KEYS = (("a", b"k" * 32),)
SETTINGS = Settings.model_validate(
    {
        "desk": {"domain": "desk.example.com", "reply_address": "desk@desk.example.com"},
        "proof": {"authserv_id": "mx.example.com"},
        "queue": [{"name": "support", "address": "support@example.com", "team": "first", "sla": "standard"}],
    }
)
CONFIGURATION = Configuration(SETTINGS, Path("/etc/maild/maild.toml"), KEYS)
MAIL = (
    b"Authentication-Results: mx.example.com; dmarc=pass header.from=example.org\r\nFrom: ana@example.org\r\n"
    b"Message-ID: <m1@example.org>\r\nSubject: Printer\r\n\r\nIt does not print.\r\n"
)


def test_an_authentication_results_field_of_ours_is_told():
    assert understand(MAIL, ENVELOPE, CONFIGURATION).results.dmarc == "pass"
    assert understand(MAIL, ENVELOPE, None).results.dmarc == ""


def test_a_field_of_somebody_else_is_not():
    assert understand(MAIL.replace(b"mx.example.com", b"mx.example.net"), ENVELOPE, CONFIGURATION).results.dmarc == ""


def test_a_mail_of_ours_is_a_loop():
    message_id = Keyring(KEYS).message_id(Purpose.PUBLIC, 7, "a" * 10, "desk.example.com").encode()
    ours = MAIL.replace(b"<m1@example.org>", message_id)
    assert understand(ours, ENVELOPE, CONFIGURATION).finding.kind is Kind.LOOP
    assert understand(ours, ENVELOPE, Configuration(SETTINGS, Path("/x"))).finding.kind is Kind.HUMAN
    assert understand(
        MAIL.replace(b"ana@example.org", b"support@example.com"), ENVELOPE, CONFIGURATION
    ).finding.kind is (Kind.LOOP)


def test_without_a_configuration_nothing_is_said_of_tickets():
    assert Prospector(None).explain(understand(MAIL, ENVELOPE, None), ENVELOPE) == Prospect()
