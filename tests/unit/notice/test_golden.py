"""Whole mails, as they go to the smarthost. `MAILD_GOLDEN=write` writes them anew; look at the difference then."""

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from maild.message.model import Address
from maild.notice.samples import sample
from tests.unit.notice.desk import rendered

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "notice"
NAMES = ("acknowledgement", "agent-replied", "assigned", "escalated", "requester-wrote", "transcript", "resolved")


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("name", NAMES)
def test_the_mail_is_still_the_one_we_once_looked_at(name, language):
    notice = sample(name, language)
    if name == "agent-replied":
        notice = replace(notice, cc=(Address("Luis Peña", "luis@example.org"),))
    (composed,) = rendered(notice)
    envelope = f"X-Envelope-From: <{composed.mail_from}>\r\nX-Envelope-To: <{composed.rcpt_to}>\r\n".encode()
    path = GOLDEN / f"{name}.{language}.eml"
    if os.environ.get("MAILD_GOLDEN") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(envelope + composed.octets)
    assert path.read_bytes() == envelope + composed.octets


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.eml")), ids=lambda path: path.stem)
def test_a_golden_mail_keeps_to_the_rules_of_the_wire(path):
    octets = path.read_bytes()
    assert octets.isascii()
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", octets)
    assert max(map(len, octets.split(b"\r\n"))) <= 998
    for field in (b"From", b"To", b"Date", b"Message-ID", b"In-Reply-To", b"References", b"Reply-To", b"MIME-Version"):
        assert re.search(rb"^" + field + rb": ", octets, re.MULTILINE), field
