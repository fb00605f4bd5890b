"""Run a block of commands on a case: each verb is one small function, found by its word."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from maild.desk.bench import Case
from maild.desk.commands import ask, data, links, people, state, words
from maild.desk.commands.model import Block, Command, Fault, Outcome
from maild.desk.commands.running import Refused, Run
from maild.desk.commands.verbs import Tier, find_verb

Handler = Callable[[Run, Command], str]

HANDLERS: dict[str, Handler] = {
    **state.HANDLERS,
    **people.HANDLERS,
    **words.HANDLERS,
    **data.HANDLERS,
    **links.HANDLERS,
    **ask.HANDLERS,
}


def run_block(case: Case, actor: str, block: Block, outcome: Outcome, *, by_mail: bool = True) -> None:
    """Run an agent's or administrator's commands in order; what happened, and every fault, is written into `outcome`.

    With a fault the case is no longer of use: whoever called throws its bench away.
    """
    agent = case.bench.settings.agent_for(actor)
    zone = ZoneInfo((agent.timezone if agent else "") or case.bench.settings.desk.timezone)
    language = (agent.language if agent else "") or case.bench.settings.languages[0]
    run = Run(case, outcome, actor, zone, language, by_mail)
    for command in block.commands:
        _run_one(run, command)


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
