"""A smarthost on loopback that answers as it is told, and remembers what it took."""

import asyncio
import socket
import socketserver
import ssl
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache

import trustme
from aiosmtpd.smtp import SMTP, AuthResult

from maild.settings.desk import Outgoing
from maild.settings.fields import Listen
from tests.support.ports import free_port
from tests.support.waiting import PATIENCE_SECONDS, join


@dataclass
class Sink:
    """The far end: `rcpt` and `data` are replies by recipient; DROP breaks the connection in place of a reply."""

    mails: list = field(default_factory=list)
    mail: dict = field(default_factory=dict)
    rcpt: dict = field(default_factory=dict)
    data: dict = field(default_factory=dict)
    sessions: set = field(default_factory=set)
    options: list = field(default_factory=list)
    users: dict = field(default_factory=lambda: {"maild": "sésame"})
    tls: list = field(default_factory=list)

    async def handle_MAIL(self, server, session, envelope, address, options):
        self.options.append(tuple(options))
        if (said := self.mail.get(address)) is not None:
            return said
        envelope.mail_from = address
        return "250 2.1.0 Ok"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if (said := self.rcpt.get(address)) is not None:
            return said
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server, session, envelope):
        (rcpt_to,) = envelope.rcpt_tos
        said = self.data.get(rcpt_to, "250 2.0.0 Ok: queued as 1")
        if said.startswith("2") or said is DROP:
            self.mails.append((envelope.mail_from, rcpt_to, envelope.content))
        if said is DROP:
            server.transport.abort()
            return "451 never seen"
        self.sessions.add(id(session))
        self.tls.append(session.ssl is not None)
        return said


DROP = "DROP"


@cache
def authority():
    """A certificate authority and a certificate for 127.0.0.1, made once."""
    ca = trustme.CA()
    return ca, ca.issue_cert("127.0.0.1", "localhost")


def server_context():
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority()[1].configure_cert(context)
    return context


def ca_file(folder):
    path = folder / "ca.pem"
    authority()[0].cert_pem.write_to_path(str(path))
    return path


@contextmanager
def smarthost(sink, *, starttls=False, implicit=False, auth=False, utf8=True):
    """Run a real aiosmtpd on a port of its own; gives host and port."""

    def authenticate(server, session, envelope, mechanism, data):
        right = sink.users.get(data.login.decode()) == data.password.decode()
        return AuthResult(success=right, handled=False)

    def session():
        made = SMTP(
            sink,
            hostname="smarthost.example.com",
            enable_SMTPUTF8=utf8,
            tls_context=server_context() if starttls else None,
            authenticator=authenticate,
            auth_required=auth,
            auth_require_tls=starttls,
            loop=loop,
        )
        sessions.append(made)
        return made

    sessions = []
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda _loop, _context: None)  # a client that hangs up is what some tests are about
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    server = loop.run_until_complete(
        loop.create_server(session, sock=listener, ssl=server_context() if implicit else None)
    )
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield Listen("127.0.0.1", port)
    finally:
        asyncio.run_coroutine_threadsafe(_ended(server, sessions), loop).result(PATIENCE_SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        join(thread)
        loop.close()


class _Plain(socketserver.StreamRequestHandler):
    """A server of few words that writes down what it is told; it offers what aiosmtpd does not."""

    def handle(self):
        self.wfile.write(b"220 smarthost.example.com\r\n")
        for line in self.rfile:
            self.server.heard.append(line.decode().strip())
            verb = line[:4].upper()
            if verb == b"EHLO":
                said = (
                    b"250-smarthost.example.com\r\n"
                    + b"".join(b"250-%s\r\n" % each for each in self.server.offers)
                    + b"250 HELP\r\n"
                )
            elif verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                while self.rfile.readline() not in {b".\r\n", b""}:
                    pass
                said = b"250 2.0.0 Ok\r\n"
            else:
                said = b"250 Ok\r\n"
            self.wfile.write(said)


@contextmanager
def plain_smarthost(*offers):
    """Run a server that offers these extensions; gives its place and the list of lines that it heard."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Plain) as server:
        server.daemon_threads = True
        server.offers, server.heard = [offer.encode() for offer in offers], []
        thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
        thread.start()
        try:
            yield Listen("127.0.0.1", server.server_address[1]), server.heard
        finally:
            server.shutdown()
            join(thread)


async def _ended(server, sessions):
    server.close()
    for session in sessions:
        for transport in (session.transport, session._original_transport):
            if transport is not None:
                transport.abort()
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for _ in range(10):
        await asyncio.sleep(0)  # the transports close their sockets one turn of the loop later


def nobody_there():
    """A place where nobody listens."""
    return Listen("127.0.0.1", free_port())


def outgoing(*hosts, **more):
    return Outgoing.model_validate({"smarthost": [str(host) for host in hosts], "tls": "none", "timeout": "1m", **more})
