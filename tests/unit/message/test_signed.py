"""Mail that is signed: its content is read, nobody says that the signature was checked."""

import base64

import pytest

from maild.message.attachments import read_part
from maild.message.parse import parse

ENTITY = b"""Content-Type: multipart/mixed; boundary=q

--q
Content-Type: text/plain; charset=utf-8

Hola, no va.
--q
Content-Type: application/pdf; name=a.pdf
Content-Disposition: attachment
Content-Transfer-Encoding: base64

aG9sYQ==
--q--
""".replace(b"\n", b"\r\n")
SIGNED_DATA, DATA = bytes.fromhex("06092a864886f70d010702"), bytes.fromhex("06092a864886f70d010701")
REST = b"\xa0\x02xx1\x00"


def _definite(tag, content):
    size = len(content)
    octets = (size.bit_length() + 7) // 8
    length = bytes([size]) if size < 128 else bytes([0x80 | octets]) + size.to_bytes(octets, "big")
    return bytes([tag]) + length + content


def _streamed(tag, content):
    return bytes([tag, 0x80]) + content + b"\0\0"


def _container(wrap, strings):
    carried = wrap(0x30, DATA + wrap(0xA0, strings))
    return wrap(0x30, SIGNED_DATA + wrap(0xA0, wrap(0x30, b"\x02\x01\x01" + _definite(0x31, b"") + carried + REST)))


PIECES = _streamed(0x24, _definite(4, ENTITY[:100]) + _definite(4, ENTITY[100:]))
CONTAINERS = {"definite": _container(_definite, _definite(4, ENTITY)), "streamed": _container(_streamed, PIECES)}


def _mail(octets):
    head = b"From: a@b.example\nDate: Sun, 22 Nov 2026 10:00:00 +0000\nSubject: x\nMIME-Version: 1.0\n"
    kind = b"Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\n"
    return head + kind + b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(octets)


@pytest.mark.parametrize("octets", CONTAINERS.values(), ids=CONTAINERS)
def test_the_words_and_files_of_a_signed_container_are_read(octets):
    mail = _mail(octets)
    message = parse(mail)
    assert message.text.strip() == message.new_text.strip() == "Hola, no va."
    assert [(a.filename, a.size) for a in message.attachments[1:]] == [("a.pdf", 4)]
    assert read_part(mail, message.attachments[1].part) == b"hola"
    assert message.defects == ("signed: S/MIME, not checked",)


@pytest.mark.parametrize(
    "octets", [b"", b"0", b"\x30\x80" * 5_000, b"\x30\x84\xff\xff\xff\xff", bytes(range(256)), b"\x24\x80" * 9_000]
)
def test_a_container_that_is_none_stays_an_attachment(octets):
    message = parse(_mail(octets))
    assert message.text == ""
    assert "S/MIME: signed-data" in message.defects


@pytest.mark.parametrize("cut", range(0, 300, 7))
def test_a_container_that_is_cut_anywhere_does_no_harm(cut):
    assert parse(_mail(CONTAINERS["streamed"][:cut])).attachments[0].filename == "smime.p7m"


def test_a_container_in_a_container_stays_closed():
    inner = _mail(CONTAINERS["definite"])
    message = parse(_mail(_container(_definite, _definite(4, inner))))
    assert message.text == ""
    assert "S/MIME: signed-data" in message.defects


@pytest.mark.parametrize(
    ("protocol", "said"),
    [
        ("application/pgp-signature", "signed: PGP, not checked"),
        ("application/pkcs7-signature", "signed: S/MIME, not checked"),
        ("application/x-other", "signed: unknown kind, not checked"),
    ],
)
def test_a_detached_signature_is_named_and_the_body_is_read(protocol, said):
    mail = (
        f'From: a@b.example\nMIME-Version: 1.0\nContent-Type: multipart/signed; boundary=s; protocol="{protocol}"\n\n'
        f"--s\nContent-Type: text/plain\n\nNo va.\n--s\nContent-Type: {protocol}\n\nxx\n--s--\n"
    )
    message = parse(mail.encode())
    assert message.new_text == "No va."
    assert said in message.defects


def test_the_armour_of_pgp_is_no_word_of_the_sender():
    armour = "-----BEGIN PGP SIGNATURE-----\nVersion: x\n\niQEzBAEB\n=abcd\n-----END PGP SIGNATURE-----\n"
    mail = f"From: a@b.example\n\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nHola, no va.\n\n{armour}"
    message = parse(mail.encode())
    assert message.new_text == "Hola, no va."
    assert "signed: PGP in the text, not checked" in message.defects


def test_a_mail_that_nobody_can_read_says_so():
    mail = b"From: a@b.example\n\n-----BEGIN PGP MESSAGE-----\n\nhQEM\n-----END PGP MESSAGE-----\n"
    assert "encrypted: PGP in the text" in parse(mail).defects
