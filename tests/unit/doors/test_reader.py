"""Any octets become one mail, one fault or nothing yet; chunking never changes the answer."""

import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maild.doors import reader as module
from maild.doors.reader import DataReader, Fault, received_hops
from maild.journal.octets import Spooled


def read(stream: bytes, cuts=(), octets_max=1000, *, mend=False, spool_above=1_000_000):
    """Feed a stream in pieces; return (octets or fault, rest), or None when it does not end."""
    collector = DataReader(octets_max, mend_line_ends=mend, spool_above=spool_above)
    edges = [0, *sorted(cut for cut in cuts if cut < len(stream)), len(stream)]
    for start, stop in pairwise(edges):
        ended = collector.feed(stream[start:stop])
        if ended is not None:
            rest = ended.rest + stream[stop:]
            answer = (collector.fault or whole(collector), rest)
            collector.close()
            return answer
    collector.close()
    return None


def whole(collector):
    """The mail, from memory or from its file."""
    octets = collector.octets()
    return octets if isinstance(octets, bytes) else b"".join(octets.pieces())


def by_the_book(stream: bytes, octets_max=1000):
    """RFC 5321 section 4.5.2, word by word and slowly."""
    kept = b""
    while True:
        line, end, rest = stream.partition(b"\r\n")
        if not end:
            return None
        if line == b".":
            break
        kept += line.removeprefix(b".") + end
        stream = rest
    alone = kept.replace(b"\r\n", b"")
    if len(kept) > octets_max:
        return Fault.TOO_BIG, rest
    return (Fault.BARE_LINE_END if b"\r" in alone or b"\n" in alone else kept), rest


STREAMS = st.lists(st.sampled_from([b"\r\n", b".", b"\r", b"\n", b"x", b"yy", b"\r\n.\r\n", b"\0"]), max_size=25).map(
    b"".join
)


@given(STREAMS, st.lists(st.integers(0, 80), max_size=30), st.integers(1, 40))
@settings(max_examples=600)
def test_chunking_never_changes_the_answer(stream, cuts, octets_max):
    stream += b"\r\n.\r\nRSET\r\n"
    assert read(stream, cuts, octets_max) == by_the_book(stream, octets_max)


@given(STREAMS)
@settings(max_examples=200)
def test_a_stream_that_comes_octet_by_octet_is_the_same_mail(stream):
    assert read(stream, range(len(stream)), spool_above=3) == read(stream)


@given(STREAMS, st.lists(st.integers(0, 80), max_size=30))
@settings(max_examples=200)
def test_mended_line_ends_are_crlf_and_nothing_else(stream, cuts):
    octets, _ = read(stream + b"\r\n.\r\n", cuts, mend=True)
    alone = octets.replace(b"\r\n", b"")
    assert b"\r" not in alone
    assert b"\n" not in alone


@pytest.mark.parametrize(
    ("stream", "octets"),
    [
        (b".\r\n", b""),
        (b"\r\n.\r\n", b"\r\n"),
        (b"..\r\n.\r\n", b".\r\n"),
        (b"..a\r\n..\r\n...b\r\n.\r\n", b".a\r\n.\r\n..b\r\n"),
        (b".a\r\n.\r\n", b"a\r\n"),
        (b"a\0b\xff\r\n.\r\n", b"a\0b\xff\r\n"),
    ],
)
def test_dots_are_unstuffed_as_the_rfc_says(stream, octets):
    assert read(stream) == (octets, b"")


@pytest.mark.parametrize("end", [b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\n", b"\r\n.\r", b"\r\n\0.\r\n", b"\r.\r\n"])
def test_nothing_but_crlf_dot_crlf_ends_the_data(end):
    stream = b"a" + end + b"MAIL FROM:<x@y>\r\n"
    assert read(stream) is None
    answer, rest = read(stream + b".\r\nQUIT\r\n")
    assert rest == b"QUIT\r\n"
    assert answer == Fault.BARE_LINE_END or b"\0" in end


def test_a_size_at_the_limit_is_taken_and_one_octet_more_is_not():
    assert read(b"12345678\r\n.\r\n", octets_max=10) == (b"12345678\r\n", b"")
    assert read(b"123456789\r\n.\r\n", octets_max=10) == (Fault.TOO_BIG, b"")
    assert read(b"..2345678\r\n.\r\n", octets_max=10) == (b".2345678\r\n", b""), "stuffing does not count"
    assert read(b"123456789\r\n.\r\n", octets_max=0) == (b"123456789\r\n", b"")


def test_100_mb_without_a_line_end_leave_memory_flat():
    collector = DataReader(25_000_000)
    chunk = b"x" * 262_144
    tracemalloc.start()
    try:
        for _ in range(400):
            assert collector.feed(chunk) is None
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8_000_000
    assert collector.fault is Fault.TOO_BIG
    assert collector.feed(b"\r\n.\r\n") is not None


def test_a_large_mail_waits_on_disk_and_comes_back_whole():
    line = b"0123456789" * 7 + b"\r\n"
    collector = DataReader(0, spool_above=1000)
    for _ in range(100):
        assert collector.feed(line) is None
    assert collector.feed(b".\r\n") is not None
    octets = collector.octets()
    assert isinstance(octets, Spooled)
    assert octets.size == 7200
    assert octets.head == b"".join(octets.pieces()) == line * 100
    collector.close()


def test_a_full_disk_is_told_behind_the_end_of_the_mail(monkeypatch):
    def full(**_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.tempfile, "TemporaryFile", full)
    collector = DataReader(0, spool_above=10)
    assert collector.feed(b"0123456789abcdef") is None
    assert collector.fault is Fault.NO_ROOM
    assert collector.feed(b"\r\n.\r\n") is not None


def test_received_fields_are_counted_in_the_header_alone():
    header = b"Received: a\r\n\tfolded\r\nRECEIVED: b\r\nX-Received: c\r\nSubject: Received: d\r\n"
    assert received_hops(header + b"\r\nReceived: in the body\r\n") == 2
    assert received_hops(b"") == 0
