"""The outbox joined to the store: rows are claimed, and what came of each attempt is decided on and written."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from maild.base.words import DeliveryState
from maild.desk.decide.delivery import DeliveryOutcome, decide_delivery
from maild.desk.effects import Decision, MarkDelivery
from maild.oauth2.model import OAuth2Trouble
from maild.oauth2.providers import OUTGOING
from maild.outbox import runner
from maild.outbox.connection import Credentials, Unreachable
from maild.outbox.lanes import Pace
from maild.outbox.schedule import Reply, Schedule
from maild.outbox.submission import Submission
from maild.service.access import Access
from maild.service.acting import Actor
from maild.service.office import Office
from maild.settings.desk import Outgoing
from maild.store import outbox
from maild.store.apply import apply
from maild.store.model import Asked, Stale


@dataclass(frozen=True, slots=True)
class Recorder:
    """Writes down how delivery attempts came out."""

    actor: Actor
    office: Callable[[], Office]
    now: Callable[[], datetime]

    def record(self, outcome: DeliveryOutcome, row: runner.Row) -> None:
        """Mark the row; a failure, or a delay that its author should know of, is decided on with its ticket."""
        stimulus, now, ticket = f"{outcome.delivery}#{row.attempts}", self.now(), row.ticket
        plain = outcome.state is DeliveryState.SENT or (
            outcome.state is DeliveryState.DEFERRED and not outcome.first_delay
        )
        if plain or not ticket:
            mark = MarkDelivery(outcome.delivery, outcome.state, outcome.reply, outcome.next_attempt_at)
            apply(self.actor.db, Decision(stimulus, (mark,)), (), now)
            return
        asked = Asked(ticket=ticket, delivery=outcome.delivery)
        self.actor.act(stimulus, asked, self.office(), now, partial(decide_delivery, outcome=outcome))

    def record_sent(self, sent: Sequence[runner.Outcome]) -> None:
        """Mark mails that the smarthost took, all in one commit; if one row is gone, each by itself."""
        (first, row), last = sent[0], sent[-1][0]
        stimulus = f"{first.delivery}#{row.attempts}+{len(sent)}:{last.delivery}"
        marks = tuple(MarkDelivery(outcome.delivery, outcome.state, outcome.reply) for outcome, _ in sent)
        if isinstance(apply(self.actor.db, Decision(stimulus, marks), (), self.now()), Stale):
            for outcome, each in sent:
                self.record(outcome, each)


LEASE = timedelta(minutes=10)  # Longer than a smarthost may take over one mail.
LAST_WORD_SECONDS = 4.0  # How long a service that is to leave still hears a smarthost.


class Submissions:
    """The smarthosts of the configuration in force; a reload that changes them closes the old connections."""

    def __init__(self, office: Callable[[], Office], access: Access) -> None:
        self._office = office
        self._access = access
        self._made_for: Office | None = None
        self._submission: Submission | None = None
        self._lock = threading.Lock()  # several threads deliver

    def send(self, mail_from: str, rcpt_to: str, octets: bytes) -> Reply:
        """Give one mail to the first smarthost that answers; raises Unreachable when none does."""
        return self._current().send(mail_from, rcpt_to, octets)

    def rest(self) -> None:
        """Close connections that nobody has used for a while."""
        self._current().rest()

    def close(self) -> None:
        """Close all connections."""
        if self._submission is not None:
            self._submission.close()

    def _current(self) -> Submission:
        with self._lock:
            office = self._office()
            if self._submission is None or self._made_for is not office:
                self.close()
                settings, access = office.settings, self._access
                own = credentials_of(settings.outgoing, settings.desk.domain, access.secret, access.refused)
                self._submission = Submission(settings.outgoing, own)
                self._made_for = office
            return self._submission


def credentials_of(
    outgoing: Outgoing, hostname: str, secrets: Callable[[str], str], refused: Callable[[str], None] = lambda _: None
) -> Credentials:
    """Return how we present ourselves to the smarthosts, in the outbox's terms: no token, no smarthost."""
    if outgoing.auth != "oauth2":
        return Credentials(hostname, secrets(OUTGOING))

    def token() -> str:
        """Return an access token; raises Unreachable when there is none."""
        try:
            return secrets(OUTGOING)
        except OAuth2Trouble as trouble:
            raise Unreachable(f"no access token: {trouble.words}") from trouble

    return Credentials(hostname, token=token, refused=lambda: refused(OUTGOING))


class Deliverer:
    """The threads that deliver, with the connections that they use; their number and pace are of the start."""

    def __init__(
        self, recorder: Recorder, office: Callable[[], Office], access: Access, now: Callable[[], datetime], name: str
    ) -> None:
        db, outgoing = recorder.actor.db, office().settings.outgoing
        self._submissions = Submissions(office, access)
        self._runner = runner.Runner(
            runner.Yard(
                claim=lambda limit, full: outbox.claim_due(db, name, now(), LEASE, limit, not_to=full),
                octets=lambda delivery: outbox.octets_of(db, delivery),
                record=recorder.record,
                record_sent=recorder.record_sent,
                give_back=lambda row: outbox.give_back(db, row.id, name),
                now=now,
                holds=lambda row: outbox.holds(db, row.id, name, now()),
                rest=self._submissions.rest,
            ),
            self._submissions.send,
            Schedule(give_up_after=outgoing.give_up_after),
            Pace(outgoing.connections, outgoing.connections_per_domain, outgoing.mails_per_minute_per_domain),
        )

    def start(self) -> None:
        """Begin to deliver."""
        self._runner.start()

    def wake(self) -> None:
        """Say that a row may be due."""
        self._runner.wake()

    def stop(self) -> None:
        """Finish the mails in hand, unless their smarthost is silent, and close the connections."""
        self._runner.stop(LAST_WORD_SECONDS)
        self._submissions.close()
