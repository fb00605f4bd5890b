"""One desk in one thread: mail is put in, the clock is moved, and everything that is due is done in its order."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from maild.base.words import EntryState
from maild.desk.decide.delivery import DeliveryOutcome
from maild.desk.decide.drafts import DRAFT_LIFE
from maild.journal.model import Incoming
from maild.message.envelope import Envelope
from maild.outbox.schedule import Reply, Schedule, judge
from maild.service.configuration import Configuration
from maild.service.delivering import Recorder
from maild.service.house import House, open_house, publish
from maild.service.office import Office, open_office
from maild.service.pipeline import Pipeline, Read
from maild.service.sweeping import sweep
from maild.service.watching import tell_quarantine
from maild.store import outbox
from maild.store.model import Row
from maild.store.upcoming import next_instant

WORKER = "simulation"
LEASE = timedelta(minutes=10)
LAG = timedelta(seconds=2)  # How long the simulated smarthost takes.
HOUR = timedelta(hours=1)  # Whatever goes out at an hour of the day or the week is looked for at each full hour.
BATCH = 50

Smarthost = Callable[[Row], Reply]


@dataclass(slots=True)
class VirtualClock:
    """The time of a simulated desk."""

    now: datetime

    def __call__(self) -> datetime:
        """Return it."""
        return self.now

    def to(self, instant: datetime) -> None:
        """Put it forward; never back."""
        self.now = max(self.now, instant)


class World:
    """A desk over a database of its own. `read` reads a mail, `smarthost` answers for each mail that would be sent.

    The same configuration, secret included, with the same mails, clock and `random_bits` gives the same rows. Raises
    what `open_house` raises; DatabaseUnavailable passes through, and everything may be called again after it.
    """

    def __init__(
        self,
        configuration: Configuration,
        read: Read,
        clock: VirtualClock,
        smarthost: Smarthost,
        random_bits: Callable[[int], int],
    ) -> None:
        self.clock = clock
        self._configuration = configuration
        self._smarthost = smarthost
        self.house: House = open_house(configuration, clock, random_bits=random_bits, durable=False)
        self.office: Office = self.house.office
        self._year = clock.now.year
        self._pipeline = Pipeline(self.house.db, self.house.journal, self.current, read, clock)
        self._recorder = Recorder(self.house.actor, self.current, clock)
        self._schedule = Schedule(give_up_after=self.office.settings.outgoing.give_up_after)

    def current(self) -> Office:
        """Return the office in force; its calendars have the holidays of the years around the clock's."""
        if self._year != self.clock.now.year:
            self._year = self.clock.now.year
            self.office = publish(self.house.db, open_office(self._configuration, self.clock.now), self.clock.now)
        return self.office

    def take(self, octets: bytes, envelope: Envelope) -> str:
        """Keep a mail as a door does and work it off; returns its entry."""
        (entry,) = self.house.journal.append_now([Incoming(envelope, octets)])
        self.work()
        return entry

    def work(self) -> None:
        """Work off what the journal holds and may be tried now."""
        while entries := self.house.journal.claim(BATCH, WORKER, LEASE):
            for entry in entries:
                self._pipeline.run(entry)

    def deliver(self) -> None:
        """Give the simulated smarthost every row that has waited for long enough."""
        db, now = self.house.db, self.clock.now
        while rows := outbox.claim_due(db, WORKER, now - LAG, LEASE, BATCH):
            for row in rows:
                reply = self._smarthost(row)
                verdict = judge(reply, row.attempts, now - row.created_at, now, self._schedule, row=row.id)
                words, again = str(reply), verdict.next_attempt_at
                self._recorder.record(DeliveryOutcome(row.id, verdict.state, words, again, verdict.first_delay), row)

    def settle(self) -> None:
        """Do all that is due at the present instant."""
        self.work()
        self.deliver()
        now, office = self.clock.now, self.current()
        sweep(self.house.actor, office, now)
        tell_quarantine(self.house.actor, office, now)

    def next(self) -> datetime:
        """Return the next instant at which something is due; the next full hour at the latest."""
        settings = self.office.settings
        look = self.clock.now.replace(minute=0, second=0, microsecond=0) + HOUR
        with self.house.db.reading() as reader:
            return min(look, next_instant(reader, settings, self.clock.now, LAG, DRAFT_LIFE))

    def run_to(self, instant: datetime) -> None:
        """Move the clock to `instant`, from due to due, and do at each what is due."""
        while (due := self.next()) <= instant:
            self.clock.to(due)
            self.settle()
        self.clock.to(instant)

    def close(self) -> None:
        """Let go of the database."""
        self.house.close()

    def unsettled(self) -> list[str]:
        """Return the entries that no decision has been made on yet."""
        waiting = (EntryState.RECEIVED, EntryState.FAILED)
        return [str(row["id"]) for row in self.house.db.execute("SELECT id FROM entry WHERE state IN (?, ?)", waiting)]
