"""A mail arrived: what does the desk do about it?"""

from collections.abc import Mapping
from datetime import datetime

from maild.base.words import EntryState
from maild.desk.bench import Bench, Case
from maild.desk.decide.agent import agent_forwarded, agent_wrote
from maild.desk.decide.approver import approver_wrote
from maild.desk.decide.batch import batch_came
from maild.desk.decide.codes import code_is_no_good, confirmation_came
from maild.desk.decide.machine import machine_wrote
from maild.desk.decide.opening import open_for, settle_offshoots
from maild.desk.decide.requester import requester_wrote, wrote_from_elsewhere
from maild.desk.decide.supplier import supplier_of, supplier_wrote
from maild.desk.decide.unproved import hold_for_confirmation, needs_confirmation, speaks_as_agent
from maild.desk.effects import Decision, KeepConfirmation, SettleEntry
from maild.desk.equals import equal_ticket, fold_in
from maild.desk.model import Confirmation, Mail, Snapshot
from maild.desk.people import is_blocked, workers_of
from maild.desk.posting import post_mail
from maild.desk.rules.run import status_rules
from maild.desk.telling import tell_agents
from maild.settings.model import Settings
from maild.sla.model import Sla
from maild.thread.model import Rule


def decide_message(
    mail: Mail, snapshot: Snapshot, settings: Settings, slas: Mapping[str, Sla], now: datetime
) -> Decision:
    """Return what is done about one mail; the same arguments always give the same decision."""
    bench = Bench(mail.entry, snapshot, settings, slas, now, mail.envelope.received_at)
    ticket, state, reason = _decide(bench, mail)
    settle_offshoots(bench)
    status_rules(bench)
    if mail.signed and mail.agent is not None and state is EntryState.APPLIED:
        # A signature speaks for one mail: kept like a code that was used.
        counted = f"signed:{mail.signature_id}"
        kept = Confirmation(f"{mail.entry}.signed", mail.entry, mail.agent, counted, now, used=True)
        bench.effects.append(KeepConfirmation(kept))
    bench.effects.append(SettleEntry(mail.entry, state, reason, ticket))
    return bench.decision(ticket)


def _decide(bench: Bench, mail: Mail) -> tuple[int | None, EntryState, str]:
    """Return the ticket that the mail went to, the entry's state, and the reason in words."""
    if mail.match.rule is Rule.DUPLICATE:
        return mail.match.ticket, EntryState.DUPLICATE, mail.match.because
    if mail.finding.automatic:
        return machine_wrote(bench, mail)
    return _kept_aside(bench, mail) or _with_words(bench, mail)


def _kept_aside(bench: Bench, mail: Mail) -> tuple[int | None, EntryState, str] | None:
    """Return what becomes of a mail that is a code, or that nobody may act on as yet; None for every other."""
    if confirmation_came(bench, mail):
        return None, EntryState.APPLIED, "a confirmation code"
    if needs_confirmation(mail):
        return hold_for_confirmation(bench, mail)
    if code_is_no_good(bench, mail):
        return None, EntryState.APPLIED, "a confirmation code that is not good"
    if mail.agent is None and is_blocked(bench, mail.message.author.key):
        return None, EntryState.QUARANTINED, f"blocked: {mail.message.author.key} is blocked"
    return None


def _with_words(bench: Bench, mail: Mail) -> tuple[int | None, EntryState, str]:
    if mail.to_control:
        return batch_came(bench, mail)
    if bench.snapshot.ticket is None:
        return _without_ticket(bench, mail)
    case = bench.case(bench.snapshot.ticket)
    # An approver's own token goes before all else that he may be on the ticket.
    as_approver = approver_wrote(case, mail) if mail.match.admitted else None
    if as_approver is not None:
        return as_approver
    supplier = supplier_of(case, mail)
    if supplier is not None:
        return supplier_wrote(case, mail, supplier)
    if not mail.match.admitted:
        _stranger_wrote(case, mail)
        return case.ticket.number, EntryState.APPLIED, f"{mail.match.rule}: {mail.match.because}"
    if speaks_as_agent(bench, mail):
        return (case.ticket.number, *agent_wrote(case, mail))
    wrote_from_elsewhere(case, mail)
    return requester_wrote(case, mail)


def _without_ticket(bench: Bench, mail: Mail) -> tuple[int | None, EntryState, str]:
    if not mail.message.author.address:
        return None, EntryState.QUARANTINED, "no-author: its From names not exactly one mailbox"
    if not mail.queues:
        return None, EntryState.QUARANTINED, "no-queue: it was written to none of our queues"
    forwarded = agent_forwarded(bench, mail)
    if forwarded is not None:
        return forwarded
    if (equal := equal_ticket(bench)) is not None:
        fold_in(bench.case(equal), mail)
        return equal.number, EntryState.APPLIED, "the same mail once more"
    case = open_for(bench, mail)
    return case.ticket.number, EntryState.APPLIED, f"{mail.match.rule}: {mail.match.because}"


def _stranger_wrote(case: Case, mail: Mail) -> None:
    """Keep words of somebody who is not on the ticket: no status, no clock, quoted to nobody outside."""
    author = mail.message.author
    post_mail(case, mail, public=False)
    case.event(author.key, "stranger-wrote", f"{mail.match.rule}: {mail.match.because}")
    ticket = case.ticket
    tell_agents(
        case,
        "stranger-wrote",
        workers_of(case.bench, ticket),
        words=mail.message.new_text,
        author=author.key,
        reason=mail.match.because,
    )
