"""The wire to the smarthost: what it says of one recipient, TLS, AUTH, and connections that break."""

import pytest

from maild.outbox.connection import Credentials, Unreachable
from maild.outbox.probe import try_smarthost
from maild.outbox.submission import Submission
from tests.support.waiting import PATIENCE_SECONDS
from tests.unit.outbox.sink import DROP, Sink, ca_file, nobody_there, outgoing, plain_smarthost, smarthost

MAIL = b"Subject: hi\r\n\r\nhello\r\n.dot\r\n"
OWN = Credentials("desk.example.com", "sésame")
FROM, TO = "desk+x@desk.example.com", "marta@example.org"


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def sink():
    return Sink()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def opened(clock):
    """Makes submissions that are closed before the smarthost is."""
    made = []

    def make(*hosts, own=OWN, **more):
        made.append(Submission(outgoing(*hosts, **more), own, clock))
        return made[-1]

    yield make
    for submission in made:
        submission.close()


def test_a_mail_arrives_octet_for_octet(sink, opened):
    with smarthost(sink) as host:
        reply = opened(host).send(FROM, TO, MAIL)
    assert (reply.code, reply.enhanced, reply.text) == (250, "2.0.0", "Ok: queued as 1")
    assert reply.smarthost == str(host)
    assert sink.mails == [(FROM, TO, MAIL)]


def test_no_bare_line_end_goes_on_the_wire(sink, opened):
    with smarthost(sink) as host:
        opened(host).send(FROM, TO, b"Subject: hi\n\none\rtwo\r\n.\n\r\nthree")
    assert sink.mails[0][2] == b"Subject: hi\r\n\r\none\r\ntwo\r\n.\r\n\r\nthree\r\n"


@pytest.mark.parametrize(
    ("where", "said", "expected"),
    [
        ("rcpt", "550 5.1.1 no such user", (550, "5.1.1", "no such user")),
        ("rcpt", "451 4.7.1 greylisted", (451, "4.7.1", "greylisted")),
        ("data", "554 5.6.0 not liked", (554, "5.6.0", "not liked")),
        ("data", "452 disk full", (452, "", "disk full")),
    ],
)
def test_each_recipient_has_an_answer_of_its_own_and_the_connection_goes_on(sink, opened, where, said, expected):
    getattr(sink, where)["eva@example.org"] = said
    with smarthost(sink) as host:
        submission = opened(host)
        assert submission.send(FROM, TO, MAIL).code == 250
        reply = submission.send(FROM, "eva@example.org", MAIL)
        assert submission.send(FROM, TO, MAIL).code == 250
    assert (reply.code, reply.enhanced, reply.text) == expected
    assert len(sink.sessions) == 1


def test_a_refused_sender_is_this_mails_own_trouble(sink, opened):
    sink.mail[FROM] = "552 5.3.4 too big"
    with smarthost(sink) as host:
        assert opened(host).send(FROM, TO, MAIL).code == 552


def test_a_connection_that_breaks_after_the_data_says_nothing_final(sink, opened):
    sink.data[TO] = DROP
    with smarthost(sink) as host:
        submission = opened(host)
        reply = submission.send(FROM, TO, MAIL)
        assert (reply.code, reply.text.split(":")[0]) == (0, "the connection broke after DATA")
        assert submission.send(FROM, "eva@example.org", MAIL).code == 250
    assert len(sink.mails) == 2


def test_an_idle_connection_is_closed_and_a_dead_one_replaced(sink, opened, clock):
    with smarthost(sink) as host:
        submission = opened(host)
        submission.send(FROM, TO, MAIL)
        clock.now += 5
        submission.rest()
        submission.send(FROM, TO, MAIL)
        assert len(sink.sessions) == 1
        clock.now += 60
        submission.rest()
        submission.send(FROM, TO, MAIL)
        clock.now += 60
        submission.send(FROM, TO, MAIL)
    assert len(sink.mails) == 4
    with pytest.raises(Unreachable):
        submission.send(FROM, TO, MAIL)


def test_when_the_first_smarthost_is_away_the_second_takes_over_and_the_first_comes_back(sink, opened, clock):
    away = nobody_there()
    with smarthost(sink) as host:
        submission = opened(away, host)
        assert submission.send(FROM, TO, MAIL).smarthost == str(host)
        assert submission._hosts() == [host, away]
        clock.now += 61
        assert submission._hosts() == [away, host]


def test_when_none_answers_nothing_is_said_of_the_mail(opened):
    with pytest.raises(Unreachable, match="refused"):
        opened(nobody_there(), nobody_there()).send(FROM, TO, MAIL)


def test_a_smarthost_that_does_not_admit_us_keeps_the_mail_waiting(sink, opened):
    with smarthost(sink, starttls=True, auth=True) as host, pytest.raises(Unreachable, match="does not admit"):
        opened(host, tls="opportunistic").send(FROM, TO, MAIL)


