"""An OAuth2 provider on loopback: a real HTTP server that gives out tokens, and says what it is told to say."""

import contextlib
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from tests.support.waiting import join


@dataclass
class Answer:
    """What comes in place of the usual answer."""

    status: int
    body: object = None  # an object for JSON, or octets
    headers: dict = field(default_factory=dict)
    is_late: bool = False  # it comes when nobody waits for it any more
    talker: object = None  # whoever `talk`s in place of a body, for as long as he likes


def error(status, name, description="", **headers):
    """An error in the shape of RFC 6749 section 5.2."""
    return Answer(status, {"error": name, "error_description": description}, headers)


class Provider:
    """Counts tokens, remembers every form, and takes `answers` from the front before it answers by itself."""

    def __init__(self):
        self.forms = []  # (path, form)
        self.answers = []
        self.tokens = {}  # the access tokens that are good, with their users
        self.lifetime = 3600
        self.rotates = False  # whether each renewal gives another refresh token, and voids the one before
        self.refresh = "first"
        self.count = 0
        self.user = "support@example.com"
        self.url = ""
        self.over = threading.Event()

    def issue(self, form):
        """The answer of the token endpoint."""
        if form["grant_type"] == "refresh_token" and form["refresh_token"] != self.refresh:
            return error(400, "invalid_grant", "AADSTS70008: The refresh token has expired.")
        self.count += 1
        token = f"token-{self.count}"
        self.tokens[token] = self.user
        said = {"access_token": token, "token_type": "Bearer", "expires_in": self.lifetime}
        if form["grant_type"] not in {"refresh_token", "client_credentials"}:
            said["refresh_token"] = self.refresh
        elif self.rotates and form["grant_type"] == "refresh_token":
            self.refresh = f"refresh-{self.count}"
            said["refresh_token"] = self.refresh
        return Answer(200, said)

    def answer(self, path, form):
        self.forms.append((path, form))
        if self.answers:
            return self.answers.pop(0)
        if path == "/device":
            said = {
                "user_code": "WXYZ-1234",
                "verification_uri": f"{self.url}/here",
                "device_code": "d",
                "interval": 0.01,
            }
            return Answer(200, {**said, "expires_in": 60})
        return self.issue(form)

    def asked(self, path="/token"):
        """The forms that came to a path."""
        return [form for where, form in self.forms if where == path]


@contextlib.contextmanager
def provider(context=None):
    """Run a provider; with an ssl `context` it speaks HTTPS."""
    made = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            self._say(made.answer(urlsplit(self.path).path, form))

        def do_GET(self):
            """Introspection, as Dovecot asks for it: whose token is it?"""
            token = dict(parse_qsl(urlsplit(self.path).query)).get("token", "")
            user = made.tokens.get(token)
            self._say(Answer(200, {"active": user is not None, "username": user or ""}))

        def _say(self, answer):
            if answer.is_late:
                made.over.wait()
            if answer.talker is not None:
                self._begin(answer, 1_000_000)
                with contextlib.suppress(OSError):
                    answer.talker.talk(lambda: self.wfile.write(b" "))
                return
            octets = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            with contextlib.suppress(OSError):
                self._begin(answer, len(octets))
                self.wfile.write(octets)

        def _begin(self, answer, length):
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(length))
            self.end_headers()

        def log_message(self, *_):
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_):
            """A client that hangs up is what some tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    made.url = f"{'https' if context else 'http'}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.over.set()
        server.shutdown()
        join(thread)
        server.server_close()
