"""Mail that lies about: where one ends and the next begins."""

import io

import pytest

from maild.doors.ingest import is_maildir, read_mails, split_mbox

FROM = b"From ana@example.org Sat Nov 21 21:42:00 2026\n"


def test_standard_input_is_one_mail_without_its_from_line():
    for begin in (b"", FROM, b">From x\n"):
        assert list(read_mails([], io.BytesIO(begin + b"Subject: a\n\nb\n"))) == [("-", b"Subject: a\n\nb\n")]
    assert list(read_mails(["-"], io.BytesIO(b"a"))) == [("-", b"a")]


def test_an_eml_file_is_its_octets(tmp_path):
    (tmp_path / "b.eml").write_bytes(b"Subject: b\r\n\r\n\xff\0")
    (tmp_path / "a.eml").write_bytes(b"From x\nSubject: a\n\n")
    (tmp_path / "note.txt").write_bytes(b"no mail")
    path = str(tmp_path / "b.eml")
    assert list(read_mails([path], io.BytesIO())) == [(path, b"Subject: b\r\n\r\n\xff\0")]
    assert [octets[:10] for _, octets in read_mails([str(tmp_path)], io.BytesIO())] == [b"From x\nSub", b"Subject: b"]


def test_an_mbox_is_split_and_unescaped(tmp_path):
    box = tmp_path / "box"
    box.write_bytes(
        FROM
        + b"Subject: a\n\n>From here\n>>From there\nFrom me in 2026\n\nFrom prose, behind a blank line\n\n"
        + FROM
        + b"Subject: b\n\nb\n\n"
    )
    assert list(read_mails([str(box)], io.BytesIO())) == [
        (
            f"{box}:1",
            b"Subject: a\n\nFrom here\n>From there\nFrom me in 2026\n\nFrom prose, behind a blank line\n",
        ),
        (f"{box}:2", b"Subject: b\n\nb\n"),
    ]


@pytest.mark.parametrize(("lines", "mails"), [([], []), ([b"a\n"], []), ([FROM], [b""]), ([FROM, b"\n"], [b"\n"])])
def test_small_mboxes(lines, mails):
    assert list(split_mbox(lines)) == mails


def test_a_maildir_is_read_in_the_order_of_delivery(tmp_path):
    for part in ("cur", "new", "tmp"):
        (tmp_path / part).mkdir()
    (tmp_path / "new" / "200.M1.host").write_bytes(b"second")
    (tmp_path / "cur" / "100.M1.host:2,S").write_bytes(b"first")
    (tmp_path / "tmp" / "50.M1.host").write_bytes(b"not there yet")
    (tmp_path / "new" / ".hidden").write_bytes(b"no mail")
    assert is_maildir(tmp_path)
    assert [octets for _, octets in read_mails([str(tmp_path)], io.BytesIO())] == [b"first", b"second"]


def test_what_is_not_there_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        list(read_mails([str(tmp_path / "none.eml")], io.BytesIO()))
