"""However large the desk grows: no mail, clock or delivery makes it read a whole table."""

import re
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta

from maild.base.words import DeliveryState, DoorName
from maild.database.dialect import Dialect
from maild.desk.decide.delivery import DeliveryOutcome
from maild.journal.model import Incoming
from maild.message.envelope import Envelope
from maild.service.delivering import Recorder
from maild.store import outbox
from tests.unit.cli_desk.conftest import MAIL

GROWING = ("applied", "clock", "entry", "entry_octets", "event", "link", "outbox", "outbox_octets", "participant")
GROWING += ("person", "post", "ticket", "told", "undo")
# What waits or is in work: as large as the desk's day, not as its history.
BOUNDED = ("entry_waiting", "outbox_waiting", "outbox_lately", "ticket_held_by")
# One search by these finds half of the table, when it asks for all that was applied, sent or closed.
BROAD = ("entry_state", "outbox_state", "ticket_status")
COMMON = re.compile(r"'(applied|sent|closed|resolved)'|stat(e|us) = \?")
ANSWER = MAIL.replace(b"<one@", b"<two@").replace(b"Subject: ", b"In-Reply-To: <one@client.example>\nSubject: Re: ")
AGENT = (
    ANSWER.replace(b"Marta Vidal <marta@client.example>", b"Ana Ruiz <ana@example.com>")
    .replace(b"<two@", b"<three@")
    .replace(b"\n\nMy", b"\n\n#note\n\nMy")
)
BOUNCE = MAIL.replace(b"<one@", b"<four@").replace(b"Subject: ", b"Auto-Submitted: auto-replied\nSubject: ")


@dataclass(frozen=True, slots=True)
class Listening(Dialect):
    """SQLite's dialect, which remembers every statement that was run."""

    heard: set[str] = field(default_factory=set)

    def sql(self, text):
        """Return the statement as it is."""
        self.heard.add(text)
        return text


def slow_steps(house, statement):
    """The steps of a statement's plan that read all of a table that grows with the years, or a great part of it."""
    rows = house.db.execute(f"EXPLAIN QUERY PLAN {statement}", (None,) * statement.count("?"))
    steps = [row["detail"] for row in rows if not any(name in row["detail"] for name in BOUNDED)]
    whole = [step for step in steps if re.match(rf"SCAN ({'|'.join(GROWING)}|[a-z])\b", step)]
    broad = BROAD if COMMON.search(statement) else ()
    return whole + [step for step in steps if any(f"INDEX {name} " in step for name in broad)]


def test_no_statement_on_the_way_of_a_mail_reads_a_whole_table(shell):
    shell.arrive(ANSWER.replace(b"<two@", b"<zero@"))
    with shell.house() as house:
        plain = house.db.dialect
        house.db.dialect = listening = Listening(**{f.name: getattr(plain, f.name) for f in fields(Dialect)})
        for octets in (MAIL, ANSWER, AGENT, BOUNCE, MAIL):
            accept(house, octets)
            shell.work_off(house)
        deliver(house)
        house.db.dialect = plain
        assert len(listening.heard) > 60
        assert {statement: found for statement in listening.heard if (found := slow_steps(house, statement))} == {}


def accept(house, octets):
    """Put a mail into the journal."""
    sender = "ana@example.com" if b"ana@" in octets else "marta@client.example"
    envelope = Envelope(DoorName.SMTP, datetime.now(UTC), sender, ("support@example.com",))
    house.journal.append_now([Incoming(envelope, octets)])


def deliver(house):
    """Claim what is due and record that some was sent, and that one failed."""
    now = datetime.now(UTC)
    recorder = Recorder(house.actor, lambda: house.office, lambda: now)
    first, *others = outbox.claim_due(house.db, "test", now, timedelta(minutes=1))
    assert outbox.holds(house.db, first.id, "test", now)
    assert outbox.octets_of(house.db, first.id)
    recorder.record(DeliveryOutcome(first.id, DeliveryState.FAILED, "550 5.1.1 nobody"), first)
    recorder.record_sent([(DeliveryOutcome(row.id, DeliveryState.SENT, "250"), row) for row in others])
