"""Tickets a second from the journal to the acknowledgement in the outbox, each stage, and mails a second out."""

import re
import shutil
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.outbox import smtp_sink
from bench.processes import used
from maild.base.words import DoorName
from maild.journal.model import Incoming
from maild.message.envelope import Envelope
from maild.message.parse import parse
from maild.service import pipeline
from maild.service.child import Job, Plan, read_one
from maild.service.configuration import load
from maild.service.house import House, open_house
from maild.service.reading import Reading
from tests.support.served import Served, mail_of

TICKETS = 1_000
WAIT_SECONDS = 120
LOOK_EVERY_SECONDS = 0.2  # Whoever looks takes processor time from what he looks at.
_SENTENCES = (
    "Hello, the printer {} on the second floor does not print.",
    "It makes a noise like a drum, and the lamp of tray {} is red.",
    "Yesterday it worked, after room {} had restarted it twice;",
    "since this morning nobody of office {} can print a letter.",
    "Could you please have a look? My colleague in {} waits too.",
    "The invoice for customer {} has to leave today.",
    "Best regards from the team of building {}",
)
STAGES = ("look_up", "decide_message", "compose_all", "apply")


class NoDns:
    """A DNS without any record: what is measured is maild."""

    def for_mail(self) -> Callable[[str, str], tuple[str, ...]]:
        """Answer that there is nothing."""
        return lambda _name, _rdtype: ()


def _mail(number: int) -> bytes:
    """Return a mail of some 2 KB, of which no two lines and no two mails are the same."""
    said = (_SENTENCES[(number + line) % len(_SENTENCES)].format(number * 64 + line) for line in range(40))
    body = "\r\n".join(f"{words}\r\n" if line % 6 == 5 else words for line, words in enumerate(said))
    return mail_of(number, "bench")[1] + body.encode()


def _fill(house: House) -> float:
    """Put the mails into the journal as one door would; returns milliseconds a mail of its commits."""
    items = [
        Incoming(
            Envelope(
                DoorName.SMTP,
                datetime.now(UTC),
                f"requester{n}.bench@example.org",
                ("support@example.com",),
                client="127.0.0.1",
                helo="client.example",
            ),
            _mail(n),
        )
        for n in range(TICKETS)
    ]
    begun = time.perf_counter()
    for start in range(0, TICKETS, 10):
        house.journal.append_now(items[start : start + 10])
    return 1000 * (time.perf_counter() - begun) / TICKETS


def through(folder: Path) -> Iterator[str]:
    """Yield what the full service makes of a full journal: without the deliverer, then with it, into a smarthost."""
    if shutil.which("smtp-sink") is None:
        yield "smtp-sink of Debian's postfix is not installed"
        return
    yield f"{'':26}{'tickets/s':>11}{'service':>11}{'readers':>11}"
    for name, roles in (("accepted and acknowledged", ("intake", "worker")), ("and two mails delivered", ())):
        part = folder / name.replace(" ", "-")
        part.mkdir()
        with smtp_sink() as port:
            rate, service, readers = _worked_off(part, port, roles)
        yield f"{name:26}{rate:11.0f}{service:8.1f} ms{readers:8.1f} ms"
    yield "milliseconds are of processor, a ticket"


def _worked_off(folder: Path, smarthost: int, roles: tuple[str, ...]) -> tuple[float, float, float]:
    """Return tickets a second, and the milliseconds of processor that service and readers take for one."""
    served = Served(folder, lambda text: re.sub('smarthost = "[^"]*"', f'smarthost = "127.0.0.1:{smarthost}"', text))
    house = open_house(load(served.desk.config), lambda: datetime.now(UTC))
    _fill(house)
    house.close()
    served.roles = roles
    served.start()
    assert served.process is not None
    try:
        with closing(sqlite3.connect(served.database)) as db:
            before = used(served.process.pid)
            # The commit that settles an entry puts its acknowledgement into the outbox; an index answers.
            rate = _paced(db, "SELECT count(*) FROM entry WHERE state = 'applied'", TICKETS)
            if not roles:
                _paced(db, "SELECT count(*) FROM outbox WHERE state = 'sent'", 2 * TICKETS)
            after = used(served.process.pid)
    finally:
        served.close()
    service, readers = (1000 * (end - begin) / TICKETS for end, begin in zip(after, before, strict=True))
    return rate, service, readers


def _paced(db: sqlite3.Connection, count: str, enough: int) -> float:
    """Return how many a second came, from the first that is seen to the last."""
    deadline = time.monotonic() + WAIT_SECONDS
    first = 0
    begun = time.perf_counter()
    while (found := int(db.execute(count).fetchone()[0])) < enough and time.monotonic() < deadline:
        if not first:
            first, begun = found, time.perf_counter()
        time.sleep(LOOK_EVERY_SECONDS)
    return (found - first) / (time.perf_counter() - begun)


def stages(folder: Path) -> Iterator[str]:
    """Yield the milliseconds of CPU and of waiting of each step of one mail, in one process, by the real functions."""
    served = Served(folder)
    house = open_house(load(served.desk.config), lambda: datetime.now(UTC))
    commit = _fill(house)
    office = house.office
    plan = Plan(office.settings, office.keyring, office.own, office.limits)
    spent: dict[str, list[tuple[float, float]]] = {}

    def read(job: Job) -> Reading:
        return read_one(job, plan, NoDns())  # type: ignore[arg-type]  # only `for_mail` is asked

    pipe = pipeline.Pipeline(house.db, house.journal, lambda: office, read, lambda: datetime.now(UTC))
    kept = {name: getattr(pipeline, name) for name in STAGES}
    for name, function in kept.items():
        setattr(pipeline, name, _timed(name, function, spent))
    prepare = _timed("read", pipe.prepare, spent)
    while entries := house.journal.claim(16, "bench", timedelta(minutes=1)):
        for entry in entries:
            reading: Future[Reading] = Future()
            reading.set_result(prepare(entry))
            pipe.finish(entry, reading)
    for name, function in kept.items():
        setattr(pipeline, name, function)
    house.close()
    served.close()
    yield f"{'milliseconds a mail':30}{'CPU':>8}{'in all':>8}"
    yield f"{'journal commit, 10 together':30}{'':8}{commit:8.2f}"
    for name in ("read", *STAGES):
        cpu, wall = (1000 * statistics.median(column) for column in zip(*spent[name], strict=True))
        yield f"{name:30}{cpu:8.2f}{wall:8.2f}"


def _timed(name: str, function: Callable[..., Any], spent: dict[str, list[tuple[float, float]]]) -> Callable[..., Any]:
    def measured(*args: Any, **named: Any) -> Any:
        cpu, wall = time.process_time(), time.perf_counter()
        try:
            return function(*args, **named)
        finally:
            spent.setdefault(name, []).append((time.process_time() - cpu, time.perf_counter() - wall))

    return measured


def parsing(corpus: list[bytes]) -> Iterator[str]:
    """Yield what parsing one mail costs, over real ones."""
    costs = []
    for octets in corpus:
        begun = time.process_time()
        parse(octets)
        costs.append(1000 * (time.process_time() - begun))
    costs.sort()
    yield f"{'parse, ms a mail, median of ' + str(len(costs)):46}{statistics.median(costs):10.2f}"
    yield f"{'parse, ms a mail, the dearest':46}{costs[-1]:10.2f}"
