"""The desk of these tests, and a short way to a rendered notice."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from functools import cache
from pathlib import Path

from maild.notice.render import render
from maild.notice.templates import Templates
from maild.proof.tokens import Keyring
from maild.settings.model import Settings

TEMPLATES = Path(__file__).resolve().parents[3] / "templates"
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
KEYRING = Keyring((("a", b"a secret of the tests, thirty-two octets"),))


@cache
def settings():
    return Settings.model_validate(
        {
            "desk": {
                "name": "Acme Support",
                "domain": "desk.example.com",
                "prefix": "ACME",
                "languages": ["en", "es"],
                "timezone": "Europe/Madrid",
                "reply_address": "desk@desk.example.com",
            },
            "queue": [{"name": "support", "address": "support@example.com", "team": "first-line"}],
            "team": [{"name": "first-line", "members": ["ana@example.com", "ben@example.com"]}],
            "agent": [{"address": "ben@example.com", "name": "Ben", "timezone": "America/New_York"}],
        }
    )


@cache
def templates():
    return Templates((TEMPLATES,))


def nothing_to_fetch(entry, attachment):
    raise AssertionError(f"{entry} {attachment.filename} was not asked for")


def rendered(notice, index=0, *, stimulus="01ENTRY", now=NOW, fetch=nothing_to_fetch, with_=None):
    """Return the finished mails of a notice."""
    return render(
        notice,
        index,
        stimulus=stimulus,
        settings=settings(),
        keyring=KEYRING,
        templates=with_ or templates(),
        now=now,
        fetch=fetch,
    )


def read(composed):
    """Return a finished mail as the standard library reads it."""
    return message_from_bytes(composed.octets, policy=default)


def body(composed, kind="plain"):
    """Return the text or the HTML of a finished mail, with bare line feeds."""
    part = read(composed).get_body((kind,))
    return part.get_content().replace("\r\n", "\n")
