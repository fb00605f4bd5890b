"""Who gets a ticket: the policy of its team, on values alone."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from maild.desk.model import Load

_NEVER = datetime.min.replace(tzinfo=UTC)


def choose_member(
    members: Sequence[str], policy: str, loads: Mapping[str, Load], *, never: frozenset[str]
) -> tuple[str | None, str]:
    """Return the member who gets the ticket, or None, and why in words.

    `policy` is "least-loaded" (fewest new and open tickets, then longest not assigned, then the order in
    the team), "round-robin" (longest not assigned, then the order) or "none". `never` are addresses that
    must not get it: the requester himself above all.
    """
    able = [m for m in members if m not in never]
    if policy == "none":
        return None, "its team assigns by hand"
    if not able:
        return None, "nobody of its team may have it"

    def idle_since(member: str) -> datetime:
        return loads.get(member, Load()).last_assigned_at or _NEVER

    if policy == "round-robin":
        chosen = min(able, key=idle_since)
        return chosen, "longest not assigned of its team"
    chosen = min(able, key=lambda m: (loads.get(m, Load()).active, idle_since(m)))
    return chosen, f"least loaded of its team ({loads.get(chosen, Load()).active} active)"
