"""The verb that takes an agent's last block of commands on a ticket back."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from maild.base.booking import booked
from maild.base.words import DeliveryState
from maild.desk.commands.model import Command
from maild.desk.commands.people import give_to
from maild.desk.commands.running import Refused, Run
from maild.desk.commands.spanish import names_in
from maild.desk.decide.answer import TEMPLATES
from maild.desk.decide.drafts import WAITING, cancel_words, take_back
from maild.desk.effects import KeepAbsence, KeepRhythm, KeepUndo, MarkPost, RememberPerson, RemoveLink
from maild.desk.model import Delivery, Undo
from maild.sla.model import Fact, FactKind

_TO_OUTSIDE = frozenset({"agent-replied", "supplier-asked", *TEMPLATES.values()})  # what a block sends out of the desk


def _undo(run: Run, _: Command) -> str:
    """Put the ticket back as the block found it; refused, in words, when it cannot or others have changed it since.

    Words to the requester that still wait are cancelled with it, and alone when he wrote them after his last block.
    """
    undo = run.bench.snapshot.undo
    if undo is None or undo.ticket != run.case.ticket.number or _wrote_since(run, undo):
        if count := cancel_words(run.case, run.agent):
            return run.say("cancelled", count=count)
        raise Refused(run.say("no-undo"))
    what = "; ".join(undo.commands)
    if undo.refusal:
        raise Refused(run.say(undo.refusal, what=what))
    copies = [d for d in run.case.past.deliveries if _came_of(d, undo) and d.template in _TO_OUTSIDE]
    if any(d.state not in {*WAITING, DeliveryState.CANCELLED} for d in copies):
        raise Refused(run.say("undo-sent", what=what))
    since = [name for name, _, after in undo.changes if getattr(run.case.ticket, name) != after]
    since += _changed_about_people(run, undo)
    if since:
        raise Refused(run.say("undo-changed", names=names_in(run.language, since), what=what))
    _put_back(run, {name: before for name, before, _ in undo.changes})
    _untie(run, undo)
    _put_back_people(run, undo)
    if undo.response or copies:
        take_back(run.case, run.agent, [d for d in copies if d.state in WAITING], response=undo.response)
    run.bench.effects.append(KeepUndo(replace(undo, used=True)))
    run.case.event(run.agent, "undone", what)
    return run.say("undone", what=what)


def _came_of(delivery: Delivery, undo: Undo) -> bool:
    return delivery.id.rpartition(".o")[0] == undo.id.rpartition(".")[0]


def _wrote_since(run: Run, undo: Undo) -> bool:
    """Tell whether words that the agent wrote after the block still wait."""
    return any(
        d.words_of == run.agent and d.state in WAITING and d.created_at > undo.at and not _came_of(d, undo)
        for d in run.case.past.deliveries
    )


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
    run.bench.effects.extend(MarkPost(post, public=False, draft=False) for post in undo.admitted)
    for kind, other in undo.links:
        run.bench.effects.append(RemoveLink(run.case.ticket.number, kind, other))
    for kind, other in undo.untied:
        run.case.link(kind, other)


def _changed_about_people(run: Run, undo: Undo) -> list[str]:
    """Return what somebody has said since about persons and absences that the block had changed."""
    there = {absence.id: absence for absence in run.bench.snapshot.absences}
    now = run.bench.now
    moved = [after for _, after in undo.absences if there.get(after.id) != after and (not after.end or after.end > now)]
    names = [name for address, name, _, after in undo.persons if getattr(run.bench.person(address), name) != after]
    rhythm = undo.rhythm is not None and run.bench.snapshot.rhythms.get(run.agent, "") != undo.rhythm[1]
    return [*names, *(["#away"] if moved else []), *(["#digest"] if rhythm else [])]


def _put_back_people(run: Run, undo: Undo) -> None:
    effects = run.bench.effects
    for address, name, before, _ in undo.persons:
        effects.append(RememberPerson(replace(run.bench.person(address), **{name: before})))
    effects.extend(KeepAbsence(before) for before, _ in undo.absences)
    if undo.rhythm is not None:
        effects.append(KeepRhythm(run.agent, undo.rhythm[0]))
    if undo.booked:
        run.case.event(run.agent, "time", f"{booked(timedelta(seconds=-undo.booked))}: #undo")


HANDLERS = {"undo": _undo}
