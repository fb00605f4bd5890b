"""The typed adapter: every way in, and every failure in our own two words."""

import base64
import contextlib
import socket
import threading

import pytest

from maild.doors.imap_connect import connect
from maild.doors.imap_model import LoginRefused, Lost, Refused
from tests.support.imap_script import ScriptedImap
from tests.support.ports import free_port
from tests.support.waiting import eventually, join

from .imap_house import mail, mailbox

AN_HOUR = 3600.0


@pytest.fixture
def server():
    with ScriptedImap() as server:
        yield server


@pytest.fixture
def wakers():
    here, there = socket.socketpair()
    with here, there:
        yield here, there


def opened(server, secret="secret", **settings):
    return connect(mailbox(server, **settings), lambda: secret, literal_octets=10_000)


def test_a_wrong_password_is_a_refused_login(server):
    with pytest.raises(LoginRefused, match="wrong password") as refused:
        opened(server, "guess")
    assert (refused.value.code, refused.value.throttled) == ("AUTHENTICATIONFAILED", False)


def test_a_login_that_is_throttled_may_succeed_later(server):
    server.on("LOGIN", b"TAG NO [UNAVAILABLE] too many connections\r\n")
    with pytest.raises(LoginRefused, match="too many connections") as refused:
        opened(server)
    assert refused.value.throttled


def test_a_server_that_hangs_up_at_login_has_refused_nobody(server):

    def farewell(session, tag, line):
        session.send(b"* BYE [UNAVAILABLE] maintenance\r\n")
        session.hang_up()

    server.on("LOGIN", farewell)
    with pytest.raises(Lost):
        opened(server)


def test_a_greeting_that_says_bye_is_no_server(server):
    server.greeting = b"* BYE [THROTTLED] come back later\r\n"
    with pytest.raises(Lost, match="come back later"):
        opened(server)


def test_nobody_at_the_port_is_lost(server):
    with pytest.raises(Lost, match="refused"):
        opened(server, port=free_port())


def test_a_password_is_never_sent_in_the_clear_to_another_machine(server):
    server.host = "imap.example.com"
    with pytest.raises(LoginRefused, match="this machine only"):
        opened(server)


def sasl_of(server):
    [line] = [line for line in server.lines if line.startswith("SASL ")]
    return base64.b64decode(line.removeprefix("SASL ")).decode()


def test_a_password_beyond_ascii_goes_by_plain(server):
    opened(server, "contraseña").close()
    assert sasl_of(server) == "\0support@example.com\0contraseña"


def test_a_server_that_forbids_login_gets_plain(server):
    server.capabilities = ("LOGINDISABLED", "AUTH=PLAIN")
    opened(server).close()
    assert sasl_of(server) == "\0support@example.com\0secret"
    assert server.count("LOGIN") == 0


@pytest.mark.parametrize(
    ("offer", "said"),
    [
        ("AUTH=XOAUTH2", "user=support@example.com\1auth=Bearer secret\1\1"),
        ("AUTH=OAUTHBEARER", "n,a=support@example.com,\1auth=Bearer secret\1\1"),
    ],
)
def test_an_access_token_goes_by_the_mechanism_that_is_offered(server, offer, said):
    server.capabilities = (offer,)
    opened(server, auth="oauth2").close()
    assert sasl_of(server) == said


def test_the_reason_why_a_token_is_refused_is_in_our_words(server):
    reason = base64.b64encode(b'{"status":"400","schemes":"Bearer","scope":"https://mail.google.com/"}')

    def refuse(session, tag, _):
        session.send(b"+ \r\n")
        session.reader.readline()
        session.send(b"+ " + reason + b"\r\n")
        assert session.reader.readline() == b"\r\n"
        session.send(f"{tag} NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)\r\n".encode())

    server.capabilities = ("AUTH=XOAUTH2",)
    server.on("AUTHENTICATE", refuse)
    with pytest.raises(LoginRefused, match=r"Invalid credentials.*; status 400, schemes Bearer") as raised:
        opened(server, auth="oauth2")
    assert not raised.value.throttled


