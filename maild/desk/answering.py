"""Whom no automatic mail is sent to, and why: suppression and limits in one table of questions."""

from maild.base.words import DoorName, Verdict
from maild.desk.bench import Bench
from maild.desk.model import Mail, Sent
from maild.desk.people import addresses_of, is_blocked
from maild.triage.roles import never_answered


def why_no_automatic_mail(bench: Bench, address: str) -> str | None:
    """Return why this person gets no automatic mail now, in words; None when nothing speaks against it."""
    if not address or "@" not in address:
        return "there is no address to answer"
    if address in bench.settings.own_addresses:
        return f"{address} is an address of ours"
    if reason := never_answered(address):
        return reason
    return why_suspended(bench, address) or _why_enough(bench, address)


def why_suspended(bench: Bench, address: str) -> str | None:
    """Return why no mail of any kind goes to this person now: blocked, or it does not arrive there."""
    person = bench.person(address)
    if is_blocked(bench, address):
        return f"{address} is blocked"
    if person.suspended_until is not None and person.suspended_until > bench.now:
        return f"mail to {address} is suspended: {person.suspended_because}"
    return None


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
    if _came_blind(bench, mail):
        return "none of our domains stands in its To or Cc (RFC 3834 section 2)"
    if mail.proof.verdict is Verdict.FAIL and not mail.confirmed:
        return f"its sender is not believed: {mail.proof.because}"
    return why_no_automatic_mail(bench, mail.message.author.key)


def _came_blind(bench: Bench, mail: Mail) -> bool:
    """Tell whether a mail names its readers, and none of them is at a domain of ours: a mailing, sent to us blind.

    What was fetched from a mailbox may have been written to whatever address leads there.
    """
    named = (*mail.message.to, *mail.message.cc)
    if not named or mail.envelope.door is DoorName.IMAP:
        return False
    return not any(each.domain in bench.settings.own_domains for each in named)


def breaker_is_open(bench: Bench) -> bool:
    """True when automatic mail over all has reached its limit: then it is composed and held."""
    most = bench.settings.limits.automatic_per_minute
    return 0 < most <= bench.snapshot.automatic_in_a_minute
