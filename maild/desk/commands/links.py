"""Verbs that tie tickets together or apart: merge, unmerge, split, child, link, parent."""

from maild.base.text import plain
from maild.base.words import Direction, LinkKind, Role, Status
from maild.desk.bench import Case
from maild.desk.commands.model import Command
from maild.desk.commands.running import Refused, Run
from maild.desk.decide.offshoots import open_child, split_off
from maild.desk.effects import RemoveLink
from maild.desk.lifecycle import TYPES
from maild.desk.model import Participant, Post, Ticket
from maild.desk.telling import tell_agents
from maild.settings.people import Queue

KINDS = {
    "related": LinkKind.RELATED,
    "relacionado": LinkKind.RELATED,
    "duplicate": LinkKind.DUPLICATE,
    "duplicado": LinkKind.DUPLICATE,
    "blocks": LinkKind.BLOCKS,
    "bloquea": LinkKind.BLOCKS,
    "parent": LinkKind.PARENT,
    "padre": LinkKind.PARENT,
    "child": LinkKind.CHILD,
    "hijo": LinkKind.CHILD,
}


def _merge(run: Run, command: Command) -> str:
    """Everything about this ticket goes to the other from now on; its people see what is said there."""
    other = run.ticket(run.value(command))
    if other.status in {Status.SPAM, Status.MERGED}:
        raise Refused(run.say("not-allowed", status=str(other.status)))
    case, target = run.case, run.case.bench.case(other)
    for person in _people(case.ticket):
        if _is_new_to(target.ticket, person.address):
            target.put(person)
            target.event(run.agent, "joined", _came_with(person.address, case))
    case.change(merged_into=other.number)
    case.set_status(run.agent, Status.MERGED, f"into {target.key}")
    case.link(LinkKind.MERGED, other.number)
    target.event(run.agent, "merged", f"{case.key} was merged into this one")
    tell_agents(target, "note-added", [target.ticket.assignee], but=run.agent, reason=f"{case.key} → {target.key}")
    run.outcome.status = Status.MERGED
    return run.say("merged", key=target.key)


def _people(ticket: Ticket) -> tuple[Participant, ...]:
    asked = Participant(ticket.requester, ticket.requester_name, Role.CC)
    return (asked, *(p for p in ticket.participants if p.active))


def _is_new_to(ticket: Ticket, address: str) -> bool:
    return address not in {ticket.requester, *(p.address for p in ticket.participants)}


def _came_with(address: str, merged: Case) -> str:
    return f"{address} came with {merged.key}"


def _unmerge(run: Run, command: Command) -> str:
    """The ticket that was merged into this one last, or the one that is named, lives again as it did before."""
    case, old = run.case, run.case.bench.case(_merged(run, command))
    before = [f.status for f in old.ticket.facts if f.status not in {None, Status.MERGED}]
    resolved_at = old.ticket.resolved_at
    old.change(merged_into=None)
    old.set_status(run.agent, (before and before[-1]) or Status.NEW, f"no longer merged into {case.key}")
    old.change(resolved_at=resolved_at)
    case.bench.effects.append(RemoveLink(old.ticket.number, LinkKind.MERGED, case.ticket.number))
    came = {e.detail for e in case.past.events if e.verb == "joined"}
    for person in case.ticket.participants:
        if person.active and _came_with(person.address, old) in came:
            case.put(Participant(person.address, person.name, person.role, active=False))
            case.event(run.agent, "left", f"{person.address} went with {old.key}")
    case.event(run.agent, "unmerged", f"{old.key} is a ticket of its own again")
    return run.say("unmerged", key=old.key, status=str(old.ticket.status))


def _merged(run: Run, command: Command) -> Ticket:
    there = run.case.bench.snapshot.merged
    if command.values:
        number = run.number(command.values[0])
        there = tuple(t for t in there if t.number == number)
    if not there:
        raise Refused(run.say("nothing-merged"))
    return there[0]


def _link(run: Run, command: Command) -> str:
    other = run.ticket(run.value(command))
    word = " ".join(command.values[1:])
    kind = KINDS.get(plain(word)) if word else LinkKind.RELATED
    if kind is None:
        raise Refused(run.say("no-link", text=word))
    return _tie(run, kind, other)


def _parent(run: Run, command: Command) -> str:
    """Tie it to its parent; `-N` unties it."""
    if run.value(command).startswith("-"):
        number = run.number(command.values[0][1:])
        if number not in run.bench.parents(run.case.ticket.number):
            raise Refused(run.say("not-parent", key=run.bench.key(number)))
        run.bench.effects.append(RemoveLink(run.case.ticket.number, LinkKind.PARENT, number))
        run.case.event(run.agent, "unlinked", f"parent {run.bench.key(number)}")
        return run.say("no-parent", key=run.bench.key(number))
    return _tie(run, LinkKind.PARENT, run.ticket(run.value(command)))


def _tie(run: Run, kind: LinkKind, other: Ticket) -> str:
    run.case.link(kind, other.number)
    key = run.case.bench.key(other.number)
    run.case.event(run.agent, "linked" if kind is LinkKind.RELATED else str(kind), key)
    return run.say("parent" if kind is LinkKind.PARENT else "linked", key=key)


def _split(run: Run, command: Command) -> str:
    posts = run.case.past.posts
    post = _meant(run, command)
    if post is None:
        raise Refused(run.say("no-message", text=command.rest or "?"))
    if post.id == posts[0].id:
        raise Refused(run.say("split-first"))
    return run.say("split", key=split_off(run.case, run.agent, post, _queue(run)).key, who=post.author.key)


def _queue(run: Run) -> Queue:
    """Return the ticket's queue, in which another is opened."""
    name = run.case.ticket.queue
    queue = run.bench.settings.queue_named(name)
    if queue is None:
        raise Refused(run.say("no-queue", queue=name))
    return queue


def _meant(run: Run, command: Command) -> Post | None:
    """Return the message that is named, else the one that the answered mail is about, else the latest."""
    came = [p for p in run.case.past.posts if p.direction is Direction.IN]
    if command.values:
        name = command.values[0]
        return next((p for p in came if name in {p.id, p.message_id, p.message_id.strip("<>")} - {""}), None)
    answered = run.bench.snapshot.reported
    entry = answered.id.rpartition(".o")[0] if answered is not None else ""
    about = [p for p in came if p.entry and p.entry == entry]
    meant = about or came
    return meant[-1] if meant else None


def _child(run: Run, command: Command) -> str:
    run.value(command)
    kind = run.case.ticket.type
    if not TYPES[kind].children:
        raise Refused(run.say("type-no", type=str(kind), verb=command.verb))
    return run.say("child", key=open_child(run.case, run.agent, command.whole, _queue(run)).key)


HANDLERS = {
    "merge": _merge,
    "unmerge": _unmerge,
    "split": _split,
    "child": _child,
    "link": _link,
    "parent": _parent,
}
