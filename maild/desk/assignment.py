"""Who gets a ticket: the policy of its team, on values alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from maild.base.words import Priority
from maild.desk.model import Load
from maild.settings.people import Agent

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a ticket asks of whoever gets it."""

    skills: frozenset[str] = frozenset()  # in lower case; nobody without all of them gets it
    language: str = ""  # whoever answers in it goes before
    last_agents: tuple[str, ...] = ()  # who knows the requester, the latest first; empty unless the team is sticky


def narrow(members: Sequence[str], wish: Wish, agent_for: Callable[[str], Agent | None]) -> tuple[tuple[str, ...], str]:
    """Return those of the members who suit a ticket, in their order, and why not all of them, in words.

    A skill is a must, and nobody is left when nobody has it. Whoever had the requester's last ticket goes before
    whoever answers in her language; an agent who names no languages answers in all.
    """
    able = tuple(m for m in members if wish.skills <= _skills(agent_for(m)))
    names = ", ".join(sorted(wish.skills))
    because = f"has {names}" if wish.skills else ""
    if not able:
        return (), f"nobody on duty has {names}" if wish.skills else ""
    if known := next((who for who in wish.last_agents if who in able), None):
        return (known,), _both(because, "had the requester's last ticket")
    speak = tuple(m for m in able if _speaks(agent_for(m), wish.language))
    if speak and len(speak) < len(able):
        return speak, _both(because, f"answers in {wish.language}")
    return able, because


def _both(one: str, other: str) -> str:
    return f"{one}; {other}" if one else other


def _skills(agent: Agent | None) -> frozenset[str]:
    return frozenset(skill.lower() for skill in agent.skills) if agent is not None else frozenset()


def _speaks(agent: Agent | None, language: str) -> bool:
    return agent is None or not agent.languages or not language or language in agent.languages


def choose_member(
    members: Sequence[str],
    policy: str,
    loads: Mapping[str, Load],
    *,
    never: frozenset[str],
    weights: Mapping[Priority, int] | None = None,
) -> tuple[str | None, str]:
    """Return the member who gets the ticket, or None, and why in words.

    `policy` is "least-loaded" (fewest new and open tickets, each counted by the weight of its priority, 1 for those
    without one; then longest not assigned, then the order in the team), "round-robin" (longest not assigned, then the
    order) or "none". `never` are addresses that must not get it: the requester himself above all.
    """
    able = [m for m in members if m not in never]
    if policy == "none":
        return None, "its team assigns by hand"
    if not able:
        return None, "nobody of its team may have it"

    def idle_since(member: str) -> datetime:
        """Return when somebody was last assigned to; long ago when he never was."""
        return loads.get(member, Load()).last_assigned_at or _NEVER

    if policy == "round-robin":
        chosen = min(able, key=idle_since)
        return chosen, "longest not assigned of its team"
    chosen = min(able, key=lambda m: (weighed(loads.get(m, Load()), weights or {}), idle_since(m)))
    load = loads.get(chosen, Load())
    weight = weighed(load, weights or {})
    counted = f"{load.active} active" + (f", weight {weight}" if weight != load.active else "")
    return chosen, f"least loaded of its team ({counted})"


def weighed(load: Load, weights: Mapping[Priority, int]) -> int:
    """Return how much somebody has to do: his new and open tickets, each counted by the weight of its priority."""
    return load.active + sum((weight - 1) * load.by_priority.get(priority, 0) for priority, weight in weights.items())
