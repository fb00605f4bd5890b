"""An open house: a real database with the configuration of the manual's example, and no thread."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from maild.desk.decide.admin import NewTicket, decide_new
from maild.message.model import Address
from maild.service.configuration import load
from maild.service.house import open_house
from maild.store.model import Asked

EXAMPLE = (Path(__file__).parents[1] / "settings" / "example.toml").read_text(encoding="utf-8")
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # 10:00 in Madrid


class Work:
    """A house, its clock, and short ways to look at it."""

    def __init__(self, path):
        self.now = MONDAY
        self.house = open_house(load(path), lambda: self.now)
        self.db, self.actor, self.office = self.house.db, self.house.actor, self.house.office

    def later(self, **how):
        self.now += timedelta(**how)
        return self.now

    def settle(self, table, **values):
        """Give settings of one table other values."""
        settings = self.office.settings
        changed = getattr(settings, table).model_copy(update=values)
        self.office = replace(self.office, settings=settings.model_copy(update={table: changed}))

    def ticket(self, subject="Printer", queue="support", requester="marta@example.org"):
        order = NewTicket(queue, Address("Marta", requester), subject, "Hello, it burns.", language="en")
        stimulus = f"cli:{self.now.timestamp()}:{subject}"
        asked = Asked(new_numbers=1, people=(requester,))
        return self.actor.act(
            stimulus, asked, self.office, self.now, lambda bench: decide_new(bench, "cli:root", order)
        )

    def outbox(self, **filters):
        rows = self.db.execute("SELECT * FROM outbox ORDER BY seq")
        return [row for row in rows if all(row[name] == value for name, value in filters.items())]

    def text(self, row):
        from maild.store.outbox import octets_of
        from tests.unit.notice.desk import body

        class Composed:
            octets = octets_of(self.db, row["id"])

        return body(Composed)

    def run(self, sql, *params):
        with self.db.transaction() as transaction:
            transaction.change(sql, params)


@pytest.fixture
def work(tmp_path, monkeypatch):
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    path = tmp_path / "maild.toml"
    path.write_text(EXAMPLE, encoding="utf-8")
    work = Work(path)
    yield work
    work.house.close()
