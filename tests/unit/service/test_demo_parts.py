"""What the demo has around its desk: a clock that catches up, a name server, a sink, a folder of mails."""

import asyncio
import smtplib
from datetime import UTC, datetime, timedelta

import pytest

from maild.doors.sink import Sink
from maild.service.configuration import load
from maild.service.demo.clock import DemoClock, seconds_since_start
from maild.service.demo.mails import Mails
from maild.service.demo.names import Names, answer_to
from maild.service.demo.settings import configuration
from maild.service.resolver import Resolver
from tests.support.waiting import PATIENCE_SECONDS

MAIL = b"From: marta@example.org\r\nMessage-ID: <1@example.org>\r\nSubject: Hi\r\n\r\nHello\r\n"


def test_the_clock_is_put_forward_to_the_time_of_day_and_no_further():
    clock = DemoClock(timedelta(minutes=20))
    for advance, behind in ((0, 20), (15, 5), (60, 0)):
        clock.advance(timedelta(minutes=advance))
        before, shown, after = datetime.now(UTC), clock(), datetime.now(UTC)
        assert before <= shown + timedelta(minutes=behind) <= after


def test_the_kernel_says_how_long_we_run():
    assert 0 < seconds_since_start() < 86_400


async def asked_of_names(names):
    """Ask a running name server over UDP, as the desk does."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Names, local_addr=("127.0.0.1", 0))
    try:
        server = f"127.0.0.1:{transport.get_extra_info('sockname')[1]}"
        resolve = Resolver([server], try_seconds=PATIENCE_SECONDS).for_mail()
        return [await asyncio.to_thread(resolve, name, kind) for name, kind in names]
    finally:
        transport.close()


def test_the_demos_domains_publish_who_may_send_for_them():
    asked = [
        ("acme.example", "TXT"),
        ("_dmarc.example.org", "TXT"),
        ("acme.example", "MX"),
        ("elsewhere.example", "TXT"),
    ]
    assert asyncio.run(asked_of_names(asked)) == [("v=spf1 ip4:127.0.0.1 -all",), ("v=DMARC1; p=reject",), (), ()]


@pytest.mark.parametrize("octets", [b"", b"x" * 11, b"\0" * 12 + b"\x05ab", b"\0" * 12 + b"\xff" * 40])
def test_what_is_no_question_gets_no_answer(octets):
    assert answer_to(octets) == b""


def test_the_sink_hands_each_mail_on_before_it_is_answered(tmp_path):
    mails = Mails(tmp_path / "mails")

    def send(port):
        with smtplib.SMTP("127.0.0.1", port, timeout=PATIENCE_SECONDS) as client:
            client.sendmail("desk@example.com", ["marta@example.org", "ana@example.com"], MAIL)
        return mails.find("ana@example.com", "<1@example.org>"), mails.find("ana@example.com", "<2@example.org>")

    async def run():
        sink = Sink(mails.received)
        await sink.open()
        try:
            return await asyncio.to_thread(send, sink.port)
        finally:
            sink.close()

    found, other = asyncio.run(run())
    assert other is None
    assert found.path.read_bytes() == MAIL
    assert found.part("plain").strip() == "Hello"
    assert found.part("html") == ""
    assert {path.name for path in mails.folder.iterdir()} == {"to-marta-1.eml", "to-ana-1.eml"}


def test_a_name_that_is_no_file_name_makes_one_all_the_same(tmp_path):
    mails = Mails(tmp_path)
    assert mails.sent("../../etc@x", MAIL).path == tmp_path / "from-etc-1.eml"
    assert mails.sent("", MAIL).path == tmp_path / "from-nobody-1.eml"


@pytest.mark.parametrize("imap", [0, 8143])
def test_the_demos_configuration_is_an_ordinary_one(tmp_path, imap):
    path = tmp_path / "maild.toml"
    path.write_text(configuration(smtp=0, sink=1, names=2, imap=imap, user="support", password="x"))
    assert len(load(path).settings.mailbox) == bool(imap)
