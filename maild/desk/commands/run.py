"""Run a block of commands on a case: each verb is one small function, found by its word."""

from collections.abc import Callable

from maild.desk.bench import Bench, Case
from maild.desk.commands import (
    approval,
    ask,
    away,
    data,
    digest,
    links,
    people,
    problem,
    report,
    shelf,
    state,
    undo,
    words,
)
from maild.desk.commands.model import Block, Command, Fault, Outcome
from maild.desk.commands.running import Asking, Refused, Run
from maild.desk.commands.verbs import Tier, find_verb
from maild.desk.model import Mail
from maild.desk.notices import Found

Handler = Callable[[Run, Command], str | Found]

HANDLERS: dict[str, Handler] = {
    **state.HANDLERS,
    **people.HANDLERS,
    **words.HANDLERS,
    **data.HANDLERS,
    **links.HANDLERS,
    **approval.HANDLERS,
    **problem.HANDLERS,
    **undo.HANDLERS,
    **ask.HANDLERS,
    **ask.ANYWHERE,
    **shelf.HANDLERS,
    **shelf.ANYWHERE,
    **away.HANDLERS,
    **digest.HANDLERS,
    **report.HANDLERS,
}


def run_block(case: Case, mail: Mail, block: Block, outcome: Outcome, *, by_mail: bool = True) -> None:
    """Run an agent's or administrator's commands in order; what happened, and every fault, is written into `outcome`.

    With a fault the case is no longer of use: whoever called throws its bench away.
    """
    assert mail.agent is not None
    asking = asking_for(case.bench, mail.agent)
    run = Run(case.bench, asking.agent, asking.zone, asking.language, case, outcome, mail, by_mail, block.text)
    for command in block.commands:
        _run_one(run, command)


def asking_for(bench: Bench, actor: str) -> Asking:
    """Return an agent or administrator as one who asks: with his time zone and language, else the desk's."""
    agent = bench.settings.agent_for(actor)
    language = agent.language if agent is not None else bench.settings.languages[0]
    return Asking(bench, actor, bench.settings.zone_for(actor), language)


def _run_one(run: Run, command: Command) -> None:
    verb = find_verb(command.verb)
    handler = HANDLERS.get(command.verb)
    try:
        if handler is None:
            raise Refused(run.say("not-served", verb=command.verb))
        run.outcome.lines.append((command.line, handler(run, command)))
    except Refused as refused:
        run.outcome.faults.append(Fault(command.line, command.number, refused.reason))
    if verb is not None and verb.tier is Tier.DESTROYS and run.by_mail:
        run.outcome.destroys.append(command.line)
    if verb is not None and verb.tier is Tier.READS and verb.word != "end":
        run.outcome.questions = True
