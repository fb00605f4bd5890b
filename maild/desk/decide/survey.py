"""What a requester says of a ticket, from 1 to 5: asked once, by a mail of its own some time after, and kept once."""

import re
from datetime import timedelta

from maild.base.text import plain
from maild.base.words import Role, Status
from maild.desk.answering import why_no_automatic_mail
from maild.desk.bench import Case
from maild.desk.model import SYSTEM
from maild.desk.notices import PublicFacts
from maild.desk.people import lead_of
from maild.desk.telling import tell_agents, tell_requester

DONE = frozenset({Status.RESOLVED, Status.CLOSED})
COMMENT_MAX = 2000  # characters; the post has all of it
# A figure alone in its line: "5 users" rates nothing.
_FIGURE = re.compile(r"#?([1-5])(?:[ \t]*/[ \t]*5)?[.!]?[ \t]*(?:\n|$)", re.ASCII)
# Words for which nobody needs a figure, when a mail says nothing else.
_WORDS = {
    "very well": 5,
    "very good": 5,
    "excellent": 5,
    "muy bien": 5,
    "excelente": 5,
    "good": 4,
    "bien": 4,
    "fair": 3,
    "regular": 3,
    "poor": 2,
    "bad": 2,
    "badly": 1,
    "very bad": 1,
    "mal": 1,
    "muy mal": 1,
}


def rating_in(text: str) -> tuple[int, str] | None:
    """Return the figure that a text begins with, and the comment below it; None when it rates nothing."""
    figure = _FIGURE.match(text)
    if figure is not None:
        return int(figure[1]), text[figure.end() :].strip()[:COMMENT_MAX]
    word = _WORDS.get(plain(text).strip(" .!"))
    return (word, "") if word is not None else None


def rate(case: Case, who: str, score: int, comment: str, text: str) -> None:
    """Keep the first rating of a ticket and tell its assignee; of a low one the lead hears too.

    A later one changes nothing: it is recorded with the reason, and its words reach the assignee as any words do.
    """
    first, reason = case.ticket.rating, f"rated {score} of 5"
    if first is not None:
        case.event(who, "recorded", f"{reason}: not counted, the first rating {first} stands")
        if comment:
            tell_agents(case, "requester-wrote", [case.ticket.assignee], words=text, author=who)
        return
    case.change(rating=score, rating_comment=comment, rated_at=case.bench.at)
    case.event(who, "rated", f"{score}\n{comment}".strip()[:500])
    tell_agents(case, "requester-wrote", [case.ticket.assignee], words=text, author=who, reason=reason)
    queue = case.bench.settings.queue_named(case.ticket.queue)
    if queue is not None and score <= queue.low_rating:
        lead = lead_of(case.bench, case.ticket.team)
        tell_agents(case, "requester-wrote", [lead], role=Role.LEAD, words=text, author=who, reason=reason)


def survey_due(case: Case) -> None:
    """Ask for a rating when the time since the ticket was resolved has come, once in its life; or say why not."""
    ticket, bench = case.ticket, case.bench
    queue = bench.settings.queue_named(ticket.queue)
    after = queue.survey_after if queue is not None else "never"
    if not isinstance(after, timedelta) or ticket.resolved_at is None or ticket.status not in DONE:
        return
    if ticket.surveyed_at is not None or ticket.resolved_at + after > bench.now:
        return
    reason = _why_not(case)
    case.change(surveyed_at=bench.now, survey="skipped" if reason else "asked")
    if reason:
        case.event(SYSTEM, "not-sent", f"survey to {ticket.requester}: {reason}")
        return
    tell_requester(case, "survey", PublicFacts(ticket.requester_name, ticket.status, ask_rating=True))


def _why_not(case: Case) -> str:
    """Return why this requester is not asked, in words; "" when she is."""
    ticket, most = case.ticket, case.bench.settings.limits.surveys_per_person
    if ticket.rating is not None:
        return "it is rated already"
    if ticket.by_machine:
        return "a machine opened the ticket"
    if 0 < most <= case.bench.snapshot.surveys:
        return f"{ticket.requester} was asked {case.bench.snapshot.surveys} times in 30 days"
    return why_no_automatic_mail(case.bench, ticket.requester) or ""
