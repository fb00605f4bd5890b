"""A ticket is brought before the lead, or handed to the next level with its dossier."""

from typing import Any

from maild.base.words import Role
from maild.desk.bench import Bench, Case
from maild.desk.decide.arrival import assign
from maild.desk.people import lead_of, workers_of
from maild.desk.telling import tell_agents
from maild.settings.model import Team


def team_above(bench: Bench, name: str, level: int = 0) -> Team | None:
    """Return the team that a team escalates to, or the first above it that is of some level; None when none is."""
    seen = {name}
    team = bench.settings.team_named(name)
    while team is not None and team.escalates_to and team.escalates_to not in seen:
        seen.add(team.escalates_to)
        team = bench.settings.team_named(team.escalates_to)
        if team is not None and level in {0, team.level}:
            return team
    return None


def escalate(case: Case, actor: str, why: str, *, next_level: bool, level: int = 0, **facts: Any) -> None:
    """Bring the ticket before the lead, or hand it to the next level, or to `level`, with its dossier.

    Without a next level the lead is told instead. Queue, SLA, status and clocks stay as they are.
    """
    bench, ticket = case.bench, case.ticket
    upper = team_above(bench, ticket.team, level)
    dossier: dict[str, Any] = {"posts": case.past.posts, "reason": why, **facts}
    if next_level and upper is not None:
        case.change(team=upper.name, level=upper.level)
        case.event(actor, "escalated", f"to {upper.name}: {why}")
        assign(case, actor)
        holder = workers_of(bench, case.ticket)
        tell_agents(case, "escalated", holder, but=actor, **dossier)
        tell_agents(case, "escalated", [lead_of(bench, upper.name)], role=Role.LEAD, but=actor, **dossier)
        return
    lead = lead_of(bench, ticket.team)
    case.event(actor, "escalated", f"to the lead {lead or '(none is named)'}: {why}")
    tell_agents(case, "escalated", [lead], role=Role.LEAD, but=actor, **dossier)
