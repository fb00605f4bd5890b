"""A mailbox at a real Dovecot: what the door promises, kept with the server that most mailboxes live on."""

import contextlib
import itertools
import tempfile
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from maild.database.connection import open_database
from maild.database.migrate import prepare
from maild.doors.imap import MailboxDoor
from maild.journal.journal import Journal
from maild.oauth2.endpoint import ask
from maild.oauth2.model import Application, Flow
from maild.oauth2.wallet import Wallet
from maild.service.access import Vault
from maild.settings.doors import Mailbox
from tests.support.dovecot import start_dovecot
from tests.support.provider import provider
from tests.support.waiting import eventually


def mail(subject, body="hello\r\n"):
    return f"From: marta@example.org\r\nSubject: {subject}\r\nMessage-ID: <{subject}@x>\r\n\r\n{body}".encode()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with start_dovecot(tmp_path_factory.mktemp("dovecot")) as server:
        yield server


@pytest.fixture
def dovecot(server):
    """The module's server with empty folders."""
    yield server
    with server.client() as client:
        if client.select("INBOX")[1] != [b"0"]:
            client.store("1:*", "+FLAGS", "\\Deleted")
            client.expunge()
        client.unselect()
        for folder in ("Processed", "Archive/2026"):
            client.delete(folder)


class Desk:
    """A journal, and the doors that fill it."""

    def __init__(self, place):
        self.db = open_database(f"sqlite:///{place}/maild.db")
        self.now = lambda: datetime.now(UTC)
        prepare(self.db, self.now())
        numbers = itertools.count(1)
        self.journal = Journal(self.db, self.now, lambda: f"e{next(numbers):06}")
        self.told = []

    @property
    def octets(self):
        rows = self.db.execute(
            "SELECT octets FROM entry_octets JOIN entry ON entry.id = entry_octets.entry ORDER BY seq"
        )
        return [bytes(row["octets"]) for row in rows]

    @contextlib.contextmanager
    def watching(self, server, store=None, secret=None, refused=lambda: None, **settings):
        place = {"host": server.host, "port": server.port, "tls": "none", "username": server.user}
        box = Mailbox(name="support", **{**place, "queue": "support", "after": "move:Processed", **settings})
        self.told.clear()
        password, report = secret or (lambda: server.password), self.told.append
        door = MailboxDoor(box, password, store or self.journal, self.now, report, lambda: -0.99, refused)
        door.start()
        try:
            yield door
        finally:
            door.stop()

    def is_well(self):
        return bool(self.told) and self.told[-1].state == "ok"


@pytest.fixture
def desk(tmp_path):
    desk = Desk(tmp_path)
    yield desk
    desk.journal.close()
    desk.db.close()


def test_mails_are_kept_byte_for_byte_and_moved_into_a_folder_that_is_made(desk, dovecot):
    mails = [mail("one"), mail("two", "caf\u00e9\r\n.\r\n..dots\r\n"), mail("three", "x" * 70_000)]
    dovecot.append(mails)
    with desk.watching(dovecot, after="move:Archive/2026"):
        eventually(lambda: len(dovecot.folder_uids("Archive/2026")) == 3)
    assert desk.octets == mails
    assert dovecot.folder_uids() == []


def test_idle_tells_of_a_mail_and_of_the_next(desk, dovecot):
    with desk.watching(dovecot, poll_interval="5m"):
        eventually(desk.is_well)
        for n in range(5):
            dovecot.append(mail(f"m{n}"))
            eventually(lambda n=n: len(desk.octets) == n + 1)
    assert dovecot.folder_uids() == []


def test_a_mail_that_somebody_reads_first_is_not_lost(desk, dovecot):
    dovecot.append(mail("read"))
    with dovecot.client("INBOX") as person:
        person.store("1", "+FLAGS", "\\Seen")
    with desk.watching(dovecot, after="leave"):
        eventually(lambda: desk.octets == [mail("read")])


def test_marking_seen_is_the_only_trace_in_a_mailbox_that_keeps_its_mail(desk, dovecot):
    dovecot.append([mail("one"), mail("two")])
    with desk.watching(dovecot, after="seen"):
        eventually(lambda: [b"\\Seen" in flags for flags in dovecot.flags().values()] == [True, True])
    with desk.watching(dovecot, after="seen"):
        eventually(desk.is_well)
    assert len(desk.octets) == 2
    assert len(dovecot.folder_uids()) == 2


def test_deleting_takes_our_mail_and_leaves_what_a_person_has_marked(desk, dovecot):
    dovecot.append(mail("one"))
    with desk.watching(dovecot, after="delete"):
        eventually(lambda: desk.octets and dovecot.folder_uids() == [])


def test_a_crash_between_commit_and_move_leaves_no_copy_and_no_loss(desk, dovecot):
    class Crash(Exception):
        pass

    class Killed:
        """A journal whose process dies right after the commit."""

        taken_uids, highest_uid = desk.journal.taken_uids, desk.journal.highest_uid

        def append_now(self, items):
            desk.journal.append_now(items)
            raise Crash

    dovecot.append([mail("one"), mail("two")])
    with desk.watching(dovecot, store=Killed()):
        eventually(lambda: len(desk.octets) == 2)
    with desk.watching(dovecot):
        eventually(lambda: len(dovecot.folder_uids("Processed")) == 2)
    assert desk.octets == [mail("one"), mail("two")]
    assert dovecot.folder_uids() == []


