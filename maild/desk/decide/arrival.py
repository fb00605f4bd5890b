"""What a new mail brings with it: who works on it, and who else takes part."""

from maild.base.words import Role
from maild.desk.assignment import Wish, choose_member, narrow
from maild.desk.bench import Case
from maild.desk.dossier import holders
from maild.desk.model import Mail, Participant
from maild.desk.people import duty_lead, duty_of, members_of, skills_of, team_on_duty, workers_of
from maild.settings.people import Team

SUMMARY_CHARACTERS_MAX = 500  # Enough for a requester to know her own words again.


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
    """Return who of those on duty gets the ticket, or nobody, and why."""
    bench, ticket = case.bench, case.ticket
    there = team_on_duty(bench, ticket)
    if not there and members_of(bench, ticket) and team.assign != "none":
        return None, "nobody of its team is on duty"
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


def told_of_new(case: Case) -> tuple[str, ...]:
    """Return who hears of a ticket that was just opened: its workers; the lead too when nobody there has its skill."""
    bench, ticket = case.bench, case.ticket
    told = workers_of(bench, ticket)
    if ticket.assignee or not skills_of(bench.settings, ticket):
        return told
    return tuple(dict.fromkeys((*told, *duty_lead(bench, ticket.team))))
