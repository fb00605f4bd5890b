"""What the fields of real, broken mails say."""

import pytest

from maild.message.parse import parse
from maild.message.words import decode_value


def subject(raw, more=b""):
    return parse(b"Subject: " + raw + b"\n" + more + b"\nhi").subject


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"=?utf-8?Q?Caf=C3=A9_ol=C3=A9?=", "Café olé"),
        (b"=?utf-8?B?w6k=?=", "é"),
        (b"=?UTF-8?B?w6k?=", "é"),  # no padding
        (b"=?utf-8?Q?a=C3?= =?utf-8?Q?=A9b?=", "aéb"),  # a character split between two words
        (b"=?utf-8?Q?a?= =?iso-8859-1?Q?=E9?=", "aé"),
        (b"=?utf-8?Q?a?= b =?utf-8?Q?c?=", "a b c"),
        (b"=?utf-8?Q?two words?=", "two words"),  # blanks inside
        (b"=?utf-8?Q?never closed", "never closed"),
        (b"=?utf-8?Q?one =?utf-8?Q?two?=", "one two"),
        (b"utf-8?Q?lost=20start?=", "lost start"),
        (b'"=?utf-8?Q?quoted?="', '"quoted"'),
        (b"=?utf-8*en?Q?tongue?=", "tongue"),
        (b"=?no-such?Q?plain?=", "plain"),
        (b"=?gb2312?B?1tDOxA==?=", "中文"),
        (b"=?iso-2022-jp?B?GyRCJCIbKEI=?=", "あ"),
        (b"=?utf-8?Q?a=0D=0ABcc:_x?=", "a Bcc: x"),
        (b"what? =? no ?= word", "what? =? no ?= word"),
        (b"folded\n\tvalue", "folded value"),
        ("Größe".encode(), "Größe"),
        ("Größe".encode("latin-1"), "Größe"),
        ("“Hola”".encode("cp1252"), "“Hola”"),
        ("Привет, как дела?".encode("koi8-r"), "Привет, как дела?"),
        ("ОТЧЕТ ЗА МЕСЯЦ".encode("cp1251"), "ОТЧЕТ ЗА МЕСЯЦ"),
        ("关于订单的问题".encode("gbk"), "关于订单的问题"),
        ("Re: 您好".encode("big5"), "Re: 您好"),
        ("주문 문의".encode("euc-kr"), "주문 문의"),
        ("お問い合わせ".encode("cp932"), "お問い合わせ"),
        ("ありがとう".encode("iso2022_jp"), "ありがとう"),
        ("Příliš žluťoučký kůň".encode("cp1250"), "Příliš žluťoučký kůň"),
        ("שלום עולם".encode("cp1255"), "שלום עולם"),
        ("Καλημέρα κόσμε".encode("cp1253"), "Καλημέρα κόσμε"),
    ],
)
def test_a_subject_reads_as_its_writer_meant_it(raw, text):
    assert subject(raw) == text


def test_an_undeclared_subject_is_read_in_the_charset_of_the_body():
    polish = b"Content-Type: text/plain; charset=iso-8859-2\n"
    assert subject("Żółw".encode("iso-8859-2"), polish) == "Żółw"
    russian = "Привет".encode("koi8-r")
    assert subject(russian, b"Content-Type: text/plain; charset=iso-8859-1\n") == "Привет"
    assert subject(b"Fr+APY-sche", b"Content-Type: text/plain; charset=utf-7\n") == "Frösche"


def test_words_beyond_the_limit_stay_as_they_are_written():
    assert decode_value(b"=?utf-8?q?a?= =?utf-8?q?b?= =?utf-8?q?c?=", limit=2) == "ab =?utf-8?q?c?="


@pytest.mark.parametrize(
    "start",
    [b"\n\r\n", b"\xef\xbb\xbf", b"From x@example.org Mon Jan  1 00:00:00 2026\n", b">From x\n", b" ", b"junk\n"],
)
def test_a_header_that_begins_badly_is_found(start):
    message = parse(start + b"From: Ana <ana@example.org>\nSubject: hi\n\ntext\n")
    assert (message.author.address, message.subject, message.text) == ("ana@example.org", "hi", "text\n")


