"""Single values as an administrator writes them."""

import pytest

from maild.base.limits import Limits as PlainLimits
from maild.settings.desk import NO_LIMIT, Limits
from maild.settings.doors import Mailbox
from maild.settings.fields import Listen, Span, is_loopback, read_address, read_listen, read_size, read_span


@pytest.mark.parametrize(
    ("written", "octets"), [("25MB", 25_000_000), ("25MiB", 26_214_400), ("100kB", 100_000), ("7", 7), (7, 7)]
)
def test_a_size_is_read_in_octets(written, octets):
    assert read_size(written) == octets


@pytest.mark.parametrize(
    ("written", "listen"),
    [
        ("127.0.0.1:8025", Listen("127.0.0.1", 8025)),
        ("[::1]:25", Listen("::1", 25)),
        ("*:25", Listen("0.0.0.0", 25)),
        ("mail.example.com:0", Listen("mail.example.com", 0)),
        ("unix:/run/maild/lmtp.sock", Listen("", 0, "/run/maild/lmtp.sock")),
    ],
)
def test_a_place_to_listen_is_read_and_written_alike(written, listen):
    assert read_listen(written) == listen
    assert read_listen(str(listen)) == listen


@pytest.mark.parametrize("written", ["unix:", "25", ":", "host:99999", "a b:25", 25])
def test_what_is_no_place_to_listen_is_refused(written):
    with pytest.raises(ValueError):
        read_listen(written)


def test_a_day_may_last_until_midnight_and_a_night_beyond():
    assert read_span("22:00-06:00") == Span(1320, 1800)
    assert read_span("00:00-24:00") == Span(0, 1440)
    for wrong in ("9-14", "09:00-24:01", "09:60-10:00", "10:00-10:00"):
        with pytest.raises(ValueError):
            read_span(wrong)


def test_addresses_are_compared_in_lower_case():
    assert read_address(" Ana@Example.COM ") == "ana@example.com"
    assert read_address("root@localhost") == "root@localhost"
    assert read_address("Ana@XN--And-6ma2c.example.") == "ana@ñandú.example"
    for wrong in ("ana", "ana@", "@example.com", "a b@example.com", "<ana@example.com>", "a@b..c", ["a@b"]):
        with pytest.raises(ValueError):
            read_address(wrong)


def test_loopback_is_this_machine_and_nothing_else():
    assert all(map(is_loopback, ("127.0.0.1", "127.9.9.9", "::1", "localhost")))
    assert not any(map(is_loopback, ("192.0.2.1", "localhost.example.com")))


def test_zero_is_no_limit():
    assert Limits().plain() == PlainLimits()
    unbounded = Limits(connections=0, idle_timeout="0").plain(0)
    assert (unbounded.connections, unbounded.idle_seconds, unbounded.message_bytes) == (NO_LIMIT,) * 3


@pytest.mark.parametrize(("tls", "port"), [("implicit", 993), ("starttls", 143), ("none", 143)])
def test_a_mailbox_has_the_port_of_its_tls(tls, port):
    mailbox = Mailbox(name="m", host="::1", username="u", tls=tls, after="move:Done")
    assert mailbox.port == port
    assert mailbox.move_to == "Done"
    assert Mailbox(name="m", host="::1", username="u", port=10143).move_to == ""
