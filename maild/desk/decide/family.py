"""A problem and its children: one announcement reaches all their requesters, and solving it resolves them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from maild.base.words import Direction, LinkKind, Status, TicketType
from maild.desk.bench import Case
from maild.desk.commands.model import Fault, Outcome
from maild.desk.commands.phrases import say
from maild.desk.decide.answer import count_response, send_words, take_note
from maild.desk.decide.approval import missing_approval
from maild.desk.decide.words import Words, not_before
from maild.desk.lifecycle import LIVE, TYPES, Act, after
from maild.desk.model import SYSTEM, KnownError, Mail, Ticket
from maild.desk.notices import PublicFacts
from maild.desk.people import language_of, name_of
from maild.desk.posting import post_of
from maild.desk.problems import in_language, known_error_of
from maild.desk.telling import carried, tell_requester, words_of_agent

UNCONFIRMED_PEOPLE_MAX = 20  # Words to more people than that want a code.
WORKAROUND_CHARACTERS_MAX = 4_000


def _children(case: Case) -> Iterator[Ticket]:
    """Yield the children of a ticket, oldest first, as this decision leaves them so far."""
    return (case.bench.case(child).ticket for child in case.past.children)


def open_children(case: Case) -> tuple[Ticket, ...]:
    """Return the open requests that wait for a problem, oldest first; its tasks and changes are none of them."""
    return tuple(t for t in _children(case) if t.status in LIVE and TYPES[t.type].waits)


def may_become(case: Case, wanted: TicketType) -> bool:
    """Tell whether a ticket may turn out to be of another type; a problem stays one while open requests wait for it."""
    stays = TYPES[case.ticket.type].is_cause and not TYPES[wanted].is_cause
    return not (stays and open_children(case))


def unfinished_tasks(case: Case) -> tuple[Ticket, ...]:
    """Return the open tasks below a ticket, oldest first: children that agents, or the shell, ask of colleagues.

    A problem has none: what is done about it may go on when it is solved.
    """
    if TYPES[case.ticket.type].is_cause:
        return ()
    agent_for = case.bench.settings.agent_for
    by_colleague = (t for t in _children(case) if "@" not in t.requester or agent_for(t.requester))
    return tuple(t for t in by_colleague if t.status in LIVE)


def people_of(case: Case, agent: str) -> list[list[Ticket]]:
    """Return the open children by person, so that each is written to once; the agent himself is left out."""
    found: dict[str, list[Ticket]] = {}
    for child in open_children(case):
        known = case.bench.settings.person_for(child.requester)
        who = known.address if known is not None else child.requester
        if who != agent:
            found.setdefault(who, []).append(child)
    return list(found.values())


def in_her_language(case: Case, words: Words) -> Words:
    """Return words as the ticket's requester reads them, when they were written in several languages."""
    settings, ticket = case.bench.settings, case.ticket
    language = language_of(case.bench, ticket.requester, ticket.language)
    return replace(words, text=in_language(words.text, language, settings.languages))


def announce(case: Case, words: Words) -> Fault | None:
    """Send an agent's words once to every requester of the children; the problem keeps them as a note."""
    agent = words.mail.agent or ""
    if not words.text or words.outcome.status is Status.RESOLVED:
        phrase = "announce-words" if not words.text else "announce-resolves"
        return Fault("#announce", 0, say(language_of(case.bench, agent), phrase))
    people = people_of(case, agent)
    take_note(case, words)
    case.event(agent, "announced", f"to {len(people)} requesters of {sum(map(len, people))} tickets")
    for place, tickets in enumerate(people):
        _tell_one(case, words, tickets, _paced(case, words.outcome, place))
    return None


def _paced(case: Case, outcome: Outcome, place: int) -> datetime | None:
    """Return when the n-th mail of an announcement may leave: no more a minute than automatic mail."""
    a_minute = case.bench.settings.limits.automatic_per_minute
    minutes = place // a_minute if a_minute else 0
    first = not_before(case, outcome)
    return (first or case.bench.now) + timedelta(minutes=minutes) if minutes else first


