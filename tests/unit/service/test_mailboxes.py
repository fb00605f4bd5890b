"""The mailboxes of a running service: one process holds each, and a log-in that fails is seen and heals by itself."""

from dataclasses import replace

import pytest

from maild.oauth2.endpoint import ask
from maild.oauth2.wallet import Grant
from maild.service import mailboxes
from maild.service.access import Access, Vault
from maild.service.mailboxes import Mailboxes
from maild.service.watching import watch
from maild.settings.doors import Mailbox
from maild.store.grants import publish_logins
from maild.store.status import mailboxes_status
from tests.support.imap_script import ScriptedImap
from tests.support.provider import error, provider
from tests.support.waiting import eventually

MAIL = b"From: marta@example.org\r\nSubject: hi\r\n\r\nhello\r\n"


@pytest.fixture
def server():
    with ScriptedImap((*["IDLE", "MOVE", "UIDPLUS", "AUTH=XOAUTH2"],)) as server:
        yield server


@pytest.fixture
def desk(work, server, monkeypatch):
    monkeypatch.setattr(mailboxes, "LOOK_SECONDS", 0.05)
    box = Mailbox(name="support", host=server.host, port=server.port, tls="none", username=server.user)
    work.box = box
    work.opened = []
    settle(work)
    yield work
    for each in work.opened:
        each.stop()


def settle(work, **changed):
    settings = work.office.settings.model_copy(update={"mailbox": (work.box.model_copy(update=changed),)})
    secrets = {"mailbox.support.password": ScriptedImap.password}
    work.office = replace(work.office, settings=settings, secrets=secrets)


def opened(desk, name):
    """The mailboxes of one process."""
    access = Access(desk.db, lambda: desk.office, lambda: desk.now, ask)
    made = Mailboxes(desk.house, lambda: desk.office, access, lambda: desk.now, name)
    made.access = access
    desk.opened.append(made)
    made.start()
    return made


def health(desk):
    with desk.db.reading() as reader:
        [found] = mailboxes_status(reader) or [{"state": "", "problem": ""}]
    return found


def test_one_process_holds_a_mailbox_and_another_takes_it_over(desk, server):
    first = opened(desk, "one:1")
    eventually(lambda: health(desk)["state"] == "ok")
    opened(desk, "two:2")
    server.put(MAIL)
    eventually(lambda: len(desk.db.execute("SELECT id FROM entry")) == 1)
    assert server.count("LOGIN") == 1
    desk.opened.remove(first)
    first.stop()
    eventually(lambda: server.count("LOGIN") == 2)


def test_a_grant_that_is_gone_is_told_to_the_postmaster_and_a_new_one_heals_it(desk, server):
    with provider() as issuer:
        issuer.refresh = "fresh"
        settle(
            desk,
            auth="oauth2",
            oauth2_flow="device-code",
            oauth2_client_id="app",
            oauth2_token_url=f"{issuer.url}/token",
        )
        publish_logins(desk.db, {"mailbox.support": None}, desk.now)
        vault = Vault(desk.db, lambda: desk.office.secret_keys, lambda: desk.now)
        vault.save("mailbox.support", Grant("revoked"))
        opened(desk, "one:1")
        eventually(lambda: health(desk)["state"] == "dead")
        assert "a person has to log in again" in health(desk)["problem"]
        assert len(issuer.asked()) == 1  # the provider is not asked at every try
        watch(desk.actor, desk.office, desk.now, lambda: 10**12)
        [told] = [desk.text(row) for row in desk.outbox(template="alert")]
        assert "support: the grant is gone" in told
        vault.save("mailbox.support", Grant("fresh"))  # as `maild oauth login` does, beside the service
        eventually(lambda: health(desk)["state"] == "ok")


def test_a_renewal_that_fails_ahead_degrades_the_mailbox_while_its_connection_lasts(desk, server):
    with provider() as issuer:
        settle(
            desk,
            auth="oauth2",
            oauth2_flow="client-credentials",
            oauth2_client_id="app",
            oauth2_token_url=f"{issuer.url}/token",
        )
        made = opened(desk, "one:1")
        eventually(lambda: health(desk)["state"] == "ok")
        issuer.answers = [error(401, "invalid_client", "AADSTS7000222: expired")]
        desk.later(minutes=55)
        made.access.keep_fresh()
        server.put(MAIL)
        eventually(lambda: health(desk)["state"] == "degraded")
        assert "the next log-in will fail: the application or its secret is refused" in health(desk)["problem"]
        desk.later(minutes=2)
        made.access.keep_fresh()
        server.put(MAIL)
        eventually(lambda: health(desk)["state"] == "ok")
        assert server.count("AUTHENTICATE") == 1
