"""What a requester may command with her own token: a few verbs, a rating, yes or no."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from maild.base.text import plain
from maild.base.words import Clock, ClockState, Direction, Purpose, Role, Status
from maild.desk.bench import Case
from maild.desk.commands.model import Command
from maild.desk.commands.parse import parse_block
from maild.desk.decide.grace import within_grace
from maild.desk.decide.leaving import leave_copy, leaving_word
from maild.desk.decide.survey import DONE, rate, rating_in
from maild.desk.effects import RememberPerson
from maild.desk.knowledge import OFFERED
from maild.desk.lifecycle import Act, after
from maild.desk.model import Mail, Participant
from maild.desk.notices import PublicFacts
from maild.desk.people import is_on_ticket, mailbox_of, name_of, workers_of
from maild.desk.posting import post_mail
from maild.desk.telling import tell_agents, tell_requester
from maild.sla.model import Fact, FactKind

RESPONSES = frozenset({Clock.FIRST_RESPONSE, Clock.NEXT_RESPONSE})
YES = frozenset({"yes", "si", "solved", "yes solved", "resuelto", "si resuelto", "solucionado", "si solucionado"})
# Words for which nobody needs a number sign: a mail of nothing else can mean nothing else.
ALIASES = {
    "close": "close",
    "cerrar": "close",
    "reopen": "reopen",
    "reabrir": "reopen",
    "persona": "human",
    "human": "human",
    "unsubscribe": "unsubscribe",
    "baja": "unsubscribe",
    "status": "status",
    "estado": "status",
}
_ALIAS = re.compile(r"#?([a-z]+)[.!]?\s*", re.ASCII | re.IGNORECASE)


def granted(case: Case, mail: Mail) -> bool:
    """Do what she asks when her mail is a wish and nothing else; False when it is words for the agent.

    Only her own token gives the right; without it, and in anybody else's mail, commands are words.
    """
    token = mail.match.token
    if token is None or token.purpose is not Purpose.REQUESTER or not mail.own_token or mail.proof.conflict:
        return False
    who = mail.message.author.key
    is_requester = who == case.ticket.requester
    text = mail.message.new_text.strip() or leaving_word(mail, by_token=not is_requester)
    if is_requester and case.ticket.status in DONE and _feedback(case, mail, text):
        return True
    if is_requester and _judged_offer(case, mail, text):
        return True
    wish = _wish(text)
    handler = WISHES.get(wish.verb) if wish is not None else None
    if wish is None or handler is None or not (is_requester or wish.verb in FOR_COPIED):
        return False
    if not is_on_ticket(case.ticket, who) or not handler(case, who, wish):
        return False
    post_mail(case, mail, public=True)
    return True


def _wish(text: str) -> Command | None:
    """Return the one command that a text consists of; None when there is more, or something else."""
    alias = _ALIAS.fullmatch(text)
    if alias is not None and alias[1].lower() in ALIASES:
        return Command(ALIASES[alias[1].lower()], (), "", text, 1)
    block = parse_block(text)
    if block.faults or block.text or len(block.commands) != 1:
        return None
    return block.commands[0]


def _feedback(case: Case, mail: Mail, text: str) -> bool:
    """A figure from one to five rates; yes says that it is solved. Neither reopens; "no" does, as any words."""
    rating = rating_in(text)
    if rating is None and plain(text).strip(" .!#").replace(",", "") not in YES:
        return False
    post_mail(case, mail, public=True)
    who = mail.message.author.key
    if rating is not None:
        rate(case, who, *rating, text)
    else:
        case.event(who, "confirmed", "it is solved")
    return True


def _judged_offer(case: Case, mail: Mail, text: str) -> bool:
    """Yes to the articles that the acknowledgement offered closes, and credits them; no is noted, and a person goes on.

    Neither counts once an agent has answered.
    """
    offered = next((e.detail for e in reversed(case.past.events) if e.verb == OFFERED), "")
    answered = any(fact.kind is FactKind.RESPONSE for fact in case.ticket.facts)
    said = plain(text).strip(" .!#")
    if not offered or answered or said not in {"yes", "si", "no"}:
        return False
    who = mail.message.author.key
    if said == "no":
        case.event(who, "not-helped", offered)
        return False
    status = after(case.ticket.status, Act.CLOSE, by_agent=False)
    if not isinstance(status, Status):
        return False
    post_mail(case, mail, public=True)
    case.event(who, "self-resolved", offered)
    case.set_status(who, status, f"the articles offered solved it: {offered}")
    told = workers_of(case.bench, case.ticket)
    tell_agents(case, "requester-wrote", told, words=text, author=who, reason=f"solved by {offered}")
    return True


def _close(case: Case, who: str, _: Command) -> bool:
    status = after(case.ticket.status, Act.CLOSE, by_agent=False)
    if not isinstance(status, Status):
        return False
    case.set_status(who, status, "#close by the requester")
    ticket = case.ticket
    told = workers_of(case.bench, ticket)
    tell_agents(case, "requester-wrote", told, words="#close", author=who, reason="she closed it")
    return True


def _lang(case: Case, who: str, wish: Command) -> bool:
    language = wish.rest.lower()
    if language not in case.bench.settings.languages:
        return False
    case.bench.effects.append(RememberPerson(replace(case.bench.person(who), language=language)))
    if who == case.ticket.requester:
        case.change(language=language)
    case.event(who, "language", language)
    return True


def _unsubscribe(case: Case, who: str, _: Command) -> bool:
    """Whoever is on copy leaves; the requester gets what people write to her, and no automatic mail about it."""
    if who == case.ticket.requester:
        case.put(Participant(who, case.ticket.requester_name, Role.REQUESTER, active=False))
        case.event(who, "unsubscribed", "#unsubscribe: no automatic mail about this ticket")
        return True
    return leave_copy(case, who, "#unsubscribe")


def _status(case: Case, who: str, wish: Command) -> bool:
    """Tell her how her request stands, once for each time she asks, within the limits of automatic mail."""
    ticket = case.ticket
    case.event(who, "asked", wish.line)
    answered_by = {p.author.key for p in case.past.posts if p.public and p.direction is Direction.OUT}
    known = ticket.assignee if ticket.assignee in answered_by else None
    facts = PublicFacts(
        ticket.requester_name if who == ticket.requester else mailbox_of(case.bench, who).name,
        ticket.status,
        received_at=ticket.created_at,
        promise=_promise(case),
        holder=name_of(case.bench, known) if known else "",
    )
    tell_requester(case, "status", facts, alone=who, automatic="auto-replied")
    return True


def _reopen(case: Case, who: str, wish: Command) -> bool:
    """Open what waits or is resolved, and tell who works it; what stays closed follows as any words of hers."""
    status = after(case.ticket.status, Act.REOPEN, within_grace=within_grace(case), by_agent=False)
    if not isinstance(status, Status):
        return False
    _asks_for_work(case, who, status, wish, "reopened")
    return True


def _human(case: Case, who: str, wish: Command) -> bool:
    """A person is asked for: the ticket is open, and whoever works it knows that she waits for one."""
    if case.ticket.status in {*DONE, Status.SPAM}:
        return False
    status = after(case.ticket.status, Act.REQUESTER_WROTE)
    assert isinstance(status, Status)
    _asks_for_work(case, who, status, wish, "requester-wrote")
    return True


def _asks_for_work(case: Case, who: str, status: Status, wish: Command, template: str) -> None:
    case.event(who, "asked", wish.line, Fact(case.bench.at, FactKind.REQUESTER_WROTE))
    case.set_status(who, status, wish.line)
    ticket = case.ticket
    told = workers_of(case.bench, ticket)
    reason = "she asks for a person" if wish.verb == "human" else ""
    tell_agents(case, template, told, words=wish.line, author=who, reason=reason)


def _promise(case: Case) -> datetime | None:
    """Return by when a person answers her; None when no clock that she was told of runs, or its time is over."""
    due = [r.due_at for r in case.readings() if r.clock in RESPONSES and r.state is ClockState.RUNNING and r.due_at]
    return min((at for at in due if at > case.bench.now), default=None)


WISHES: dict[str, Callable[[Case, str, Command], bool]] = {
    "close": _close,
    "lang": _lang,
    "unsubscribe": _unsubscribe,
    "status": _status,
    "reopen": _reopen,
    "human": _human,
}
FOR_COPIED = frozenset({"lang", "unsubscribe", "status", "human"})
