"""An SMTP client that sends mails which all differ, as smtp-source cannot; run as a process of its own.

As smtp-source it says one command at a time and keeps its sessions. Mails are made before the clock starts.
Prints the seconds from the first MAIL to the last 250.
"""

import itertools
import selectors
import socket
import sys
import time
from collections.abc import Iterator

LINE = b"It makes a noise like a drum, and prints nothing at all on Mondays.\r\n"
MIX = ("short",) * 12 + ("20 KB",) * 5 + ("200 KB",) * 2 + ("reply",)  # of twenty
SIZES = {"short": 800, "20 KB": 20_000, "200 KB": 200_000, "reply": 800}


def mail(number: int, label: str, kind: str) -> bytes:
    """Return one mail as it goes over the wire, its last line included; a reply answers the one before."""
    head = [
        f"From: Requester {number} <requester{number}.{label}@example.org>",
        "To: support@example.com",
        f"Subject: {'Re: ' if kind == 'reply' else ''}Printer {number - (kind == 'reply')} of {label}",
        f"Message-ID: <{label}.{number}@client.example>",
        "Date: Mon, 23 Nov 2026 09:00:00 +0000",
        *([f"In-Reply-To: <{label}.{number - 1}@client.example>"] if kind == "reply" else []),
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "",
        f"Hello, printer {number} of {label} does not print.",
    ]
    return "\r\n".join(head).encode() + b"\r\n" + LINE * (SIZES[kind] // len(LINE)) + b".\r\n"


def mails(count: int, label: str, kind: str) -> list[bytes]:
    """Return so many mails of one kind, or of the mix."""
    kinds = itertools.cycle(MIX if kind == "mix" else (kind,))
    # Spread over the twenty, so that every stretch of them has large ones.
    return [mail(n, label, next(kinds)) for n in range(count)]


class _Session:
    """One connection; `answered` says the next thing, and is False when there is nothing left to say."""

    def __init__(self, port: int, left: Iterator[bytes]) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self._left = left
        self._script: Iterator[bytes] = iter((b"EHLO client.example\r\n",))
        self._heard = b""

    def answered(self) -> bool:
        """Take what has come; behind a whole reply say the next command."""
        self._heard += self.socket.recv(65536)
        last = self._heard.rfind(b"\n", 0, -1) + 1
        if not self._heard.endswith(b"\n") or self._heard[last + 3 : last + 4] == b"-":
            return True
        if self._heard[last : last + 1] not in (b"2", b"3"):
            raise SystemExit(f"refused: {self._heard!r}")
        self._heard = b""
        words = next(self._script, b"") or self._next_mail()
        if words:
            self.socket.sendall(words)
        return bool(words)

    def _next_mail(self) -> bytes:
        octets = next(self._left, None)
        if octets is None:
            return b""
        sender = octets[: octets.index(b">")].rpartition(b"<")[2]
        self._script = iter((b"RCPT TO:<support@example.com>\r\n", b"DATA\r\n", octets))
        return b"MAIL FROM:<" + sender + b">\r\n"


def send(port: int, sessions: int, octets: list[bytes]) -> float:
    """Send all mails over so many sessions; returns the seconds that it took."""
    left = iter(octets)
    begun = time.perf_counter()
    with selectors.DefaultSelector() as selector:
        for _ in range(sessions):
            session = _Session(port, left)
            selector.register(session.socket, selectors.EVENT_READ, session)
        while selector.get_map():
            for key, _ in selector.select():
                if not key.data.answered():
                    selector.unregister(key.fileobj)
                    key.data.socket.close()
    return time.perf_counter() - begun


if __name__ == "__main__":
    _port, _sessions, _count, _label, _kind = sys.argv[1:]
    print(send(int(_port), int(_sessions), mails(int(_count), _label, _kind)))
