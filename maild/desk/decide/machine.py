"""A machine wrote: it is recorded, it is never answered, and it moves no status and no clock."""

from dataclasses import replace
from datetime import timedelta

from maild.base.words import DeliveryState, EntryState, Kind
from maild.desk.bench import Bench, Case
from maild.desk.decide.leaving import leave_copy
from maild.desk.decide.opening import open_for
from maild.desk.effects import MarkDelivery, RememberPerson
from maild.desk.equals import equal_ticket, fold_in
from maild.desk.model import SYSTEM, Delivery, Mail
from maild.desk.people import addresses_of, duty_lead, why_suspended, workers_of
from maild.desk.posting import post_of
from maild.desk.telling import tell_agents
from maild.message.model import ReportedRecipient
from maild.sla.model import Fact, FactKind

OPENS_A_TICKET = frozenset({Kind.AUTO_GENERATED, Kind.LIST})  # a monitor's alarm and a list mail may need somebody
HARD_SUSPENSION = timedelta(days=30)
COMPLAINT_SUSPENSION = timedelta(days=365)
SOFT_SUSPENSION = timedelta(days=1)
SOFT_BOUNCES_MAX = 3


def machine_wrote(bench: Bench, mail: Mail) -> tuple[int | None, EntryState, str]:
    """Return the ticket, the entry's state and the reason for a mail that no person wrote."""
    reason = f"{mail.finding.kind}: {mail.finding.because}"
    reported = bench.snapshot.reported
    if mail.finding.kind is Kind.BOUNCE and reported is not None:
        return bounced(bench, mail, reported)
    if mail.finding.kind is Kind.COMPLAINT and reported is not None:
        return _complained(bench, mail, reported)
    if bench.snapshot.ticket is not None:
        case = bench.case(bench.snapshot.ticket)
        case.post(post_of(case, mail, public=False))
        case.event(mail.message.author.key or SYSTEM, "recorded", f"{reason}; {mail.match.because}")
        return case.ticket.number, EntryState.APPLIED, reason
    if mail.finding.kind not in OPENS_A_TICKET:
        return None, EntryState.APPLIED, reason
    if not mail.queues:
        return None, EntryState.QUARANTINED, "no-queue: it was written to none of our queues"
    if (equal := equal_ticket(bench)) is not None:
        fold_in(bench.case(equal), mail)
        return equal.number, EntryState.APPLIED, f"the same mail once more; {reason}"
    case = open_for(bench, mail)
    return case.ticket.number, EntryState.APPLIED, reason


def bounced(bench: Bench, mail: Mail, delivery: Delivery) -> tuple[int | None, EntryState, str]:
    """Mark the mail that did not arrive, tell the agent whose words it carried, take the response back."""
    failed = _failed_recipient(mail, delivery)
    reason = f"{mail.finding.kind}: {mail.finding.because}"
    if bench.snapshot.ticket is None:
        if failed is not None:
            _mark(bench, delivery, failed)
        return None, EntryState.APPLIED, reason
    case = bench.case(bench.snapshot.ticket)
    case.post(post_of(case, mail, public=False))
    case.event(SYSTEM, "report", _in_words(delivery, failed))
    if failed is not None:
        _mark(bench, delivery, failed)
        if failed.action != "delayed" and not _is_known(delivery):
            not_delivered(case, delivery, f"{failed.status} {failed.diagnostic}".strip(), at_all=failed.permanent)
    return case.ticket.number, EntryState.APPLIED, reason


def _complained(bench: Bench, mail: Mail, delivery: Delivery) -> tuple[int | None, EntryState, str]:
    """Somebody called a mail of ours unwanted: she gets no automatic mail any more, and no more copies.

    An agent's words to the requester still go; an agent who complains is told of his tickets all the same.
    """
    reason = f"{mail.finding.kind}: {mail.finding.because}"
    address = delivery.rcpt_to.lower()
    if bench.settings.agent_for(address) is None:
        suspend(bench, address, f"complaint about {delivery.template}", COMPLAINT_SUSPENSION)
    if bench.snapshot.ticket is None:
        return None, EntryState.APPLIED, reason
    case = bench.case(bench.snapshot.ticket)
    case.post(post_of(case, mail, public=False))
    case.event(SYSTEM, "complaint", f"{address} does not want {delivery.template} ({delivery.message_id})")
    leave_copy(case, address, "a complaint")
    return case.ticket.number, EntryState.APPLIED, reason


