"""Try a rule's commands before any mail comes: parsed by the agents' grammar, run by the agents' handlers."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

from maild.base.words import Status, TicketType
from maild.desk.bench import Bench
from maild.desk.commands.model import Block, Outcome
from maild.desk.commands.parse import parse_block
from maild.desk.commands.run import run_block
from maild.desk.commands.verbs import find_verb
from maild.desk.model import RULE, Snapshot, Ticket
from maild.desk.speaking import nobodys_mail
from maild.settings.model import Settings

# What a machine may do: nothing that destroys, that speaks in a person's name, or that asks.
VERBS = frozenset(
    {
        *("open", "pending", "hold", "resolve", "close", "reopen", "spam", "snooze"),
        *("assign", "unassign", "queue", "cc", "escalate", "ask-approval"),
        *("priority", "subject", "type", "category", "tag", "field", "lang"),
    }
)
_NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
_STANDS = (Status.NEW, Status.RESOLVED)  # every verb of state can be done in one of these


def faults_of(lines: tuple[str, ...], settings: Settings) -> Iterator[tuple[int, str, str]]:
    """Yield what is wrong with the commands of a rule: the line's place, the problem, and the mend."""
    for at, line in enumerate(lines):
        block = parse_block(line)
        if block.faults:
            fault = block.faults[0]
            mend = f"did you mean #{fault.nearest}?" if fault.nearest else f"write one of {_verbs()}"
            yield at, fault.reason, mend
        elif block.text or len(block.commands) != 1:
            yield at, "it is no command", 'write one command a line, "#priority high" for instance'
        elif block.commands[0].verb not in VERBS:
            yield at, "a rule cannot do that", f"write one of {_verbs()}"
        elif reason := _refusal(block, settings):
            yield at, reason, "write it as an agent would: #help lists all verbs with their values"


def _verbs() -> str:
    return ", ".join(f"#{verb}" for verb in sorted(VERBS) if find_verb(verb))


def _refusal(block: Block, settings: Settings) -> str:
    """Return why tickets refuse a command, new and resolved ones of all types; "" when one of them takes it."""
    if block.commands[0].verb == "ask-approval":
        return ""  # whom "manager" means, each ticket's requester says
    reasons = []
    for status, kind in product(_STANDS, TicketType):
        bench = Bench("check", Snapshot(), settings, {}, _NOW, _NOW, assigns_later=True)
        case, outcome = bench.case(replace(_ticket(settings, status), type=kind)), Outcome([], [])
        run_block(case, nobodys_mail(case, f"{RULE}check"), block, outcome, by_mail=False)
        if not outcome.faults:
            return ""
        reasons.append(outcome.faults[0].reason)
    return reasons[0]


def _ticket(settings: Settings, status: Status) -> Ticket:
    queue = settings.queue[0].name if settings.queue else ""
    team = settings.team[0].name if settings.team else ""
    return Ticket(1, "", "", status, queue, "", _NOW, _NOW, team=team)
