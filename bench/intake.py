"""Mails a second through the SMTP door, durably, beside an aiosmtpd that discards."""

import asyncio
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.served import Served, free_port

DISCARDING = """
import asyncio, sys
from aiosmtpd.smtp import SMTP

class Discard:
    async def handle_DATA(self, server, session, envelope):
        return "250 2.0.0 Ok"

async def main():
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(Discard()), "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()

asyncio.run(main())
"""


@contextmanager
def discarding() -> Iterator[int]:
    """Run an unchanged aiosmtpd with a handler that throws each mail away; gives its port."""
    port = free_port()
    with subprocess.Popen([sys.executable, "-c", DISCARDING, str(port)]) as process:
        deadline = time.monotonic() + 20
        while not asyncio.run(_greets(port)) and time.monotonic() < deadline:
            time.sleep(0.05)
        try:
            yield port
        finally:
            process.kill()


@contextmanager
def taking(folder: Path) -> Iterator[int]:
    """Run maild's doors alone; gives its port."""
    served = Served(folder)
    served.roles = ("intake",)
    try:
        yield served.start().port
    finally:
        served.close()


async def _greets(port: int) -> bool:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    greeted = (await reader.readline()).startswith(b"220")
    writer.close()
    return greeted


def rate(port: int, sessions: int, mails: int, octets: int) -> float:
    """Return mails a second of that many sessions that each send one mail after the other over one connection."""
    begun = time.perf_counter()
    source = shutil.which("smtp-source", path="/usr/sbin:/usr/bin")
    if source:
        words = [source, "-c", "-d", "-s", str(sessions), "-m", str(mails), "-l", str(octets)]
        words += ["-f", "someone@example.org", "-t", "support@example.com", f"inet:127.0.0.1:{port}"]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    else:
        asyncio.run(_send(port, sessions, mails, octets))
    return mails / (time.perf_counter() - begun)


async def _send(port: int, sessions: int, mails: int, octets: int) -> None:
    left = iter(range(mails))
    await asyncio.gather(*(_session(port, left, octets) for _ in range(sessions)))


async def _session(port: int, left: Iterator[int], octets: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await reader.readline()
    line = b"It makes a noise like a drum, and prints nothing.\r\n"
    mail = b"From: someone@example.org\r\nSubject: Printer\r\n\r\n" + line * (octets // len(line)) + b".\r\n"
    for _ in left:
        said = (
            b"EHLO me\r\n",
            b"MAIL FROM:<someone@example.org>\r\n",
            b"RCPT TO:<support@example.com>\r\n",
            b"DATA\r\n",
        )
        for words in (*said, mail):
            writer.write(words)
            while (await reader.readline())[3:4] == b"-":
                pass
    writer.close()


def report(folder: Path) -> Iterator[str]:
    """Yield the lines of the table."""
    yield f"{'intake':34}{'maild':>10}{'discarding':>12}{'ratio':>8}"
    for octets, plan in ((4_000, ((1, 1_000), (10, 3_000), (50, 3_000))), (200_000, ((10, 400), (50, 400)))):
        for sessions, mails in plan:
            place = folder / f"intake{octets}x{sessions}"
            place.mkdir()
            ours, theirs = [], []
            with taking(place) as port, discarding() as other:
                rate(port, sessions, mails // 10, octets)
                rate(other, sessions, mails // 10, octets)
                for _ in range(2):
                    ours.append(rate(port, sessions, mails, octets))
                    theirs.append(rate(other, sessions, mails, octets))
            what = f"{octets // 1000} KB, {sessions} session{'s' if sessions > 1 else ''}"
            yield f"{what:34}{max(ours):10.0f}{max(theirs):12.0f}{max(ours) / max(theirs):8.2f}"
