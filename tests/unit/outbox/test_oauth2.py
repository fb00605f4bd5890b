"""Access tokens at the smarthost: XOAUTH2, OAUTHBEARER, and what is said when a token is not taken."""

import base64

import pytest
from aiosmtpd.smtp import AuthResult

from maild.outbox.connection import Credentials, Unreachable
from maild.outbox.probe import try_smarthost
from maild.outbox.submission import Submission
from tests.support.waiting import PATIENCE_SECONDS
from tests.unit.outbox.sink import Sink, outgoing, smarthost

MAIL = b"Subject: hi\r\n\r\nhello\r\n"
FROM, TO = "desk+x@desk.example.com", "marta@example.org"
REASON = base64.b64encode(b'{"status":"401","schemes":"bearer","scope":"https://mail.google.com/"}').decode()


class Bearer(Sink):
    """A smarthost that wants a token; what comes instead is refused as Gmail refuses it."""

    def __init__(self, good="good", mechanism="XOAUTH2"):
        super().__init__()
        self.good = good
        self.said = []
        setattr(self, f"auth_{mechanism}", self._authenticate)

    async def _authenticate(self, server, args):
        said = await server.challenge_auth("", encode_to_b64=False)
        self.said.append(said.decode())
        if f"auth=Bearer {self.good}\1" in self.said[-1]:
            return AuthResult(success=True, handled=False)
        await server.push(f"334 {REASON}")
        await server._reader.readline()
        await server.push("535 5.7.8 Username and Password not accepted")
        return AuthResult(success=False, handled=True)


def own(token, refused=lambda: None):
    return Credentials("desk.example.com", token=lambda: token, refused=refused)


@pytest.mark.parametrize(("mechanism", "began"), [("XOAUTH2", "user=maild\1"), ("OAUTHBEARER", "n,a=maild,\1")])
def test_a_mail_goes_out_by_an_access_token(mechanism, began):
    sink = Bearer(mechanism=mechanism, good="g" * 600)
    with smarthost(sink) as host:
        submission = Submission(outgoing(host, username="maild", auth="oauth2"), own("g" * 600))
        assert submission.send(FROM, TO, MAIL).code == 250
        submission.close()
    assert sink.said[0].startswith(began)


def test_a_refused_token_is_said_with_the_servers_reason_and_replaced(tmp_path):
    told = []
    with smarthost(Bearer()) as host:
        settings = outgoing(host, username="maild", auth="oauth2")
        said = try_smarthost(settings, host, own("stale", lambda: told.append("refused")), timeout=PATIENCE_SECONDS)
    assert "535 5.7.8 Username and Password not accepted" in said
    assert '"status":"401"' in said
    assert told == ["refused"]


def test_a_smarthost_without_tokens_gets_none():
    with smarthost(Sink()) as host:
        said = try_smarthost(
            outgoing(host, username="maild", auth="oauth2"), host, own("good"), timeout=PATIENCE_SECONDS
        )
    assert "offers neither XOAUTH2" in said


def test_without_a_token_the_mail_waits():
    def token():
        raise Unreachable("no access token: log in again")

    with smarthost(Bearer()) as host:
        submission = Submission(outgoing(host, username="maild", auth="oauth2"), Credentials("d.example", token=token))
        with pytest.raises(Unreachable, match="log in again"):
            submission.send(FROM, TO, MAIL)
