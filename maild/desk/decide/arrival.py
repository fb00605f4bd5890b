"""What a new mail brings with it: who works on it, and who else takes part."""

from maild.base.words import Role, Status, Verdict
from maild.desk.assignment import Wish, choose_member, narrow
from maild.desk.bench import Bench, Case
from maild.desk.dossier import holders
from maild.desk.equals import fingerprint
from maild.desk.model import Mail, Participant, Ticket
from maild.desk.people import (
    duty_lead,
    duty_of,
    language_of,
    members_of,
    organisation_of,
    skills_of,
    sla_for,
    team_on_duty,
    unreached,
    workers_of,
)
from maild.desk.posting import SUBJECT_CHARACTERS_MAX, threading_of
from maild.settings.people import Queue, Team
from maild.thread.subjects import without_keys

NO_SUBJECT = {"en": "(no subject)", "es": "(sin asunto)"}
SUMMARY_CHARACTERS_MAX = 500  # Enough for a requester to know her own words again.


def new_ticket(bench: Bench, mail: Mail, queue: Queue) -> Ticket:
    """Return the ticket that a mail opens in a queue, before anything is made of its words; it has no number yet."""
    author = mail.message.author
    team = bench.settings.team_named(queue.team)
    organisation = organisation_of(bench, author.key)
    language = language_of(bench, author.key, mail.language)
    written = without_keys(mail.message.subject, bench.settings.desk.prefix)
    subject = (written or NO_SUBJECT.get(language, NO_SUBJECT["en"]))[:SUBJECT_CHARACTERS_MAX]
    at = mail.envelope.received_at
    unbelieved = mail.proof.verdict is Verdict.FAIL and not mail.confirmed
    return Ticket(
        number=0,
        subject=subject,
        first_subject=subject,
        status=Status.NEW,
        queue=queue.name,
        requester=author.key,
        requester_name=author.name,
        created_at=at,
        updated_at=at,
        status_since=at,
        team=queue.team,
        level=team.level if team is not None else 1,
        language=language,
        sla=sla_for(bench, queue, author.key),
        organisation=organisation.name if organisation is not None else "",
        address=_address(mail, queue),
        by_machine=mail.finding.automatic,
        tags=("unverified",) if unbelieved else (),
        fingerprint=fingerprint(mail),
        **threading_of(mail),
    )


def _address(mail: Mail, queue: Queue) -> str:
    """Return the queue's address or alias that was written to: what goes out comes from there."""
    return mail.address if mail.address in queue.addresses else queue.address


def join_copied(case: Case, mail: Mail) -> tuple[str, ...]:
    """Let the people in To and Cc join: agents as watchers, others on copy, never we ourselves.

    Returns the addresses that joined.
    """
    bench, ticket = case.bench, case.ticket
    own = bench.settings.own_addresses
    there = {ticket.requester, mail.message.author.key, *(p.address for p in ticket.participants)}
    joined = []
    for address in (*mail.message.to, *mail.message.cc):
        agent = bench.settings.agent_for(address.key)
        who = agent.address if agent is not None else address.key
        if "@" not in who or address.key in own or who in there or bench.settings.is_own(address.key):
            continue
        there.add(who)
        role = Role.WATCHER if agent is not None else Role.CC
        case.put(Participant(who, address.name, role))
        joined.append(who)
    return tuple(joined)


def assign(case: Case, actor: str, *, back: bool = False) -> None:
    """Give the ticket to a member of its team by the team's policy; the timeline says why.

    `back`: it comes back to the team, and whoever of it had it last gets it again, if he is on duty.
    """
    bench, ticket = case.bench, case.ticket
    if bench.assigns_later:
        return
    team = bench.settings.team_named(ticket.team)
    if team is None:
        case.event(actor, "unassigned", "its queue has no team")
        return
    former = _former_holder(case) if back else None
    member, why = (former, "had it before") if former is not None else _chosen(case, team)
    if member is None:
        case.change(assignee=None)
        case.event(actor, "unassigned", why)
    else:
        case.change(assignee=member, assigned_at=bench.now)
        case.event(actor, "assigned", f"{member}: {why}")


def _former_holder(case: Case) -> str | None:
    """Return who of those on duty in the ticket's team had it last; None when none of them had."""
    there = team_on_duty(case.bench, case.ticket)
    return next((who for who in reversed(holders(case.past.events)) if who in there), None)


def _chosen(case: Case, team: Team) -> tuple[str | None, str]:
    """Return who of those on duty gets the ticket, or nobody, and why: also who was passed over."""
    member, why = _by_policy(case, team)
    passed = unreached(case.bench, case.ticket) if team.assign != "none" else ()
    return member, "; ".join((why, *passed))


def _by_policy(case: Case, team: Team) -> tuple[str | None, str]:
    bench, ticket = case.bench, case.ticket
    there = team_on_duty(bench, ticket)
    if not there and members_of(bench, ticket) and team.assign != "none":
        whom = "mail reaches nobody of its team" if unreached(bench, ticket) else "nobody of its team is"
        return None, f"{whom} on duty"
    wish = Wish(
        skills=skills_of(bench.settings, ticket),
        language=ticket.language,
        last_agents=bench.snapshot.last_agents if team.sticky else (),
    )
    able, because = narrow(there, wish, bench.settings.agent_for)
    if there and not able and team.assign != "none":
        return None, because
    member, why = choose_member(
        able, team.assign, bench.snapshot.loads, never=frozenset({ticket.requester}), weights=team.weights
    )
    instead = {substitute: who for who, substitute in duty_of(bench, team.name).substitutes}
    reasons = [why, because, f"stands in for {instead[member]}" if member in instead else ""]
    return member, "; ".join(filter(None, reasons)) if member is not None else why


def why_nobody_hears(case: Case) -> str:
    """Return why mail reaches none of those on duty in the ticket's team, in words; "" when it does, or none is."""
    bench, ticket = case.bench, case.ticket
    return "" if team_on_duty(bench, ticket) else "; ".join(unreached(bench, ticket))


def told_of_new(case: Case) -> tuple[str, ...]:
    """Return who hears of a ticket that was just opened: its workers.

    The lead too when nobody there has its skill, and when mail reaches nobody of those on duty.
    """
    bench, ticket = case.bench, case.ticket
    told = workers_of(bench, ticket)
    if ticket.assignee or not (skills_of(bench.settings, ticket) or why_nobody_hears(case)):
        return told
    return tuple(dict.fromkeys((*told, *duty_lead(bench, ticket.team))))