def test_mails_that_vanish_while_we_take_them_are_no_error(desk, dovecot):
    dovecot.append([mail(f"m{n}") for n in range(200)])

    def delete_some():
        with dovecot.client("INBOX") as person:
            for n in range(100, 0, -7):
                person.store(str(n), "+FLAGS", "\\Deleted")
                person.expunge()

    person = threading.Thread(target=delete_some)
    with desk.watching(dovecot):
        person.start()
        person.join()
        eventually(lambda: desk.is_well() and dovecot.folder_uids() == [])
    assert 185 <= len(desk.octets) <= 200
    assert len(set(desk.octets)) == len(desk.octets)


def test_a_folder_that_is_made_anew_has_new_uids_and_its_mails_are_taken_again(desk, dovecot):
    with dovecot.client() as person:
        for subject in ("one", "two"):
            person.create("Requests")
            person.append("Requests", None, None, mail(subject))
            with desk.watching(dovecot, folder="Requests", after="leave"):
                eventually(lambda subject=subject: mail(subject) in desk.octets)
            person.delete("Requests")
    assert desk.octets == [mail("one"), mail("two")]


def test_the_header_of_a_large_mail_is_enough_for_a_ticket(desk, dovecot):
    large = mail("large", ("x" * 70 + "\r\n") * 1000)
    dovecot.append([large, mail("small")])
    with desk.watching(dovecot, after="delete", max_message_size=5_000):
        eventually(lambda: len(desk.octets) == 2 and len(dovecot.folder_uids()) == 1)
    note = b"X-Maild-Not-Fetched: size=%d; larger than 5000 octets\r\n\r\n" % len(large)
    assert desk.octets[0] == large.partition(b"\r\n\r\n")[0] + b"\r\n" + note
    assert [b"\\Flagged" in flags for flags in dovecot.flags().values()] == [True]


def test_an_old_mail_is_deleted_after_its_days(desk, dovecot):
    old = (datetime.now(UTC) - timedelta(days=40)).timestamp()
    with dovecot.client() as person:
        person.append("INBOX", None, old, mail("old"))
        person.append("INBOX", None, None, mail("new"))
    [first, second] = dovecot.folder_uids()
    with desk.watching(dovecot, after="leave"):
        eventually(lambda: len(desk.octets) == 2)
    with desk.watching(dovecot, after="delete:30d"):
        eventually(lambda: dovecot.folder_uids() == [second])
    assert first < second
    assert len(desk.octets) == 2


def test_a_wrong_password_is_said_in_the_servers_words(desk, dovecot):
    with desk.watching(dovecot, username="nobody@example.com"):
        eventually(lambda: desk.told)
    assert "Authentication failed" in desk.told[-1].reason


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
def test_the_connection_is_private_when_it_shall_be(desk, tmp_path, tls):
    trustme = pytest.importorskip("trustme")
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    names = [tmp_path / name for name in ("ca.pem", "cert.pem", "key.pem")]
    authority.cert_pem.write_to_path(names[0])
    issued.cert_chain_pems[0].write_to_path(names[1])
    issued.private_key_pem.write_to_path(names[2])
    with start_dovecot(cert_file=names[1], key_file=names[2]) as dovecot:
        dovecot.append(mail("one"))
        port = dovecot.tls_port if tls == "implicit" else dovecot.port
        with desk.watching(dovecot, tls=tls, port=port, tls_ca_file=names[0], poll_interval="5m"):
            eventually(lambda: desk.octets == [mail("one")])
            eventually(desk.is_well)
            dovecot.append(mail("two"))
            eventually(lambda: desk.octets == [mail("one"), mail("two")])
        with desk.watching(dovecot, tls=tls, port=port):
            eventually(lambda: desk.told)
        assert "certificate verify failed" in desk.told[-1].reason


OAUTH2 = """
auth_mechanisms = plain login xoauth2 oauthbearer
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {file}
}}
"""
INTROSPECTION = """
introspection_mode = get
introspection_url = {url}/introspect?token=
username_attribute = username
active_attribute = active
active_value = true
"""


def test_access_tokens_open_the_mailbox_and_are_renewed_when_it_refuses_one(desk, tmp_path):
    with provider() as issuer, tempfile.TemporaryDirectory(dir="/tmp", prefix="maild-oauth2-") as place:
        Path(place).chmod(0o755)
        file = Path(place) / "oauth2.conf"
        file.write_text(INTROSPECTION.format(url=issuer.url))
        issuer.user = "support@example.com"
        application = Application("mailbox.support", Flow.CLIENT_CREDENTIALS, "app", "", f"{issuer.url}/token")
        vault = Vault(desk.db, lambda: (("a", b"k" * 32),), desk.now)
        wallet = Wallet(application, vault, ask, desk.now)
        wallet.access_token()
        issuer.tokens.clear()  # as when an administrator ends all sessions: the first token is refused
        with start_dovecot(more=OAUTH2.format(file=file)) as dovecot:
            dovecot.append(mail("one"))
            secret = {"secret": wallet.access_token, "refused": wallet.refused}
            with desk.watching(dovecot, auth="oauth2", **secret):
                eventually(lambda: desk.octets == [mail("one")])
            assert any("Authentication failed" in health.reason for health in desk.told)
    assert wallet.access_token() == "token-2"
