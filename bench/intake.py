"""Mails a second through the SMTP door, durably, beside an aiosmtpd that discards and a Postfix that queues.

Each is started anew for each short round, and rounds alternate, so that a busy machine is busy for all of them.
"""

import asyncio
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path

from bench import driver
from tests.support.ports import free_port
from tests.support.postfix import start_postfix
from tests.support.served import Served
from tests.support.waiting import LONG_SECONDS, eventually

ROUNDS = 3
HOLD = "smtpd_recipient_restrictions = check_client_access static:HOLD, permit"  # queued, and nothing done with it

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


@dataclass(frozen=True)
class Taking:
    """Something that takes mail: its port, and the process whose CPU counts, 0 when there is not one alone."""

    port: int
    pid: int = 0
    ready: Callable[[], object] = lambda: None  # waits, after the first mails, for what works on them beside

    def cpu(self) -> float:
        """Return the seconds of processor that the process itself has used, without its children."""
        if not self.pid:
            return 0.0
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


Taker = Callable[[Path], AbstractContextManager[Taking]]


@contextmanager
def discarding(_folder: Path) -> Iterator[Taking]:
    """Run an unchanged aiosmtpd with a handler that throws each mail away."""
    port = free_port()
    with subprocess.Popen([sys.executable, "-c", DISCARDING, str(port)]) as process:
        deadline = time.monotonic() + 20
        while not asyncio.run(_greets(port)) and time.monotonic() < deadline:
            time.sleep(0.05)
        try:
            yield Taking(port, process.pid)
        finally:
            process.kill()


@contextmanager
def queueing(_folder: Path) -> Iterator[Taking]:
    """Run a Postfix that takes mail into its queue and does nothing else with it."""
    port = free_port()
    with start_postfix(port, free_port(), [], [], more=HOLD) as postfix:
        yield Taking(postfix.port)


def maild(*roles: str) -> Taker:
    """Return how to run maild with these roles, all when none is named; it is killed in the end, backlog and all."""

    @contextmanager
    def taking(folder: Path) -> Iterator[Taking]:
        served = Served(folder)
        served.roles = roles
        try:
            process = served.start().process
            assert process is not None
            beside = not roles or "worker" in roles
            yield Taking(served.port, process.pid, partial(_worked_off, served) if beside else Taking.ready)
            served.kill()
        finally:
            served.close()

    return taking


def _worked_off(served: Served) -> None:
    """Wait until the first mails are tickets: from then on workers share the machine with the door."""
    eventually(served.quiet, "tickets of the first mails", LONG_SECONDS)


async def _greets(port: int) -> bool:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    greeted = (await reader.readline()).startswith(b"220")
    writer.close()
    return greeted


def smtp_source(port: int, sessions: int, mails: int, octets: int) -> float:
    """Send equal mails with Postfix's smtp-source; returns seconds."""
    source = shutil.which("smtp-source", path="/usr/sbin:/usr/bin")
    assert source, "smtp-source comes with Debian's postfix"
    words = [source, "-c", "-d", "-s", str(sessions), "-m", str(mails), "-l", str(octets)]
    words += ["-f", "someone@example.org", "-t", "support@example.com", f"inet:127.0.0.1:{port}"]
    begun = time.perf_counter()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


def differing(port: int, sessions: int, mails: int, kind: str) -> float:
    """Send mails that all differ with our own driver in a process of its own; returns seconds."""
    words = [sys.executable, driver.__file__, str(port), str(sessions), str(mails), f"b{next(_LABELS)}", kind]
    return float(subprocess.run(words, check=True, stdout=subprocess.PIPE).stdout)


_LABELS = count()


@dataclass
class Result:
    """What the rounds of one taker gave: mails a second, and milliseconds of its processor for each."""

    rates: list[float] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """The median of the rounds."""
        return statistics.median(self.rates)

    def __str__(self) -> str:
        cost = statistics.median(self.costs)
        return f"{self.rate:8.0f}" + (f" {cost:5.2f}" if cost else "     -")


def one_round(folder: Path, taker: Taker, send: Callable[[int, int], float], mails: int, result: Result) -> None:
    """Start a taker, warm it up, send the mails, and note what it took."""
    folder.mkdir(parents=True)
    with taker(folder) as taking:
        send(taking.port, max(20, mails // 10))
        taking.ready()
        used = taking.cpu()
        result.rates.append(mails / send(taking.port, mails))
        result.costs.append(1000 * (taking.cpu() - used) / mails)
    shutil.rmtree(folder, ignore_errors=True)


TAKERS: dict[str, Taker] = {
    "discarding": discarding,
    "postfix": queueing,
    "maild": maild(),
    "intake alone": maild("intake"),
}
_MIX = (("mix", 10, 400), ("mix", 50, 400), ("200 KB", 10, 100), ("200 KB", 50, 150))
_EQUAL = ((4_000, 1, 300), (4_000, 10, 1_000), (4_000, 50, 1_000))


def report(folder: Path) -> Iterator[str]:
    """Yield the lines of the table: mails a second and, beside it, milliseconds of the process itself a mail."""
    takers = dict(TAKERS)
    if os.geteuid() != 0 or not shutil.which("postfix", path="/usr/sbin:/usr/bin"):
        del takers["postfix"]
        yield "Postfix is left out: it is absent, or wants root"
    yield f"{'intake':26}" + "".join(f"{name:>14}" for name in takers) + "   maild / discarding, postfix; intake alone"
    for kind, sessions, mails in _MIX:
        yield _line(folder, takers, f"{kind}, {sessions} sessions", mails, _driven(kind, sessions))
    for octets, sessions, mails in _EQUAL:
        yield _line(
            folder, takers, f"{octets // 1000} KB equal, {sessions} sessions", mails, _sourced(octets, sessions)
        )


def _driven(kind: str, sessions: int) -> Callable[[int, int], float]:
    return lambda port, mails: differing(port, sessions, mails, kind)


def _sourced(octets: int, sessions: int) -> Callable[[int, int], float]:
    return lambda port, mails: smtp_source(port, sessions, mails, octets)


def _line(folder: Path, takers: dict[str, Taker], what: str, mails: int, send: Callable[[int, int], float]) -> str:
    results = {name: Result() for name in takers}
    for _ in range(ROUNDS):
        for name, taker in takers.items():
            one_round(folder / f"{next(_LABELS)}", taker, send, mails, results[name])
    base, ours, alone = (results[name].rate for name in ("discarding", "maild", "intake alone"))
    ratios = f"{ours / base:6.2f}"
    if "postfix" in results:
        ratios += f"{ours / results['postfix'].rate:6.2f}"
    return f"{what:26}" + "".join(str(result) for result in results.values()) + f"   {ratios};{alone / base:6.2f}"
