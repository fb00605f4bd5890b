"""A ticket goes up: to the next level with all that is known of it, before the lead or the manager; or back down."""

from collections.abc import Sequence
from typing import Any

from maild.base.words import Role
from maild.desk.bench import Bench, Case
from maild.desk.decide.arrival import assign
from maild.desk.dossier import TRIED, dossier_of
from maild.desk.model import Event, Ticket
from maild.desk.people import duty_lead, duty_manager, workers_of
from maild.desk.telling import tell_agents
from maild.settings.model import Settings, Team


def team_above(bench: Bench, ticket: Ticket, level: int = 0) -> Team | None:
    """Return the team that a ticket escalates to, or the first above it that is of some level; None when none is.

    Its service may name a team of its own for the first step up.
    """
    ours = bench.settings.team_named(ticket.team)
    seen = {ours.name if ours is not None else ticket.team}
    team = _first_step(bench.settings, ticket, ours)
    while team is not None and team.name not in seen:
        if level in {0, team.level}:
            return team
        seen.add(team.name)
        team = bench.settings.team_named(team.escalates_to)
    return None


def _first_step(settings: Settings, ticket: Ticket, ours: Team | None) -> Team | None:
    service = settings.service_named(ticket.service)
    by_service = settings.team_named(service.escalates_to) if service is not None else None
    if by_service is not None and by_service.level > ticket.level:
        return by_service
    return settings.team_named(ours.escalates_to) if ours is not None else None


def team_below(bench: Bench, ticket: Ticket, level: int) -> Team | None:
    """Return the team of a lower level that a ticket goes back to: its queue's when that is one, else the first that
    escalates to where the ticket is; None when none does.
    """
    queue = bench.settings.queue_named(ticket.queue)
    home = bench.settings.team_named(queue.team) if queue is not None else None
    if home is not None and home.level == level:
        return home
    lower = (team for team in bench.settings.team if team.level == level)
    return next((team for team in lower if _leads_to(bench.settings, team, ticket.team)), None)


def _leads_to(settings: Settings, team: Team, upper: str) -> bool:
    seen = {team.name}
    above = settings.team_named(team.escalates_to)
    while above is not None and above.name not in seen:
        if above.name.lower() == upper.lower():
            return True
        seen.add(above.name)
        above = settings.team_named(above.escalates_to)
    return False


def escalate(case: Case, actor: str, why: str, *, to: str, level: int = 0, **facts: Any) -> str:
    """Bring the ticket before the ``lead`` or the ``manager``, or hand it to the ``next-level``, with its dossier.

    Without a next level the lead is told instead. Queue, SLA, status and clocks stay as they are. Returns to whom.
    """
    upper = team_above(case.bench, case.ticket, level) if to == "next-level" else None
    if upper is not None:
        _hand_over(case, actor, "escalated", upper, why, facts)
        _tell(case, duty_lead(case.bench, upper.name), Role.LEAD, actor, why, facts)
        return upper.name
    is_manager = to == "manager"
    chosen = (duty_manager if is_manager else duty_lead)(case.bench, case.ticket.team)
    named = f"the {'manager' if is_manager else 'lead'} {', '.join(chosen) or '(none is named)'}"
    case.event(actor, "escalated", f"to {named}: {why}")
    _tell(case, chosen, Role.LEAD, actor, why, facts)
    return ", ".join(chosen) or named


def hand_back(case: Case, actor: str, level: int, why: str) -> None:
    """Give the ticket back to the team below, and there to whoever had it, with what was done above as a dossier."""
    lower = team_below(case.bench, case.ticket, level)
    assert lower is not None, "who asks has looked"
    _hand_over(case, actor, "returned", lower, why, {"returned": True})


def _hand_over(case: Case, actor: str, verb: str, team: Team, why: str, facts: dict[str, Any]) -> None:
    case.change(team=team.name, level=team.level)
    case.event(actor, verb, f"to {team.name}: {why}" if why else f"to {team.name}")
    assign(case, actor, back=verb == "returned")
    _tell(case, workers_of(case.bench, case.ticket), Role.AGENT, actor, why, facts)


def _tell(case: Case, who: Sequence[str], role: Role, actor: str, why: str, facts: dict[str, Any]) -> None:
    dossier = dossier_of(case.ticket, case.past, Event(case.bench.now, actor, "escalated", why))
    reason = "" if TRIED in why or "clock" in facts else why  # what the dossier and the target say is not said twice
    tell_agents(case, "escalated", who, role=role, but=actor, reason=reason, dossier=dossier, **facts)
