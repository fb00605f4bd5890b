"""What we send carries a signature that others can check."""

import base64
from datetime import UTC, datetime
from email import message_from_bytes

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from maild.proof.dkims import check_dkim
from maild.proof.signing import ED25519, RSA, BadKey, Signer, read_key, sign
from tests.unit.proof.signing import Table, ed25519_key, mail, rsa_key, zone

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
DNS = Table(zone("example.com", "xn--bcher-kva.example"))
RSA_KEY, ED_KEY = read_key(rsa_key()[0].decode()), read_key(ed25519_key()[0].decode())
PKCS8 = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8)


@pytest.mark.parametrize(("key", "selector"), [(RSA_KEY, "s1"), (ED_KEY, "e1")], ids=["RSA", "Ed25519"])
def test_a_receiver_believes_what_we_signed(key, selector):
    octets = sign(mail(), key, selector, "example.com", NOW)
    found = check_dkim(octets, DNS)
    assert (found.result, found.domains) == ("pass", ("example.com",))
    assert octets.endswith(mail())
    assert f"t={int(NOW.timestamp())};" in message_from_bytes(octets)["DKIM-Signature"].replace("\r\n", "")


@pytest.mark.parametrize("name", ["From", "Subject", "To", "Reply-To"])
def test_a_second_field_that_somebody_adds_breaks_the_signature(name):
    octets = sign(mail(), RSA_KEY, "s1", "example.com", NOW)
    assert check_dkim(octets + b"", DNS).result == "pass"
    assert check_dkim(f"{name}: Eve <eve@evil.example>\r\n".encode() + octets, DNS).result == "fail"


def test_changed_words_break_the_signature_and_a_relays_trace_does_not():
    octets = sign(mail(), ED_KEY, "e1", "example.com", NOW)
    assert check_dkim(octets.replace(b"Hello", b"Hullo"), DNS).result == "fail"
    assert check_dkim(b"Received: from relay.example by mx.example; now\r\n" + octets, DNS).result == "pass"


def test_the_same_mail_signed_at_the_same_time_is_the_same():
    for key, selector in ((RSA_KEY, "s1"), (ED_KEY, "e1")):
        assert sign(mail(), key, selector, "a.example", NOW) == sign(mail(), key, selector, "a.example", NOW)


def test_without_a_domain_of_its_own_the_domain_of_from_signs():
    octets = Signer(RSA_KEY, "s1").sign(mail("ana@bücher.example"), "ana@bücher.example", NOW)
    assert check_dkim(octets, DNS).domains == ("xn--bcher-kva.example",)
    octets = Signer(RSA_KEY, "s1", "example.com").sign(mail("ana@sub.example.com"), "ana@sub.example.com", NOW)
    assert check_dkim(octets, DNS).domains == ("example.com",)


@pytest.mark.parametrize("kind", [RSA, ED25519])
def test_keys_as_openssl_makes_them_are_read(kind):
    key = rsa.generate_private_key(65537, 1024) if kind == RSA else ed25519.Ed25519PrivateKey.generate()
    pem = key.private_bytes(*PKCS8, serialization.NoEncryption()).decode()
    assert (
        read_key(pem).algorithm == read_key(f"a comment\r\n{pem.replace(chr(10), chr(13) + chr(10))}").algorithm == kind
    )
    assert "PRIVATE" not in repr(read_key(pem))
    assert sign(mail(), read_key(pem), "s1", "example.com", NOW).startswith(b"DKIM-Signature: ")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no private key in PEM"),
        ("what is this?", "no private key in PEM"),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "neither an RSA nor an Ed25519"),
        ("-----BEGIN PRIVATE KEY-----\nA=A\n-----END PRIVATE KEY-----", "no private key in PEM"),
        ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "no private key in PEM"),
        ("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----", "a password"),
        (base64.b64encode(b"too short").decode(), "no private key in PEM"),
    ],
)
def test_what_is_no_key_is_refused_in_words(text, why):
    with pytest.raises(BadKey, match=why):
        read_key(text)


def test_a_key_that_no_receiver_looks_at_is_refused():
    short = rsa.generate_private_key(65537, 1024).private_numbers().p  # any number of 512 bits
    numbers = b"".join(_der(2, n.to_bytes(n.bit_length() // 8 + 1)) for n in (0, short, 65537, 1, 1, 1, 1, 1, 1))
    der = _der(0x30, numbers)
    pem = f"-----BEGIN RSA PRIVATE KEY-----\n{base64.b64encode(der).decode()}\n-----END RSA PRIVATE KEY-----"
    with pytest.raises(BadKey, match="512 bits"):
        read_key(pem)


def _der(tag, octets):
    return bytes([tag, 0x82]) + len(octets).to_bytes(2) + octets
