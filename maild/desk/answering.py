"""Whom no automatic mail is sent to, and why: suppression and limits in one table of questions."""

from maild.base.words import DoorName, Verdict
from maild.desk.bench import Bench, Case
from maild.desk.model import Mail, Sent
from maild.desk.people import addresses_of, why_suspended
from maild.settings.people import Queue
from maild.triage.roles import never_answered

BREAKERS = "the limit on automatic mail"  # begins the reason of all that a breaker holds
BREAKER = f"{BREAKERS} over all is reached"
ANSWERS_NOTHING = frozenset({"announcement"})


def why_no_automatic_mail(bench: Bench, address: str) -> str | None:
    """Return why this person gets no automatic mail now, in words; None when nothing speaks against it."""
    if not address or "@" not in address:
        return "there is no address to answer"
    if address in bench.settings.own_addresses:
        return f"{address} is an address of ours"
    if reason := never_answered(address):
        return reason
    return why_suspended(bench, address) or _why_enough(bench, address)


def _why_enough(bench: Bench, address: str) -> str | None:
    """All addresses of a person count as one: a loop may come back from any of them."""
    limits = bench.settings.limits
    sent = [bench.snapshot.sent.get(each, Sent()) for each in addresses_of(bench, address)]
    lately, in_a_day = sum(s.in_10_minutes for s in sent), sum(s.in_a_day for s in sent)
    if 0 < limits.automatic_per_person_10min <= lately:
        return f"{address} had {lately} automatic mails in 10 minutes"
    if 0 < limits.automatic_per_person_day <= in_a_day:
        return f"{address} had {in_a_day} automatic mails in 24 hours"
    return None


def why_no_acknowledgement(bench: Bench, mail: Mail) -> str | None:
    """Return why this mail is not acknowledged; None when it is."""
    if mail.finding.automatic:
        return f"it is {mail.finding.kind}: {mail.finding.because}"
    if mail.finding.unanswered:
        return f"it asks for no automatic answer: {mail.finding.unanswered}"
    if mail.envelope.mail_from == "":
        return "its reverse-path is null"
    if _came_blind(bench, mail) and not all(q.acknowledge_blind for q in _queues(bench, mail)):
        return "none of our domains stands in its To or Cc (RFC 3834 section 2)"
    if mail.proof.verdict is Verdict.FAIL and not mail.confirmed:
        return f"its sender is not believed: {mail.proof.because}"
    return why_no_automatic_mail(bench, mail.message.author.key)


def _queues(bench: Bench, mail: Mail) -> list[Queue]:
    return [queue for queue in map(bench.settings.queue_named, mail.queues) if queue is not None]


def _came_blind(bench: Bench, mail: Mail) -> bool:
    """Tell whether a mail names its readers, and none of them is at a domain of ours: sent to us blind, or forwarded.

    What was fetched from a mailbox may have been written to whatever address leads there.
    """
    named = (*mail.message.to, *mail.message.cc)
    if not named or mail.envelope.door is DoorName.IMAP:
        return False
    return not any(each.domain in bench.settings.own_domains for each in named)


def why_enough_of(case: Case, template: str, address: str) -> str | None:
    """Return why this person gets no more of this about the ticket, in words; None when nothing speaks against it.

    An announcement goes to many at once because an agent says so: what answers nothing cannot loop.
    """
    limits, traffic, ticket = case.bench.settings.limits, case.bench.snapshot.traffic, case.ticket
    if template in ANSWERS_NOTHING:
        return None
    same = traffic.same_answers.get((address, template), 0)
    if 0 < limits.same_answers <= same:
        return f"{address} had {same} of these under the same subject in an hour"
    if ticket.number == traffic.ticket:
        if 0 < limits.automatic_per_ticket_10min <= traffic.on_ticket:
            return f"{traffic.on_ticket} automatic mails went out about this ticket in 10 minutes"
        if 0 < limits.automatic_per_ticket_day <= traffic.on_ticket_in_a_day:
            return f"{traffic.on_ticket_in_a_day} automatic mails went out about this ticket in 24 hours"
    domain = address.rpartition("@")[2]
    if 0 < limits.per_domain <= traffic.by_domain.get(domain, 0):
        return f"{domain} had {traffic.by_domain[domain]} automatic mails in 10 minutes"
    return None


def why_held(case: Case, template: str) -> str:
    """Return why automatic mail about this ticket is composed and held now; "" when it may leave."""
    bench, queue = case.bench, case.ticket.queue
    if breaker_is_open(bench):
        return BREAKER
    most = bench.settings.limits.per_queue
    if template not in ANSWERS_NOTHING and 0 < most <= bench.snapshot.traffic.by_queue.get(queue, 0):
        return f"{BREAKERS} in queue {queue} is reached"
    return ""


def breaker_is_open(bench: Bench) -> bool:
    """True when automatic mail over all has reached its limit: then it is composed and held."""
    most = bench.settings.limits.automatic_per_minute
    return 0 < most <= bench.snapshot.automatic_in_a_minute
