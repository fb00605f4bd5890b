"""A ticket that a machine opened gets its clocks when an agent takes it."""

from maild.desk.bench import Case
from maild.desk.model import is_machine
from maild.sla.model import Fact, FactKind


def taken_by_agent(case: Case, actor: str) -> None:
    """Start the clocks of a ticket that automatic mail opened, once."""
    if (
        not is_machine(actor)
        and case.ticket.by_machine
        and not any(f.kind is FactKind.TAKEN for f in case.ticket.facts)
    ):
        case.event(actor, "taken", "an agent took it", Fact(case.bench.at, FactKind.TAKEN))
