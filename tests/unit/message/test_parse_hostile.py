"""Any octets become a Message, soon, and the limit that was passed is named."""

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maild.base.limits import Limits
from maild.message.attachments import read_part
from maild.message.parse import parse
from tests.support.cost import costs_at_most

YARDSTICKS = 100  # Ten times what these take. Unmended they take up to minutes.
HEAD = b"From: a@example.org\nSubject: x\n"
MIXED = b"Content-Type: multipart/mixed; boundary=a\n\n"


def nested(depth):
    opening = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\nContent-Disposition: attachment\n\n--b%d\n" % (i, i)
        for i in range(depth)
    )
    return opening + b"\n%s" + b"".join(b"\n--b%d--\n" % i for i in reversed(range(depth)))


HOSTILE = {
    "folded semicolons": HEAD + b"Content-Type: text/plain\n" + b" ;\n" * 33_000 + b"\nhi",
    "quote and semicolons": HEAD + b'Content-Type: text/plain;"\n' + b" ;\n" * 33_000 + b"\nhi",
    "semicolons in all parts": HEAD + MIXED + (b"--a\nContent-Type: text/plain" + b';"' * 900 + b"\n\nx\n") * 500,
    "commas in From": b"From: " + b", " * 50_000 + b"\n\nhi",
    "quotes in To": HEAD + b"To: " + b'"' * 16_000 + b"\n\nhi",
    "comments in To": HEAD + b"To: " + b"(" * 16_000 + b"\n\nhi",
    "brackets in To": HEAD + b"To: " + b"<" * 15_000 + b"\n\nhi",
    "encoded words": b"Subject: " + b"=?utf-8?q?a?= " * 64_000 + b"\n\nhi",
    "folded encoded words": b"Subject: " + b"=?utf-8?q?a?=\n " * 64_000 + b"\n\nhi",
    "starts of encoded words": (b"Subject: " + b"=?utf-8?q?" * 1_500 + b"?=\n") * 6 + b"\nhi",
    "unclosed tags": HEAD + b"Content-Type: text/html\n\n" + b"<a/" * 300_000,
    "nested blocks": HEAD + b"Content-Type: text/html\n\n" + b"<div>" * 50_000,
    "nested lists": HEAD + b"Content-Type: text/html\n\n" + b"<ul><li>" * 25_000,
    "nested quotes": HEAD + b"Content-Type: text/html\n\n" + b"<blockquote>" * 50_000,
    "nested tables": HEAD + b"Content-Type: text/html\n\n" + b"<table><tr><td>" * 16_000,
    "a wide table": HEAD + b"Content-Type: text/html\n\n<table><tr><td>" + b"x" * 400_000 + b"<tr><td>a" * 15_000,
    "links in links": HEAD + b"Content-Type: text/html\n\n" + b"<a href=http://x>" * 50_000,
    "ninety levels of empty lines": HEAD + nested(90) % (b"\n" * 300_000),
    "a thousand levels": HEAD + nested(1_000) % b"hi",
    "thirty levels of megabytes": HEAD + nested(29) % (b"\n" * 5_000_000),
    "mails in mails": HEAD + b"Content-Type: message/rfc822\n\n" * 1_000 + b"hi",
    "parts without end": HEAD + MIXED + b"--a\n\nx\n" * 100_000,
    "lines like delimiters": HEAD + MIXED + b"--ax\n" * 400_000 + b"--a--",
    "undelimited multiparts": HEAD + MIXED + b"--a\nContent-Type: multipart/mixed; boundary=z\n\nx\n" * 499,
    "many fields": b"X: y\n" * 100_000 + b"\nhi",
    "many names of fields": b"".join(b"X%d: y\n" % i for i in range(50_000)) + b"\nhi",
    "lines that are no fields": b"A: b\n" + b"junk\nX-A: b\n" * 6_000 + b"\nhi",
    "begins of files": HEAD + b"\n" + b"begin 644 a\n" * 20_000 + b"end\n",
    "flowed lines": HEAD + b"Content-Type: text/plain; format=flowed\n\n" + b"a \n" * 300_000,
    "broken base64": HEAD + b"Content-Transfer-Encoding: base64\n\n" + b"=\nA" * 200_000,
    "escapes": HEAD + b"Content-Type: text/plain; charset=iso-2022-jp\n\n" + b"\x1b$B\x1b(B" * 100_000,
    "brackets in References": HEAD + b"References: " + b"<" * 16_000 + b"\n\nhi",
    "comments in Date": HEAD + b"Date: " + b"(" * 1_900 + b"\n\nhi",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_mail_holds_up_the_mails_behind_it(name):
    messages = []
    assert costs_at_most(YARDSTICKS, lambda: messages.append(parse(HOSTILE[name])))
    assert not [defect for defect in messages[0].defects if "gave up" in defect]


@pytest.mark.parametrize(
    ("octets", "defect"),
    [
        (b"Subject: " + b"x" * 20_000 + b"\n\nhi", "header field Subject over 16000 octets"),
        (b"Content-Type: text/plain; x=" + b"x" * 3_000 + b"\n\nhi", "header field Content-Type over 2000 octets"),
        (b"X: y\n" * 501 + b"\nhi", "more than 500 header fields"),
        (b"X: %s\n" % (b"y" * 9_000) * 12 + b"\nhi", "header over 100000 octets"),
        (HEAD + nested(31) % b"hi", "MIME nested deeper than 30"),
        (HEAD + MIXED + b"--a\n\nx\n" * 501, "more than 500 MIME parts"),
        (
            b"Content-Type: text/plain" + b"".join(b"; x%d=y" % i for i in range(51)) + b"\n\n",
            "more than 50 parameters",
        ),
        (HEAD + b"\n" + b"x" * 500_001, "text over 500000 characters"),
        (HEAD + b"Content-Type: text/html\n\n" + b"x" * 1_000_001, "HTML over 1000000 characters"),
        (HEAD + b"Content-Type: text/html\n\n" + b"<b>x</b>" * 26_000, "more than 50000 HTML tags"),
        (HEAD + b"Content-Type: text/html\n\n" + b"<div>" * 201, "HTML nested deeper than 200"),
    ],
)
def test_what_is_over_a_limit_is_cut_and_said(octets, defect):
    assert defect in parse(octets).defects


@pytest.mark.parametrize(
    "octets",
    [
        b"Subject: " + b"x" * 15_000 + b"\n\nhi",
        b"X: y\n" * 500 + b"\nhi",
        HEAD + nested(30) % b"hi",
        HEAD + MIXED + b"--a\n\nx\n" * 499 + b"--a--\n",
        HEAD + b"\n" + b"x" * 500_000,
        HEAD + b"Content-Type: text/html\n\n" + b"<div>" * 200,
        b"Content-Type: text/plain; x=" + b"x" * 1_900 + b"\n\nhi",
        b"Content-Type: text/plain" + b"".join(b"; x%d=y" % i for i in range(50)) + b"\n\nhi",
        b"X: %s\n" % (b"y" * 9_000) * 11 + b"\nhi",
        HEAD + b"Content-Type: text/html\n\n" + b"x" * 500_000,
        HEAD + b"Content-Type: text/html\n\n" + b"<b>x</b>" * 24_000,
    ],
)
def test_what_is_just_within_a_limit_is_read_whole(octets):
    assert not [defect for defect in parse(octets).defects if "over" in defect or "more" in defect or "deep" in defect]


def test_a_mail_over_the_size_is_read_up_to_it():
    message = parse(b"From: a@example.org\n\n" + b"x" * 100, Limits(message_bytes=50))
    assert message.defects[0] == "mail over 50 octets"
    assert message.size == 121


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\n",
        b"\x00",
        b"\xff\xfe",
        b'Content-Type: text/plain; charset="a\x00b"\n\nhi\xff',
        b"Content-Type: text/plain; charset=idna\n\nhi\xff",
        b"Content-Type: text/plain; charset=undefined\n\nhi",
        b"Content-Disposition: attachment; filename*=idna''%FF\n\nhi",
        b"Content-Disposition: attachment; filename*=undefined''abc\n\nhi",
        b"Content-Type: multipart/mixed\n\n",
        b'Content-Type: multipart/mixed; boundary=""\n\n--\n\nx\n----\n',
        b"Content-Type: message/rfc822\n\n",
        b"Content-Type: message/delivery-status\n\n\n\n",
        b"Content-Type: text/plain; charset*=utf-8''utf-8\n\n\xc3\xa9",
        b"Content-Type: text/plain; charset*\x00 ;x=0*=idna''%FF\n\n\xff",
        b"Content-Type: text/plain; x*0*=a; x*=b\n\n\xff",
        b"Date: Mon, 99 Foo 99999999999 99:99:99 +9999\n\n",
        b"Date: Fri, 31 Dec 9999 23:59:59 -2359\n\n",
    ],
)
def test_tiny_mails_that_break_libraries_are_read(octets):
    message = parse(octets)
    assert not [defect for defect in message.defects if "gave up" in defect]


