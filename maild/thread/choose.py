"""Choose the ticket that a mail belongs to: the rules of threading in their order, each with a reason."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from maild.base.words import Purpose, Verdict
from maild.proof.model import Proof, Token
from maild.proof.tokens import Keyring, is_expired
from maild.thread.model import Candidate, Candidates, Keys, Match, Rule

_RIGHTS = frozenset({Purpose.REQUESTER, Purpose.APPROVER, Purpose.SUPPLIER})  # for which the token alone is enough


class Found(Protocol):
    """What threading needs of triage's Finding."""

    @property
    def automatic(self) -> bool:
        """True when no person wrote the mail."""
        ...  # pragma: no cover


@dataclass(frozen=True, slots=True)
class _Case:
    """One mail's hints, what the store knows of them, and who sent it."""

    keys: Keys
    candidates: Candidates
    sender: str  # lower case, "" when From names nobody
    agent: str | None
    proved: bool  # a registered agent, and proved
    keyring: Keyring
    now: datetime
    also: frozenset[str] = frozenset()  # all addresses of the sender

    def ticket(self, number: int) -> Candidate | None:
        """Return where a number leads, merges followed; None when there is no such ticket."""
        asked_for = {c.number: c for c in self.candidates.tickets} | {c.asked_for: c for c in self.candidates.tickets}
        return asked_for.get(number)

    def owns(self, token: Token) -> bool:
        """Tell whether a token was made for the sender and still counts without further proof.

        Agents' public and internal tokens do not: they count through `proved`, which the policy decides. Those of
        transcripts do, while he is an agent. A reverse-path says which copy came back, and gives nobody a right.
        """
        if token.purpose is Purpose.CONTROL:
            return self.agent is not None and not is_expired(token, self.now) and self.is_for_sender(token)
        return token.purpose in _RIGHTS and self.is_for_sender(token)

    def is_for_sender(self, token: Token) -> bool:
        """Tell whether a token was made for the sender, under the address he used or his registered one."""
        return any(self.keyring.belongs_to(token, address) for address in (self.sender, self.agent or "", *self.also))

    def admits(self, candidate: Candidate, token: Token | None = None) -> bool:
        """Tell whether the sender may take part: participant, the token's own person, or proved agent.

        A supplier's token is none to take part with: he does it while he is on the ticket, and never as a requester.
        """
        if self.proved or (self.sender and candidate.people & {self.sender, *self.also}):
            return True
        return token is not None and token.purpose is not Purpose.SUPPLIER and self.owns(token)


def choose(
    keys: Keys,
    candidates: Candidates,
    *,
    sender: str,
    proof: Proof,
    agent: str | None,
    agent_proved: bool,
    finding: Found,
    keyring: Keyring,
    now: datetime,
    also: frozenset[str] = frozenset(),
) -> Match:
    """Return the ticket that a mail belongs to and what its sender may do there.

    `sender` is the From address in lower case ("" when From is not one mailbox), `agent` the registered address of
    the agent whom From names, and `agent_proved` the outcome of `is_agent_proved`, or True for a confirmed mail, and
    `also` all addresses of the person who sent it.
    """
    if candidates.duplicate_of:
        because = f"the same mail came before, as entry {candidates.duplicate_of}"
        return Match(Rule.DUPLICATE, None, because)
    case = _Case(keys, candidates, sender, agent, agent is not None and agent_proved, keyring, now, also)
    report = _report(case) if finding.automatic else None
    if report is not None:
        return report
    if proof.verdict is Verdict.FAIL and not case.proved:
        return _disowned(case, proof)
    # A match is never false, so `or` tries the rules in their order and stops at the first that fires.
    return _token(case, keys.tokens) or _our_ids(case) or _stored(case) or _subject(case) or _marker(case) or _new(case)


def _report(case: _Case) -> Match | None:
    """A machine's report is tied to the mail of ours that it reports on; our signature on it is the proof."""
    for token in case.keys.report_ids:
        candidate = case.ticket(token.ticket)
        return Match(
            Rule.REPORT,
            candidate.number if candidate else None,
            f"it reports on a mail of ours{_about(candidate)}",
            token,
        )
    return None


