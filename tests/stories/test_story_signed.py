"""An agent who signs his mail with his own certificate needs no token and no code, and his signature counts once."""

import base64
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID

from tests.stories.stage import LANGUAGES, Stage, steady
from tests.support.desk import Clock, Desk

KEY = ec.generate_private_key(ec.SECP256R1())
NOW = datetime.now().astimezone()  # a signature says the time of this machine


def certificate() -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Ana Ruiz")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(KEY.public_key())
    made = made.serial_number(7).not_valid_before(NOW - timedelta(days=1)).not_valid_after(NOW + timedelta(days=9))
    return made.sign(KEY, hashes.SHA256())


CERTIFICATE = certificate()


@pytest.fixture(scope="module")
def stage(tmp_path_factory) -> Iterator[Stage]:
    """A desk that knows Ana's certificate, and believes her no other way without a code."""
    folder = tmp_path_factory.mktemp("signed")
    (folder / "ana.pem").write_bytes(CERTIFICATE.public_bytes(serialization.Encoding.PEM))

    def change(text: str) -> str:
        text = steady("en")(text)
        return text.replace('name = "Ana Ruiz"', 'name = "Ana Ruiz"\nsmime_certificate_file = "ana.pem"')

    desk = Desk(folder, change, clock=Clock(datetime.now().astimezone()))
    try:
        desk.start()
        yield Stage(desk, LANGUAGES["en"])
    finally:
        desk.close()


def signed(text: str, subject: str, number: int = 1, author: str = "ana@example.com") -> bytes:
    body = text.replace("\n", "\r\n")
    entity = f"Content-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n".encode()
    options = [pkcs7.PKCS7Options.Binary, pkcs7.PKCS7Options.DetachedSignature]
    builder = pkcs7.PKCS7SignatureBuilder().set_data(entity).add_signer(CERTIFICATE, KEY, hashes.SHA256())
    signature = base64.encodebytes(builder.sign(serialization.Encoding.DER, options)).replace(b"\n", b"\r\n")
    return around(entity, signature, subject, number, author)


def around(entity: bytes, signature: bytes, subject: str, number: int, author: str) -> bytes:
    head = (
        f"From: Ana Ruiz <{author}>\r\nTo: support@example.com\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n"
        f"Message-ID: <{number}.{subject.strip('[]')}@example.com>\r\nDate: {NOW:%a, %d %b %Y %H:%M:%S %z}\r\n"
        'Content-Type: multipart/signed; boundary="bb"; protocol="application/pkcs7-signature"; micalg=sha-256\r\n\r\n'
    )
    kind = b"Content-Type: application/pkcs7-signature\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head.encode() + b"--bb\r\n" + entity + b"\r\n--bb\r\n" + kind + signature + b"--bb--\r\n"


def arrived(stage: Stage, octets: bytes) -> dict[str, Any]:
    """Hand a mail in and return its row in the journal once it is decided on."""
    return stage.desk.settled(stage.desk.send(octets))


def test_a_signed_command_that_destroys_runs_without_a_code_and_a_copy_of_it_does_not(stage):
    one, two = stage.opened(), stage.opened()
    octets = signed("#block spammer@example.net\n#priority high", f"[{one.key}]")
    row = arrived(stage, octets)
    assert row["state"] == "applied", row["because"]
    assert one.ticket()["priority"] == "high"
    again = octets.replace(one.key.encode(), two.key.encode())
    row = arrived(stage, again)
    assert row["state"] == "quarantined"
    assert two.ticket()["priority"] == "normal"


def test_the_ticket_shows_by_whose_key_a_mail_was_signed(stage):
    talk = stage.opened()
    arrived(stage, signed("#note\nSigned and sealed.", f"[{talk.key}]"))
    note = talk.ticket()["messages"][-1]
    assert note["new_text"].strip() == "Signed and sealed."
    assert "signed by the key of ana@example.com" in note["authentication"]


def test_words_that_were_changed_are_held(stage):
    talk = stage.opened()
    octets = signed("#priority low", f"[{talk.key}]").replace(b"#priority low", b"#priority high")
    assert arrived(stage, octets)["state"] == "quarantined"
    assert talk.ticket()["priority"] == "normal"


def test_ben_cannot_use_what_ana_signed(stage):
    talk = stage.opened()
    octets = signed("#priority urgent", f"[{talk.key}]", author="ben@example.com")
    assert arrived(stage, octets)["state"] == "quarantined"
    assert talk.ticket()["priority"] == "normal"
