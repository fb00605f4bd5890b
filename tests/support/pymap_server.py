"""pymap, an IMAP server in memory, in a thread of our own: `with start_pymap() as pymap: …`; it knows IDLE and MOVE."""

import asyncio
import contextlib
import imaplib
import threading
from argparse import Namespace

from tests.support.waiting import PATIENCE_SECONDS, join

USER, PASSWORD = "support", "secret"


class Pymap:
    """A running server with one user, whose mail is gone when it stops."""

    host = "127.0.0.1"
    user = USER
    password = PASSWORD

    def __init__(self, user=USER, password=PASSWORD):
        self.user = user
        self.password = password
        self.port = 0
        self._up = threading.Event()
        self._loop = None
        self._stopped = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="pymap", daemon=True)

    def start(self):
        self._thread.start()
        if not self._up.wait(PATIENCE_SECONDS):
            raise RuntimeError("pymap did not start")

    def stop(self):
        self._loop.call_soon_threadsafe(self._stopped.set)
        join(self._thread)

    async def _serve(self):
        # Imported late: only whoever has the extra installed comes here.
        from proxyprotocol.reader import ProxyProtocolReader
        from pymap.backend.dict import DictBackend, Login
        from pymap.imap import IMAPServer

        self._loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
        config = _configure(self.host, self.user, self.password)
        config.apply_context()
        login = Login(config)
        await DictBackend._add_demo_user(config, login)
        serve = ProxyProtocolReader(config.proxy_protocol).get_callback(IMAPServer(login, config))
        tasks = set()

        async def serve_one(reader, writer):
            tasks.add(asyncio.current_task())
            try:
                await serve(reader, writer)
            except (OSError, EOFError, asyncio.CancelledError):
                writer.close()
            finally:
                tasks.discard(asyncio.current_task())

        listener = await asyncio.start_server(serve_one, self.host, 0)
        self.port = listener.sockets[0].getsockname()[1]
        self._up.set()
        await self._stopped.wait()
        listener.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @contextlib.contextmanager
    def client(self, folder=None):
        """A plain imaplib client, logged in, with a folder selected if one is named."""
        with imaplib.IMAP4(self.host, self.port, timeout=PATIENCE_SECONDS) as client:
            client.login(self.user, self.password)
            if folder is not None:
                client.select(folder)
            yield client

    def append(self, octets, folder="INBOX"):
        """Put a mail into a folder."""
        with self.client() as client:
            answer, words = client.append(folder, None, None, octets)
            assert answer == "OK", words

    def folder_uids(self, folder="INBOX"):
        """The UIDs in a folder; an empty list when there is no such folder."""
        with self.client() as client:
            if client.select(folder, readonly=True)[0] != "OK":
                return []
            return [int(uid) for uid in client.uid("SEARCH", "ALL")[1][0].split()]


def _configure(host, user, password):
    from pymap.backend.dict import Config
    from pysasl.hashing import BuiltinHash

    class Plain(Config):
        """Passwords without TLS, on loopback; no question to the DNS for the greeting."""

        greeting = b"ready"

    # The arguments of pymap's own command line that its parts still look at.
    args = Namespace(passlib_cfg=None, proxy_protocol=None, insecure_login=True, debug=False, tls=False)
    return Plain(
        args,
        host=host,
        port=0,
        tls_enabled=False,
        reject_dnsbl=False,
        hash_context=BuiltinHash(hash_name="sha256", rounds=1),
        demo_data=False,
        demo_user=user,
        demo_password=password,
    )


@contextlib.contextmanager
def start_pymap(user=USER, password=PASSWORD):
    """Start a server on a free port of the loopback interface and stop it in the end."""
    server = Pymap(user, password)
    server.start()
    try:
        yield server
    finally:
        server.stop()
