"""An administrator spoke at the shell: the same table, the same verbs, the same notices as by mail."""

from dataclasses import dataclass, replace

from maild.base.words import Audience, Priority, TicketType
from maild.desk.bench import Bench, Case
from maild.desk.commands.model import Block, Fault, Mode
from maild.desk.commands.parse import parse_block
from maild.desk.commands.values import commands_of
from maild.desk.decide.agent import Answer, act, adopt
from maild.desk.decide.opening import open_for, settle_offshoots
from maild.desk.effects import Decision
from maild.desk.rules.run import status_rules
from maild.desk.speaking import spoken_mail
from maild.message.model import Address

SHELL = "at the shell"


@dataclass(frozen=True, slots=True)
class NewTicket:
    """`maild ticket new`."""

    queue: str
    requester: Address
    subject: str
    text: str
    priority: Priority | None = None
    type: TicketType | None = None
    language: str = ""
    notify: bool = True


@dataclass(frozen=True, slots=True)
class WorkTicket:
    """`maild ticket set`, `reply`, `note`, `merge` and `split`: values to set, and words with where they go."""

    values: tuple[tuple[str, str], ...] = ()
    text: str = ""
    mode: Mode = Mode.NOTE
    agent: str | None = None  # whose words they are; None: the actor's own
    notify: bool = True
    commands: str = ""  # as an agent writes them, run before the values are set


def decide_new(bench: Bench, actor: str, order: NewTicket) -> Decision:
    """Return the decision that opens a ticket in somebody's name, as if she had written."""
    bench.quiet = not order.notify
    queue = bench.settings.queue_named(order.queue)
    assert queue is not None, "the shell asks for queues that are there"
    mail = spoken_mail(actor, bench.now, order.text, author=order.requester, subject=order.subject, where=SHELL)
    mail = replace(mail, queues=(queue.name,), address=queue.address, language=order.language, agent=None)
    case = open_for(bench, mail, type_=order.type, priority=order.priority, by=actor)
    return _finished(bench, case)


def decide_work(bench: Bench, actor: str, order: WorkTicket) -> tuple[Decision | None, tuple[Fault, ...]]:
    """Return the decision, or None and what is wrong: then nothing is done, as by mail."""
    bench.quiet = not order.notify
    case = bench.asked_case()
    commands, faults = commands_of(order.values)
    written = parse_block(order.commands)
    block = Block((*written.commands, *commands), (*written.faults, *faults), order.text)
    who = order.agent or actor
    name = bench.settings.agent_for(who)
    author = Address(name.name if name else "", who)
    mail = spoken_mail(who, bench.now, order.text, author=author, subject=case.ticket.first_subject, where=SHELL)
    outcome, trial = act(case, mail, block, Answer(order.mode, "reply", silent=True, by_mail=False))
    if outcome.faults:
        return None, tuple(outcome.faults)
    if order.agent is not None:
        case.event(actor, "acted", f"at the shell, in the name of {who}")
    adopt(case, trial)
    return _finished(bench, case), ()


def _finished(bench: Bench, case: Case) -> Decision:
    settle_offshoots(bench)
    status_rules(bench)
    if bench.quiet:
        bench.notices = [n for n in bench.notices if n.audience is not Audience.REQUESTER]
    return bench.decision(case.ticket.number)
