"""Lines come out whole and in order however the octets came in, and one without end leaves memory small."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from maild.doors.lines import Lines


def lines_of(stream, cuts=(), line_max=10):
    lines, found = Lines(line_max), []
    edges = [0, *sorted(cut for cut in cuts if cut < len(stream)), len(stream)]
    for start, stop in pairwise(edges):
        lines.feed(stream[start:stop])
        while (line := lines.line()) is not None:
            found.append(line)
    return found, lines.rest()


@given(
    st.lists(st.sampled_from([b"\r\n", b"\n", b"x", b"yyyy"]), max_size=30).map(b"".join), st.lists(st.integers(0, 99))
)
@settings(max_examples=300)
def test_the_cuts_never_change_the_lines(stream, cuts):
    stream += b"\n"
    wanted = [line[:11] for line in stream.splitlines(keepends=True)]
    assert lines_of(stream, cuts) == (wanted, b"")


def test_of_a_line_too_long_only_the_beginning_is_kept():
    lines = Lines(10)
    for _ in range(1000):
        lines.feed(b"x" * 1000)
        assert lines.line() is None
        assert len(lines) == 0
    lines.feed(b"\nNOOP\r\n")
    assert lines.line() == b"x" * 11
    assert lines.line() == b"NOOP\r\n"


def test_what_was_dropped_is_not_obeyed():
    lines = Lines(10)
    lines.feed(b"STARTTLS\r\nEHLO a\r\n")
    assert lines.line() == b"STARTTLS\r\n"
    lines.drop()
    assert lines.line() is None
    assert lines.rest() == b""
