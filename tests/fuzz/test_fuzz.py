"""Any octets become a message and come to their end, any command has one answer; nothing else happens."""

import re
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maild.doors.ingest import read_mails
from tests.fuzz.talk import OUR_WORDS
from tests.fuzz.targets import TARGETS
from tests.unit.doors.house import house

COST = {"ingest": 4}  # each of its mails goes all the way
SOME, MANY = 60, pytest.param(20_000, marks=pytest.mark.soak)
REPLY = re.compile(r"[2345]\d\d[ -][ -~\n]*")
LEAVES = ("221", "421", "521")  # replies after which the connection ends
FROM_LINE = b"From a@b Mon Nov 23 09:00:00 2026\n"

WORDS = st.sampled_from(
    [
        b"EHLO",
        b"HELO",
        b"MAIL",
        b"RCPT",
        b"RSET",
        b"NOOP",
        b"VRFY",
        b"EXPN",
        b"HELP",
        b"AUTH",
        b"STARTTLS",
        b"QUIT",
        b"MAIL FROM:",
        b"RCPT TO:",
        b"MAIL FROM:<>",
        b"RCPT TO:<support@example.com>",
        b"MAIL FROM:<a@b.example>",
        b"EHLO me",
        b"DATA",
        b"BDAT 3",
        b"LHLO me",
        b"XCLIENT",
        b"\xff\xfe",
        b"\x00",
        b"SIZE=1",
        b"BODY=8BITMIME",
        b"<",
        b">",
    ]
)
ANY = st.binary(max_size=40).map(lambda octets: octets.replace(b"\n", b"").replace(b"\r", b""))
COMMAND = st.lists(WORDS | ANY, max_size=4).map(b" ".join)
DIALOGUE = st.lists(
    st.sampled_from([b"EHLO me", b"MAIL FROM:<a@b.example>", b"RCPT TO:<support@example.com>", b"DATA"]) | COMMAND,
    min_size=1,
    max_size=15,
)
LINE_ENDS = st.sampled_from([b"\r\n", b"\n", b"\r", b".", b"\r\n.", b"\r\n.\r\n", b"..", b"x", b"\0"])
BODY = st.lists(LINE_ENDS | st.binary(max_size=20), max_size=12).map(b"".join)

FIELDS = st.sampled_from(
    [
        b"From",
        b"To",
        b"Subject",
        b"Date",
        b"Message-ID",
        b"References",
        b"Content-Type",
        b"Content-Disposition",
        b"Content-Transfer-Encoding",
        b"Auto-Submitted",
        b"List-Id",
        b"Received",
        b"",
        b" ",
    ]
)
VALUES = st.sampled_from(
    [
        b"a@b.example",
        b'"a" <a@b>, c',
        b"=?utf-8?q?=FF?=",
        b"=?x?b?Zm9v",
        b"multipart/mixed; boundary=b",
        b"text/html",
        b"text/plain; charset=\x00",
        b"message/rfc822",
        b"multipart/report; report-type=delivery-status; boundary=b",
        b"attachment; filename*=idna''%FF",
        b"base64",
        b"quoted-printable",
        b"<a@b> <c",
        b"Mon, 99 Xxx 0000 99:99",
        b";" * 50,
    ]
)
HEADER = st.tuples(FIELDS, VALUES | st.binary(max_size=30)).map(b": ".join)
PIECE = st.sampled_from(
    [b"--b\r\n", b"--b--", b"\r\n", b"> quoted\r\n", b"On 1 May 2020 at 9:00, A <a@b> wrote:\r\n", b"<p>"]
)
MAIL = st.tuples(
    st.lists(HEADER, max_size=8).map(b"\r\n".join), st.lists(PIECE | st.binary(max_size=40) | HEADER, max_size=12)
).map(lambda parts: parts[0] + b"\r\n\r\n" + b"".join(parts[1]))


def examples(count):
    return settings(max_examples=count, deadline=None, suppress_health_check=list(HealthCheck), database=None)


def answered(line, octets):
    """Send octets that want one answer; returns it, checked for our words."""
    line.send(octets)
    reply = line.reply()
    assert REPLY.fullmatch(reply), reply
    assert not OUR_WORDS.search(reply), reply
    return reply


@pytest.mark.parametrize("count", [SOME, MANY])
def test_each_command_has_one_answer_whatever_it_says(count):
    with house() as running:

        @examples(count)
        @given(dialogue=DIALOGUE, body=BODY)
        def talk(dialogue, body):
            with running.line() as line:
                for command in dialogue:
                    try:
                        reply = answered(line, command + b"\r\n")
                    except ConnectionError:
                        return
                    if reply.startswith("354"):
                        # A body may hold its own end; what follows it is then commands, each with its answer.
                        answered(line, body.replace(b"\r\n.\r\n", b"\r\n..\r\n").removeprefix(b".\r\n") + b"\r\n.\r\n")
                    elif reply.startswith("334"):
                        answered(line, b"*\r\n")
                    elif reply.startswith(LEAVES):
                        assert line.is_over()
                        return
                assert answered(line, b"QUIT\r\n").startswith("221")

        talk()


CUTS = st.integers(0, 255).map(lambda cut: bytes([cut]))
CONVERSATION = st.lists(COMMAND | BODY | st.just(b"\r\n.\r\n"), max_size=15).map(b"\r\n".join)
MBOX = st.lists(MAIL, max_size=3).map(lambda mails: b"".join(FROM_LINE + mail + b"\n\n" for mail in mails))


@pytest.mark.parametrize("count", [SOME, MANY])
@pytest.mark.parametrize(
    ("name", "octets"),
    [
        ("data", st.tuples(CUTS, BODY).map(b"".join)),
        ("dialogue", st.tuples(CUTS, CONVERSATION).map(b"".join)),
        ("mail", MAIL | st.binary(max_size=300)),
        ("ingest", MAIL | MBOX | st.binary(max_size=300)),
    ],
    ids=["data", "dialogue", "mail", "ingest"],
)
def test_any_octets_break_nothing(name, octets, count):
    examples(count // COST.get(name, 1))(given(octets)(TARGETS[name]))()


@pytest.mark.parametrize("count", [SOME, MANY])
def test_an_mbox_gives_back_each_mail_that_was_put_into_it(count, tmp_path):
    path = tmp_path / "mbox"

    @examples(count)
    @given(
        mails=st.lists(st.lists(st.sampled_from([b"x", b"From me", b">From you", b"", b"."]), min_size=1), min_size=1)
    )
    def gives(mails):
        whole = [
            b"Subject: " + str(number).encode() + b"\n\n" + b"\n".join(lines) for number, lines in enumerate(mails)
        ]
        escaped = [re.sub(rb"^(>*From )", rb">\1", mail, flags=re.MULTILINE) for mail in whole]
        path.write_bytes(b"".join(FROM_LINE + mail + b"\n\n" for mail in escaped))
        found = [octets.rstrip(b"\n") for _, octets in read_mails([str(path)], BytesIO())]
        assert found == [mail.rstrip(b"\n") for mail in whole]

    gives()