def _tell_one(case: Case, words: Words, tickets: Sequence[Ticket], at: datetime | None) -> None:
    """Write to one person on the first of her tickets; the others are named in it, and answered with it."""
    bench, agent = case.bench, words.mail.agent or ""
    first, *others = (bench.case(ticket) for ticket in tickets)
    said = in_her_language(first, words)
    post = post_of(first, words.mail, public=True, direction=Direction.OUT, new_text=said.text, sent_again=True)
    first.post(post)
    for each in (first, *others):
        by = "" if each is first else f", by the mail of {first.key}"
        each.event(agent, "announced", f"with {case.key}{by}")
        following = after(each.ticket.status, Act.AGENT_WORDS)
        if isinstance(following, Status):
            each.set_status(agent, following, f"announced with {case.key}")
        count_response(each, agent, post.id)
        each.change(updated_at=bench.now)
    facts = PublicFacts(
        first.ticket.requester_name,
        first.ticket.status,
        words=said.text,
        author=said.signed(name_of(bench, agent)),
        others=tuple(each.key for each in others),
    )
    tell_requester(
        first,
        "announcement",
        facts,
        automatic="",
        from_name=words_of_agent(first, agent),
        words_of=agent,
        post=post.id,
        not_before=at,
        attachments=carried(post.entry, (a for a in post.attachments if not a.inline)),
    )


def wants_code(case: Case) -> bool:
    """Tell whether resolving a problem reaches so many people that a code is wanted first."""
    return TYPES[case.ticket.type].is_cause and len(open_children(case)) > UNCONFIRMED_PEOPLE_MAX


def resolve_children(case: Case, words: Words) -> None:
    """Resolve the open children of a problem that was resolved, with the same words, each on its own ticket.

    One that needs an approval first stays open, and its timeline says so.
    """
    if not TYPES[case.ticket.type].is_cause:
        return
    agent = words.mail.agent or ""
    for ticket in open_children(case):
        child = case.bench.case(ticket)
        if policy := missing_approval(child):
            child.event(agent, "not-resolved", f"with {case.key}: it needs the approval {policy} first")
            continue
        child.set_status(agent, Status.RESOLVED, f"resolved with {case.key}")
        send_words(child, replace(in_her_language(child, words), already_there=False, joins=False))


def put_workaround(case: Case, agent: str, text: str) -> None:
    """Keep what helps until a problem is solved; requesters of new tickets that match may read it."""
    text = text[:WORKAROUND_CHARACTERS_MAX]
    if text == case.ticket.workaround:
        return
    case.change(workaround=text)
    case.event(agent, "workaround", text[:200] or "none")


def keep_workaround(case: Case, words: Words) -> Fault | None:
    """Keep an agent's words as the workaround, and send them to nobody."""
    agent = words.mail.agent or ""
    if not words.text:
        return Fault("#workaround", 0, say(language_of(case.bench, agent), "no-workaround-words"))
    put_workaround(case, agent, "\n".join(part for part in (words.outcome.workaround, words.text) if part))
    return None


def known_error_behind(case: Case, mail: Mail) -> KnownError | None:
    """Return the known error that explains the mail of a new ticket, if one does."""
    if mail.finding.automatic or case.ticket.status is Status.SPAM:
        return None
    text = f"{mail.message.subject}\n{mail.message.new_text}"
    return known_error_of(case.bench.snapshot.known_errors, text, case.ticket.category)


def tie_to_known_error(case: Case, error: KnownError | None) -> None:
    """Make a new ticket the child of the problem that explains it, if one does; it hears what is announced there."""
    if error is not None:
        case.link(LinkKind.PARENT, error.ticket)
        case.event(SYSTEM, "known-error", f"{case.bench.key(error.ticket)}: {' '.join(error.words)}")


def what_is_known(case: Case, error: KnownError | None) -> dict[str, Any]:
    """Return what her mail may say of the problem behind her request: its public title and what helps meanwhile."""
    if error is None:
        return {}
    languages = case.bench.settings.languages
    language = language_of(case.bench, case.ticket.requester, case.ticket.language)
    workaround = in_language(error.workaround, language, languages)
    return {"is_known": True, "known": error.title, "workaround": workaround}
