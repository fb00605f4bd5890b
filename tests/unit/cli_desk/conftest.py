"""A desk in a folder, with a real SQLite file: worked by its shell, and given mail through the whole pipeline."""

import io
import json
import logging
import shutil
import sys
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from secrets import randbits

import pytest
import structlog

from maild.base.words import DoorName
from maild.cli.main import run
from maild.database.connection import open_database
from maild.database.light import connect
from maild.journal.model import Incoming
from maild.log.setup import configure
from maild.message.envelope import Envelope
from maild.proof.model import Results
from maild.service.child import Plan, read_one
from maild.service.configuration import load
from maild.service.house import open_house
from maild.service.pipeline import Pipeline
from maild.service.resolver import Resolver
from maild.store import housekeeping

CONFIGURATION = """
[desk]
name = "Acme Support"
domain = "desk.example.com"
prefix = "ACME"
languages = ["en", "es"]
timezone = "UTC"
reply_address = "desk@desk.example.com"
first_number = 100

[outgoing]
smarthost = "127.0.0.1:2525"
undo_window = "5m"

[[queue]]
name = "support"
address = "support@example.com"
team = "first-line"
sla = "standard"

[[queue]]
name = "billing"
address = "billing@example.com"
team = "first-line"

[[team]]
name = "first-line"
members = ["ana@example.com", "ben@example.com"]
lead = "lead@example.com"

[[agent]]
address = "ana@example.com"
name = "Ana Ruiz"

[[calendar]]
name = "always"
timezone = "UTC"
hours = { mon = ["00:00-24:00"], tue = ["00:00-24:00"], wed = ["00:00-24:00"], thu = ["00:00-24:00"], \
fri = ["00:00-24:00"], sat = ["00:00-24:00"], sun = ["00:00-24:00"] }

[[sla]]
name = "standard"
calendar = "always"
targets.normal = { first_response = "4h", next_response = "8h", resolution = "30h" }
targets.urgent = { first_response = "30m", resolution = "4h" }
"""
MAIL = b"""From: Marta Vidal <marta@client.example>
To: support@example.com
Subject: VPN certificate
Message-ID: <one@client.example>
Date: Sat, 21 Nov 2026 21:00:00 +0000

My certificate has run out.
"""


class Shell:
    """Runs `maild …` in a desk's folder; what programs get is read back, what people get stays text."""

    def __init__(self, folder, monkeypatch, capfdbinary):
        self.folder = folder
        self.path = folder / "maild.toml"
        self.url = f"sqlite:///{folder / 'maild.db'}"
        self._monkeypatch = monkeypatch
        self._printed = capfdbinary

    def __call__(self, *arguments, given=""):
        """Return the exit code, the rows or words printed, and the words on standard error."""
        self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
        code = run(["--config", str(self.path), *map(str, arguments)])
        printed, said = self._printed.readouterr()
        if "--raw" in arguments:
            return code, printed, said.decode()
        text = printed.decode()
        return code, [json.loads(line) for line in text.splitlines()] if "--json" in arguments else text, said.decode()

    def rows(self, *arguments, given=""):
        """Return the rows that a command that must succeed prints for programs."""
        code, rows, said = self(*arguments, "--json", given=given)
        assert code == 0, said
        return rows

    def refused(self, code, *arguments, given=""):
        """Return what a command says that must fail so."""
        found, _, said = self(*arguments, given=given)
        assert found == code, said
        return said

    @contextmanager
    def house(self):
        """The desk opened as the service opens it."""
        house = open_house(load(self.path), _now)
        try:
            yield house
        finally:
            house.close()

    def arrive(self, octets=MAIL, to="support@example.com", mail_from="marta@client.example"):
        """Accept a mail and take it all the way, without asking the DNS; returns its entry."""
        with self.house() as house:
            envelope = Envelope(DoorName.SMTP, _now(), mail_from=mail_from, rcpt_to=(to,), client="192.0.2.1")
            (entry,) = house.journal.append_now([Incoming(envelope, octets)])
            self.work_off(house)
        return entry

    def work_off(self, house):
        """Do what a worker does with what waits in the journal."""
        office = house.office
        plan = Plan(office.settings, office.keyring, office.own, office.limits)

        def read(job):
            return read_one(replace(job, results=job.results or Results()), plan, Resolver(()))

        pipeline = Pipeline(house.db, house.journal, lambda: office, read, _now)
        for entry in house.journal.claim(10, "test", timedelta(minutes=1)):
            pipeline.run(entry)

    @contextmanager
    def database(self):
        """The database alone."""
        database = open_database(self.url)
        yield database
        database.close()

    def beat(self, at=None, **detail):
        """Leave the sign of life of a daemon, one that lasts as long as a test may take."""
        at = at or _now() + timedelta(hours=1)
        with self.database() as database:
            housekeeping.beat(database, detail.pop("process", f"test:{randbits(30)}"), at, detail)

    def select(self, sql):
        """Return rows of the database."""
        with connect(self.url) as light:
            return light.execute(sql)


def _now():
    return datetime.now(UTC)


def within_a_day(look):
    """Return what `look` finds of a date on a day that does not end meanwhile."""
    while True:
        today = _now().date()
        found = look(today)
        if _now().date() == today:
            return found


@pytest.fixture(scope="session")
def desk_made(tmp_path_factory):
    """A folder with a desk that has its schema and secret and nothing else: made once, copied for each test."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "maild.toml").write_text(CONFIGURATION)
    open_house(load(folder / "maild.toml"), _now).close()
    return folder


@pytest.fixture
def empty(tmp_path, monkeypatch, capfdbinary):
    """The shell of a folder with a configuration and nothing else."""
    (tmp_path / "maild.toml").write_text(CONFIGURATION)
    yield from _shell(tmp_path, monkeypatch, capfdbinary)


@pytest.fixture
def shell(desk_made, tmp_path, monkeypatch, capfdbinary):
    """The shell of a desk without a ticket."""
    shutil.copytree(desk_made, tmp_path, dirs_exist_ok=True)
    yield from _shell(tmp_path, monkeypatch, capfdbinary)


def _shell(folder, monkeypatch, capfdbinary):
    monkeypatch.delenv("SUDO_USER", raising=False)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    handlers = logging.getLogger().handlers[:]
    configure(level="warning")  # standard output is for rows
    yield Shell(folder, monkeypatch, capfdbinary)
    logging.getLogger().handlers[:] = handlers
    structlog.reset_defaults()


@pytest.fixture
def ticket(shell):
    """The key of the ticket that Marta's mail opened."""
    shell.arrive()
    return shell.rows("ticket", "list")[-1]["key"]


@pytest.fixture
def elsewhere(tmp_path, monkeypatch, capfdbinary, postgresql_url):
    """The shell of a desk whose database is a PostgreSQL server, without a table."""
    database = open_database(postgresql_url)
    with database.transaction() as transaction:
        transaction.change("DROP SCHEMA public CASCADE")
        transaction.change("CREATE SCHEMA public")
    database.close()
    (tmp_path / "maild.toml").write_text(CONFIGURATION + f'[store]\nurl = "{postgresql_url}"\n')
    for shell in _shell(tmp_path, monkeypatch, capfdbinary):
        shell.url = postgresql_url
        yield shell
