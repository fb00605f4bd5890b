"""Verbs about people: take, assign, unassign, queue, cc, supplier, requester, block, watch, mute, escalate."""

import re
from collections.abc import Iterator
from dataclasses import replace

from maild.base.text import plain
from maild.base.words import Direction, Kind, Role
from maild.desk.bench import Case
from maild.desk.commands.model import Command, Mode
from maild.desk.commands.running import Refused, Run
from maild.desk.decide.arrival import assign, told_of_new
from maild.desk.decide.escalation import escalate, hand_back, team_above, team_below
from maild.desk.decide.supplier import put_supplier
from maild.desk.decide.taking import taken_by_agent
from maild.desk.effects import MarkPost, RememberPerson
from maild.desk.lifecycle import Act
from maild.desk.model import Participant
from maild.desk.people import has_muted, mailbox_of, organisation_of, sla_for, why_suspended
from maild.desk.telling import tell_agents
from maild.sla.model import Fact, FactKind

_TRIED = re.compile(r"(?P<to>.*?)[\s,;:]*\b(?:tried|intentado|probado)\s*:\s*(?P<what>.+)", re.IGNORECASE | re.DOTALL)
_WAYS = {"": "next-level", "lead": "lead", "responsable": "lead", "manager": "manager", "gerente": "manager"}


def give_to(case: Case, actor: str, agent: str, why: str) -> None:
    """Assign a ticket by hand; the new holder is told unless he did it himself, and nobody when he has it already."""
    taken_by_agent(case, actor)
    if agent == case.ticket.assignee:
        return
    case.change(assignee=agent, assigned_at=case.bench.now)
    if has_muted(case.ticket, agent):  # It is his now, and he has to hear of it.
        case.put(Participant(agent, "", Role.WATCHER))
    case.event(actor, "assigned", f"{agent}: {why}")
    tell_holder(case, actor)


def tell_holder(case: Case, actor: str) -> None:
    """Tell whoever has the ticket now that it is his, with the last public words on it; not `actor` himself.

    When nobody has it, those hear of it who hear of new ones.
    """
    holder = case.ticket.assignee
    template, told = ("assigned", (holder,)) if holder else ("new-ticket", told_of_new(case))
    posts = [p for p in case.past.posts if p.public]
    words, author = (posts[-1].new_text, posts[-1].author.key) if posts else ("", "")
    tell_agents(case, template, told, but=actor, words=words, author=author, reason=f"by {actor}")


def _take(run: Run, _: Command) -> str:
    run.act(Act.OPEN)
    give_to(run.case, run.agent, run.agent, "#take")
    return run.say("assigned", who=run.agent)


def _assign(run: Run, command: Command) -> str:
    who = run.value(command)
    team = run.case.bench.settings.team_named(who)
    if team is not None:
        down = team.level < run.case.ticket.level
        run.case.change(team=team.name, level=team.level)
        assign(run.case, run.agent, back=down)
        taken_by_agent(run.case, run.agent)
        tell_holder(run.case, run.agent)
        return run.say("to-team", team=team.name, who=run.case.ticket.assignee or run.say("nobody"))
    agent = run.agent_named(who)
    give_to(run.case, run.agent, agent, "#assign")
    return "; ".join((run.say("assigned", who=agent), *_in_his_way(run, agent)))


def _in_his_way(run: Run, agent: str) -> Iterator[str]:
    """Yield what may keep an agent from working on what he was given by hand."""
    if agent in run.bench.snapshot.away:
        yield run.say("is-away", who=agent, substitute=run.bench.snapshot.away[agent] or run.say("nobody"))
    if why_suspended(run.bench, agent) is not None:
        yield run.say("unreached", who=agent)


def _unassign(run: Run, _: Command) -> str:
    run.case.change(assignee=None)
    run.case.event(run.agent, "unassigned", "#unassign")
    return run.say("unassigned")


def move_to_queue(case: Case, actor: str, name: str) -> bool:
    """Move a ticket to another queue, with its team, SLA and clocks; False when there is no such queue.

    In the queue where it is it stays as it is, with whoever has it.
    """
    queue = case.bench.settings.queue_named(name)
    if queue is None:
        return False
    team = case.bench.settings.team_named(queue.team)
    sla = sla_for(case.bench, queue, case.ticket.requester)
    if queue.name == case.ticket.queue:
        return True
    case.change(queue=queue.name, team=queue.team, level=team.level if team else 1, sla=sla, address=queue.address)
    fact = Fact(case.bench.at, FactKind.TARGETS, priority=case.ticket.priority, sla=sla)
    case.event(actor, "queue", f"moved to {queue.name}", fact)
    assign(case, actor)
    taken_by_agent(case, actor)
    tell_holder(case, actor)
    return True


def _queue(run: Run, command: Command) -> str:
    name = run.value(command)
    if not move_to_queue(run.case, run.agent, name):
        raise Refused(run.say("no-queue", queue=name))
    return run.say("queue", queue=run.case.ticket.queue)


def _cc(run: Run, command: Command) -> str:
    run.value(command)
    for word in command.values:
        address = run.address(word)
        joins = not word.startswith("-")
        run.case.put(Participant(address, "", Role.CC, active=joins))
        run.case.event(run.agent, "cc", f"{address} {'joins' if joins else 'leaves'}")
        if joins:
            _admit(run.case, address)
    who = ", ".join(p.address for p in run.case.ticket.with_role(Role.CC))
    return run.say("cc", who=who or run.say("nobody"))


