"""What a block of commands found, kept so that its author may take it back with `#undo`."""

from maild.base.words import Audience
from maild.desk.bench import Bench, Case
from maild.desk.commands.model import Block
from maild.desk.commands.verbs import Tier, find_verb
from maild.desk.effects import AddLink, ChangeTicket, KeepApproval, KeepUndo, OpenTicket, PutParticipant
from maild.desk.model import Participant, Undo

# These follow from others, or tell when something was done: going back does it now.
_NOT_KEPT = frozenset({"updated_at", "reminded_at", "status_since", "assigned_at"})


def remember_block(before: Case, trial: Bench, agent: str, block: Block) -> None:
    """Keep what a trial changed on a ticket, with the commands that did; what asks alone is not kept."""
    lines = [c.line for c in block.commands if (verb := find_verb(c.verb)) is None or verb.tier is not Tier.READS]
    if not lines or any(c.verb == "undo" for c in block.commands):
        return
    number, stands = before.ticket.number, trial.cases[before.ticket.number].ticket
    names = [n for e in trial.effects if isinstance(e, ChangeTicket) and e.number == number for n, _ in e.changes]
    kept = [name for name in dict.fromkeys(names) if name not in _NOT_KEPT]
    changes = tuple((name, getattr(before.ticket, name), getattr(stands, name)) for name in kept)
    undo = Undo(
        id=trial.next_post_id(),
        ticket=stands.merged_into or number,
        agent=agent,
        at=trial.now,
        commands=tuple(lines),
        changes=tuple((name, was, now) for name, was, now in changes if was != now),
        people=_people(before, trial),
        links=tuple((e.kind, e.other) for e in trial.effects if isinstance(e, AddLink) and e.number == number),
        refusal=_refusal(before, trial),
    )
    if undo.changes or undo.people or undo.links or undo.refusal:
        trial.effects.append(KeepUndo(undo))


def _people(before: Case, trial: Bench) -> tuple[Participant, ...]:
    """Return those whom the trial let join or leave, as they took part before."""
    there = {p.address: p for p in before.ticket.participants}
    put = [e.participant for e in trial.effects if isinstance(e, PutParticipant) and e.number == before.ticket.number]
    once = {p.address: p for p in put}.values()
    return tuple(there.get(p.address, Participant(p.address, p.name, p.role, active=False)) for p in once)


def _refusal(before: Case, trial: Bench) -> str:
    """Return the phrase that says why there is no way back; "" when there is one."""
    if trial.cases[before.ticket.number].ticket.merged_into is not None:
        return "undo-merged"
    if any(isinstance(e, OpenTicket) for e in trial.effects):
        return "undo-opened"
    if any(isinstance(e, KeepApproval) for e in trial.effects):
        return "undo-approval"
    if any(n.audience in {Audience.REQUESTER, Audience.SUPPLIER} and n.recipients for n in trial.notices):
        return "undo-sent"
    return ""
