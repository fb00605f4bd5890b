"""The demo's IMAP server: pymap with one mailbox in memory, when `maild[demo]` is installed."""

import asyncio
import importlib
from argparse import Namespace
from contextlib import suppress
from typing import Any
from uuid import uuid4

USER, PASSWORD = "support", "demo"


class ImapServer:
    """A server on a free port of the loopback interface; all methods belong to the running event loop."""

    def __init__(self) -> None:
        self.port = 0
        self._server: asyncio.Server | None = None
        self._guests: set[asyncio.Task[None]] = set()

    async def open(self) -> bool:
        """Listen, and return True; False when pymap is not installed."""
        try:
            backend = importlib.import_module("pymap.backend.dict")
            imap = importlib.import_module("pymap.imap")
            sock = importlib.import_module("proxyprotocol.sock")
            user = importlib.import_module("pymap.user")
            hashing = importlib.import_module("pysasl.hashing")
        except ImportError:
            return False
        config = _configuration(backend, hashing)
        config.apply_context()
        login = backend.Login(config)
        password = await user.Passwords(config).hash_password(PASSWORD)
        await login.demo_user_identity.set(user.UserMetadata(config, USER, password=password))
        guest = self._guest(imap.IMAPServer(login, config), sock.SocketInfo)
        self._server = await asyncio.start_server(guest, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return True

    def _guest(self, serve: Any, client: Any) -> Any:
        async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            """Serve one connection; `close` may cancel it."""
            task = asyncio.current_task()
            assert task is not None
            self._guests.add(task)
            try:
                with suppress(OSError, EOFError, asyncio.CancelledError):
                    await serve(reader, writer, client.get(writer, None, unique_id=uuid4().bytes))
            finally:
                writer.close()
                self._guests.discard(task)

        return one

    async def close(self) -> None:
        """Listen no more and hang up."""
        if self._server is None:
            return
        self._server.close()
        for guest in list(self._guests):
            guest.cancel()
        await asyncio.gather(*self._guests, return_exceptions=True)


def _configuration(backend: Any, hashing: Any) -> Any:
    # What pymap's own command line would hand over: passwords in clear, on loopback alone, and no question to the DNS.
    arguments = Namespace(passlib_cfg=None, proxy_protocol=None, insecure_login=True, debug=False, tls=False)
    # pymap would ask the DNS for this machine's name to greet with.
    quiet = type("Quiet", (backend.Config,), {"greeting": b"the demo's mailbox"})
    return quiet(
        arguments,
        host="127.0.0.1",
        port=0,
        tls_enabled=False,
        reject_dnsbl=False,
        hash_context=hashing.BuiltinHash(hash_name="sha256", rounds=1),
        demo_data=False,
        demo_user=USER,
        demo_password=PASSWORD,
    )
