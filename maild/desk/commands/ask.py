"""Verbs that ask: show, mine, list, history, sla, who-is-on, help; their answers stand in the transcript."""

from functools import partial

from maild.base.booking import booked_seconds, hours_and_minutes
from maild.base.instants import to_text
from maild.base.keys import read_key
from maild.desk.commands.listing import query_key, query_of
from maild.desk.commands.model import Command
from maild.desk.commands.running import Asking, Refused, Run
from maild.desk.commands.verbs import VERBS
from maild.desk.duty_words import people_in_words
from maild.desk.model import Listed
from maild.desk.people import duty_of, name_of
from maild.settings.people import Team


def _show(run: Run, command: Command) -> str:
    itself = not command.values or read_key(command.values[0], run.bench.settings.desk.prefix) == run.case.ticket.number
    ticket = run.case.ticket if itself else run.ticket(command.values[0])
    case = run.bench.case(ticket)
    facts = (ticket.status, ticket.priority, ticket.queue, ticket.team, ticket.assignee or run.say("nobody"))
    lines = [f"{case.key} {ticket.subject}", " · ".join(map(str, facts)), ticket.requester]
    if ticket.tags or ticket.category:
        lines.append(" ".join(filter(None, (ticket.category, *(f"+{tag}" for tag in ticket.tags)))))
    if ticket.service:
        lines.append(f"service={ticket.service}")
    lines += [f"{name}={value}" for name, value in ticket.fields]
    seconds = booked_seconds(e.detail for e in case.past.events if e.verb == "time")
    if seconds:
        lines.append(run.say("time-total", total=hours_and_minutes(seconds)))
    return "\n".join(lines)


def _history(run: Run, _: Command) -> str:
    return "\n".join(f"{to_text(e.at)} {e.actor} {e.verb}: {e.detail}" for e in run.case.past.events)


def _sla(run: Run, _: Command) -> str:
    return "\n".join(
        f"{r.clock} {r.cycle}: {r.state}" + (f", {run.shown(r.due_at)}" if r.due_at else "")
        for r in run.case.readings()
    )


def _tickets(asking: Asking, command: Command) -> str:
    try:
        query_of(command, asking.agent, asking.bench.settings)
    except ValueError as error:
        raise Refused(asking.say("no-query", text=str(error))) from None
    found = asking.bench.snapshot.lists.get(query_key(command), ())
    return "\n".join(_row(asking, listed) for listed in found) or asking.say("none-found")


def _row(asking: Asking, listed: Listed) -> str:
    who = name_of(asking.bench, listed.assignee) if listed.assignee else asking.say("nobody")
    due = f", {asking.shown(listed.due_at)}" if listed.due_at is not None else ""
    return f"{asking.bench.key(listed.number)} {listed.status}, {listed.priority}, {who}{due}: {listed.subject}"


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
