"""What goes out is right to the octet, whatever the words in it."""

import email
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maild.message.compose import Outgoing, compose, thread
from maild.message.model import Address
from maild.message.parse import parse

MAIL = Outgoing(
    from_=Address("Ana Ruiz (Acme Support)", "support@example.com"),
    to=(Address("Marta", "marta@example.org"),),
    subject="[ACME-1R] ¿Qué tal?",
    message_id="<1.abc@desk.example.com>",
    date=datetime(2026, 11, 23, 9, 0, tzinfo=UTC),
    text="Hola Marta,\n\n.\nsí\n-- \nAna\n",
)
ATTACKS = [
    "x\r\nBcc: evil@x.org",
    "x\nBcc: evil@x.org",
    "x\rBcc: evil@x.org",
    "x\u2028Bcc: e@x",
    "x\x0bBcc: e@x",
    "x\x00y",
    "\x85Bcc: e",
]


def field_names(octets):
    head = octets.partition(b"\r\n\r\n")[0]
    return [line.partition(b":")[0].decode() for line in re.split(rb"\r\n(?![ \t])", head)]


def check(octets):
    assert b"\r" not in octets.replace(b"\r\n", b"")
    assert b"\n" not in octets.replace(b"\r\n", b"")
    assert max(map(len, octets.split(b"\r\n"))) <= 998
    assert octets.isascii()
    assert "Bcc" not in field_names(octets)


def test_a_mail_reads_as_it_was_meant():
    mail = replace(
        MAIL,
        html="<p>Hola</p>",
        cc=(Address("Бен", "ben@example.org"),),
        reply_to=(Address("", "desk+r.1@example.com"),),
    )
    octets = compose(mail)
    check(octets)
    message = parse(octets)
    assert message.defects == ()
    assert (message.subject, message.text, message.html) == (mail.subject, mail.text, "<p>Hola</p>\n")
    assert (message.from_, message.to, message.cc) == ((mail.from_,), mail.to, mail.cc)
    assert message.reply_to == mail.reply_to
    assert message.date == mail.date
    assert message.content_type == "multipart/alternative"


def test_the_same_mail_gives_the_same_octets():
    mail = replace(MAIL, html="<p>x</p>", attachments=(("a.txt", "text/plain", b"x"),))
    assert compose(mail) == compose(mail)
    assert b"boundary" in compose(mail)


def test_automatic_mail_says_that_it_is():
    message = parse(compose(replace(MAIL, automatic="auto-replied")))
    assert message.values("Auto-Submitted") == ("auto-replied",)
    assert message.values("X-Auto-Response-Suppress") == ("OOF, AutoReply, DR, RN, NRN",)
    assert parse(compose(MAIL)).values("Auto-Submitted") == ()
    with pytest.raises(ValueError, match="Auto-Submitted"):
        compose(replace(MAIL, automatic="no\r\nBcc: x"))


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_value_breaks_out_of_its_field(attack):
    mail = replace(
        MAIL,
        from_=Address(attack, "support@example.com"),
        to=(Address(attack, "marta@example.org"), Address("", "a@b" + attack)),
        subject=attack,
        in_reply_to="<a@b" + attack + ">",
        references=("<a@b" + attack + ">", "<r@x>"),
        headers=(("X-Maild-Ticket", attack),),
        attachments=((attack, "text/" + attack, b"x"),),
        text=attack,
    )
    octets = compose(mail)
    check(octets)
    assert parse(octets).references == ("<r@x>",)
    assert parse(octets).in_reply_to == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"from_": Address("", "nobody")}, "no address to send from"),
        ({"to": (Address("", "x"),)}, "no recipient"),
        ({"message_id": "<a@b\r\n>"}, "no Message-ID"),
        ({"headers": (("X\r\nBcc", "x"),)}, "further header field"),
        ({"headers": (("Subject", "x"),)}, "further header field"),
        ({"headers": (("Content-Type", "x"),)}, "further header field"),
    ],
)
def test_a_mail_that_cannot_be_right_is_refused(change, words):
    with pytest.raises(ValueError, match=words):
        compose(replace(MAIL, **change))


def test_long_tokens_are_never_turned_into_encoded_words():
    long = f"<{'a' * 150}@desk.example.com>"
    octets = compose(
        replace(MAIL, message_id=long, in_reply_to=long, references=(long, "<r@x>"), headers=(("List-Id", long),))
    )
    check(octets)
    assert octets.count(long.encode()) == 4
    message = parse(octets)
    assert (message.message_id, message.in_reply_to, message.references) == (long, (long,), (long, "<r@x>"))


def test_references_keep_the_root_and_the_newest():
    ids = tuple(f"<{number}@x>" for number in range(20))
    assert thread(ids) == (*ids[:4], *ids[-6:])
    assert thread((*ids[:3], ids[0], "junk")) == ids[:3]


def test_domains_of_other_letters_go_out_as_a_labels():
    octets = compose(replace(MAIL, to=(Address("", "marta@exämple.org"), Address("", "mártá@example.org"))))
    assert b"marta@xn--exmple-cua.org" in octets
    assert len(parse(octets).to) == 1  # a local part of other letters would need SMTPUTF8


def test_attachments_arrive_octet_by_octet():
    octets = bytes(range(256)) * 40
    mail = replace(
        MAIL, attachments=(("../Übersicht.pdf", "application/pdf", octets), ("m.eml", "message/rfc822", b"x: y\n\nz"))
    )
    message = parse(compose(mail))
    assert [found.filename for found in message.attachments] == ["Übersicht.pdf", "m.eml"]
    assert message.attachments[0].size == len(octets)
    assert message.attachments[1].content_type == "application/octet-stream"


@settings(max_examples=150)
@given(st.text(max_size=300), st.text(max_size=80), st.text(max_size=400))
def test_any_words_survive_the_way(subject, name, text):
    mail = replace(MAIL, subject=subject, to=(Address(name, "marta@example.org"),), text=text, html=text)
    octets = compose(mail)
    check(octets)
    message = parse(octets)
    assert [found.address for found in message.to] == ["marta@example.org"]
    assert message.author == MAIL.from_


def test_a_long_name_does_not_end_the_header():
    """The library leaves a line of blanks before a word that is longer than a line."""
    mail = Outgoing(
        from_=Address("x " + "a" * 90, "desk@example.com"),
        to=(Address(" " + "b" * 90, "marta@example.org"), Address("c" * 90, "luis@example.org")),
        subject="Printer",
        message_id="<1@example.com>",
        date=datetime(2026, 11, 23, 9, 0, tzinfo=UTC),
        text="Hello",
    )
    read = email.message_from_bytes(compose(mail))
    assert read["MIME-Version"] == "1.0"
    assert read.get_payload() == "Hello\r\n", read