def test_a_wrapped_value_that_lost_its_blank_is_joined():
    message = parse(b"Subject: one\ntwo\nFrom: a@example.org\n\ntext")
    assert (message.subject, message.author.address, message.text) == ("one two", "a@example.org", "text")


def test_a_body_without_a_blank_line_before_it_is_kept():
    message = parse(b"Subject: one\nHello there,\nhow are you?\n\nBye\n")
    assert message.text == "Hello there,\nhow are you?\n\nBye\n"
    assert "no blank line between header and body" in message.defects


def test_the_first_of_two_senders_is_shown_and_the_second_named_as_a_defect():
    message = parse(b"From: a@example.org\nFrom: b@example.org\n\nhi")
    assert message.author.address == "a@example.org"
    assert "more than one From field" in message.defects


def test_a_mail_from_two_people_has_no_author():
    message = parse(b"From: a@example.org, b@example.org\n\nhi")
    assert message.author.address == ""
    assert "From has more than one address" in message.defects


def test_threading_fields_are_read_in_order_and_once():
    message = parse(
        b"Message-ID: <m@x>\nIn-Reply-To: your mail <p@x> of Monday\nReferences: <r@x>\n <p@x> <r@x> junk\n\nhi"
    )
    assert message.message_id == "<m@x>"
    assert message.in_reply_to == ("<p@x>",)
    assert message.references == ("<r@x>", "<p@x>")
    assert parse(b"Message-ID: m@x\n\nhi").message_id == "<m@x>"
    assert parse(b"In-Reply-To: p@x\n\nhi").in_reply_to == ("<p@x>",)
    assert parse(b"References: <long\n part@x>\n\nhi").references == ("<longpart@x>",)
    assert parse(b"In-Reply-To: <your mail of Monday>\n\nhi").in_reply_to == ()


@pytest.mark.parametrize(
    ("raw", "instant"),
    [
        ("Mon, 23 Nov 2026 10:00:00 +0100", "2026-11-23T09:00:00+00:00"),
        ("23 Nov 26 10:00 EST", "2026-11-23T15:00:00+00:00"),
        ("Mon, 23 Nov 2026 10:00:00", "2026-11-23T10:00:00+00:00"),
        ("Mon, 23 Nov 2026 10:00:00 +0100 (CET)", "2026-11-23T09:00:00+00:00"),
        ("2026-11-23T10:00:00Z", "2026-11-23T10:00:00+00:00"),
        ("yesterday", None),
        ("Mon, 23 Nov 99999 10:00:00 +0100", None),
        ("Mon, 31 Feb 2026 10:00:00 +0000", None),
    ],
)
def test_dates_are_instants_or_nothing(raw, instant):
    message = parse(f"Date: {raw}\n\nhi".encode())
    assert (message.date.isoformat() if message.date else None) == instant
    assert ("Date is no date" in message.defects) == (instant is None)


def test_the_content_hash_does_not_see_the_way_a_mail_took():
    one = parse(b"Received: a\nX-Spam: 1\nSubject: x\nFrom: a@example.org\n\nhi\n")
    two = parse(b"Delivered-To: b\r\nARC-Seal: 2\r\nSubject: x\r\nFrom: a@example.org\r\n\r\nhi\r\n")
    assert one.content_hash == two.content_hash
    assert one.sha256 != two.sha256
    assert parse(b"Subject: y\nFrom: a@example.org\n\nhi\n").content_hash != one.content_hash
    assert parse(b"Subject: x\nFrom: a@example.org\n\nho\n").content_hash != one.content_hash


def test_our_markers_are_found_in_text_and_hidden_html():
    html = b"Content-Type: text/html\n\n<p>hi</p><span style='display:none'>maild-ref:1.abc.def</span>"
    assert parse(html).markers == ("1.abc.def",)
    assert parse(b"Subject: x\n\n> maild-ref:k9.x\n> maild-ref:k9.x.").markers == ("k9.x",)
