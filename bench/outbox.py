"""How many mails a second one deliverer gives to a smarthost that throws them away."""

import getpass
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from maild.desk.effects import Decision
from maild.notice.samples import sample
from maild.service.access import Access
from maild.service.composing import compose_all
from maild.service.configuration import load
from maild.service.delivering import Deliverer, Recorder
from maild.service.house import open_house
from maild.store.apply import apply

MAILS = 1_000
CONFIG = """
[desk]
domain = "desk.example.com"
reply_address = "desk@desk.example.com"
[outgoing]
smarthost = "127.0.0.1:{port}"
[[queue]]
name = "support"
address = "support@example.com"
team = "first"
[[team]]
name = "first"
members = ["ana@example.com"]
"""


def report(folder: Path) -> Iterator[str]:
    """Deliver a thousand real notices, each recorded, to smtp-sink."""
    if shutil.which("smtp-sink") is None:
        yield "smtp-sink of Debian's postfix is not installed"
        return
    with smtp_sink() as port:
        path = folder / "maild.toml"
        path.write_text(CONFIG.format(port=port), encoding="utf-8")
        yield _measured(path)


def _measured(path: Path) -> str:
    house = open_house(load(path), _now)
    (mail,) = compose_all(Decision("s", notices=(sample("agent-replied", "en"),)), house.office, _now(), _nothing)
    for batch in range(MAILS // 100):
        apply(house.db, Decision(f"bench{batch}"), [mail] * 100, _now())
    deliverer = Deliverer(
        Recorder(house.actor, lambda: house.office, _now),
        lambda: house.office,
        Access(house.db, lambda: house.office, _now),
        _now,
        "bench",
    )
    began = time.monotonic()
    deliverer.start()
    _until(lambda: not _waiting(house.db))
    took = time.monotonic() - began
    deliverer.stop()
    house.close()
    return f"{MAILS / took:6.0f} mails/s of {len(mail.octets)} octets, one worker, recorded with synchronous=FULL"


def _waiting(db: Any) -> bool:
    return bool(db.execute("SELECT 1 AS one FROM outbox WHERE state <> 'sent' LIMIT 1"))


def _now() -> datetime:
    return datetime.now(UTC)


def _nothing(entry: str, attachment: object) -> bytes:
    raise AssertionError(f"{entry} {attachment} was not asked for")


def _until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not done():
        assert time.monotonic() < deadline, "the outbox was not worked off in two minutes"
        time.sleep(0.02)


@contextmanager
def smtp_sink() -> Iterator[int]:
    """Run Postfix's smtp-sink, which throws away what it takes, on the port that is yielded."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    user = ["-u", getpass.getuser()] if getpass.getuser() == "root" else []
    process = subprocess.Popen(["smtp-sink", *user, f"127.0.0.1:{port}", "100"], stderr=subprocess.DEVNULL)
    try:
        _until(lambda: _answers(port))
        yield port
    finally:
        process.terminate()
        process.wait()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
