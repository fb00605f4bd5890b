"""Run an applied entry once more, all the way, to prove that it has no second effect."""

from maild.desk.decide.message import decide_message
from maild.journal.model import Entry
from maild.message.attachments import read_part
from maild.message.model import Attachment
from maild.service.addressing import queues_of
from maild.service.child import Job, Plan, read_one
from maild.service.composing import compose_all
from maild.service.house import House
from maild.service.judging import look_up
from maild.service.measured import results_from_json
from maild.service.resolver import Resolver
from maild.store.apply import apply
from maild.store.model import AlreadyApplied


def replay(house: House, entry: Entry) -> bool:
    """Read, judge, thread, decide, render and apply an entry again; True when the store refused it as applied.

    Reads the mail in this very process, and asks the DNS only when nothing was measured the first time.
    """
    office = house.office
    plan = Plan(office.settings, office.keyring, office.own, office.limits, office.agent_keys)
    known = results_from_json(entry.results) if entry.results else None
    job = Job(house.journal.octets(entry.id), entry.envelope, known)
    reading = read_one(job, plan, Resolver(office.settings.proof.nameservers))
    at = entry.envelope.received_at  # as of then: no limit and no token is judged by today
    written_to = queues_of(reading.message, entry.envelope, office.settings)
    mail, snapshot = look_up(house.db, entry, reading, written_to, office, at)
    decision = decide_message(mail, snapshot, office.settings, office.slas, at)

    def fetch(source: str, attachment: Attachment) -> bytes:
        """Return the octets of an attachment out of its mail in the journal."""
        return read_part(house.journal.octets(source), attachment.part)

    composed = compose_all(decision, office, at, fetch)
    return isinstance(apply(house.db, decision, composed, at), AlreadyApplied)
