"""Verbs that ask: show, history, sla, help; their answers stand in the transcript."""

from maild.base.instants import to_text
from maild.desk.commands.model import Command
from maild.desk.commands.running import Run
from maild.desk.commands.verbs import VERBS


def _show(run: Run, command: Command) -> str:
    ticket = run.ticket(command.values[0]) if command.values else run.case.ticket
    key = run.case.bench.key(ticket.number)
    facts = (ticket.status, ticket.priority, ticket.queue, ticket.team, ticket.assignee or run.say("nobody"))
    return f"{key} {ticket.subject}\n" + " · ".join(map(str, facts)) + f"\n{ticket.requester}"


def _history(run: Run, _: Command) -> str:
    events = run.case.past.events
    return "\n".join(f"{to_text(e.at)} {e.actor} {e.verb}: {e.detail}" for e in events)


def _sla(run: Run, _: Command) -> str:
    return "\n".join(
        f"{r.clock} {r.cycle}: {r.state}" + (f", {run.shown(r.due_at)}" if r.due_at else "")
        for r in run.case.readings()
    )


def _help(run: Run, _: Command) -> str:
    if run.language == "es":
        return "\n".join(f"#{v.spanish} {v.values}".rstrip() + f": {v.hace}" for v in VERBS)
    return "\n".join(f"#{v.word} {v.values}".rstrip() + f": {v.does}" for v in VERBS)


HANDLERS = {"show": _show, "history": _history, "sla": _sla, "help": _help}