def _disowned(case: _Case, proof: Proof) -> Match:
    """A mail whose own domain disowns it is believed only for the sender's own token."""
    return _token(case, filter(case.owns, case.keys.tokens)) or Match(
        Rule.NONE, None, f"it joins no ticket, because {proof.because} and it carries no token of {case.sender}"
    )


def _token(case: _Case, tokens: Iterable[Token]) -> Match | None:
    # The sender's own tokens go first: an answer to all may carry a colleague's too.
    ordered = sorted(tokens, key=lambda token: not case.is_for_sender(token))
    return _by_signature(case, Rule.TOKEN, ordered, "it was sent to a signed address")


def _our_ids(case: _Case) -> Match | None:
    return _by_signature(
        case, Rule.OUR_MESSAGE_ID_REPLY, case.keys.reply_ids, "it answers a mail of ours"
    ) or _by_signature(case, Rule.OUR_MESSAGE_ID_REFERENCES, case.keys.reference_ids, "it refers to a mail of ours")


def _marker(case: _Case) -> Match | None:
    return _by_signature(case, Rule.MARKER, case.keys.markers, "it quotes a mail of ours")


def _by_signature(case: _Case, rule: Rule, tokens: Iterable[Token], words: str) -> Match | None:
    """The first token whose ticket exists; in a stranger's hands too, but then he is not admitted."""
    for token in tokens:
        candidate = case.ticket(token.ticket)
        if candidate is not None:
            admitted = case.admits(candidate, token)
            because = f"{words}{_about(candidate)}{'' if admitted else _stranger(case)}"
            return Match(rule, candidate.number, because, token, admitted)
        if token.ticket == 0 and (case.owns(token) or case.proved):
            return Match(rule, None, f"{words} that belongs to no ticket", token)
    return None


def _stored(case: _Case) -> Match | None:
    """A Message-ID that a ticket holds. References outlive their subject, so those want the same one."""
    answered = [
        (Rule.STORED_IN_REPLY_TO, found, "it answers a mail") for found in _holders(case, case.keys.foreign_reply_ids)
    ]
    subject = case.keys.canonical_subject
    referred = [
        (Rule.STORED_REFERENCES, found, "it refers to a mail with the same subject")
        for found in _holders(case, case.keys.foreign_reference_ids, subject)
    ]
    for rules in (answered, referred):
        # One mail may have opened tickets in two queues: the one where the sender takes part goes first.
        for rule, candidate, words in sorted(rules, key=lambda hit: not case.admits(hit[1])):
            admitted = case.admits(candidate)
            because = f"{words}{_about(candidate)}{'' if admitted else _stranger(case)}"
            return Match(rule, candidate.number, because, admitted=admitted)
    return None


def _holders(case: _Case, message_ids: Iterable[str], subject: str | None = None) -> Iterator[Candidate]:
    for message_id in message_ids:
        for stored in case.candidates.stored:
            candidate = case.ticket(stored.ticket) if stored.message_id == message_id else None
            if candidate is not None and subject in (None, stored.canonical_subject):
                yield candidate


def _subject(case: _Case) -> Match | None:
    for number in case.keys.subject_numbers:
        candidate = case.ticket(number)
        if candidate is not None and case.admits(candidate):
            return Match(Rule.SUBJECT_KEY, candidate.number, f"its subject carries the key{_about(candidate)}")
    return None


def _new(case: _Case) -> Match:
    """Nothing fits: a new ticket, linked to those that a stranger's subject named."""
    found = [case.ticket(number) for number in case.keys.subject_numbers]
    mentions = tuple(dict.fromkeys(candidate.number for candidate in found if candidate is not None))
    because = "nothing in it points to a ticket"
    if mentions:
        because = f"its subject names {', '.join(map(str, mentions))}, where {case.sender or 'nobody'} takes no part"
    return Match(Rule.NONE, None, because, mentions=mentions)


def _about(candidate: Candidate | None) -> str:
    if candidate is None:
        return ""
    if candidate.number == candidate.asked_for:
        return f" of ticket {candidate.number}"
    return f" of ticket {candidate.asked_for}, now merged into {candidate.number}"


def _stranger(case: _Case) -> str:
    if case.agent is not None:
        return f"; nothing proves that {case.sender} wrote it, so it is kept as a note"
    return f"; {case.sender or 'its sender'} takes no part there, so it is kept as a note"
