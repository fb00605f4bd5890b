"""The measure of a mail: where its parts are, taken before any parser looks."""

from maild.base.limits import Limits
from maild.message.fields import Header, read_header, skip_preface
from maild.message.measure import measure
from maild.message.parameters import read_parameters

MAIL = (
    b"Content-Type: multipart/mixed; boundary=a\n\nbefore\n--a\n\none\n"
    b"--a\nContent-Type: text/html\n\ntwo\n\n--a--\nbehind\n"
)


def contents(octets, **limits):
    found = measure(octets, Limits(**limits))
    return [(part.kind, octets[part.content : part.end]) for part in found.parts], found.defects


def test_each_part_is_a_range_of_the_octets():
    parts, defects = contents(MAIL)
    assert [octets for kind, octets in parts if kind == "leaf"] == [b"one", b"two\n"]
    assert parts[0][0] == "multipart"
    assert defects == []


def test_line_ends_of_either_kind_give_the_same_parts():
    parts, defects = contents(MAIL.replace(b"\n", b"\r\n"))
    assert [octets for kind, octets in parts if kind == "leaf"] == [b"one", b"two\r\n"]
    assert defects == []


def test_a_parser_sees_no_content_and_no_boundary_of_the_sender():
    skeleton = measure(MAIL, Limits())
    for secret in (b"one", b"two", b"before", b"behind", b"=a"):
        assert secret not in skeleton.octets
    assert skeleton.octets.count(b"X-Maild-Part") == 3


def test_a_sender_cannot_write_our_delimiters():
    skeleton = measure(MAIL, Limits()).octets
    boundary = skeleton.split(b'"')[1]
    forged = MAIL.replace(b"one", b"--" + boundary + b"\n\nforged")
    assert measure(forged, Limits()).octets.split(b'"')[1] != boundary


def test_an_outer_delimiter_ends_all_inner_parts():
    inner = b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n"
    parts, defects = contents(b"Content-Type: multipart/mixed; boundary=a\n\n--a\n" + inner + b"--a\n\ny\n--a--\n")
    assert [octets for kind, octets in parts if kind == "leaf"] == [b"x", b"y"]
    assert defects == ["multipart without its last delimiter"]


def test_lines_that_only_begin_like_a_delimiter_are_text():
    parts, _ = contents(MAIL.replace(b"one", b"--a.b\n--ab--\n--a x"))
    assert parts[1] == ("leaf", b"--a.b\n--ab--\n--a x")


def test_parts_beyond_the_limit_are_not_opened():
    parts, defects = contents(MAIL, mime_parts=2)
    assert len(parts) == 2
    assert defects == ["more than 2 MIME parts"]


def test_an_encoded_mail_in_a_mail_is_a_file():
    octets = b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nRnJvbTogYQ==\n"
    assert [kind for kind, _ in contents(octets)[0]] == ["leaf"]
    assert [kind for kind, _ in contents(b"Content-Type: message/rfc822\n\nFrom: a\n\nx")[0]] == ["mail", "leaf"]


def test_a_header_is_read_up_to_its_blank_line():
    octets = b"\nFrom x\nA: 1\n  2\nB : 3\n\nbody"
    preface = Header()
    header = read_header(octets, skip_preface(octets, preface), len(octets), Limits())
    assert [(entry.name, entry.raw.split()) for entry in header.fields] == [("A", [b"1", b"2"]), ("B", [b"3"])]
    assert octets[header.body :] == b"body"
    assert header.all("a") == [b" 1\n  2\n"]
    assert header.first("none") == b""
    assert preface.defects == ["mbox line before the header"]


def test_a_line_of_blanks_ends_a_header_unless_it_goes_on():
    for octets, body in ((b"A: 1\n \nbody text", b"body text"), (b"A: 1\n \n more\nB: 2\n\nbody", b"body")):
        assert octets[read_header(octets, 0, len(octets), Limits()).body :] == body


def test_parameters_are_read_in_all_their_forms():
    read = read_parameters(b'Text/Plain (comment); CHARSET = "utf-8"; name="a;b"; x="open; y=1; =; ;; z')
    assert read.of["charset"] == "utf-8"
    assert read.of["name"] == "a;b"
    assert read.of["y"] == "1"
    assert read_parameters(b"").value == ""
    assert read_parameters(b"a/b; n*=''x%20y; m*=no-such'x'%C3%A9").of == {"n": "x y", "m": "é"}