def test_a_server_that_greets_with_preauth_wants_no_password(server):
    server.greeting = b"* PREAUTH you are in\r\n"
    opened(server).close()
    assert server.count("LOGIN") == 0


def test_preauth_does_not_talk_us_out_of_tls(server):
    server.greeting = b"* PREAUTH you are in\r\n"
    with pytest.raises(LoginRefused, match="TLS cannot begin"):
        opened(server, tls="starttls")


NAMESPACE = b'* NAMESPACE (("INBOX." ".")) (("user." ".")) NIL\r\nTAG OK done\r\n'


@pytest.mark.parametrize(
    ("answer", "written", "there"),
    [
        (NAMESPACE, "Processed", "INBOX.Processed"),
        (NAMESPACE, "Archive/2026", "INBOX.Archive.2026"),
        (NAMESPACE, "INBOX.Archive", "INBOX.Archive"),
        (NAMESPACE, "user.ana.Done", "user.ana.Done"),
        (NAMESPACE, "inbox", "inbox"),
        (b'* NAMESPACE (("" "/")) NIL NIL\r\nTAG OK done\r\n', "Archive/2026", "Archive/2026"),
        (b"* NAMESPACE NIL NIL NIL\r\nTAG OK done\r\n", "Processed", "Processed"),
        (b"TAG NO not today\r\n", "Processed", "Processed"),
    ],
)
def test_a_folder_stands_where_this_server_keeps_folders(server, answer, written, there):
    server.capabilities = ("NAMESPACE",)
    server.on("NAMESPACE", answer)
    wire = opened(server)
    assert wire.place(written) == there
    wire.close()


def test_a_server_without_namespaces_tells_its_delimiter_all_the_same(server):
    server.on("LIST", b'* LIST (\\Noselect) "." ""\r\nTAG OK done\r\n')
    wire = opened(server)
    assert wire.place("Archive/2026") == "Archive.2026"
    wire.close()


def test_what_cannot_be_read_is_lost(server):
    server.put(mail("one"))
    for answer in (
        b"* 1 FETCH (UID x)\r\nTAG OK done\r\n",
        b"* 1 FETCH ((\r\nTAG OK done\r\n",
        b"* \xff\xfe\r\nnonsense\r\n",
    ):
        wire = opened(server)
        wire.select("INBOX")
        server.on("UID FETCH", answer)
        with pytest.raises(Lost):
            wire.bodies([1])
        wire.close()


def test_an_answer_without_size_or_body_is_no_mail(server):
    server.put(mail("one"))
    wire = opened(server)
    wire.select("INBOX")
    server.on("UID FETCH", b"* 1 FETCH (UID 1 FLAGS (\\Seen))\r\nTAG OK done\r\n", times=2)
    assert wire.describe([1]) == []
    assert wire.bodies([1]) == {}
    server.on("UID FETCH", b"* 1 FETCH (UID 1 BODY[] NIL)\r\nTAG OK done\r\n")
    assert wire.bodies([1]) == {}
    assert wire.header(99) is None
    wire.close()


def test_a_command_that_is_not_understood_is_refused(server):
    wire = opened(server)
    wire.select("INBOX")
    server.on("UID MOVE", b"TAG BAD what?\r\n")
    with pytest.raises(Refused, match="what"):
        wire.move([1], "Done")
    wire.close()


def test_a_folder_that_cannot_be_made_is_refused(server):
    wire = opened(server)
    server.on("CREATE", b"TAG NO [CANNOT] bad name\r\n")
    with pytest.raises(Refused, match="bad name"):
        wire.create("Done")
    server.on("SUBSCRIBE", b"TAG NO no subscriptions\r\n")
    wire.create("Done")
    wire.close()


def test_a_folder_beyond_ascii_is_written_as_imap_wants_it(server):
    wire = opened(server)
    wire.create("Procesados año")
    wire.close()
    assert server.count(r'CREATE "Procesados a&APE-o"') == 1


