"""The verb that takes an agent's last block of commands on a ticket back."""

from dataclasses import replace
from typing import Any

from maild.desk.commands.model import Command
from maild.desk.commands.people import give_to
from maild.desk.commands.running import Refused, Run
from maild.desk.effects import KeepUndo, RemoveLink
from maild.desk.model import Undo
from maild.sla.model import Fact, FactKind


def _undo(run: Run, _: Command) -> str:
    """Put the ticket back as the block found it; refused, in words, when it cannot or others have changed it since."""
    undo = run.bench.snapshot.undo
    if undo is None or undo.ticket != run.case.ticket.number:
        raise Refused(run.say("no-undo"))
    what = "; ".join(undo.commands)
    if undo.refusal:
        raise Refused(run.say(undo.refusal, what=what))
    since = [name for name, _, after in undo.changes if getattr(run.case.ticket, name) != after]
    if since:
        raise Refused(run.say("undo-changed", names=", ".join(since), what=what))
    _put_back(run, {name: before for name, before, _ in undo.changes})
    _untie(run, undo)
    run.bench.effects.append(KeepUndo(replace(undo, used=True)))
    run.case.event(run.agent, "undone", what)
    return run.say("undone", what=what)


def _put_back(run: Run, values: dict[str, Any]) -> None:
    case, recounts = run.case, bool({"priority", "sla"} & values.keys())
    if "status" in values:
        values = {"resolved_at": case.ticket.resolved_at, **values}  # when it was resolved is no other than before
        case.set_status(run.agent, values.pop("status"), "#undo", until=values.pop("until", case.ticket.until))
    if "assignee" in values:
        holder = values.pop("assignee")
        if holder is not None:
            give_to(case, run.agent, holder, "#undo")
        else:
            case.change(assignee=None)
    case.change(**values)
    if recounts:
        fact = Fact(case.bench.at, FactKind.TARGETS, priority=case.ticket.priority, sla=case.ticket.sla)
        case.event(run.agent, "priority", f"{case.ticket.priority}: #undo", fact)


def _untie(run: Run, undo: Undo) -> None:
    for person in undo.people:
        run.case.put(person)
    for kind, other in undo.links:
        run.bench.effects.append(RemoveLink(run.case.ticket.number, kind, other))


HANDLERS = {"undo": _undo}
