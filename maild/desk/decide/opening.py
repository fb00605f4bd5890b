"""A mail opens a ticket: registered, put through the rules, assigned, acknowledged, told."""

from typing import Any

from maild.base.values import changed
from maild.base.words import LinkKind, Priority, Status, TicketType
from maild.desk.answering import why_no_acknowledgement
from maild.desk.bench import Bench, Case
from maild.desk.decide.arrival import (
    SUMMARY_CHARACTERS_MAX,
    assign,
    join_copied,
    new_ticket,
    told_of_new,
    why_nobody_hears,
)
from maild.desk.decide.family import tie_to_known_error, what_is_known
from maild.desk.decide.oversize import is_too_large, left_in_mailbox, note_oversize, tell_too_large
from maild.desk.decide.sorting import sort_in, sort_in_task
from maild.desk.effects import RememberPerson
from maild.desk.knowledge import OFFERED
from maild.desk.model import SYSTEM, KnownError, Mail, Ticket
from maild.desk.notices import PublicFacts
from maild.desk.people import language_of
from maild.desk.posting import post_mail
from maild.desk.telling import tell_agents, tell_requester
from maild.settings.people import Queue
from maild.sla.clocks import promise

DONE = frozenset({Status.RESOLVED, Status.CLOSED, Status.SPAM})


def open_for(
    bench: Bench,
    mail: Mail,
    *,
    follows: Ticket | None = None,
    type_: TicketType | None = None,
    priority: Priority | None = None,
    by: str = "",
) -> Case:
    """Open the ticket of a mail, and a related one in every other queue that it was written to.

    `follows` is the closed ticket that the mail answers: then the new one is linked to it. `by` is who opens it, when
    that is not the requester.
    """
    names = mail.queues or ((follows.queue,) if follows is not None else ())
    first, *others = [q for q in map(bench.settings.queue_named, names) if q is not None]
    wanted = {
        "type": type_ or TicketType.INCIDENT,
        "priority": priority or Priority.NORMAL,
        "priority_by": by if priority is not None else "",
    }
    case, error = _open_one(bench, mail, first, follows, by, **wanted)
    for sibling in bench.snapshot.siblings:
        case.link(LinkKind.RELATED, sibling.number)
    tie_to_known_error(case, error)
    if bench.snapshot.siblings:
        case.event(SYSTEM, "not-acknowledged", "its twin in another queue is acknowledged")
    else:
        _acknowledge(case, mail, follows, error)
    for queue in others:
        other, _ = _open_one(bench, mail, queue, None)
        other.link(LinkKind.RELATED, case.ticket.number)
    return case


def settle_offshoots(bench: Bench) -> None:
    """Do for the tickets that commands have opened what is done for every new one, as far as it is meant for them."""
    for offshoot in bench.offshoots:
        case, mail = bench.cases[offshoot.ticket], offshoot.mail
        if offshoot.task:
            sort_in_task(case, mail)
            _hand_out(case, mail, but=offshoot.by)
            continue
        error = sort_in(case, mail)
        _hand_out(case, mail, but=offshoot.by)
        tie_to_known_error(case, error)
        _acknowledge(case, mail, None, error)


def _open_one(
    bench: Bench, mail: Mail, queue: Queue, follows: Ticket | None, by: str = "", **wanted: Any
) -> tuple[Case, KnownError | None]:
    """Return the new ticket, sorted in and handed out, and the known error that explains it."""
    because = f"{mail.match.rule}: {mail.match.because}"
    case = bench.open(changed(new_ticket(bench, mail, queue), **wanted), by or mail.message.author.key, because)
    post_mail(case, mail, public=not mail.finding.automatic)
    _remember(bench, mail, case.ticket.language)
    if follows is not None:
        case.link(LinkKind.FOLLOWS, follows.number)
    note_oversize(case, mail)
    for number in mail.match.mentions:
        if number in bench.snapshot.tickets:
            case.link(LinkKind.MENTIONS, number)
    if not mail.finding.automatic:
        join_copied(case, mail)
    error = sort_in(case, mail)
    older = bench.snapshot.same_subject
    _hand_out(case, mail, likely=bench.key(older[-1].number) if older else "")
    return case, error


def _remember(bench: Bench, mail: Mail, language: str) -> None:
    author = mail.message.author
    person = bench.person(author.key)
    if mail.finding.automatic or bench.settings.agent_for(author.key) is not None:
        return
    # What the configuration says of her is looked up each time; what her mail says is remembered.
    hers = person.language or (language if language == mail.language else "")
    known = changed(person, name=author.name or person.name, language=hers)
    if known != person:
        bench.effects.append(RememberPerson(known))


def _hand_out(case: Case, mail: Mail, *, but: str = "", likely: str = "") -> None:
    """Assign the new ticket and tell whoever works it; `but` is who knows of it, `likely` the key it may belong to."""
    if case.ticket.status in DONE:
        return  # a rule has seen to it
    if not mail.finding.automatic and case.ticket.assignee is None:
        assign(case, SYSTEM)
    told = told_of_new(case)
    tell_agents(
        case,
        "assigned" if case.ticket.assignee else "new-ticket",
        told,
        but=but,
        words=mail.message.new_text,
        author=mail.message.author.key,
        likely=likely,
        attachments=tuple(a.filename for a in mail.message.attachments if not a.inline),
        reason=left_in_mailbox(mail) or ("" if case.ticket.assignee else why_nobody_hears(case)),
    )


def _said_instead(ticket: Ticket) -> str | None:
    """Return why a ticket that was sorted in needs no acknowledgement; None when it does."""
    if ticket.fields_asked:
        return "she is asked for the fields of its service in its place"
    return "a rule marked it as spam" if ticket.status is Status.SPAM else None


def _offered(case: Case, mail: Mail) -> tuple[tuple[str, str], ...]:
    """Return the articles that may help her meanwhile, and note on the timeline that they were offered."""
    bench, ticket = case.bench, case.ticket
    languages = (language_of(bench, ticket.requester, ticket.language), *bench.settings.languages)
    found = bench.snapshot.knowledge.offers(f"{mail.message.subject}\n{mail.message.new_text}", languages)
    if found:
        case.event(SYSTEM, OFFERED, ", ".join(article.name for article in found))
    return tuple((article.title, article.excerpt) for article in found)


def _acknowledge(case: Case, mail: Mail, follows: Ticket | None, error: KnownError | None) -> None:
    bench, ticket = case.bench, case.ticket
    reason = why_no_acknowledgement(bench, mail) or _said_instead(ticket)
    if reason is not None:
        case.event(SYSTEM, "not-acknowledged", reason)
        return
    if is_too_large(mail):
        tell_too_large(case, mail)
        return
    sla = bench.slas.get(ticket.sla)
    facts = PublicFacts(
        requester_name=ticket.requester_name,
        status=ticket.status,
        received_at=mail.envelope.received_at,
        promise=promise(sla, ticket.priority, mail.envelope.received_at) if sla is not None else None,
        summary=mail.message.new_text[:SUMMARY_CHARACTERS_MAX],
        older=bench.key(follows.number) if follows is not None else "",
        articles=_offered(case, mail) if error is None else (),
        **what_is_known(case, error),
    )
    tell_requester(case, "acknowledgement", facts, automatic="auto-replied")