def strings_of(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from strings_of(each)
    elif hasattr(value, "__dataclass_fields__"):
        for name in value.__dataclass_fields__:
            yield from strings_of(getattr(value, name))


def check(octets):
    message = parse(octets)
    assert message == parse(octets)
    assert pickle.loads(pickle.dumps(message)) == message
    assert "".join(message.text[span.start : span.end] for span in message.spans) == message.text
    for text in strings_of(message):
        assert "\x00" not in text
        text.encode("utf-8")
    for attachment in message.attachments:
        assert "/" not in attachment.filename
        assert len(read_part(octets, attachment.part)) >= 0
    assert not [defect for defect in message.defects if "gave up" in defect]


@settings(max_examples=150)
@given(st.binary(max_size=400))
def test_any_octets_are_a_message(octets):
    check(octets)


PIECES = [
    b"From: ", b"Subject: ", b"To: ", b"Date: ", b"Content-Type: ", b"multipart/mixed", b"; boundary=a",
    b"; boundary=b", b"\n", b"\n\n", b"\r\n", b"--a", b"--b", b"--", b"text/html", b"text/plain",
    b"message/rfc822", b"; charset=", b"utf-8", b"iso-2022-jp", b"\x1b$B", b"=?", b"?=", b"?q?", b"?b?",
    b"=?utf-8?b?w6k=?=", b"\xe9", b"\xc3\xa9", b"\x00", b"<", b">", b"@", b"a", b"example.org", b",", b";",
    b":", b'"', b"(", b")", b"\\", b" ", b"\t", b"Content-Transfer-Encoding: base64",
    b"Content-Disposition: attachment; filename=", b"*0*=utf-8''%C3", b"begin 644 x\n", b"end\n",
    b"message/delivery-status", b"Final-Recipient: rfc822;", b"> ", b"On Monday, A wrote:", b"<div>", b"</p>",
    b"\xed\xa0\x80", b"application/ms-tnef",
]  # fmt: skip


@settings(max_examples=250)
@given(st.lists(st.sampled_from(PIECES), max_size=60).map(b"".join))
def test_any_broken_mail_is_a_message(octets):
    check(octets)
