"""A ticket grows another: a message that is a matter of its own, or a task."""

from dataclasses import replace

from maild.base.words import LinkKind
from maild.desk.bench import Case
from maild.desk.decide.arrival import join_copied, new_ticket
from maild.desk.effects import MovePost
from maild.desk.model import Mail, Offshoot, Post
from maild.desk.people import mailbox_of
from maild.desk.posting import post_mail
from maild.desk.speaking import spoken_mail
from maild.settings.people import Queue
from maild.triage.model import Finding


def split_off(case: Case, actor: str, post: Post, queue: Queue) -> Case:
    """Make a message a new ticket of its sender in a queue, as if it had just come; the two are linked."""
    bench, because = case.bench, f"split from {case.key} by {actor}"
    mail = _as_it_came(case, post, queue, because)
    new = bench.open(new_ticket(bench, mail, queue), actor, because, post.at)
    bench.effects.append(MovePost(post.id, new.ticket.number, public=not mail.finding.automatic))
    if not mail.finding.automatic:
        join_copied(new, mail)
    new.link(LinkKind.SPLIT, case.ticket.number)
    case.event(actor, "split", f"{post.id} of {post.author.key} is {new.key} now")
    bench.offshoots.append(Offshoot(new.ticket.number, mail, actor))
    return new


def _as_it_came(case: Case, post: Post, queue: Queue, because: str) -> Mail:
    mail = spoken_mail("", post.at, post.new_text, author=post.author, subject=post.subject, where=because)
    message = replace(mail.message, to=post.to, cc=post.cc, attachments=post.attachments)
    return replace(_to_queue(case, mail, queue), message=message, finding=Finding(post.kind, because))


def _to_queue(case: Case, mail: Mail, queue: Queue) -> Mail:
    """Return words as a mail to the address that this ticket's first mail was written to, and as nobody's command."""
    ticket = case.ticket
    return replace(mail, queues=(queue.name,), address=ticket.address, language=ticket.language, agent=None)


def open_child(case: Case, actor: str, title: str, queue: Queue) -> Case:
    """Open a task below a ticket, as important as that: its requester is the agent who wants it done."""
    bench, ticket = case.bench, case.ticket
    spoken = spoken_mail(actor, bench.at, title, author=mailbox_of(bench, actor), subject=title, where="wants it done")
    mail = _to_queue(case, spoken, queue)
    task = replace(
        new_ticket(bench, mail, queue),
        type=ticket.type,
        priority=ticket.priority,
        category=ticket.category,
        sla=ticket.sla,
    )
    new = bench.open(task, actor, f"a task of {case.key}")
    post_mail(new, mail, public=True)
    new.link(LinkKind.PARENT, ticket.number)
    case.event(actor, "child", new.key)
    bench.offshoots.append(Offshoot(new.ticket.number, mail, actor, task=True))
    return new
