"""A client's whole conversation with the SMTP door in memory: thousands a second, and no socket between."""

import asyncio
import re
from collections.abc import Sequence

from maild.doors.crowd import Crowd
from maild.doors.session import Callbacks
from maild.doors.smtp import SmtpSession
from tests.support.waiting import PATIENCE_SECONDS
from tests.unit.doors.house import NOW, POLICY, REPLY, Keeper

OUR_WORDS = re.compile(r"Error|Exception|Traceback|\.py\b|/maild|sqlite|object at 0x")


class Wire(asyncio.Transport):
    """What a session takes for a connection: it keeps what is said."""

    def __init__(self, session: SmtpSession) -> None:
        super().__init__({"peername": ("127.0.0.1", 4711)})
        self.said = b""
        self.over = asyncio.get_running_loop().create_future()
        self._session = session
        self._is_closing = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Keep what is said; nothing is said behind the end."""
        assert not self._is_closing
        self.said += data

    def is_closing(self) -> bool:
        """Whether the server has hung up."""
        return self._is_closing

    def close(self) -> None:
        """Hang up."""
        if not self._is_closing:
            self._is_closing = True
            asyncio.get_running_loop().call_soon(self._lose)

    abort = close

    def _lose(self) -> None:
        self._session.connection_lost(None)
        self.over.set_result(None)

    def pause_reading(self) -> None:
        """The client sends on: what came already is what the session has to bear."""

    def resume_reading(self) -> None:
        """The client has never stopped."""

    def get_write_buffer_size(self) -> int:
        """The client reads all at once."""
        return 0


def talk(chunks: Sequence[bytes]) -> tuple[bytes, int]:
    """Say these octets, then no more; return what the server said, and how many mails it kept.

    Every reply is whole, tells no word of ours and no fault of ours, and a mail is kept for each that says so.
    """
    said, kept = asyncio.run(_talk(chunks))
    assert re.fullmatch(rb"(?:" + REPLY.pattern + rb")+", said), said
    assert not OUR_WORDS.search(said.decode()), said
    assert b"\r\n451" not in said, said
    assert said.count(b"queued as") == kept
    return said, kept


async def _talk(chunks: Sequence[bytes]) -> tuple[bytes, int]:
    keeper = Keeper()
    session = SmtpSession(POLICY, Callbacks(keeper.accept, keeper.knows, lambda: NOW), Crowd())
    wire = Wire(session)
    session.connection_made(wire)
    for chunk in chunks:
        await asyncio.sleep(0)
        if not wire.is_closing():
            session.data_received(chunk)
    if not wire.is_closing():
        session.eof_received()
    await asyncio.wait_for(wire.over, PATIENCE_SECONDS)
    return wire.said, len(keeper.mails)
