"""A token is there when it is wanted: renewed ahead of its end, asked for as rarely as providers like."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from maild.database.connection import open_database
from maild.database.migrate import prepare
from maild.oauth2.endpoint import ask
from maild.oauth2.expiry import ends_soon
from maild.oauth2.grants import authorize_address, pasted_code, redeem
from maild.oauth2.model import Application, Flow, Kind, OAuth2Trouble
from maild.oauth2.providers import application
from maild.oauth2.sealing import Unsealable, seal, unseal
from maild.oauth2.wallet import Wallet
from maild.service.access import Vault
from maild.settings.doors import Mailbox
from maild.store.grants import publish_logins
from maild.store.logins import logins
from tests.support.provider import error, provider

NOW = datetime(2026, 11, 21, 21, 42, tzinfo=UTC)
KEYS = (("a", b"k" * 32),)
NAME = "mailbox.support"


class Desk:
    """A database, a provider and a clock."""

    def __init__(self, db, server):
        self.now = NOW
        self.db = db
        self.server = server
        self.keys = KEYS
        publish_logins(db, {NAME: None}, NOW)
        self.application = Application(
            NAME, Flow.REFRESH_TOKEN, "app", "", f"{server.url}/token", client_secret="s", refresh_token="first"
        )

    def later(self, **how):
        self.now += timedelta(**how)

    def wallet(self, **changed):
        vault = Vault(self.db, lambda: self.keys, lambda: self.now)
        return Wallet(replace(self.application, **changed), vault, ask, lambda: self.now)

    @property
    def login(self):
        [found] = logins(self.db)
        return found


@pytest.fixture
def desk(tmp_path):
    db = open_database(f"sqlite:///{tmp_path}/maild.db")
    prepare(db, NOW)
    with provider() as server:
        yield Desk(db, server)
    db.close()


def test_one_token_serves_until_shortly_before_its_end(desk):
    wallet = desk.wallet()
    assert wallet.access_token() == "token-1"
    desk.later(minutes=49)
    wallet.keep_fresh()
    assert wallet.access_token() == "token-1"
    desk.later(minutes=2)
    wallet.keep_fresh()
    assert wallet.access_token() == "token-2"
    assert desk.server.asked()[0] == {
        "grant_type": "refresh_token",
        "refresh_token": "first",
        "client_id": "app",
        "client_secret": "s",
    }


def test_a_failing_renewal_ahead_of_the_end_is_told_and_the_old_token_still_serves(desk):
    wallet = desk.wallet()
    wallet.access_token()
    desk.later(minutes=55)
    desk.server.answers = [error(503, "server_error")] * 2
    wallet.keep_fresh()
    assert wallet.access_token() == "token-1"
    assert "503" in desk.login.problem
    assert desk.login.since == desk.now
    desk.later(minutes=4)
    wallet.keep_fresh()
    assert desk.login.since == desk.now - timedelta(minutes=4)
    desk.later(minutes=2)
    assert wallet.access_token() == "token-2"
    assert (desk.login.problem, desk.login.since) == ("", None)


def test_a_provider_that_refuses_is_not_asked_at_every_try(desk):
    wallet = desk.wallet()
    desk.server.answers = [error(429, "throttled", Retry_After="300")]
    for _ in range(5):
        with pytest.raises(OAuth2Trouble, match="come later"):
            wallet.access_token()
        desk.later(seconds=59)
    assert len(desk.server.asked()) == 1
    desk.later(seconds=10)
    assert wallet.access_token() == "token-1"


def test_a_token_that_the_mail_server_refuses_is_replaced(desk):
    wallet = desk.wallet()
    wallet.access_token()
    wallet.refused()
    assert wallet.access_token() == "token-2"


def test_a_refresh_token_that_was_replaced_outlives_the_process(desk):
    desk.server.rotates = True
    desk.wallet().access_token()
    assert desk.wallet().access_token() == "token-2"
    assert [form["refresh_token"] for form in desk.server.asked()] == ["first", "refresh-1"]


def test_a_new_refresh_token_in_the_configuration_goes_before_what_is_kept(desk):
    desk.server.rotates = True
    desk.wallet().access_token()
    desk.server.refresh = "second"
    assert desk.wallet(refresh_token="second").access_token() == "token-2"


def test_what_is_kept_is_sealed_and_lost_with_the_secret(desk):
    desk.server.rotates = True
    desk.wallet().access_token()
    [row] = desk.db.execute("SELECT sealed FROM oauth2_grant")
    assert "refresh-1" not in row["sealed"]
    desk.keys = (("a", b"x" * 32),)
    with pytest.raises(OAuth2Trouble, match="log in again"):
        desk.wallet().access_token()


def test_sealing_survives_a_new_signing_key_and_no_change():
    rotated = (("b", b"n" * 32), *KEYS)
    sealed = seal("ñandú", KEYS)
    assert unseal(sealed, rotated) == "ñandú"
    with pytest.raises(Unsealable):
        unseal(sealed[:-4] + "AAA=", KEYS)
    with pytest.raises(Unsealable):
        unseal(sealed, (("b", b"n" * 32),))


def test_nobody_has_logged_in_yet(desk):
    with pytest.raises(OAuth2Trouble, match="maild oauth login support") as raised:
        desk.wallet(flow=Flow.DEVICE_CODE, refresh_token="").access_token()
    assert raised.value.kind is Kind.GRANT
    assert "maild oauth login" in desk.login.problem


def test_an_application_speaks_for_itself(desk):
    wallet = desk.wallet(flow=Flow.CLIENT_CREDENTIALS, refresh_token="", scope="all/.default")
    assert wallet.access_token() == "token-1"
    [form] = desk.server.asked()
    assert form == {
        "grant_type": "client_credentials",
        "scope": "all/.default",
        "client_id": "app",
        "client_secret": "s",
    }


@pytest.mark.parametrize(
    ("settings", "token_url", "scope"),
    [
        (
            {"oauth2_provider": "microsoft", "oauth2_tenant": "acme.example", "oauth2_flow": "client-credentials"},
            "https://login.microsoftonline.com/acme.example/oauth2/v2.0/token",
            "https://outlook.office365.com/.default",
        ),
        (
            {"oauth2_provider": "microsoft", "oauth2_flow": "device-code"},
            "https://login.microsoftonline.com/organizations/oauth2/v2.0/token",
            "https://outlook.office.com/IMAP.AccessAsUser.All offline_access",
        ),
        (
            {"oauth2_provider": "google", "oauth2_flow": "paste-code"},
            "https://oauth2.googleapis.com/token",
            "https://mail.google.com/",
        ),
    ],
)
def test_large_providers_need_no_addresses(settings, token_url, scope):
    mailbox = Mailbox(name="m", host="imap.example.com", username="u", auth="oauth2", oauth2_client_id="a", **settings)
    made = application("mailbox.m", mailbox, {})
    assert (made.token_url, made.scope) == (token_url, scope)


def test_a_pasted_code_is_redeemed_with_its_proof_key(desk):
    google = replace(desk.application, flow=Flow.PASTE_CODE, authorize_url="https://a.example/auth", google=True)
    address = authorize_address(google, "v" * 43, "state")
    assert "code_challenge_method=S256" in address
    assert "access_type=offline" in address
    assert pasted_code(" 4/abc \n", "state") == "4/abc"
    assert pasted_code("http://localhost/?state=state&code=4%2Fabc&scope=x", "state") == "4/abc"
    with pytest.raises(OAuth2Trouble, match="another attempt"):
        pasted_code("http://localhost/?state=other&code=4%2Fabc", "state")
    with pytest.raises(OAuth2Trouble, match="access_denied"):
        pasted_code("http://localhost/?error=access_denied&state=state", "state")
    issued = redeem(google, "4/abc", "v" * 43, ask, NOW)
    assert (issued.access_token, issued.refresh_token) == ("token-1", "first")
    assert desk.server.asked()[0]["code_verifier"] == "v" * 43


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (None, ""),
        (date(2026, 12, 6), ""),
        (date(2026, 12, 5), "it expires in 14 days, on 2026-12-05"),
        (date(2026, 11, 22), "it expires in 1 day, on 2026-11-22"),
        (date(2026, 11, 21), "it expires today"),
        (date(2026, 11, 1), "it expired on 2026-11-01"),
    ],
)
def test_an_end_is_told_two_weeks_ahead(day, words):
    assert ends_soon(day, NOW.date()) == words
