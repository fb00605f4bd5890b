"""Something is wrong with the service, or mail is held: those who can mend it hear of it, without a ticket."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from maild.base.words import Role
from maild.desk.bench import Bench
from maild.desk.effects import Decision
from maild.desk.notices import InternalFacts
from maild.desk.patterns import PATTERNS
from maild.desk.people import leads, own_address
from maild.desk.telling import tell_apart
from maild.settings.model import Settings

LINES_MAX = 100
FOR_LEADS = frozenset({"breaker", *PATTERNS})  # alarms that the people who lead the work hear of too

Lines = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Held:
    """One mail that waits for a person."""

    id: str
    about: str  # who sent it, or to whom it would go
    reason: str
    queues: tuple[str, ...] = ()  # whose lead decides; empty: the postmaster


def decide_alert(bench: Bench, alarm: str, lines: Lines) -> Decision:
    """Return the mail that tells the postmaster of an alarm, by its name in the templates' `alarms`."""
    told = [bench.settings.postmaster, *(leads(bench.settings) if alarm in FOR_LEADS else ())]
    for address in dict.fromkeys(told):
        _tell(bench, "alert", Role.ADMIN, address, alarm, lines)
    return bench.decision()


def decide_quarantine(bench: Bench, held: Sequence[Held]) -> Decision:
    """Return the daily mails that list what is held: to the leads of the queues' teams, the rest to the postmaster."""
    lists: dict[str, list[tuple[str, str]]] = {}
    for each in held:
        for address in who_decides(each, bench.settings):
            lists.setdefault(address, []).append((f"{each.id} {each.about}".strip(), each.reason))
    for address, lines in lists.items():
        _tell(bench, "quarantine", Role.LEAD, address, str(len(lines)), lines)
    return bench.decision()


def who_decides(held: Held, settings: Settings) -> Collection[str]:
    """Return who hears of a mail that waits: the leads of its queues' teams, else the postmaster."""
    queues = [queue for queue in map(settings.queue_named, held.queues) if queue is not None]
    teams = [team for team in (settings.team_named(queue.team) for queue in queues) if team is not None]
    return dict.fromkeys(filter(None, (own_address(settings, t.lead) for t in teams))) or (settings.postmaster,)


def _tell(bench: Bench, template: str, role: Role, address: str, reason: str, lines: Lines) -> None:
    more = len(lines) - LINES_MAX
    shown = (*lines[:LINES_MAX], *([(f"+ {more}", "")] if more > 0 else []))
    tell_apart(bench, template, address, role, InternalFacts(reason=reason, lines=shown))
