"""Decide on a mail without doing it: for `maild explain`."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from maild.base.keys import format_key
from maild.base.words import EntryState
from maild.database.connection import Database, open_database
from maild.database.place import read_place
from maild.database.schema import SchemaState, schema_state
from maild.desk.decide.message import decide_message
from maild.desk.effects import Decision, SettleEntry
from maild.desk.model import Mail
from maild.journal.model import Entry
from maild.message.envelope import Envelope
from maild.service.addressing import queues_of
from maild.service.configuration import Configuration
from maild.service.explaining import Prospect
from maild.service.judging import look_up
from maild.service.office import Office, open_office
from maild.service.reading import Reading

NEW_TICKETS = tuple(range(-1, -21, -1))  # Stand for numbers that nobody reserves.


@dataclass(frozen=True, slots=True)
class Onlooker:
    """The desk as somebody sees it who may not touch it."""

    db: Database
    office: Office

    @classmethod
    def opened(cls, configuration: Configuration) -> Onlooker | None:
        """Open the configuration's database to look at; None when there is none yet."""
        url, folder = configuration.settings.store.url, configuration.path.parent
        place = read_place(url, folder)
        if place.path is not None and not Path(place.path).exists():
            return None
        db = open_database(url, folder)
        if schema_state(db) is not SchemaState.CURRENT:
            db.close()
            return None
        return cls(db, open_office(configuration, datetime.now(UTC)))

    def prospect(self, reading: Reading, envelope: Envelope) -> Prospect:
        """Return the ticket, the rule and the actions that would follow; a new ticket has no key as yet."""
        mail, decision = self.decision(reading, envelope)
        prefix = self.office.settings.desk.prefix
        number = decision.ticket or 0
        key = format_key(prefix, number) if number > 0 else None
        return Prospect(key, mail.match.rule, opens=number < 0, would=worded(decision, prefix))

    def decision(self, reading: Reading, envelope: Envelope) -> tuple[Mail, Decision]:
        """Return a mail as it is judged, and what would be decided; tickets that it opens have numbers below 0."""
        settings, now = self.office.settings, envelope.received_at
        written_to = queues_of(reading.message, envelope, settings)
        entry = Entry("explained", envelope, reading.message.message_id, "", 0, EntryState.RECEIVED)
        mail, snapshot = look_up(self.db, entry, reading, written_to, self.office, now, reserve=False)
        return mail, decide_message(mail, replace(snapshot, new_numbers=NEW_TICKETS), settings, self.office.slas, now)


def worded(decision: Decision, prefix: str) -> tuple[str, ...]:
    """Return the actions in words; what became of the entry comes first."""
    settled = [f"{e.state}: {e.reason}" for e in decision.effects if isinstance(e, SettleEntry)]
    unborn = re.compile(rf"{re.escape(prefix)}--\d+[A-Z]")
    return tuple(unborn.sub("new ticket", line) for line in (*settled, *decision.would))
