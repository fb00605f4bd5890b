"""An agent signs his mail: with S/MIME by a certificate, with PGP/MIME by a key; each test makes its own."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID

from maild.base.limits import DEFAULT_LIMITS
from maild.base.words import DoorName
from maild.message.envelope import Envelope
from maild.message.parse import parse
from maild.proof.judge import why_signature_fails
from maild.proof.model import Results
from maild.proof.signatures import PGP, SMIME, AgentKey, check_signature, read_agent_key

pysequoia = pytest.importorskip("pysequoia", reason="the library for OpenPGP is not installed")

ANA = "ana@example.com"
ENTITY = b"Content-Type: text/plain; charset=utf-8\r\n\r\n#merge 12\r\nHello.\r\n"
HEAD = b"From: Ana <ana@example.com>\r\nSubject: x\r\nDate: Mon, 23 Nov 2026 09:00:00 +0000\r\nMIME-Version: 1.0\r\n"


def certificate(key):
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Ana")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(7).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=9))
    return made.sign(key, hashes.SHA256())


KEYS = {"rsa": rsa.generate_private_key(65537, 2048), "ec": ec.generate_private_key(ec.SECP256R1())}
CERTIFICATES = {name: certificate(key) for name, key in KEYS.items()}


def pem(name):
    return CERTIFICATES[name].public_bytes(serialization.Encoding.PEM)


def smime(name="rsa", entity=ENTITY, digest=None, opaque=False):
    """A mail as a client signs it."""
    options = [pkcs7.PKCS7Options.Binary, *([] if opaque else [pkcs7.PKCS7Options.DetachedSignature])]
    builder = pkcs7.PKCS7SignatureBuilder().set_data(entity)
    der = builder.add_signer(CERTIFICATES[name], KEYS[name], digest or hashes.SHA256()).sign(
        serialization.Encoding.DER, options
    )
    import base64

    encoded = base64.encodebytes(der).replace(b"\n", b"\r\n")
    if opaque:
        kind = b"Content-Type: application/pkcs7-mime; smime-type=signed-data\r\nContent-Transfer-Encoding: base64\r\n"
        return HEAD + kind + b"\r\n" + encoded
    return signed(entity, b"application/pkcs7-signature", encoded, b"base64")


def signed(entity, kind, signature, encoding=b"7bit"):
    return b"".join(
        (
            HEAD + b'Content-Type: multipart/signed; boundary="bb"; protocol="' + kind + b'"; micalg=sha-256\r\n\r\n',
            b"--bb\r\n" + entity + b"\r\n--bb\r\n",
            b"Content-Type: " + kind + b"\r\nContent-Transfer-Encoding: " + encoding + b"\r\n\r\n",
            signature + b"\r\n--bb--\r\n",
        )
    )


TSK = pysequoia.Tsk.generate("Ana <ana@example.com>")


def pgp(entity=ENTITY, tsk=TSK):
    made = pysequoia.sign(tsk.signer(), entity, mode=pysequoia.SignatureMode.DETACHED)
    return signed(entity, b"application/pgp-signature", bytes(made).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))


def pgp_key(tsk=TSK):
    return AgentKey(ANA, PGP, str(tsk.extract_certificate()).encode())


def check(octets, *keys):
    return check_signature(octets, parse(octets), keys, DEFAULT_LIMITS)


def key(name="rsa"):
    return AgentKey(ANA, SMIME, pem(name))


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.parametrize("opaque", [False, True])
def test_an_agents_own_certificate_proves_his_mail(name, opaque):
    found = check(smime(name, opaque=opaque), key(name))
    assert (found.result, found.agent, found.method) == ("pass", ANA, SMIME), found.because
    assert found.made_at
    assert found.id


def test_an_agents_own_openpgp_key_proves_his_mail():
    found = check(pgp(), pgp_key())
    assert (found.result, found.agent, found.method) == ("pass", ANA, PGP), found.because
    assert found.made_at


@pytest.mark.parametrize("make", [smime, pgp])
def test_words_that_were_changed_afterwards_prove_nothing(make):
    found = check(make().replace(b"#merge 12", b"#merge 13"), key(), pgp_key())
    assert (found.result, found.agent) == ("fail", "")


def test_the_key_of_somebody_else_proves_nothing():
    assert check(smime("ec"), key("rsa")).result == "fail"
    assert check(pgp(tsk=pysequoia.Tsk.generate("Mallory <m@evil.example>")), pgp_key()).result == "fail"
    assert check(smime()).result == "fail"


def test_a_signed_block_within_a_larger_mail_proves_nothing_of_the_rest():
    above = b"Content-Type: text/plain\r\n\r\n#close\r\n"
    octets = smime().replace(b"--bb\r\n" + ENTITY, b"--bb\r\n" + above + b"\r\n--bb\r\n" + ENTITY)
    assert check(octets, key()).result == "fail"
    wrapped = HEAD + b'Content-Type: multipart/mixed; boundary="cc"\r\n\r\n--cc\r\n' + above + b"\r\n--cc\r\n"
    assert check(wrapped + smime()[len(HEAD) :] + b"\r\n--cc--\r\n", key()).result == ""


def test_a_mail_without_a_signature_says_nothing():
    assert check(HEAD + ENTITY, key()).result == ""


@pytest.mark.parametrize("cut", [60, 200, 900])
def test_a_broken_signature_proves_nothing_and_breaks_nothing(cut):
    octets = smime()
    assert check(octets[:-cut], key()).result in {"", "fail"}
    opaque = smime(opaque=True)
    assert check(opaque[: len(opaque) - cut], key()).result in {"", "fail"}


def test_the_same_signature_has_one_id_however_it_is_sent():
    octets = smime()
    assert check(octets, key()).id == check(octets.replace(b"Subject: x", b"Subject: y"), key()).id


def proof_of(made_at, agent=ANA, at=None):
    at = at or datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    results = Results(signature="pass", signature_agent=agent, signature_made_at=made_at)
    return why_signature_fails(results, parse(HEAD + ENTITY), Envelope(DoorName.SMTP, at), ANA)


def test_a_fresh_signature_speaks_and_an_old_one_of_his_does_not():
    assert proof_of("2026-11-22T20:00:00Z") == ""
    assert "too long ago" in proof_of("2026-11-19T20:00:00Z")
    assert "still to come" in proof_of("2026-11-23T10:00:00Z")


def test_a_signature_of_one_agent_does_not_speak_for_another():
    assert proof_of("2026-11-22T20:00:00Z", agent="ben@example.com")


def test_a_second_from_is_not_spoken_for():
    results = Results(signature="pass", signature_agent=ANA, signature_made_at="2026-11-23T08:00:00Z")
    message = parse(b"From: ana@example.com\r\n" + HEAD + ENTITY)
    message = replace(message, from_=message.from_[:1])
    envelope = Envelope(DoorName.SMTP, datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
    assert why_signature_fails(results, message, envelope, ANA)


def test_what_is_no_key_is_told_when_the_configuration_is_read():
    assert read_agent_key(ANA, SMIME, pem("rsa")).method == SMIME
    assert read_agent_key(ANA, PGP, pgp_key().octets).method == PGP
    for method in (SMIME, PGP):
        with pytest.raises(ValueError, match=r"\S"):
            read_agent_key(ANA, method, b"nonsense")
