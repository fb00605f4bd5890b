"""STARTTLS, implicit TLS and AUTH against a certificate of our own making."""

import base64
import smtplib
import socket
import ssl
from dataclasses import replace

import pytest
import trustme

from maild.doors import auth
from maild.doors.session import TICK_SECONDS
from maild.doors.throttle import Rate
from maild.doors.tls import load_certificate
from tests.support.waiting import PATIENCE_SECONDS, eventually

from .house import POLICY, house

USERS = {"ana@example.com": auth.make_hash("pässword", cost_log2=4)}


class Keys:
    """A certificate authority, and files with a certificate of it."""

    def __init__(self, folder):
        self.folder = folder
        self.renew()

    def renew(self):
        self.authority = trustme.CA()
        issued = self.authority.issue_cert("localhost", "127.0.0.1")
        (self.folder / "cert.pem").write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
        issued.private_key_pem.write_to_path(str(self.folder / "key.pem"))

    @property
    def context(self):
        return load_certificate(self.folder / "cert.pem", self.folder / "key.pem")

    @property
    def trust(self):
        context = ssl.create_default_context()
        self.authority.configure_trust(context)
        return context


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return Keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def shared(keys):
    with house(replace(POLICY, tls=keys.context, users=USERS), implicit=True) as running:
        yield running


@pytest.fixture
def desk(shared, keys):
    shared.emptied()  # the clients of the test before count no more
    shared.policy = replace(POLICY, tls=keys.context, users=USERS)
    shared.keeper.mails.clear()
    return shared


@pytest.fixture
def client(desk, keys):
    with smtplib.SMTP("127.0.0.1", desk.port, local_hostname="client.example", timeout=PATIENCE_SECONDS) as client:
        client.starttls(context=keys.trust)
        yield client


def secure(line, keys):
    """Go on with a Line as a TLS one."""
    assert line.ask("STARTTLS").startswith("220 2.0.0")
    line.socket = keys.trust.wrap_socket(line.socket, server_hostname="127.0.0.1")
    line.file = line.socket.makefile("rb")


def test_a_mail_comes_in_over_starttls(desk, client):
    client.sendmail("ana@example.org", "support@example.com", b"Subject: a\r\n\r\n" + b"b\r\n" * 10_000)
    assert len(desk.keeper.mails[0].octets) == 14 + 30_000
    assert "starttls" not in client.esmtp_features
    assert client.esmtp_features["auth"].split() == ["PLAIN", "LOGIN"]


def test_a_mail_comes_in_over_implicit_tls(desk, keys):
    port = desk.addresses[1][1]
    with smtplib.SMTP_SSL(
        "127.0.0.1", port, local_hostname="a", context=keys.trust, timeout=PATIENCE_SECONDS
    ) as client:
        client.ehlo()
        assert client.docmd("AUTH PLAIN", encoded("\0ana@example.com\0pässword"))[0] == 235
        client.sendmail("ana@example.com", "support@example.com", b"Subject: a\r\n\r\nb\r\n")
        client.ehlo()
        assert "starttls" not in client.esmtp_features
    assert desk.keeper.mails[0].envelope.authenticated_as == "ana@example.com"


def test_commands_behind_starttls_are_dropped_and_ehlo_is_forgotten(desk, keys):
    """CVE-2011-0411: what was injected in clear must not be obeyed under TLS."""
    with desk.line() as line:
        line.ask("EHLO client.example")
        line.send(b"STARTTLS\r\nEHLO forged.example\r\nMAIL FROM:<forged@example.org>\r\n")
        assert line.reply().startswith("220 2.0.0")
        line.socket = keys.trust.wrap_socket(line.socket, server_hostname="127.0.0.1")
        line.file = line.socket.makefile("rb")
        assert line.ask("NOOP") == "250 2.0.0 Ok", "the first reply is to the first secure command"
        assert line.ask("MAIL FROM:<ana@example.org>").startswith("503"), "EHLO is forgotten"
        assert line.ask("EHLO client.example").startswith("250")
        assert line.ask("STARTTLS").startswith("503")
        assert line.ask("STARTTLS now").startswith("501")
        line.begin_mail()
        assert line.ask(".").startswith("250")
        assert line.ask("QUIT").startswith("221")
        assert line.is_over()


def test_without_tls_no_mail_where_it_is_required(desk, keys):
    desk.policy = replace(desk.policy, require_tls=True)
    with desk.line() as line:
        assert "STARTTLS" in line.ask("EHLO client.example")
        assert line.ask("MAIL FROM:<ana@example.org>").startswith("530 5.7.0")
        secure(line, keys)
        line.begin_mail()
        assert line.ask(".").startswith("250")


def test_a_handshake_that_fails_ends_the_connection_alone(desk, keys):
    with desk.line() as line:
        line.ask("EHLO a", "STARTTLS")
        line.send(b"this is no TLS at all\r\n" * 20)
        assert b"250" not in line.file.read()
    with desk.line(greeted=False, which=1) as line:
        line.send(b"EHLO a\r\n")
        assert b"220" not in line.file.read()
    with desk.line() as line:
        secure(line, keys)


def test_who_is_silent_within_a_handshake_is_hung_up_on_without_a_word_in_clear(desk):
    with desk.line(greeted=False, which=1) as line:
        eventually(lambda: desk.crowd.total == 1)
        desk.later(POLICY.idle_seconds + TICK_SECONDS)
        assert line.is_over()
    with desk.line() as line:
        line.ask("EHLO a", "STARTTLS")
        desk.later(POLICY.idle_seconds + TICK_SECONDS)
        assert line.is_over()
    desk.emptied()