def _supplier(run: Run, command: Command) -> str:
    """Put third parties on the ticket or take them off; the words below go to those named, else to all of them."""
    there = {p.address for p in run.case.ticket.with_role(Role.SUPPLIER)}
    added = []
    for word in command.values:
        address = _firm(run, word)
        joins = not word.startswith("-")
        if joins and address not in there:
            _may_be_supplier(run, address)
        if joins is not (address in there):
            put_supplier(run.case, run.agent, address, joins=joins)
        if joins:
            added.append(address)
    left = tuple(p.address for p in run.case.ticket.with_role(Role.SUPPLIER))
    if command.values and not added:
        return run.say("supplier-left", who=", ".join(left) or run.say("nobody"))
    if not left:
        raise Refused(run.say("no-supplier"))
    run.outcome.mode, run.outcome.suppliers = Mode.SUPPLIER, tuple(dict.fromkeys(added)) or left
    return run.say("supplier", who=", ".join(run.outcome.suppliers))


def _firm(run: Run, word: str) -> str:
    """Return the address of a supplier that is named, or written out."""
    firm = run.bench.settings.supplier_called(word.lstrip("+-").strip(",<>"))
    return firm.address if firm is not None else run.address(word)


def _may_be_supplier(run: Run, address: str) -> None:
    """Refuse whoever reads the ticket otherwise: what is said to a supplier and what is not would be one for him."""
    outsiders = {run.case.ticket.requester, *(p.address for p in run.case.ticket.with_role(Role.CC))}
    if address in outsiders or run.bench.settings.agent_for(address) is not None:
        raise Refused(run.say("own-supplier", who=address))


def _admit(case: Case, address: str) -> None:
    """Let what this person wrote as a stranger, kept as a note, count as written on copy.

    What he wrote as a supplier stays inside the desk.
    """
    if any(p.address == address and p.role is Role.SUPPLIER for p in case.before.participants):
        return
    for post in case.past.posts:
        is_his = post.author.key == address and post.direction is Direction.IN and post.kind is Kind.HUMAN
        if is_his and not post.public:
            case.bench.effects.append(MarkPost(post.id, public=True, draft=False))


def _requester(run: Run, command: Command) -> str:
    address = run.address(run.value(command))
    organisation = organisation_of(run.bench, address)
    run.case.change(
        requester=address,
        requester_name=mailbox_of(run.bench, address).name,
        organisation=organisation.name if organisation is not None else "",
    )
    run.case.event(run.agent, "requester", address)
    _count_anew(run.case, run.agent)
    return run.say("requester", who=address)


def _count_anew(case: Case, actor: str) -> None:
    """Let the clocks count by the service level of whoever is the requester now, when it is another one."""
    queue = case.bench.settings.queue_named(case.ticket.queue)
    sla = sla_for(case.bench, queue, case.ticket.requester) if queue is not None else case.ticket.sla
    if sla != case.ticket.sla:
        case.change(sla=sla)
        fact = Fact(case.bench.at, FactKind.TARGETS, priority=case.ticket.priority, sla=sla)
        case.event(actor, "sla", f"{sla or 'none'}: the requester's", fact)


def _block(run: Run, command: Command) -> str:
    """Mail of this address is put aside from now on, and none is written to it; `-address` takes that back."""
    address = run.address(run.value(command))
    if run.case.bench.settings.agent_for(address) is not None:
        raise Refused(run.say("no-block", who=address))
    blocked = not command.values[0].startswith("-")
    run.case.bench.effects.append(RememberPerson(replace(run.case.bench.person(address), blocked=blocked)))
    run.case.event(run.agent, "blocked" if blocked else "unblocked", address)
    return run.say("blocked" if blocked else "unblocked", who=address)


def _watch(run: Run, _: Command) -> str:
    run.case.put(Participant(run.agent, "", Role.WATCHER))
    run.case.event(run.agent, "watch", "#watch")
    return run.say("watch")


def _mute(run: Run, _: Command) -> str:
    run.case.put(Participant(run.agent, "", Role.WATCHER, active=False))
    run.case.event(run.agent, "mute", "#mute")
    return run.say("mute")


def _escalate(run: Run, command: Command) -> str:
    """Hand the ticket up, or bring it before lead or manager; a lower level gets it back, and need not be told why."""
    tried = _TRIED.fullmatch(command.rest)
    first, _, rest = command.rest.partition(" ")
    if first.isdecimal() and 0 < int(first) < run.case.ticket.level:
        return _back(run, int(first), tried["what"].strip() if tried else rest.strip())
    if tried is None:
        raise Refused(run.say("tried"))
    to = plain(tried["to"]).strip()
    level = int(to) if to in {"1", "2", "3"} else 0
    if level and team_above(run.bench, run.case.ticket, level) is None:
        raise Refused(run.say("no-level", level=level))
    if not level and to not in _WAYS:
        raise Refused(run.say("no-way", text=to))
    told = escalate(run.case, run.agent, f"tried: {tried['what'].strip()}", to=_WAYS.get(to, "next-level"), level=level)
    return run.say("escalated", team=told)


def _back(run: Run, level: int, why: str) -> str:
    if team_below(run.bench, run.case.ticket, level) is None:
        raise Refused(run.say("no-lower", level=level))
    hand_back(run.case, run.agent, level, why)
    return run.say("returned", team=run.case.ticket.team, who=run.case.ticket.assignee or run.say("nobody"))


HANDLERS = {
    "take": _take,
    "assign": _assign,
    "unassign": _unassign,
    "queue": _queue,
    "cc": _cc,
    "supplier": _supplier,
    "requester": _requester,
    "block": _block,
    "watch": _watch,
    "mute": _mute,
    "escalate": _escalate,
}
