"""Which words of a mail are its body, and what lies beside them."""

import base64
import binascii
import struct

import pytest

from maild.base.limits import Limits
from maild.message.attachments import read_part, safe_name
from maild.message.bodies import unflow
from maild.message.html import sanitise, to_text
from maild.message.parse import parse
from maild.message.tnef import read_tnef

HEAD = b"From: a@example.org\nDate: Mon, 23 Nov 2026 10:00:00 +0000\n"


def mixed(*parts, kind=b"mixed"):
    return (
        HEAD
        + b"Content-Type: multipart/"
        + kind
        + b"; boundary=a\n\npreamble\n"
        + b"".join(b"--a\n" + part for part in parts)
        + b"--a--\nepilogue\n"
    )


def names(message):
    return [found.filename for found in message.attachments]


PLAIN = b"Content-Type: text/plain; charset=utf-8\n\nwords \xc3\xa9\n"
HTML = b"Content-Type: text/html; charset=utf-8\n\n<p>words <b>\xc3\xa9</b></p>\n"
PDF = b"Content-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64\n\nJVBERg==\n"


def test_of_two_alternatives_both_are_kept():
    message = parse(mixed(PLAIN, HTML, kind=b"alternative"))
    assert message.text == "words é"
    assert message.html == "<p>words <b>é</b></p>"
    assert message.defects == ()


def test_html_alone_is_read_as_text():
    message = parse(HEAD + HTML)
    assert message.text.strip() == "words é"
    assert message.spans


def test_texts_and_files_of_an_apple_mail_are_joined():
    image = (
        b"Content-Type: image/png; name=i.png\nContent-Disposition: inline\nContent-Transfer-Encoding: base64\n\nAAAA\n"
    )
    message = parse(mixed(PLAIN, image, PLAIN))
    assert message.text == "words é\nwords é\n"
    assert names(message) == ["i.png"]
    assert message.attachments[0].inline


def test_apples_html_between_files_is_joined():
    inner = b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" + HTML + b"--b\n" + PDF + b"--b\n" + HTML + b"--b--\n"
    message = parse(mixed(PLAIN, inner, kind=b"alternative"))
    assert message.text == "words é"
    assert message.html.count("words") == 2
    assert names(message) == ["a.pdf"]


def test_a_list_footer_below_html_is_kept():
    inner = b"Content-Type: multipart/alternative; boundary=b\n\n--b\n" + PLAIN + b"--b\n" + HTML + b"--b--\n"
    message = parse(mixed(inner, b"\nfooter\n"))
    assert "footer" in message.text
    assert "footer" in message.html


def test_an_attached_text_is_no_body():
    attached = b"Content-Type: text/plain; name=log.txt\nContent-Disposition: attachment\n\nlog\n"
    message = parse(mixed(PLAIN, attached))
    assert message.text == "words é"
    assert names(message) == ["log.txt"]


def test_a_mail_that_is_one_file_has_no_words():
    message = parse(HEAD + PDF)
    assert (message.text, names(message), message.attachments[0].part) == ("", ["a.pdf"], "1")
    assert read_part(HEAD + PDF, "1") == b"%PDF"


def test_a_calendar_is_an_attachment():
    message = parse(mixed(PLAIN, b"Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\n"))
    assert names(message) == ["part-2.ics"]


def test_a_mail_in_a_mail_is_named_by_its_subject():
    inner = b"Content-Type: message/rfc822\n\nFrom: b@example.org\nSubject: =?utf-8?q?A/b_=C3=A9?=\n\ninner words\n"
    octets = mixed(PLAIN, inner)
    message = parse(octets)
    assert names(message) == ["A-b é.eml"]
    assert "inner" not in message.text
    assert read_part(octets, message.attachments[0].part).startswith(b"From: b@example.org")
    assert message.attachments[0].size == len(read_part(octets, "2"))


def test_mails_of_a_digest_are_attachments():
    message = parse(mixed(b"\nSubject: one\n\n1\n", b"\nSubject: two\n\n2\n", kind=b"digest"))
    assert names(message) == ["one.eml", "two.eml"]


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        (b'Content-Disposition: attachment; filename="a b.txt"', "a b.txt"),
        (b"Content-Disposition: attachment; filename=a b.txt", "a b.txt"),
        (b"Content-Disposition: attachment; filename*=utf-8'en'%C3%A9.txt", "é.txt"),
        (b"Content-Disposition: attachment; filename*0*=utf-8''a%C3; filename*1*=%A9; filename*2=.txt", "aé.txt"),
        (b"Content-Disposition: attachment; filename*1=b.txt; filename*0=a", "ab.txt"),
        (b'Content-Disposition: attachment; filename="=?utf-8?q?=C3=A9=2Etxt?="', "é.txt"),
        (b"Content-Disposition: attachment; filename=\xc3\xa9.txt", "é.txt"),
        (b'Content-Disposition: attachment; filename="\xe9.txt"', "é.txt"),
        (b'Content-Disposition: attachment; filename="../../etc/passwd"', "passwd"),
        (b'Content-Disposition: attachment; filename="C:\\\\tmp\\\\x.txt"', "x.txt"),
        (b'Content-Disposition: attachment; filename="a\\"b.txt"', 'a"b.txt'),
        (b'Content-Disposition: attachment; filename="one.txt"; filename="two.txt"', "one.txt"),
        (b"Content-Type: text/plain; name=n.txt\nContent-Disposition: attachment; filename=f.txt", "f.txt"),
        (b"Content-Type: text/plain; name=n.txt\nContent-Disposition: attachment", "n.txt"),
        (b"Content-Type: application/x-foo name=n.foo\nContent-Disposition: attachment", "n.foo"),
        (b"Content-Disposition: attachment; filename=..", "part-2.txt"),
        (b"Content-Type: image/png", "part-2.bin"),
    ],
)
def test_attachment_names_are_decoded_and_made_safe(fields, name):
    expected = "part-2.png" if fields.endswith(b"image/png") else name
    assert names(parse(mixed(PLAIN, fields + b"\n\nx\n"))) == [expected]