@pytest.mark.parametrize("which", [0, 1], ids=["starttls", "implicit"])
def test_a_client_that_is_lost_within_a_handshake_is_counted_no_more(desk, which):
    with desk.line(greeted=not which, which=which) as line:
        if not which:
            line.ask("EHLO a", "STARTTLS")
        eventually(lambda: desk.crowd.total == 1)
        line.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # it resets
    desk.emptied()


def test_implicit_tls_without_a_certificate_is_no_connection(desk):
    desk.policy = replace(desk.policy, tls=None)
    with desk.line(greeted=False, which=1) as line:
        assert line.is_over()


def test_a_new_certificate_counts_for_the_next_connection(desk, keys):
    with desk.line() as before:
        secure(before, keys)
        keys.renew()
        desk.policy = replace(desk.policy, tls=keys.context)
        with desk.line() as after:
            secure(after, keys)
        assert before.ask("NOOP").startswith("250")


def test_a_key_that_does_not_belong_to_its_certificate_is_an_error(keys):
    certificate = (keys.folder / "cert.pem").read_bytes()
    keys.renew()
    (keys.folder / "cert.pem").write_bytes(certificate)
    with pytest.raises(OSError):
        assert keys.context is None
    keys.renew()


def encoded(text):
    return base64.b64encode(text.encode()).decode()


def test_auth_without_tls_is_refused_and_not_offered(desk):
    with desk.line() as line:
        assert "AUTH" not in line.ask("EHLO client.example")
        assert line.ask("AUTH PLAIN " + encoded("\0ana@example.com\0pässword")).startswith("538 5.7.11")


@pytest.mark.parametrize("mechanism", ["auth_plain", "auth_login"])
def test_a_user_submits_with_a_password(desk, client, mechanism):
    client.ehlo()
    client.user, client.password = "Ana@example.com", "pässword"
    if mechanism == "auth_plain":
        client.docmd("AUTH PLAIN", encoded("\0Ana@example.com\0pässword"))
    else:
        assert client.docmd("AUTH LOGIN")[0] == 334
        assert client.docmd(encoded("Ana@example.com"))[0] == 334
        assert client.docmd(encoded("pässword"))[0] == 235
    client.sendmail("ana@example.com", "support@example.com", b"Subject: a\r\n\r\nb\r\n")
    assert desk.keeper.mails[0].envelope.authenticated_as == "ana@example.com"
    assert client.docmd("AUTH PLAIN")[0] == 503
    assert client.docmd("MAIL FROM:<ana@example.com> AUTH=<>")[0] == 250
    assert client.docmd("RCPT TO:<victim@other.example>")[0] == 550, "a password is no way to relay"


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (["AUTH PLAIN " + encoded("\0ana@example.com\0wrong")], 535),
        (["AUTH PLAIN " + encoded("\0nobody@example.com\0pässword")], 535),
        (["AUTH PLAIN " + encoded("ceo@example.com\0ana@example.com\0pässword")], 501),
        (["AUTH PLAIN " + encoded("ana@example.com\0ana@example.com\0pässword")], 235),
        (["AUTH PLAIN " + encoded("ana@example.com")], 501),
        (["AUTH PLAIN !!!"], 501),
        (["AUTH PLAIN ="], 501),
        (["AUTH PLAIN", "*"], 501),
        (["AUTH PLAIN", encoded("\0ana@example.com\0pässword")], 235),
        (["AUTH LOGIN", "*"], 501),
        (["AUTH LOGIN", encoded("ana@example.com"), "*"], 501),
        (["AUTH LOGIN " + encoded("ana@example.com"), "/w=="], 501),
        (["AUTH LOGIN", "x" * 3000], 501),
        (["AUTH CRAM-MD5"], 504),
        (["AUTH"], 504),
    ],
)
def test_credentials_that_count_and_those_that_do_not(client, lines, code):
    assert client.docmd(lines[0])[0] == 503, "EHLO comes first"
    client.ehlo()
    for line in lines[:-1]:
        assert client.docmd(line)[0] == 334
    assert client.docmd(lines[-1])[0] == code
    assert client.noop()[0] == 250


def test_after_ten_wrong_passwords_the_connection_is_cut(desk, client):
    client.ehlo()
    wrong = "AUTH PLAIN " + encoded("\0ana@example.com\0wrong")
    for _ in range(9):
        assert client.docmd(wrong)[0] == 535
    assert client.docmd(wrong)[0] == 421
    with pytest.raises(smtplib.SMTPServerDisconnected):
        client.noop()


def test_a_guesser_on_many_connections_has_to_rest(desk, keys):
    desk.policy = replace(desk.policy, auth_failures=Rate(1, seconds=6000))
    for code in (535, 454):
        with smtplib.SMTP("127.0.0.1", desk.port, local_hostname="a") as client:
            client.starttls(context=keys.trust)
            client.ehlo()
            if code == 535:
                desk.crowd.auth_failures = type(desk.crowd.auth_failures)()
            assert client.docmd("AUTH PLAIN " + encoded("\0ana@example.com\0wrong"))[0] == code
    desk.crowd.auth_failures = type(desk.crowd.auth_failures)()


def test_the_lines_behind_auth_are_its_answers_and_then_commands_again(desk, keys):
    with desk.line(greeted=False, which=1) as line:
        line.socket = keys.trust.wrap_socket(line.socket, server_hostname="127.0.0.1")
        line.file = line.socket.makefile("rb")
        assert line.reply().startswith("220")
        line.ask("EHLO a")
        line.send(b"AUTH LOGIN\r\nbm9ib2R5\r\nbm90aGluZw==\r\nNOOP\r\n")
        assert line.reply().startswith("334")
        assert line.reply().startswith("334")
        assert line.reply().startswith("535"), "the lines behind AUTH were its answers"
        assert line.reply() == "250 2.0.0 Ok"
        assert line.ask("AUTH LOGIN").startswith("334")
