"""An approver answered: his first word decides, and only from his own token; all else of his is a comment."""

import re
from dataclasses import dataclass, replace
from datetime import datetime

from maild.base.text import plain
from maild.base.words import EntryState, Purpose, Role, Status, Verdict, VoteState
from maild.desk.approvals import Approval, Vote, reminder
from maild.desk.bench import Case
from maild.desk.commands.parse import has_commands
from maild.desk.commands.running import ADDRESS
from maild.desk.commands.times import read_when
from maild.desk.decide.approval import REMIND_AFTER, cast, join_approver, keep, open_approval, settle, taken_by, vote_of
from maild.desk.decide.asking import tell_approver
from maild.desk.lifecycle import LIVE
from maild.desk.model import Mail
from maild.desk.people import is_on_ticket, workers_of
from maild.desk.posting import post_of
from maild.desk.telling import tell_agents

WORDS = {
    "approve": "approve",
    "aprobar": "approve",
    "reject": "reject",
    "rechazar": "reject",
    "defer": "defer",
    "aplazar": "defer",
    "delegate": "delegate",
    "delegar": "delegate",
}
_FIRST = re.compile(r"\s*#?(?P<word>\w+)[.,;:!]*(?P<rest>(?:\s.*)?)", re.DOTALL)
COMMENT_CHARACTERS_MAX = 2_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What an approver's words mean: `word` "" for a comment."""

    word: str
    rest: str  # what stands behind the first word


def read_answer(text: str) -> Answer:
    """Read the first word of an answer, in any case, accents optional; anything but the words of WORDS is a comment."""
    found = _FIRST.fullmatch(text)
    word = WORDS.get(plain(found["word"]), "") if found is not None else ""
    rest = found["rest"] if found is not None and word else text
    return Answer(word, rest.strip()[:COMMENT_CHARACTERS_MAX])


def approver_wrote(case: Case, mail: Mail) -> tuple[int, EntryState, str] | None:
    """Do what an approver's mail says; None for a mail that is none of his, and is read as its sender's role asks."""
    answer = read_answer(mail.message.new_text)
    if not _is_approvers(case, mail, answer):
        return None
    approval, vote, why_not = _vote(case, mail)
    case.post(post_of(case, mail, public=False))
    if approval is None or vote is None:
        _comment(case, mail, why_not)
    else:
        _heard(case, mail, answer, approval, vote)
    return case.ticket.number, EntryState.APPLIED, f"{mail.match.rule}: {mail.match.because}"


def _is_approvers(case: Case, mail: Mail, answer: Answer) -> bool:
    """Tell whether somebody speaks as an approver, and not as requester, on copy, or as an agent with commands."""
    who, token = mail.message.author.key, mail.match.token
    if token is not None and token.purpose is Purpose.APPROVER:
        if mail.own_token:
            return bool(answer.word) or not (mail.agent and has_commands(mail.message.new_text))
        case.event(who, "vote-not-counted", "it was sent to the address of somebody else's approval")
    if is_on_ticket(case.ticket, who) or mail.agent is not None:
        return False
    return any(p.address == who for p in case.ticket.with_role(Role.APPROVER))


def _vote(case: Case, mail: Mail) -> tuple[Approval | None, Vote | None, str]:
    """Return the approval and the vote that the mail may cast, or why it casts none."""
    token, approval = mail.match.token, open_approval(case)
    if token is None or token.purpose is not Purpose.APPROVER or not mail.own_token:
        return None, None, "it was not sent to the address that the request came with"
    if mail.proof.verdict is Verdict.FAIL and not mail.confirmed:
        return None, None, f"its sender is not believed: {mail.proof.because}"
    if approval is None or case.ticket.status not in LIVE:
        return None, None, "nothing waits for a decision any more"
    vote = vote_of(case, approval, mail.message.author.key, *filter(None, (mail.agent,)))
    if vote is None:
        return None, None, "no decision of this person is waited for"
    if not _answers(case, vote.asked_at):
        return None, None, "it answers an older request"
    return approval, vote, ""


def _answers(case: Case, asked_at: datetime | None) -> bool:
    """Tell whether the request that was answered is one of the present vote."""
    request = case.bench.snapshot.reported
    return request is not None and asked_at is not None and request.created_at >= asked_at


def _heard(case: Case, mail: Mail, answer: Answer, approval: Approval, vote: Vote) -> None:
    match answer.word:
        case "approve":
            cast(case, approval, vote, answer.rest, approves=True)
        case "reject":
            reject(case, approval, vote, answer.rest)
        case "defer":
            _defer(case, approval, vote, answer.rest)
        case "delegate":
            _delegate(case, approval, vote, answer.rest)
        case _ if vote.wants_note and answer.rest:
            cast(case, approval, vote, answer.rest, approves=False)
        case _:
            _comment(case, mail, "")


def reject(case: Case, approval: Approval, vote: Vote, why: str) -> None:
    """Count a rejection that has a reason; one without waits for it, and it is asked for once."""
    if why:
        cast(case, approval, vote, why, approves=False)
        return
    case.event(vote.approver, "rejects", "without a reason, so it does not count as yet")
    if not vote.wants_note:
        waiting = replace(vote, wants_note=True)
        keep(case, approval.with_vote(waiting))
        tell_approver(case, approval, waiting, "wants-note")


def _defer(case: Case, approval: Approval, vote: Vote, when: str) -> None:
    """Put the reminder off, until the time that he names or by the usual span; the expiry stays."""
    until = _time(case, when.partition("\n")[0]) or case.bench.now + (approval.remind_after or REMIND_AFTER)
    keep(case, approval.with_vote(replace(vote, remind_at=until, wants_note=False)))
    case.event(vote.approver, "deferred", f"until {until:%Y-%m-%d %H:%M} UTC")


def _time(case: Case, text: str) -> datetime | None:
    try:
        return read_when(text, case.bench.settings.zone, case.bench.now) if text else None
    except ValueError:
        return None


def _delegate(case: Case, approval: Approval, vote: Vote, rest: str) -> None:
    """Let somebody else decide in his place: he gets a request, and a token, of his own."""
    bench = case.bench
    found = ADDRESS.search(rest)
    named = found[0].strip(".,()").lower() if found is not None else ""
    who = bench.settings.agent_address(named) or named
    if not who or bench.settings.is_own(who) or who in taken_by(case, approval):
        case.event(vote.approver, "not-delegated", f"to {who or 'nobody'}")
        tell_approver(case, approval, vote, "no-delegate")
        return
    other = Vote(vote.step, who, VoteState.ASKED, bench.now, reminder(approval, bench.now), for_whom=vote.approver)
    gone = replace(vote, state=VoteState.DELEGATED, delegate=who, voted_at=bench.now, remind_at=None, wants_note=False)
    case.event(vote.approver, "delegated", f"to {who}")
    passed_on = approval.with_vote(gone).with_vote(other)
    join_approver(case, who)
    settle(case, vote.approver, passed_on)
    tell_approver(case, passed_on, other)


def _comment(case: Case, mail: Mail, why_not: str) -> None:
    """Show what is no vote to whoever works the ticket."""
    author, ticket = mail.message.author.key, case.ticket
    if why_not and read_answer(mail.message.new_text).word:
        case.event(author, "vote-not-counted", why_not)
    else:
        case.event(author, "commented", "words of an approver, kept inside the desk")
    if ticket.status is Status.SPAM:
        return
    told = workers_of(case.bench, ticket)
    words = mail.message.new_text
    tell_agents(case, "note-added", told, but=mail.agent or "", words=words, author=author, reason=why_not)