def test_a_safe_name_is_short_one_line_and_runs_one_way():
    assert safe_name("photo\u202egpj.exe\r\n") == "photogpj.exe"
    assert safe_name("x" * 300 + ".txt") == "x" * 251 + ".txt"
    assert len(safe_name("é" * 300).encode()) <= 255
    assert safe_name("a\x00b/..") == "ab"


@pytest.mark.parametrize(
    ("encoding", "raw", "text", "defect"),
    [
        (b"quoted-printable", b"caf=C3=A9 =\nx", "café x", ""),
        (b"base64", base64.b64encode("café".encode()), "café", ""),
        (b"base64", b"Y2Fm\nw6k", "café", "broken base64"),
        (
            b"base64",
            b"these are words, and not base64 at all",
            "these are words, and not base64 at all",
            "base64 without base64",
        ),
        (b'"BASE64"', b"eA==", "x", ""),
        (b"7-bit", b"x", "x", ""),
        (b"base9000", b"x", "x", "transfer encoding 'base9000' is unknown"),
    ],
)
def test_transfer_encodings_are_undone(encoding, raw, text, defect):
    message = parse(
        HEAD + b"Content-Transfer-Encoding: " + encoding + b"\nContent-Type: text/plain; charset=utf-8\n\n" + raw
    )
    assert message.text == text
    assert message.defects == ((defect,) if defect else ())


@pytest.mark.parametrize(
    ("label", "raw", "text", "defect"),
    [
        (b"utf-8", "café mañana".encode("latin-1"), "café mañana", "charset 'utf-8' does not fit the text"),
        (b"us-ascii", "café".encode(), "café", ""),
        (b"iso-8859-1", "café".encode(), "café", ""),
        (b"iso-8859-1", b"\x80 \x93x\x94", "€ “x”", ""),
        (b"no-such", "café".encode(), "café", "charset 'no-such' is unknown"),
        (b"gb2312", "朱镕基".encode("gb18030"), "朱镕基", ""),
        (b"shift_jis", "①".encode("cp932"), "①", ""),
        (b"iso-2022-jp", b"\x1b$B-!\x1b(B", "①", ""),
        (b"iso-2022-jp", b"\x1b(I1\x1b(B", "ｱ", ""),
        (b"ks_c_5601-1987", "똠".encode("cp949"), "똠", ""),
        (b"utf-7", b"caf+AOk-", "café", ""),
        (b"Windows-1251", "Привет".encode("cp1251"), "Привет", ""),
        (b"utf-16", "café".encode("utf-16"), "café", ""),
        (
            b"iso-8859-1",
            "Привет, как твои дела сегодня".encode("koi8-r"),
            "Привет, как твои дела сегодня",
            "charset 'iso-8859-1' does not fit the text",
        ),
        (b"utf-8", "eins zwei drei vier fünf".encode() + b"\xff", "eins zwei drei vier fünf\ufffd", ""),
    ],
)
def test_charsets_are_followed_where_they_hold(label, raw, text, defect):
    message = parse(HEAD + b"Content-Type: text/plain; charset=" + label + b"\n\n" + raw)
    assert message.text == text
    assert message.defects == ((defect,) if defect else ())


def test_html_names_its_own_charset():
    octets = HEAD + b"Content-Type: text/html\n\n<meta charset=iso-8859-2><p>" + "Żółw".encode("iso-8859-2")
    assert parse(octets).text.strip() == "Żółw"


def test_flowed_lines_are_joined_by_quote_depth():
    assert unflow("one \ntwo\n> a \n> b\n>> c\n-- \nAna", False) == "one two\n> a b\n>> c\n-- \nAna"
    assert unflow("日本 \n語", True) == "日本語"
    assert parse(HEAD + b"Content-Type: text/plain; format=Flowed\n\none \ntwo\n").text == "one two\n"


