"""What the desk sends is signed when it is composed, with the key of the configuration."""

import base64
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path

import dkim
import pytest
from nacl.signing import SigningKey

from maild.desk.effects import Decision
from maild.notice.samples import sample
from maild.service.composing import compose_all
from maild.service.configuration import ensure_secret, examine, load
from maild.service.office import open_office

EXAMPLE = (Path(__file__).parents[1] / "settings" / "example.toml").read_text(encoding="utf-8")
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
KEY = SigningKey(bytes(range(32)))


@pytest.fixture
def desk(tmp_path, monkeypatch):
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    path = tmp_path / "maild.toml"
    keys = '[outgoing]\ndkim_key_file = "dkim.pem"\ndkim_selector = "desk"\n'
    path.write_text(EXAMPLE.replace("[outgoing]\n", keys), encoding="utf-8")
    (tmp_path / "dkim.pem").write_bytes(base64.b64encode(bytes(KEY)))
    return path


def _answer(name, **_):
    public = base64.b64encode(bytes(KEY.verify_key)).decode()
    names = (b"desk._domainkey.example.com.", b"desk._domainkey.desk.example.com.")
    return f"v=DKIM1; k=ed25519; p={public}".encode() if name in names else None


@pytest.mark.parametrize("template", ["acknowledgement", "resolved", "assigned", "alert"])
def test_each_mail_of_the_desk_is_signed_by_the_domain_of_its_from(desk, template):
    office = open_office(ensure_secret(load(desk)), NOW)
    (composed,) = compose_all(Decision("e1", notices=(sample(template, "en"),)), office, NOW, _nothing)
    assert dkim.verify(composed.octets, dnsfunc=_answer)
    signature = message_from_bytes(composed.octets)["DKIM-Signature"]
    sealed = "".join(signature.partition("h=")[2].partition(";")[0].split()).split(":")
    assert [sealed.count(name) for name in ("from", "subject", "to", "reply-to")] == [2, 2, 2, 2]
    assert composed == compose_all(Decision("e1", notices=(sample(template, "en"),)), office, NOW, _nothing)[0]


def test_without_a_key_nothing_is_signed(desk):
    desk.write_text(EXAMPLE, encoding="utf-8")
    office = open_office(ensure_secret(load(desk)), NOW)
    (composed,) = compose_all(Decision("e1", notices=(sample("resolved", "en"),)), office, NOW, _nothing)
    assert b"DKIM-Signature" not in composed.octets


def test_a_key_that_is_none_is_a_fault_that_says_so(desk):
    key = desk.parent / "dkim.pem"
    key.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    assert any("dkim_key_file" in str(f) and "no private key in PEM" in str(f) for f in examine(desk).faults)
    key.write_bytes(b"\xff\xfe")
    assert any("dkim_key_file" in str(f) and "cannot be read" in str(f) for f in examine(desk).faults)
    key.unlink()
    assert any("dkim_key_file" in str(f) and "no such file" in str(f) for f in examine(desk).faults)


def _nothing(entry, attachment):
    raise AssertionError(f"{entry} {attachment.filename} was not asked for")
