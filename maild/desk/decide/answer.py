"""An agent's words: sent to the requester as a response, or kept as a note."""

from typing import Any

from maild.base.words import Direction, Role, Status
from maild.desk.bench import Case
from maild.desk.commands.model import Fault
from maild.desk.commands.phrases import say
from maild.desk.decide.arrival import join_copied
from maild.desk.decide.taking import taken_by_agent
from maild.desk.decide.words import Words, not_before
from maild.desk.lifecycle import Act, after
from maild.desk.model import Post, Ticket
from maild.desk.notices import PublicFacts
from maild.desk.people import is_on_ticket, language_of, name_of
from maild.desk.posting import post_of
from maild.desk.telling import carried, tell_agents, tell_requester, words_of_agent
from maild.sla.model import Fact, FactKind

DRAFT = "a draft: its agent releases it with #ok"
# What tells the requester of a state that was given with or without words; resolved and closed contain them.
TEMPLATES = {Status.RESOLVED: "resolved", Status.CLOSED: "closed"}


def send_words(case: Case, words: Words) -> Fault | None:
    """Send public words and everything that follows from them; with no words, only what a state command says.

    Returns a fault when the status does not allow it; then nothing of it may be kept.
    """
    mail, agent = words.mail, words.mail.agent
    assert agent is not None
    status = words.outcome.status
    if not words.text and status not in TEMPLATES:
        return None
    if words.text and status is None:
        following = after(case.ticket.status, Act.AGENT_WORDS)
        if not isinstance(following, Status):
            language = language_of(case.bench, agent)
            return Fault("", 0, say(language, "closed-words", status=str(case.ticket.status)))
        case.set_status(agent, following, "an agent answered")
    post = _posted(case, words) if words.text else None
    count_response(case, agent, post.id if post is not None else case.bench.next_post_id())
    if post is not None:
        take_unassigned(case, agent)
        if words.joins:
            join_copied(case, mail)
    if not words.already_there or post is None:
        _tell(case, words, post)
    case.change(updated_at=case.bench.now)
    return None


def _posted(case: Case, words: Words) -> Post:
    # An answer to the agent's own mail is found through its journal entry, one to ours through its Message-ID.
    again = not words.already_there
    post = post_of(case, words.mail, public=True, direction=Direction.OUT, new_text=words.text, sent_again=again)
    post = words.kept(post)
    case.post(post)
    agent = words.mail.agent or ""
    case.event(agent, "replied", "already with the requester" if words.already_there else "sent to the requester")
    return post


def count_response(case: Case, agent: str, response: str) -> None:
    """Words of an agent to the requester are a response, and so is resolving or closing without words."""
    if agent == case.ticket.requester:
        return
    fact = Fact(case.bench.at, FactKind.RESPONSE, response=response)
    case.event(agent, "responded", "the requester has an answer", fact)


def take_unassigned(case: Case, agent: str) -> None:
    """The first public answer to an unassigned ticket takes it."""
    if case.ticket.assignee is None and case.bench.settings.agent_for(agent) is not None:
        case.change(assignee=agent, assigned_at=case.bench.now)
        case.event(agent, "assigned", f"{agent}: the first public answer takes an unassigned ticket")
    taken_by_agent(case, agent)


def keep_draft(case: Case, words: Words, *, public: bool) -> None:
    """Keep words that cannot be sent or noted as yet; those for the requester wait in the outbox for their release."""
    # The direction remembers where the words would have gone.
    direction = Direction.OUT if public else Direction.NOTE
    post = words.kept(post_of(case, words.mail, public=False, direction=direction, new_text=words.text, draft=True))
    case.post(post)
    if public:
        _write(case, words, post, draft=True, hold=DRAFT)


def _tell(case: Case, words: Words, post: Post | None) -> None:
    """Write to the requester and everyone on copy, and show it to the watchers."""
    _write(case, words, post)
    if post is not None:
        tell_watchers(case, words.mail.agent or "", words.text)


def tell_watchers(case: Case, agent: str, text: str) -> None:
    """Show an agent's public words to whoever watches the ticket."""
    watchers = [p.address for p in case.ticket.with_role(Role.WATCHER)]
    tell_agents(case, "agent-replied-copy", watchers, but=agent, words=text, author=agent)


def _write(case: Case, words: Words, post: Post | None, **waits: Any) -> None:
    agent = words.mail.agent
    assert agent is not None
    template = TEMPLATES.get(words.outcome.status or case.ticket.status, "agent-replied")
    if words.outcome.status is None:
        template = "agent-replied"
    tell_requester(
        case,
        template,
        _facts(case, words, template),
        with_cc=post is not None or template != "closed",  # his words go to all, the bare news of a close to her
        automatic="" if post is not None else "auto-generated",
        from_name=words_of_agent(case, agent) if post is not None else "",
        words_of=agent if post is not None else "",
        post=post.id if post is not None else "",
        not_before=not_before(case, words.outcome),
        attachments=carried(post.entry, (a for a in post.attachments if not a.inline)) if post is not None else (),
        **waits,
    )


def _facts(case: Case, words: Words, template: str) -> PublicFacts:
    ticket, agent = case.ticket, words.mail.agent or ""
    queue = case.bench.settings.queue_named(ticket.queue)
    answered = next((p for p in reversed(case.past.posts) if p.public and p.direction is Direction.IN), None)
    resolved = template == "resolved" and queue is not None
    same = words.outcome.duplicate_of
    return PublicFacts(
        requester_name=ticket.requester_name,
        status=ticket.status,
        words=words.text,
        author=words.signed(name_of(case.bench, agent)),
        same_as=_key_if_hers(case, same) if same is not None else "",
        same_status=same.status if same is not None else None,
        reopen_until=case.bench.now + queue.reopen_within if resolved and queue is not None else None,
        ask_rating=resolved and queue is not None and queue.survey_after == "resolved" and ticket.rating is None,
        quoted=answered.new_text if answered is not None else "",
        quoted_author=answered.author.name or answered.author.address if answered is not None else "",
        quoted_at=answered.at if answered is not None else None,
    )


def _key_if_hers(case: Case, other: Ticket) -> str:
    """Return another ticket's key for the people of this one; "" when it is somebody else's, and nobody's to name."""
    people = (case.ticket.requester, *(p.address for p in case.ticket.with_role(Role.CC)))
    return case.bench.key(other.number) if all(is_on_ticket(other, who) for who in people) else ""


def take_note(case: Case, words: Words) -> None:
    """Keep words inside the desk; the assignee and the watchers are told, their author is not."""
    if not words.text:
        return
    agent = words.mail.agent or ""
    case.post(words.kept(post_of(case, words.mail, public=False, direction=Direction.NOTE, new_text=words.text)))
    case.event(agent, "noted", "kept inside the desk")
    case.change(updated_at=case.bench.now)
    watchers = [p.address for p in case.ticket.with_role(Role.WATCHER)]
    tell_agents(case, "note-added", [case.ticket.assignee, *watchers], but=agent, words=words.text, author=agent)
