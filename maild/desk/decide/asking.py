"""The mail that asks an approver: public facts alone, and a token that only he can vote with."""

from maild.base.words import Audience, Direction, Purpose, Role
from maild.desk.approvals import Approval, Vote
from maild.desk.bench import Case
from maild.desk.effects import AddPost
from maild.desk.model import SYSTEM
from maild.desk.notices import Notice, PublicFacts, Wanted
from maild.desk.people import language_of, name_of, recipients, why_suspended

SUMMARY_CHARACTERS_MAX = 2_000  # Enough to decide by; whoever wants more asks.


def tell_approver(case: Case, approval: Approval, vote: Vote, stage: str = "") -> None:
    """Ask one person for his decision; `stage` says why again, see PublicFacts."""
    bench, ticket = case.bench, case.ticket
    if (reason := why_suspended(bench, vote.approver)) is not None:
        case.event(SYSTEM, "not-sent", f"approval-request to {vote.approver}: {reason}")
        return
    (recipient,) = recipients(bench, [vote.approver], Role.APPROVER) or (None,)
    if recipient is None:
        return
    language = language_of(bench, vote.approver, ticket.language)
    facts = PublicFacts(
        ticket.requester_name or ticket.requester,
        ticket.status,
        words=approval.question,
        author=name_of(bench, approval.asked_by) if "@" in approval.asked_by else "",
        summary=_first_words(case)[:SUMMARY_CHARACTERS_MAX],
        wanted=_known(case, language),
        stage=stage or ("delegated" if vote.for_whom else ""),
        passed_on_by=name_of(bench, vote.for_whom) if vote.for_whom else "",
        answer_by=approval.expires_at,
    )
    bench.notify(
        Notice(
            "approval-request",
            Audience.APPROVER,
            language,
            (recipient,),
            (recipient.address,),
            facts,
            Purpose.APPROVER,
            ticket.number,
            ticket.first_subject,
            from_address=ticket.address,
        )
    )


def _known(case: Case, language: str) -> tuple[Wanted, ...]:
    """Return what is known of the ticket for its service: what the requester was asked for, or wrote by herself."""
    service = case.bench.settings.service_named(case.ticket.service) if case.ticket.service else None
    values = dict(case.ticket.fields)
    fields = service.fields if service is not None else ()
    return tuple(Wanted(f.label_in(language), given=values[f.name]) for f in fields if values.get(f.name))


def _first_words(case: Case) -> str:
    """Return what the requester asked first, also when this very decision opens the ticket."""
    fresh = [e.post for e in case.bench.effects if isinstance(e, AddPost) and e.post.ticket == case.ticket.number]
    said = [p for p in (*case.past.posts, *fresh) if p.public and p.direction is Direction.IN]
    return said[0].new_text if said else ""
