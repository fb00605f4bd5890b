"""Verbs that ask: show, mine, list, history, sla, who-is-on, help; their answers stand in the transcript."""

from functools import partial

from maild.base.booking import booked_seconds
from maild.base.keys import read_key
from maild.desk.commands.listing import query_key, query_of
from maild.desk.commands.model import Command
from maild.desk.commands.running import Asking, Refused, Run
from maild.desk.commands.verbs import VERBS
from maild.desk.duty_words import people_in_words
from maild.desk.notices import Found
from maild.desk.people import duty_of, name_of
from maild.settings.people import Team


def _show(run: Run, command: Command) -> Found:
    itself = not command.values or read_key(command.values[0], run.bench.settings.desk.prefix) == run.case.ticket.number
    case = run.bench.case(run.case.ticket if itself else run.ticket(command.values[0]))
    seconds = booked_seconds(e.detail for e in case.past.events if e.verb == "time")
    return Found(case.key, ticket=case.ticket, booked_seconds=seconds)


def _history(run: Run, _: Command) -> Found:
    return Found(run.case.key, events=run.case.past.events)


def _sla(run: Run, _: Command) -> str | Found:
    readings = run.case.readings()
    return Found(run.case.key, readings=readings) if readings else run.say("none-found")


def _tickets(asking: Asking, command: Command) -> str | Found:
    try:
        query_of(command, asking.agent, asking.bench.settings)
    except ValueError as error:
        raise Refused(asking.say("no-query", text=str(error))) from None
    found = asking.bench.snapshot.lists.get(query_key(command), ())
    listed = tuple((asking.bench.key(each.number), each) for each in found)
    return Found(listed=listed) if listed else asking.say("none-found")


def _who_is_on(asking: Asking, _: Command) -> str:
    return "\n".join(_team_on(asking, team) for team in asking.bench.settings.team)


def _team_on(asking: Asking, team: Team) -> str:
    """Say who is on duty in a team, for whom he stands in, who is called when nobody is, and who is away."""
    bench = asking.bench
    duty = duty_of(bench, team.name)
    line = f"{team.name} ({team.level}): {people_in_words(duty, asking.language, partial(name_of, bench))}"
    more = (
        ("on-call", duty.on_call),
        ("are-away", tuple(m for m in team.members if (bench.settings.agent_address(m) or m) in bench.snapshot.away)),
    )
    said = [asking.say(phrase, who=", ".join(name_of(bench, m) for m in people)) for phrase, people in more if people]
    return "; ".join([line, *said])


def _help(asking: Asking, _: Command) -> str:
    shown = (verb.shown(asking.language) for verb in VERBS)
    lines = [f"#{word} {values}".rstrip() + f": {does}" for word, values, does in shown]
    names = ", ".join(sorted(asking.bench.snapshot.canned))
    return "\n".join([*lines, *([asking.say("canned-names", names=names)] if names else [])])


# These are about no ticket, so that the batch mailbox takes them alone.
ANYWHERE = {"mine": _tickets, "list": _tickets, "who-is-on": _who_is_on, "help": _help}
HANDLERS = {"show": _show, "history": _history, "sla": _sla}
