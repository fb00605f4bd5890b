"""A name server for the demo's domains: so that proof is measured as ever, and nothing is asked of the network."""

import asyncio
import struct
from collections.abc import Mapping
from typing import cast

_TXT, _IN = 16, 1
_ANSWER, _NO_SUCH_NAME = 0x8580, 3  # a reply that is authoritative (RFC 1035 section 4.1.1)

RECORDS: Mapping[str, str] = {
    f"{prefix}{domain}": record
    for domain in ("acme.example", "example.org", "example.net")
    for prefix, record in (("", "v=spf1 ip4:127.0.0.1 -all"), ("_dmarc.", "v=DMARC1; p=reject"))
}


class Names(asyncio.DatagramProtocol):
    """Answers TXT questions from RECORDS; every other name does not exist."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what answers are sent with."""
        self._transport = cast(asyncio.DatagramTransport, transport)  # asyncio's own is one in all but its class

    def datagram_received(self, data: bytes, addr: tuple[str | int, int]) -> None:
        """Answer one question; what is no question is passed over."""
        answer = answer_to(data)
        if answer:
            self._transport.sendto(answer, addr)


def answer_to(question: bytes) -> bytes:
    """Return the answer to a DNS message with one question (RFC 1035 section 4), b"" when it is none."""
    try:
        name, end = _name(question)
        kind, _ = struct.unpack_from("!HH", question, end)
    except (IndexError, struct.error, UnicodeDecodeError):
        return b""
    known, record = _known(name), RECORDS.get(name, "").encode("ascii")
    answers = int(bool(record) and kind == _TXT)
    head = question[:2] + struct.pack("!HHHHH", _ANSWER if known else _ANSWER | _NO_SUCH_NAME, 1, answers, 0, 0)
    body = struct.pack("!HHHIHB", 0xC00C, _TXT, _IN, 60, len(record) + 1, len(record)) + record
    return head + question[12 : end + 4] + (body if answers else b"")


def _known(name: str) -> bool:
    return any(owner == name or owner.endswith(f".{name}") for owner in RECORDS)


def _name(question: bytes) -> tuple[str, int]:
    """Return the name asked for in lower case and where it ends."""
    labels, at = list[str](), 12
    while question[at]:
        size = question[at]
        labels.append(question[at + 1 : at + 1 + size].decode("ascii").lower())
        at += size + 1
    return ".".join(labels), at + 1
