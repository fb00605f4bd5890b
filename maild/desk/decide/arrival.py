"""What a new mail brings with it: who works on it, and who else takes part."""

from maild.base.words import Role
from maild.desk.assignment import choose_member
from maild.desk.bench import Case
from maild.desk.model import Mail, Participant
from maild.desk.people import team_on_duty

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


def assign(case: Case, actor: str) -> None:
    """Give the ticket to a member of its team by the team's policy; the timeline says why."""
    bench, ticket = case.bench, case.ticket
    if bench.assigns_later:
        return
    team = bench.settings.team_named(ticket.team)
    if team is None:
        case.event(actor, "unassigned", "its queue has no team")
        return
    member, why = choose_member(
        team_on_duty(bench, ticket), team.assign, bench.snapshot.loads, never=frozenset({ticket.requester})
    )
    if member is None:
        case.change(assignee=None)
        case.event(actor, "unassigned", why)
    else:
        case.change(assignee=member, assigned_at=bench.now)
        case.event(actor, "assigned", f"{member}: {why}")
