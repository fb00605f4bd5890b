"""Whatever a client says, every reply is a whole one, and what is answered as queued is kept: that and nothing else."""

import re
import socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .house import REPLY, house

WORDS = [
    b"EHLO a",
    b"HELO a",
    b"MAIL FROM:<ana@example.org>",
    b"MAIL FROM:<>",
    b"MAIL FROM:<ana@example.org> SIZE=10",
    b"RCPT TO:<support@example.com>",
    b"RCPT TO:<x@y.example>",
    b"DATA",
    b"text",
    b"..",
    b".",
    b"RSET",
    b"NOOP",
    b"STARTTLS",
    b"AUTH PLAIN =",
    b"BDAT 10 LAST",
    b"\xff\xfe",
    b"\0",
    b"",
    b"x" * 3000,
]
LINE_ENDS = [b"\r\n"] * 8 + [b"\n", b"\r", b""]
LINES = st.tuples(st.sampled_from(WORDS) | st.binary(max_size=20), st.sampled_from(LINE_ENDS)).map(b"".join)
MAIL = [
    b"EHLO a\r\n",
    b"MAIL FROM:<>\r\n",
    b"RCPT TO:<support@example.com>\r\n",
    b"DATA\r\n",
    b"Subject: a\r\n\r\nb\r\n.\r\n",
]
TALKS = st.lists(LINES | st.sampled_from(MAIL), max_size=30) | st.lists(LINES, max_size=6).map(lambda ends: MAIL + ends)


@pytest.fixture(scope="module")
def desk():
    with house() as running:
        yield running


@given(TALKS)
@settings(max_examples=150)
def test_every_reply_is_whole_and_only_what_is_queued_is_kept(desk, talk):
    desk.keeper.mails.clear()
    answers = b""
    with desk.line(greeted=False) as line:
        line.send(b"".join(talk))
        line.socket.shutdown(socket.SHUT_WR)
        while chunk := line.socket.recv(65536):
            answers += chunk
    assert re.fullmatch(rb"(?:" + REPLY.pattern + rb")+", answers), answers
    assert answers.count(b"queued as") == len(desk.keeper.mails)
    assert b"451" not in answers, "nothing here is a fault of ours"
