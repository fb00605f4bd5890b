"""What providers say when they give no token: each fault has one clear kind, and words that help."""

import re

import pytest

from maild.oauth2.endpoint import ask
from maild.oauth2.model import Kind, OAuth2Trouble
from tests.support.ports import free_port
from tests.support.provider import Answer, error, provider
from tests.unit.outbox.sink import server_context

EXPIRED_SECRET = "AADSTS7000222: The provided client secret keys for app '1' are expired."


@pytest.fixture
def server():
    with provider() as server:
        yield server


def trouble(server, answer, **more):
    server.answers.append(answer)
    with pytest.raises(OAuth2Trouble) as raised:
        ask(f"{server.url}/token", {"grant_type": "client_credentials"}, **more)
    return raised.value


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (error(400, "invalid_grant", "AADSTS50173: revoked"), Kind.GRANT, "log in again.*AADSTS50173"),
        (error(400, "invalid_grant", "Token has been expired or revoked."), Kind.GRANT, "expired or revoked"),
        (error(401, "invalid_client", EXPIRED_SECRET), Kind.CLIENT, "renew oauth2_client_secret.*7000222"),
        (error(400, "unauthorized_client"), Kind.CLIENT, "unauthorized_client"),
        (error(400, "invalid_scope", "AADSTS70011"), Kind.CONFIGURATION, "AADSTS70011"),
        (error(400, "authorization_pending"), Kind.PENDING, "nobody has let us in"),
        (error(400, "slow_down"), Kind.THROTTLED, "slow_down"),
        (error(503, "temporarily_unavailable"), Kind.AWAY, "503"),
        (Answer(500, b"<html>oops"), Kind.AWAY, "500"),
        (Answer(404, b"<html>no such tenant"), Kind.CONFIGURATION, "404 Not Found"),
        (Answer(200, b"<html>a captive portal"), Kind.AWAY, "no JSON object"),
        (Answer(200, []), Kind.AWAY, "no JSON object"),
        (Answer(400, {"error": {"code": 400}}), Kind.CONFIGURATION, "400"),
    ],
)
def test_each_fault_says_who_has_to_mend_it(server, answer, kind, words):
    raised = trouble(server, answer)
    assert raised.kind is kind
    assert re.search(words, raised.words)


def test_a_provider_that_is_asked_too_much_says_when_to_come_again(server):
    raised = trouble(server, error(429, "too_many_requests", Retry_After="90"))
    assert (raised.kind, raised.wait_seconds, raised.passing) == (Kind.THROTTLED, 90.0, True)
    assert trouble(server, error(503, "x", Retry_After="Fri, 31 Dec 1999 23:59:59 GMT")).wait_seconds == 0.0
    assert trouble(server, error(503, "x", Retry_After="soon")).wait_seconds == 0.0
    assert trouble(server, error(503, "x", Retry_After="99999999999")).wait_seconds == 3600.0


def test_a_silent_provider_is_away(server):
    raised = trouble(server, Answer(200, {}, is_late=True), timeout=0.05)
    assert (raised.kind, raised.passing) == (Kind.AWAY, True)
    assert "silent" in raised.words


def test_nobody_at_the_port_is_away():
    port = free_port()
    with pytest.raises(OAuth2Trouble, match="cannot be reached") as raised:
        ask(f"http://127.0.0.1:{port}/token", {})
    assert raised.value.kind is Kind.AWAY


def test_a_certificate_that_does_not_hold_ends_it_before_a_secret_is_told():
    with provider(server_context()) as server:
        with pytest.raises(OAuth2Trouble, match="certificate that does not hold") as raised:
            ask(f"{server.url}/token", {"client_secret": "s"})
        assert raised.value.kind is Kind.TLS
        assert server.forms == []


def test_secrets_follow_no_redirect(server):
    with provider() as elsewhere:
        raised = trouble(server, Answer(307, b"", {"Location": f"{elsewhere.url}/token"}))
        assert (raised.kind, elsewhere.forms) == (Kind.AWAY, [])
