"""A mail's whole way, from a file to the mails that leave because of it, on a real database that forgets it again."""

import atexit
import shutil
import tempfile
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from functools import cache
from io import BytesIO
from itertools import count
from pathlib import Path

from maild.base.words import DoorName, EntryState
from maild.doors.ingest import read_mails
from maild.journal.model import Incoming
from maild.message.envelope import Envelope
from maild.proof.model import Results
from maild.service.child import Job, Plan, read_one
from maild.service.configuration import load
from maild.service.house import open_house
from maild.service.pipeline import Pipeline
from maild.service.reading import Reading
from maild.service.resolver import Nobody

EXAMPLE = Path(__file__).parents[1] / "unit" / "settings" / "example.toml"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SECRET = f"a:{b64encode(bytes(32)).decode()}\n"  # the same each time, so that the corpus may hold tokens that are good
FIRST = b"""From: Marta <marta@example.org>\r
To: support@example.com\r
Subject: Printer\r
Message-ID: <first@example.org>\r
\r
It does not print.\r
"""
AT_MOST = 5  # mails of a file that are taken: more of them lead nowhere else


class _Undone(Exception):
    """What was done is not to be kept."""


class Way:
    """The example's desk with one ticket, on which mails are tried."""

    def __init__(self, folder: Path) -> None:
        shutil.copy(EXAMPLE, folder / "maild.toml")
        (folder / "secret.key").write_text(SECRET, "ascii")
        (folder / "secret.key").chmod(0o600)
        self.file = folder / "mail"
        numbers = count()
        self.house = open_house(
            load(folder / "maild.toml"), lambda: NOW, durable=False, random_bits=lambda _: next(numbers)
        )
        office = self.house.office
        self._plan = Plan(office.settings, office.keyring, office.own, office.limits, asks_dns=False)
        self.pipeline = Pipeline(self.house.db, self.house.journal, lambda: office, self._read, lambda: NOW)
        self.take(FIRST)

    def _read(self, job: Job) -> Reading:
        return read_one(replace(job, results=Results()), self._plan, Nobody())

    def take(self, octets: bytes) -> EntryState:
        """Take one mail in and work on it; it is kept as it came, and comes to an end that is no fault of ours."""
        journal = self.house.journal
        (entry,) = journal.append_now([Incoming(Envelope(DoorName.INGEST, NOW, trusted=True), octets)])
        assert journal.octets(entry) == octets
        (claimed,) = journal.claim(1, "fuzz", timedelta(hours=1))
        state = self.pipeline.run(claimed)
        assert state in {EntryState.APPLIED, EntryState.DUPLICATE, EntryState.QUARANTINED}, journal.get(entry).reason
        return state

    def check_sent(self) -> None:
        """All that leaves is whole: lines end in CR LF alone, and nobody wrote himself into a header."""
        for row in self.house.db.execute("SELECT octets FROM outbox_octets"):
            octets = bytes(row["octets"])
            assert octets.count(b"\n") == octets.count(b"\r") == octets.count(b"\r\n")
            mail = message_from_bytes(octets, policy=default)
            assert not mail.defects
            assert len(mail.get_all("To", [])) == len(mail.get_all("Subject", [])) == 1
            assert "Bcc" not in mail

    @contextmanager
    def forgetting(self) -> Iterator[None]:
        """Forget what the block has done: the next mail finds the same desk, and a fault shows again by its octets."""
        try:
            with self.house.db.together():
                yield
                raise _Undone
        except _Undone:
            return


@cache
def way() -> Way:
    """Return the one desk of this process."""
    folder = Path(tempfile.mkdtemp(prefix="maild-fuzz-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Way(folder)


def take_all(octets: bytes) -> None:
    """Take a file as `maild ingest` does, and each mail that is found in it all the way."""
    made = way()
    made.file.write_bytes(octets)
    found = [mail for _, mail in read_mails([str(made.file)], BytesIO()) if mail.strip()]
    assert sum(map(len, found)) <= len(octets)
    with made.forgetting():
        for mail in found[:AT_MOST]:
            made.take(mail)
        made.check_sent()