def test_files_inside_a_text_become_attachments():
    encoded = binascii.b2a_uu(b"hello")
    octets = (
        HEAD
        + b"\nsee file\nbegin 644 a.txt\n"
        + encoded
        + b"`\nend\nbye\n=ybegin line=128 size=2 name=y.bin\n"
        + b"\x92\x93"
        + b"\n=yend size=2\n"
    )
    message = parse(octets)
    assert names(message) == ["a.txt", "y.bin"]
    assert message.text.split() == ["see", "file", "bye"]
    assert read_part(octets, message.attachments[0].part) == b"hello"
    assert read_part(octets, message.attachments[1].part) == b"hi"
    assert "begin 644 of the week" in parse(HEAD + b"\nbegin 644 of the week\nis not\na file\nend\n").text


def test_a_container_that_is_none_is_kept_as_it_is():
    part = b"Content-Type: application/ms-tnef; name=winmail.dat\n\nnothing\n"
    message = parse(mixed(PLAIN, part))
    assert names(message) == ["winmail.dat"]
    assert "winmail.dat is no TNEF" in message.defects
    broken = read_tnef(b"\x78\x9f\x3e\x22" + b"\xff" * 50, Limits())
    assert broken.files == []
    assert "over 3 octets" in read_tnef(b"\x78\x9f\x3e\x22", Limits(container_bytes=3)).defect


def tnef(*attributes):
    out = b"\x78\x9f\x3e\x22\x01\x00"
    for level, number, octets in attributes:
        out += (
            bytes((level,)) + struct.pack("<II", number, len(octets)) + octets + struct.pack("<H", sum(octets) & 0xFFFF)
        )
    return out


def test_files_and_words_in_a_winmail_dat_are_found():
    pytest.importorskip("tnefparse")
    box = tnef(
        (1, 0x0002800C, b"words\x00"),
        (2, 0x00069002, b"\x01\x00" + b"\x00" * 12),
        (2, 0x00018010, b"../a.txt\x00"),
        (2, 0x0006800F, b"hello"),
    )
    octets = HEAD + b"Content-Type: application/ms-tnef; name=winmail.dat\n\n" + box
    message = parse(octets)
    assert names(message) == ["winmail.dat", "a.txt"]
    assert message.text.startswith("words")
    assert read_part(octets, "1!a.txt") == b"hello"


def test_encrypted_mail_says_so():
    assert (
        "encrypted: application/pgp-encrypted"
        in parse(
            HEAD
            + b"Content-Type: multipart/encrypted; protocol=application/pgp-encrypted; boundary=a\n\n--a\n\nx\n--a--\n"
        ).defects
    )
    smime = HEAD + b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\n\nx"
    assert "S/MIME: enveloped-data" in parse(smime).defects


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (
            HEAD
            + b"Content-Type: multipart/mixed; boundary=wrong\n\n--right\nContent-Type: text/plain\n\nwords\n--right--",
            "words",
        ),
        (HEAD + b"Content-Type: multipart/mixed\n\n--right\nContent-Type: text/plain\n\nwords\n--right--\n", "words"),
        (HEAD + b"Content-Type: multipart/mixed; boundary=a\n\n--a\n\nwords\n", "words\n"),
        (HEAD + b"Content-Type: multipart/mixed; boundary=a\n\nwords\n", "words\n"),
        (HEAD + b"Content-Type: multipart/*; boundary=a\n\n--a\n\nwords\n--a--", "words"),
        (HEAD + b'Content-Type: multipart/mixed boundary="a"\n\n--a\n\nwords\n--a--', "words"),
        (HEAD + b"Content-Type: nonsense\n\nwords", "words"),
        (HEAD.replace(b"\n", b"\r") + b"\rwords\rmore", "words\nmore"),
    ],
)
def test_a_broken_structure_still_has_its_words(octets, text):
    assert parse(octets).text == text


def test_a_boundary_that_begins_like_another_does_not_hide_it():
    inner = b"Content-Type: multipart/related; boundary=a.b\n\n--a.b\n" + PLAIN + b"--a.b--\n"
    assert parse(mixed(inner, PDF)).text == "words é"


def test_html_reads_well_as_text():
    markup = (
        '<p>See <a href="https://x.org/long">here</a> or <a href="https://x.org/">x.org</a></p><ul><li>one<li>two</ul>'
        "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table><style>p{}</style><script>x()</script>"
    )
    lines = [line.strip() for line in to_text(markup).split("\n") if line.strip()]
    assert lines[:3] == ["See here (https://x.org/long) or x.org", "* one", "* two"]
    assert lines[3].split() == ["a", "b"]
    assert lines[4:] == ["c"]
    assert to_text("") == to_text("   ") == ""


def test_clean_html_fetches_nothing_and_runs_nothing():
    dirty = (
        '<img src="https://x.org/i.png"><img src="cid:1"><a href="javascript:x()" onclick="y()">a</a>'
        "<iframe src=x></iframe>"
        '<script>z()</script><table background="http://x.org/b"><tr><td>'
        '<p style="background:url(http://x.org)">t</p></td></tr></table>'
    )
    clean = sanitise(dirty)
    assert 'src="cid:1"' in clean
    for bad in ("x.org", "javascript", "onclick", "iframe", "z()"):
        assert bad not in clean


def test_there_is_no_part_where_none_was_recorded():
    with pytest.raises(KeyError):
        read_part(HEAD + PLAIN, "7")
    with pytest.raises(KeyError):
        read_part(HEAD + PLAIN, "1!x")
