"""A stream reader that can be asked what it holds, and take something back."""

import asyncio


class Inbox(asyncio.StreamReader):
    """asyncio's StreamReader, with three questions that its own interface has no words for."""

    _buffer: bytearray
    _transport: asyncio.BaseTransport | None

    def has_line(self) -> bool:
        """Whether a line waits that can be read without waiting."""
        return b"\n" in self._buffer

    def drop(self) -> None:
        """Forget what was received and not read."""
        self._buffer.clear()

    def put_back(self, octets: bytes) -> None:
        """Let octets that were read too far be read next."""
        self._buffer[:0] = octets

    def switch(self, transport: asyncio.BaseTransport) -> None:
        """Read from another transport from now on."""
        self._transport = transport