def test_idle_ends_with_new_mail(server, wakers):
    wire = opened(server)
    wire.select("INBOX")
    waiting = threading.Thread(target=wire.idle, args=(AN_HOUR, wakers[0]))
    waiting.start()
    eventually(lambda: server.sessions[0].idle)
    server.sessions[0].send(b"* OK still here\r\n")
    server.put(mail("one"))
    join(waiting)
    assert wire.uids_from(1) == [1]
    wire.close()


def test_news_in_the_same_breath_as_the_beginning_of_idle_end_it(server, wakers):
    wire = opened(server)
    server.on("IDLE", b"+ idling\r\n* 1 EXISTS\r\n")
    server.on("DONE", b"")
    ended = threading.Event()

    def idle():
        with contextlib.suppress(Lost):  # the script cuts the connection at DONE
            wire.idle(AN_HOUR, wakers[0])
        ended.set()

    waiting = threading.Thread(target=idle, daemon=True)
    waiting.start()
    join(waiting)
    assert ended.is_set(), "it waited for news that it had"
    wire.close()


def test_idle_ends_when_we_are_woken(server, wakers):
    wire = opened(server)
    wire.select("INBOX")
    wakers[1].send(b"!")
    for rest in (wire.idle, wire.wait):
        waiting = threading.Thread(target=rest, args=(AN_HOUR, wakers[0]), daemon=True)
        waiting.start()
        join(waiting)
    wire.close()


def test_idle_ends_when_its_time_is_over(server, wakers):
    wire = opened(server)
    wire.select("INBOX")
    wire.idle(0.02, wakers[0])
    wire.wait(0.02, wakers[0])
    assert wire.uids_from(1) == []
    wire.close()


@pytest.mark.parametrize("farewell", [b"", b"* BYE [UNAVAILABLE] going down\r\n"])
def test_a_server_that_leaves_during_idle_is_lost(server, wakers, farewell):
    wire = opened(server)
    wire.select("INBOX")

    def leave(session, tag, line):
        session.send(b"+ idling\r\n" + farewell)
        session.hang_up()

    server.on("IDLE", leave)
    with pytest.raises(Lost) as lost:
        wire.idle(AN_HOUR, wakers[0])
    # What comes together with the "+" is read with the answer to DONE, if at all; both ways it is over.
    assert lost.value.words
    wire.close()


def test_a_bye_in_the_middle_of_idle_is_told_in_the_servers_words(server, wakers):
    wire = opened(server)
    wire.select("INBOX")

    def leave():
        eventually(lambda: server.sessions[0].idle)
        server.sessions[0].send(b"* BYE [UNAVAILABLE] going down\r\n")

    threading.Thread(target=leave).start()
    with pytest.raises(Lost, match="going down") as lost:
        wire.idle(AN_HOUR, wakers[0])
    assert lost.value.throttled
    wire.cut()
    wire.close()


def test_a_server_that_refuses_idle_is_polled(server, wakers):
    wire = opened(server)
    wire.select("INBOX")
    server.on("IDLE", b"TAG NO not now\r\n")
    assert wire.can_idle
    wire.idle(AN_HOUR, wakers[0])
    assert not wire.can_idle
    wire.close()


def test_news_before_idle_listens_end_the_connection_rather_than_being_lost(server, wakers):
    wire = opened(server)
    wire.select("INBOX")
    server.on("IDLE", b"* 3 EXISTS\r\n+ idling\r\n")
    with pytest.raises(Lost):
        wire.idle(AN_HOUR, wakers[0])
    wire.close()


def test_cutting_from_another_thread_ends_a_command(server):
    wire = opened(server)
    wire.select("INBOX")
    server.on("UID SEARCH", lambda session, tag, line: cutter.start())
    cutter = threading.Thread(target=wire.cut)
    with pytest.raises(Lost):
        wire.deleted_uids()
    wire.close()
    wire.cut()
