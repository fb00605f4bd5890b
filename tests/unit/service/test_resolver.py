"""The resolver, against a real DNS server on UDP."""

import socket
import threading

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from maild.service import resolver as module
from maild.service.resolver import Resolver, host_and_port
from tests.support.waiting import LONG_SECONDS, PATIENCE_SECONDS, eventually


class Server:
    """Answers from a table; a name that begins with "silent" gets no answer, "broken" gets SERVFAIL."""

    def __init__(self, table):
        self.table = table
        self.asked = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self):
        while True:
            octets, client = self.socket.recvfrom(4096)
            if not octets:
                return
            question = dns.message.from_wire(octets)
            name = question.question[0].name.to_text(omit_final_dot=True)
            rdtype = question.question[0].rdtype
            self.asked.append(name)
            if name.startswith("silent"):
                continue
            self.socket.sendto(self._answer(question, name, rdtype).to_wire(), client)

    def _answer(self, question, name, rdtype):
        answer = dns.message.make_response(question)
        if name.startswith("broken"):
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif name not in self.table:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        else:
            records = [text for kind, text in self.table[name] if kind == dns.rdatatype.to_text(rdtype)]
            if records:
                answer.answer.append(dns.rrset.from_text(name + ".", 60, "IN", rdtype, *records))
        return answer

    def stop(self):
        self.socket.sendto(b"", ("127.0.0.1", self.port))
        self.thread.join()
        self.socket.close()


@pytest.fixture
def server():
    running = Server(
        {
            "example.org": [("TXT", '"v=spf1 " "-all"'), ("MX", "10 mx.example.org."), ("A", "192.0.2.1")],
            "1.2.0.192.in-addr.arpa": [("PTR", "mx.example.org.")],
        }
    )
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def _patient(monkeypatch):
    monkeypatch.setattr(module, "BUDGET_SECONDS", LONG_SECONDS)


def asking(server, **more):
    """A resolver that waits for an answer for as long as a busy machine takes."""
    return Resolver(("127.0.0.1",), port=server.port, **{"try_seconds": PATIENCE_SECONDS, **more})


def ask_the_silent(resolver):
    """Ask what is never answered, in a hurry."""
    resolver._try_seconds = 0.05
    assert resolver.for_mail()("silent.example", "A") is None
    resolver._try_seconds = PATIENCE_SECONDS


def test_records_come_as_text(server):
    ask = Resolver((f"127.0.0.1:{server.port}",), try_seconds=PATIENCE_SECONDS).for_mail()
    assert ask("example.org", "TXT") == ("v=spf1 -all",)
    assert ask("example.org", "MX") == ("10 mx.example.org",)
    assert ask("example.org", "A") == ("192.0.2.1",)
    assert ask("1.2.0.192.in-addr.arpa", "PTR") == ("mx.example.org",)


def test_no_record_and_no_name_are_answers_and_trouble_is_none(server):
    ask = asking(server).for_mail()
    assert ask("example.org", "AAAA") == ()
    assert ask("nowhere.example", "TXT") == ()
    assert ask("a" * 70 + ".example", "TXT") == ()
    assert ask("broken.example", "TXT") is None


def test_a_lost_answer_is_asked_for_once_more(server):
    ask_the_silent(asking(server))
    eventually(lambda: server.asked == ["silent.example"] * 2)


def test_after_three_time_outs_nobody_is_asked_for_a_minute(server):
    now = [100.0]
    resolver = asking(server, clock=lambda: now[0])
    ask_the_silent(resolver)
    assert not resolver.resting
    ask_the_silent(resolver)
    assert resolver.resting
    eventually(lambda: server.asked == ["silent.example"] * 3)
    assert resolver.for_mail()("example.org", "TXT") is None
    now[0] += 60
    assert resolver.for_mail()("example.org", "TXT") == ("v=spf1 -all",)


def test_an_answer_between_time_outs_keeps_the_dns_trusted(server):
    resolver = asking(server)
    for _ in range(2):
        ask_the_silent(resolver)
        assert resolver.for_mail()("example.org", "A") == ("192.0.2.1",)
    assert not resolver.resting


def test_one_mail_may_ask_for_so_many_seconds_in_all(server):
    now = [100.0]
    ask = asking(server, clock=lambda: now[0]).for_mail()
    assert ask("example.org", "A") == ("192.0.2.1",)
    now[0] += module.BUDGET_SECONDS
    assert ask("example.org", "A") is None


def test_what_one_mail_asked_the_next_knows_for_a_minute(server):
    now = [100.0]
    resolver = asking(server, clock=lambda: now[0])
    for _ in range(3):
        assert resolver.for_mail()("example.org", "TXT") == ("v=spf1 -all",)
        assert resolver.for_mail()("nowhere.example", "TXT") == ()
    assert server.asked == ["example.org", "nowhere.example"]
    now[0] += 60
    assert resolver.for_mail()("example.org", "TXT") == ("v=spf1 -all",)
    assert server.asked.count("example.org") == 2


def test_the_answers_that_are_kept_have_a_limit(server, monkeypatch):
    monkeypatch.setattr("maild.service.resolver.KEPT_MAX", 1)
    ask = asking(server).for_mail()
    assert [ask(name, "A") for name in ("example.org", "nowhere.example", "example.org")] == [
        ("192.0.2.1",),
        (),
        ("192.0.2.1",),
    ]
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("192.0.2.1", ("192.0.2.1", 53)),
        ("192.0.2.1:5353", ("192.0.2.1", 5353)),
        ("2001:db8::1", ("2001:db8::1", 53)),
        ("[2001:db8::1]:5353", ("2001:db8::1", 5353)),
    ],
)
def test_a_nameserver_is_written_with_or_without_a_port(written, read):
    assert host_and_port(written, 53) == read


def test_without_servers_the_systems_are_used():
    assert Resolver().resting is False
