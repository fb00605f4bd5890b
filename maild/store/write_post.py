"""Effects on what was said and done: messages and lines of the timeline."""

from typing import assert_never

from maild.database.chain import digest
from maild.database.dialect import bind
from maild.desk.effects import AddEvent, AddPost, MarkPost, MovePost
from maild.desk.model import Post
from maild.store.facts import write_addresses, write_attachments, write_fact
from maild.store.ticket_row import add_public_id, name_subject
from maild.store.work import Work, insert

SAID = ("direction", "author", "author_name", "at", "subject", "text", "attachments", "entry")  # of a post, for good


def write_story(work: Work, effect: AddPost | AddEvent | MarkPost | MovePost) -> None:
    """Write a message, or a line of the timeline."""
    match effect:
        case AddPost(post):
            _post(work, post)
        case AddEvent():
            _event(work, effect)
        case MarkPost():
            _mark(work, effect)
        case MovePost():
            _move(work, effect)
        case _:
            assert_never(effect)


def _post(work: Work, post: Post) -> None:
    values: dict[str, object] = {
        "id": post.id,
        "ticket": post.ticket,
        "direction": post.direction,
        "author": post.author.address,
        "author_name": post.author.name,
        "at": post.at,
        "subject": post.subject,
        "to_list": write_addresses(post.to),
        "cc_list": write_addresses(post.cc),
        "message_id": post.message_id,
        "text": post.text,
        "new_text": post.new_text,
        "attachments": write_attachments(post.attachments),
        "entry": post.entry,
        "kind": post.kind,
        "authentication": post.authentication,
        "public": post.public,
        "draft": post.draft,
        "canonical_subject": post.canonical_subject,
        "content_hash": post.content_hash,
    }
    seq = work.transaction.add(*insert("post", values))
    work.lines.append(("post", post.id, post.ticket, digest(bind(values[name] for name in SAID))))
    if work.transaction.dialect.name == "sqlite":  # PostgreSQL's index of words is an index
        words = "INSERT INTO post_search (rowid, subject, new_text) VALUES (?, ?, ?)"
        work.transaction.change(words, (seq, post.subject, post.new_text))
    if post.canonical_subject:
        name_subject(work, post.ticket, post.canonical_subject)
    if post.public and post.message_id and post.id not in work.sent_posts:
        add_public_id(work, post.ticket, post.message_id)


def _mark(work: Work, effect: MarkPost) -> None:
    change = "UPDATE post SET public = ?, draft = ? WHERE id = ?"
    work.transaction.change(change, (effect.public, effect.draft, effect.post))
    work.lines.append(("post-marked", effect.post, effect.public, effect.draft))
    if effect.message_id:
        name = "UPDATE post SET message_id = ? WHERE id = ? RETURNING ticket"
        for row in work.transaction.execute(name, (effect.message_id, effect.post)):
            add_public_id(work, row["ticket"], effect.message_id)


def _move(work: Work, effect: MovePost) -> None:
    """Give a message to another ticket, which is found by it from now on, and named by its subject when it had none."""
    move = "UPDATE post SET ticket = ?, public = ? WHERE id = ? RETURNING message_id, canonical_subject"
    work.lines.append(("post-moved", effect.post, effect.ticket, effect.public))
    for row in work.transaction.execute(move, (effect.ticket, effect.public, effect.post)):
        name_subject(work, effect.ticket, row["canonical_subject"])
        if effect.public and row["message_id"]:
            add_public_id(work, effect.ticket, row["message_id"])


def _event(work: Work, effect: AddEvent) -> None:
    event = effect.event
    fact = write_fact(event.fact) if event.fact is not None else None
    line = bind((effect.number, event.at, event.actor, event.verb, event.detail, fact))
    put = "INSERT INTO event (ticket, at, actor, verb, detail, fact) VALUES (?, ?, ?, ?, ?, ?)"
    work.lines.append(("event", work.transaction.add(put, line), effect.number, digest(line)))