def suspend(bench: Bench, address: str, because: str, lasts: timedelta) -> None:
    """Send no automatic mail to an address for so long; a suspension that lasts longer stays."""
    person, until = bench.person(address), bench.now + lasts
    if person.suspended_until is None or person.suspended_until < until:
        bench.effects.append(RememberPerson(replace(person, suspended_until=until, suspended_because=because)))


def not_delivered(case: Case, delivery: Delivery, diagnostic: str, *, at_all: bool = True) -> None:
    """A mail did not reach somebody: who answers for it is told, and a response to the requester is taken back."""
    withdraw_response(case, delivery, f"it did not reach {delivery.rcpt_to}")
    tell_trouble(case, delivery, diagnostic, "permanent" if at_all else "temporary")


def tell_trouble(case: Case, delivery: Delivery, diagnostic: str, reason: str) -> None:
    """Tell that a mail is "delayed", or failed ("permanent", "temporary"): its author, else whoever works the ticket.

    Words of the shell have an author without a mailbox. Whom the mail was for cannot be told so: then the lead is.
    """
    bench, author, failing = case.bench, delivery.words_of, delivery.rcpt_to.lower()
    is_heard = "@" in author and why_suspended(bench, author) is None
    told = (author,) if is_heard else workers_of(bench, case.ticket)
    others = tuple(who for who in told if who != failing) or duty_lead(bench, case.ticket.team)
    tell_agents(case, "bounced", others, but=failing, deliver_to=delivery.rcpt_to, diagnostic=diagnostic, reason=reason)


def withdraw_response(case: Case, delivery: Delivery, why: str) -> None:
    """Take a response back whose mail to the requester is not going to arrive; its clock then never stopped."""
    if (
        delivery.post
        and not delivery.draft
        and delivery.rcpt_to.lower() in addresses_of(case.bench, case.ticket.requester)
    ):
        fact = Fact(case.bench.at, FactKind.RESPONSE_WITHDRAWN, response=delivery.post)
        case.event(SYSTEM, "response-withdrawn", why, fact)


def _failed_recipient(mail: Mail, delivery: Delivery) -> ReportedRecipient | None:
    """Return what the report says of our recipient; only a report of failure or delay counts."""
    report = mail.message.report
    if report is None:
        return None
    bad = [r for r in report.recipients if r.action in {"failed", "delayed", ""}]
    ours = [r for r in bad if r.address.lower() == delivery.rcpt_to.lower()]
    return next(iter(ours or bad), None)


def _is_known(delivery: Delivery) -> bool:
    """Tell whether the mail had failed before: relays may each report it, and a further report tells nothing new."""
    return delivery.state is DeliveryState.FAILED


def _mark(bench: Bench, delivery: Delivery, failed: ReportedRecipient) -> None:
    if failed.action == "delayed" or _is_known(delivery):
        return
    reason = f"bounced: {failed.status} {failed.diagnostic}".strip()
    bench.effects.append(MarkDelivery(delivery.id, DeliveryState.FAILED, reason))
    person = bench.person(delivery.rcpt_to.lower())
    if failed.permanent and failed.what != "policy":
        suspend(bench, person.address, reason, HARD_SUSPENSION)
    else:
        bounces = person.soft_bounces + 1
        bench.effects.append(RememberPerson(replace(person, soft_bounces=bounces % SOFT_BOUNCES_MAX)))
        if bounces >= SOFT_BOUNCES_MAX:
            suspend(bench, person.address, reason, SOFT_SUSPENSION)


def _in_words(delivery: Delivery, failed: ReportedRecipient | None) -> str:
    about = f"{delivery.template} to {delivery.rcpt_to} ({delivery.message_id})"
    if failed is None:
        return f"a report on {about} that tells of no failure"
    return f"{about}: {failed.action or 'failed'} {failed.status} {failed.diagnostic}".rstrip()
