"""The way of one entry: read, judged, threaded, decided, rendered, applied; each step a value from the one before."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime

from maild.base.words import DoorName, EntryState
from maild.database.connection import Database, DatabaseUnavailable
from maild.desk.decide.message import decide_message
from maild.desk.effects import Decision, SettleEntry
from maild.desk.model import Mail
from maild.journal.claims import ATTEMPTS_MAX
from maild.journal.journal import Journal
from maild.journal.model import Entry, Measured
from maild.journal.octets import PIECE_OCTETS
from maild.log import events
from maild.message.attachments import read_part
from maild.message.envelope import Envelope
from maild.message.model import Attachment
from maild.proof.model import Results
from maild.service.addressing import queues_of
from maild.service.child import InJournal, Job
from maild.service.children import ReadingFailed
from maild.service.composing import compose_all
from maild.service.judging import look_up
from maild.service.measured import results_from_json, results_to_json
from maild.service.office import Office
from maild.service.reading import Reading, outlined
from maild.store.apply import apply
from maild.store.model import Stale

TRIES_MAX = 5  # A ticket that moves on that often within one decision is being fought over; the entry waits its turn.
Read = Callable[[Job], Reading]


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided on an entry, by which office, and when."""

    mail: Mail
    decision: Decision
    measured: Measured  # kept with the entry
    office: Office
    now: datetime


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What turns entries into decisions; `office` gives the configuration in force."""

    db: Database
    journal: Journal
    office: Callable[[], Office]
    read: Read
    now: Callable[[], datetime]

    def run(self, entry: Entry) -> EntryState:
        """Take one claimed entry all the way; returns what became of it, as `finish` does."""
        prepared: Future[Reading] = Future()
        try:
            prepared.set_result(self.prepare(entry))
        except Exception as fault:  # handed to `finish`, which fails the entry
            prepared.set_exception(fault)
        return self.finish(entry, prepared)

    def warm_up(self) -> None:
        """Read an empty mail that nobody sent; returns when a reader is up."""
        self.read(Job(b"", Envelope(DoorName.INGEST, self.now()), Results()))

    def prepare(self, entry: Entry) -> Reading:
        """Read and measure an entry; touches no ticket, so entries may be prepared side by side."""
        known = results_from_json(entry.results) if entry.results else None
        return self.read(Job(self._octets(entry), entry.envelope, known))

    def _octets(self, entry: Entry) -> bytes | InJournal:
        is_large = entry.size > PIECE_OCTETS
        return InJournal(entry.id, self.db.place.full_url) if is_large else self.journal.octets(entry.id)

    def finish(self, entry: Entry, prepared: Future[Reading]) -> EntryState:
        """Decide on a prepared entry and apply the decision.

        Never raises for what a mail does: a fault fails the entry, which is tried again and then quarantined.
        """
        try:
            return self._finish(entry, self._reading(entry, prepared))
        except DatabaseUnavailable:
            raise  # nobody's mail is to blame; the entry's lease runs out and it is taken up again
        except Exception as fault:  # one bad entry stops no other
            return self.journal.fail(entry.id, f"{type(fault).__name__}: {fault}"[:500])

    def _reading(self, entry: Entry, prepared: Future[Reading]) -> Reading:
        """Return what was read; of a mail that has broken its reader at every try, what its header alone says."""
        try:
            return prepared.result()
        except ReadingFailed as fault:
            events.parser_died(entry=entry.id, because=str(fault))
            if entry.attempts < ATTEMPTS_MAX:
                raise
            office = self.office()
            return outlined(self.journal.octets(entry.id), entry.envelope, office.own, office.limits, str(fault))

    def _finish(self, entry: Entry, reading: Reading) -> EntryState:
        for _ in range(TRIES_MAX):
            decided = self.decide(entry, reading)
            decision, now = decided.decision, decided.now
            composed = compose_all(decision, decided.office, now, self._fetch)
            outcome = apply(self.db, decision, composed, now, decided.measured)
            if not isinstance(outcome, Stale):
                self.journal.wake.set()  # a confirmed mail, released by this one, may wait
                return tell(entry, decided)
            events.decision_repeated(ticket=str(decision.ticket), because=outcome.because)
        return self.journal.fail(entry.id, "its ticket moved on too often")

    def decide(self, entry: Entry, reading: Reading) -> Decided:
        """Decide on a mail by what the store holds now; writes nothing."""
        office, now = self.office(), self.now()
        written_to = queues_of(reading.message, entry.envelope, office.settings)
        mail, snapshot = look_up(self.db, entry, reading, written_to, office, now)
        decision = decide_message(mail, snapshot, office.settings, office.slas, now)
        return Decided(mail, decision, _measured(reading, written_to[0]), office, now)

    def _fetch(self, entry: str, attachment: Attachment) -> bytes:
        return read_part(self.journal.octets(entry), attachment.part)


def _measured(reading: Reading, queues: tuple[str, ...]) -> Measured:
    message = reading.message
    return Measured(results_to_json(reading.results), message.content_hash, message.message_id, queues)


def tell(entry: Entry, decided: Decided) -> EntryState:
    """Log what has become of an entry, and return it."""
    decision, mail = decided.decision, decided.mail
    settled = next(e for e in decision.effects if isinstance(e, SettleEntry))
    state, reason = settled.state, settled.reason
    ticket = str(decision.ticket or "")
    if state is EntryState.QUARANTINED:
        events.entry_quarantined(entry=entry.id, because=reason)
    elif state is EntryState.DUPLICATE:
        events.entry_duplicate(entry=entry.id, of=mail.match.because)
    else:
        events.entry_applied(entry=entry.id, ticket=ticket, rule=mail.match.rule, because=reason)
    return state
