"""A mailbox for everything: takes any mail by SMTP and hands it on. The demo's smarthost; no part of a real desk."""

import asyncio
from collections.abc import Callable

from aiosmtpd.smtp import SMTP, Envelope, Session

Keep = Callable[[str, bytes], None]


class Sink:
    """An SMTP listener on a free port of the loopback interface; all methods belong to the running event loop.

    `keep` is called with each recipient and the octets, before the mail is answered with 250.
    """

    def __init__(self, keep: Keep) -> None:
        self._keep = keep
        self._server: asyncio.Server | None = None
        self.port = 0

    async def open(self) -> None:
        """Listen; `port` is known afterwards."""

        def session() -> SMTP:
            """Return the protocol of one connection."""
            return SMTP(self, hostname="sink.localhost", ident="demo sink", enable_SMTPUTF8=True)

        self._server = await asyncio.get_running_loop().create_server(session, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def close(self) -> None:
        """Listen no more; open connections end with the loop."""
        if self._server is not None:
            self._server.close()

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 aiosmtpd's name
        """Hand a mail on, once for each recipient."""
        for recipient in envelope.rcpt_tos:
            self._keep(recipient, envelope.original_content or b"")
        return "250 2.0.0 Ok: kept"
