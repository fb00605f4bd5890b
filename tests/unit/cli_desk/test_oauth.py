"""`maild oauth`: a person lets the desk into a mailbox, and everybody hears in time when that ends."""

from datetime import timedelta

import pytest

from tests.support.imap_script import ScriptedImap
from tests.support.provider import error, provider
from tests.unit.cli_desk.conftest import within_a_day

KEYS = """
[[mailbox]]
name = "support"
host = "imap.example.com"
username = "support@example.com"
auth = "oauth2"
oauth2_flow = "{flow}"
oauth2_token_url = "{url}/token"
oauth2_device_url = "{url}/device"
oauth2_authorize_url = "{url}/authorize"
oauth2_client_id = "app"
{more}
"""


@pytest.fixture
def server():
    with provider() as server:
        yield server


@pytest.fixture
def configured(shell, server):
    text = shell.path.read_text()

    def write(flow, more=""):
        shell.path.write_text(text + KEYS.format(flow=flow, url=server.url, more=more))
        return shell

    return write


def test_a_code_is_typed_on_another_device(configured, server):
    shell = configured("device-code")
    server.answers = []
    device = server.answer("/device", {})
    server.answers = [device, error(400, "authorization_pending")]
    code, _, said = shell("oauth", "login", "support")
    assert code == 0, said
    assert f"Open {server.url}/here in any browser and type the code WXYZ-1234" in said
    [row] = shell.rows("oauth", "list")
    assert (row["name"], row["problem"]) == ("mailbox.support", None)
    assert row["renewed_at"] is not None
    [kept] = shell.select("SELECT sealed FROM oauth2_grant")
    assert "first" not in kept["sealed"]


def test_who_says_no_on_the_other_device_is_told_at_once(configured, server):
    shell = configured("device-code")
    server.answers = [server.answer("/device", {}), error(400, "access_denied")]
    assert "access_denied" in shell.refused(69, "oauth", "login", "support")


def test_an_address_is_pasted_after_logging_in(configured, server, monkeypatch):
    shell = configured("paste-code")
    code, printed, said = shell("oauth", "login", "support", given="4/abc\n")
    assert code == 0, said
    assert f"{server.url}/authorize?response_type=code" in printed
    assert server.asked()[0]["code"] == "4/abc"
    shell.refused(65, "oauth", "login", "nobody")


def test_where_nobody_is_needed_a_token_is_tried(configured, server):
    shell = configured("client-credentials", 'oauth2_client_secret = "s"')
    assert shell("oauth", "login", "support")[0] == 0
    server.answers = [error(401, "invalid_client", "AADSTS7000222: expired")]
    assert "AADSTS7000222" in shell.refused(69, "oauth", "login", "support")


def test_an_end_that_is_near_is_warned_of_by_check_and_status(configured):
    def look(today):
        soon = today + timedelta(days=10)
        shell = configured("client-credentials", f'oauth2_client_secret = "s"\noauth2_expires = {soon}')
        checked = shell("check")
        with shell.house():
            pass
        return soon, checked, shell("status", "--json")

    soon, (code, printed, _), (_, [status], _) = within_a_day(look)
    assert code == 0
    assert f"mailbox.support.oauth2_expires = {soon}: it expires in 10 days" in printed
    assert f"the OAuth2 log-in mailbox.support: it expires in 10 days, on {soon}" in status["problems"]


@pytest.mark.parametrize(
    ("flow", "more", "words"),
    [
        ("client-credentials", "", "need the client's secret"),
        ("refresh-token", "", "there is no refresh token"),
        ("paste-code", 'oauth2_provider = "google"\noauth2_redirect_url = "http://127.0.0.1"', ""),
        ("device-code", 'oauth2_provider = "google"', "Google lets nobody into a mailbox"),
        ("device-code", "oauth2_expires = 2027-13-01", "line"),
    ],
)
def test_what_a_flow_needs_is_named(configured, flow, more, words):
    _, printed, said = configured(flow, more)("check")
    assert words in printed + said


def test_secrets_go_to_no_address_in_clear(configured, server):
    server.url = "http://login.example.com"
    _, printed, _ = configured("device-code")("check")
    assert "secrets would go over the network in clear" in printed


def test_check_logs_in_as_the_service_would(shell, server):
    keys = KEYS.replace('host = "imap.example.com"', 'host = "127.0.0.1"\nport = {port}\ntls = "none"')
    with ScriptedImap(("IDLE", "MOVE", "AUTH=XOAUTH2")) as imap:
        secret = 'oauth2_client_secret = "s"'
        written = keys.format(flow="client-credentials", url=server.url, more=secret, port=imap.port)
        shell.path.write_text(shell.path.read_text() + written)
        _, printed, _ = shell("check", "--connect")
        assert "mailbox.support" not in printed
        assert imap.count("EXAMINE") == 1
        server.answers = [error(401, "invalid_client", "AADSTS7000222: expired")]
        _, printed, _ = shell("check", "--connect")
        assert "mailbox.support: the application or its secret is refused, renew oauth2_client_secret" in printed
