"""A ticket grows another: a message that is a matter of its own, or a task."""

from datetime import datetime

from maild.base.words import Direction, Kind, LinkKind, Status
from maild.desk.bench import Case
from maild.desk.decide.arrival import SUMMARY_CHARACTERS_MAX, assign, told_of_new
from maild.desk.effects import MovePost
from maild.desk.model import SYSTEM, Post, Ticket
from maild.desk.notices import PublicFacts
from maild.desk.people import language_of, mailbox_of
from maild.desk.posting import SUBJECT_CHARACTERS_MAX
from maild.desk.telling import tell_agents, tell_requester
from maild.message.model import Address
from maild.sla.clocks import promise


def split_off(case: Case, actor: str, post: Post) -> Case:
    """Make a message a new ticket of its sender, who is told its key; the two are linked."""
    human = post.kind is Kind.HUMAN
    because = f"split from {case.key} by {actor}"
    new = _open(case, actor, post.author, post.subject, because, at=post.at, by_machine=not human)
    case.bench.effects.append(MovePost(post.id, new.ticket.number, public=human))
    new.link(LinkKind.SPLIT, case.ticket.number)
    case.event(actor, "split", f"{post.id} of {post.author.key} is {new.key} now")
    _hand_out(new, actor, post.new_text, post.author.key)
    if human:
        _acknowledge(new, post)
    return new


def open_child(case: Case, actor: str, title: str) -> Case:
    """Open a task below a ticket: its requester is the agent who wants it done."""
    author = mailbox_of(case.bench, actor)
    new = _open(case, actor, author, title, f"a task of {case.key}", at=case.bench.at)
    new.post(
        Post(
            id=case.bench.next_post_id(),
            ticket=new.ticket.number,
            direction=Direction.IN,
            author=author,
            at=case.bench.at,
            subject=title,
            text=title,
            new_text=title,
            public=True,
        )
    )
    new.link(LinkKind.PARENT, case.ticket.number)
    case.event(actor, "child", new.key)
    _hand_out(new, actor, title, actor)
    return new


def _open(
    case: Case, actor: str, who: Address, subject: str, because: str, *, at: datetime, by_machine: bool = False
) -> Case:
    bench, ticket = case.bench, case.ticket
    queue = bench.settings.queue_named(ticket.queue)
    team = bench.settings.team_named(queue.team if queue is not None else ticket.team)
    subject = (subject.strip() or ticket.subject)[:SUBJECT_CHARACTERS_MAX]
    new = Ticket(
        number=0,
        subject=subject,
        first_subject=subject,
        status=Status.NEW,
        queue=ticket.queue,
        requester=who.key,
        requester_name=who.name,
        created_at=at,
        updated_at=bench.now,
        status_since=at,
        type=ticket.type,
        priority=ticket.priority,
        team=team.name if team is not None else "",
        level=team.level if team is not None else 1,
        language=language_of(bench, who.key, ticket.language),
        category=ticket.category,
        sla=ticket.sla,
        address=ticket.address,
        by_machine=by_machine,
    )
    return bench.open(new, actor, because, at)


def _hand_out(case: Case, actor: str, words: str, author: str) -> None:
    if not case.ticket.by_machine:
        assign(case, SYSTEM)
    holder = case.ticket.assignee
    told = told_of_new(case)
    tell_agents(case, "assigned" if holder else "new-ticket", told, but=actor, words=words, author=author)


def _acknowledge(case: Case, post: Post) -> None:
    ticket = case.ticket
    sla = case.bench.slas.get(ticket.sla)
    facts = PublicFacts(
        requester_name=ticket.requester_name,
        status=ticket.status,
        received_at=post.at,
        promise=promise(sla, ticket.priority, post.at) if sla is not None else None,
        summary=post.new_text[:SUMMARY_CHARACTERS_MAX],
    )
    tell_requester(case, "acknowledgement", facts, automatic="auto-replied")