def test_starttls_is_verified_and_carries_the_password(sink, opened, tmp_path):
    with smarthost(sink, starttls=True, auth=True) as host:
        more = {"tls": "starttls", "tls_ca_file": str(ca_file(tmp_path)), "username": "maild"}
        assert opened(host, **more).send(FROM, TO, MAIL).code == 250
        with pytest.raises(Unreachable, match="535"):
            opened(host, own=Credentials("desk.example.com", "wrong"), **more).send(FROM, TO, MAIL)
    assert sink.tls == [True]


def test_required_tls_is_never_left_out(sink, opened):
    with smarthost(sink) as host, pytest.raises(Unreachable, match="STARTTLS, which is required"):
        opened(host, tls="starttls").send(FROM, TO, MAIL)
    with smarthost(sink) as host, pytest.raises(Unreachable):
        opened(host, tls="implicit").send(FROM, TO, MAIL)
    assert sink.mails == []


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_certificate_that_nobody_vouches_for_gets_no_mail(sink, opened, tls):
    with (
        smarthost(sink, starttls=tls == "starttls", implicit=tls == "implicit") as host,
        pytest.raises(Unreachable, match="certificate"),
    ):
        opened(host, tls=tls).send(FROM, TO, MAIL)


def test_tls_from_the_first_octet(sink, opened, tmp_path):
    with smarthost(sink, implicit=True) as host:
        submission = opened(host, tls="implicit", tls_ca_file=str(ca_file(tmp_path)))
        assert submission.send(FROM, TO, MAIL).code == 250


def test_tls_is_taken_when_offered_and_done_without_when_not(sink, opened):
    with smarthost(sink, starttls=True) as host:
        assert opened(host, tls="opportunistic").send(FROM, TO, MAIL).code == 250
    with smarthost(sink) as host:
        assert opened(host, tls="opportunistic").send(FROM, TO, MAIL).code == 250
    assert sink.tls == [True, False]


def test_a_password_is_not_given_to_a_listener_on_the_way(sink, opened):
    with smarthost(sink, starttls=True, auth=True) as host, pytest.raises(Unreachable, match="certificate"):
        opened(host, tls="opportunistic", username="maild").send(FROM, TO, MAIL)


def test_eight_bit_mails_and_international_addresses_are_announced(sink, opened):
    with smarthost(sink) as host:
        assert opened(host).send(FROM, "josé@ñandú.example", MAIL + "ñ".encode()).code == 250
    assert {"SMTPUTF8", "BODY=8BITMIME"} <= set(sink.options[0])
    with smarthost(sink, utf8=False) as host:
        reply = opened(host).send(FROM, "josé@ñandú.example", MAIL)
    assert (reply.code, reply.enhanced) == (553, "5.6.7")


def test_a_server_that_reports_is_told_our_envelope_id_and_for_whom_it_was(opened):
    token = "abcdefgh" * 6
    with plain_smarthost("DSN") as (host, heard):
        reply = opened(host).send(f"desk+{token}@desk.example.com", "marta+x=y@example.org", MAIL)
    assert reply.code == 250
    assert f"mail FROM:<desk+{token}@desk.example.com> RET=HDRS ENVID={token}" in heard
    wishes = "NOTIFY=FAILURE,DELAY ORCPT=rfc822;marta+2Bx+3Dy@example.org"
    assert f"rcpt TO:<marta+x=y@example.org> {wishes}" in heard


def test_a_server_that_offers_nothing_is_asked_for_nothing(opened):
    with plain_smarthost() as (host, heard):
        assert opened(host).send(FROM, TO, MAIL).code == 250
    assert f"mail FROM:<{FROM}>" in heard
    assert f"rcpt TO:<{TO}>" in heard


def test_an_international_domain_alone_needs_nothing_special(sink, opened):
    with smarthost(sink, utf8=False) as host:
        assert opened(host).send(FROM, "ana@ñandú.example", MAIL).code == 250
    assert sink.mails[0][1] == "ana@xn--and-6ma2c.example"


def test_an_address_cannot_bring_a_command_along(sink, opened):
    with smarthost(sink) as host:
        assert opened(host).send(FROM, "a@example.org>\r\nRCPT TO:<b@example.org", MAIL).code == 501
    assert sink.mails == []


def test_a_long_queue_takes_a_new_connection_now_and_then(sink, opened):
    with smarthost(sink) as host:
        submission = opened(host)
        for _ in range(101):
            submission.send(FROM, TO, MAIL)
    assert len(sink.mails) == 101


def test_the_probe_says_what_delivery_would_meet(sink):
    with smarthost(sink) as host:
        assert try_smarthost(outgoing(host), host, OWN, timeout=PATIENCE_SECONDS) == ""
    assert "refused" in try_smarthost(outgoing(host), host, OWN, timeout=PATIENCE_SECONDS)


def test_a_password_is_in_no_text():
    assert "sésame" not in repr(OWN)
