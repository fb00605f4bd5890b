"""The requester, or somebody on copy, wrote to a ticket that is there."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from maild.base.words import EntryState, Role, Status
from maild.desk.bench import Case
from maild.desk.catalogue import still_waits
from maild.desk.decide.arrival import join_copied
from maild.desk.decide.grace import within_grace
from maild.desk.decide.opening import open_for
from maild.desk.decide.oversize import answer_too_large
from maild.desk.decide.wishes import granted
from maild.desk.lifecycle import Act, Refusal, after
from maild.desk.model import Mail
from maild.desk.people import workers_of
from maild.desk.posting import post_mail, remember_threading
from maild.desk.rules.run import run_rules
from maild.desk.telling import tell_agents
from maild.sla.model import Fact, FactKind
from maild.triage.thanks import is_thanks_only


def requester_wrote(case: Case, mail: Mail) -> tuple[int, EntryState, str]:
    """Add the mail to its ticket, or open a linked one when the old one stays closed."""
    because = f"{mail.match.rule}: {mail.match.because}"
    if granted(case, mail):
        return case.ticket.number, EntryState.APPLIED, because
    if is_thanks_only(mail.message.new_text) and not mail.message.attachments:
        _thanked(case, mail, because)
        return case.ticket.number, EntryState.APPLIED, because
    status = after(case.ticket.status, Act.REQUESTER_WROTE, within_grace=within_grace(case))
    if status is Refusal.LINKED:
        old = case.ticket
        case.event(mail.message.author.key, "answered-late", f"{because}; a linked new ticket was made")
        new = open_for(case.bench, mail, follows=old)
        return new.ticket.number, EntryState.APPLIED, because
    assert isinstance(status, Status)
    _add(case, mail, status, because)
    return case.ticket.number, EntryState.APPLIED, because


def wrote_from_elsewhere(case: Case, mail: Mail) -> None:
    """Take the address that a person writes from now for the one that he wrote from before: answers go there."""
    author, before = mail.message.author, case.ticket
    others = mail.addresses - {author.key}
    asked = before.requester in mail.addresses
    if before.requester in others:
        case.change(requester=author.key, requester_name=author.name or before.requester_name)
        because = f"{author.key} is an address of {before.requester}, who writes from it now"
        case.event(author.key, "requester", because)
    for participant in before.with_role(Role.CC):
        if participant.address in (mail.addresses if asked else others):
            case.put(replace(participant, active=False))  # who asked needs no copy under another address
            if not asked:
                case.put(replace(participant, address=author.key, name=author.name or participant.name))
                case.event(author.key, "cc", f"{author.key} is an address of {participant.address}, who left for it")


def _thanked(case: Case, mail: Mail, because: str) -> None:
    """Thanks alone are shown to the assignee; they change no status and no clock."""
    post_mail(case, mail, public=True)
    case.event(mail.message.author.key, "thanked", because)
    if case.ticket.status is not Status.SPAM:
        _tell(case, mail, "requester-wrote", "nothing but thanks: the status stays as it is")


def _add(case: Case, mail: Mail, status: Status, because: str) -> None:
    before, author = case.ticket.status, mail.message.author.key
    post_mail(case, mail, public=True)
    case.event(author, "wrote", because, Fact(case.bench.at, FactKind.REQUESTER_WROTE))
    case.change(updated_at=case.bench.now)
    remember_threading(case, mail)
    waits = author == case.ticket.requester and still_waits(case, author, mail)
    stays = before is Status.RESOLVED and _reopened_enough(case, author)
    if status is not before and not waits and not stays:
        case.set_status(author, status, f"{author} wrote")
    if before is Status.SPAM:
        return
    join_copied(case, mail)
    answer_too_large(case, mail)
    run_rules(case, mail, "reply")
    if stays:
        _tell(case, mail, "requester-wrote", "it was reopened too often in 24 hours: the status stays as it is")
    else:
        _tell(case, mail, "reopened" if before is Status.RESOLVED else "requester-wrote", "")


def _reopened_enough(case: Case, author: str) -> bool:
    """Tell whether a ticket was reopened as often in 24 hours as only a machine does it; the timeline says so."""
    most, since = case.bench.settings.limits.reopens_per_ticket_day, case.bench.now - timedelta(hours=24)
    stood = [fact for fact in case.ticket.facts if fact.kind is FactKind.STATUS]
    again = [
        fact.at
        for last, fact in pairwise(stood)
        if last.status is Status.RESOLVED and fact.status is Status.OPEN and fact.at > since
    ]
    if not 0 < most <= len(again):
        return False
    case.event(author, "not-reopened", f"it was reopened {len(again)} times in 24 hours")
    return True


def _tell(case: Case, mail: Mail, template: str, reason: str) -> None:
    ticket = case.ticket
    tell_agents(
        case,
        template,
        workers_of(case.bench, ticket),
        but=mail.agent or "",
        words=mail.message.new_text,
        author=mail.message.author.key,
        reason=reason,
        attachments=tuple(a.filename for a in mail.message.attachments if not a.inline),
    )
