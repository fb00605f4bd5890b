"""Mail in an agent's name: who speaks as an agent, and what happens while he has not proved it."""

from dataclasses import replace
from datetime import timedelta

from maild.base.words import EntryState, Purpose, Verdict
from maild.desk.bench import Bench
from maild.desk.commands.parse import has_commands
from maild.desk.effects import KeepConfirmation, RetryEntry
from maild.desk.model import Confirmation, Mail
from maild.desk.notices import InternalFacts
from maild.desk.people import is_on_ticket
from maild.desk.telling import tell_sender

CONFIRMS_PER_HOUR_MAX = 3  # BEHAVIOUR: proof. A forger must not fill an agent's mailbox.
CODE_LIFE = timedelta(hours=1)
AGENT_PURPOSES = frozenset({Purpose.PUBLIC, Purpose.INTERNAL, Purpose.CONTROL})


def speaks_as_agent(bench: Bench, mail: Mail) -> bool:
    """True when the sender acts as an agent on the matched ticket.

    An agent who is requester or on copy there speaks as such, unless he answers with an agent token.
    """
    if mail.agent is None or not (mail.agent_proved or mail.confirmed):
        return False
    if mail.match.token is not None and mail.match.token.purpose in AGENT_PURPOSES:
        return True
    ticket = bench.snapshot.ticket
    return ticket is not None and not is_on_ticket(ticket, mail.agent)


def needs_confirmation(mail: Mail) -> bool:
    """True for mail in an agent's name that must not be believed, nor be taken for a requester's."""
    if mail.agent is None or mail.agent_proved or mail.confirmed:
        return False
    uses_agent_token = mail.match.token is not None and mail.match.token.purpose in AGENT_PURPOSES
    return mail.proof.verdict is Verdict.FAIL or uses_agent_token or has_commands(mail.message.new_text)


def hold_for_confirmation(bench: Bench, mail: Mail) -> tuple[None, EntryState, str]:
    """Quarantine the mail; a one-time code goes to the agent's registered address, not to the sender."""
    assert mail.agent is not None
    reason = f"agent-unproved: {mail.proof.because}"
    if bench.snapshot.confirms_in_an_hour >= CONFIRMS_PER_HOUR_MAX or not mail.code:
        return None, EntryState.QUARANTINED, reason
    expires = bench.now + CODE_LIFE
    bench.effects.append(
        KeepConfirmation(Confirmation(f"{mail.entry}.code", mail.entry, mail.agent, mail.code_hash, expires))
    )
    facts = InternalFacts(
        words=mail.message.new_text,
        author=mail.message.author.key,
        reason=mail.proof.because,
        code=mail.code,
        due_at=expires,
        lines=(("Subject", mail.message.subject), ("Message-ID", mail.message.message_id)),
    )
    tell_sender(None, bench, "confirm", mail.agent, facts)
    return None, EntryState.QUARANTINED, reason


def confirmation_came(bench: Bench, mail: Mail) -> bool:
    """Release the held mail when this one answers with its code, by its agent, in time, for the first time."""
    held = bench.snapshot.confirmation
    if held is None or held.used or held.expires_at < bench.now or mail.agent != held.address:
        return False
    bench.effects.append(KeepConfirmation(replace(held, used=True)))
    bench.effects.append(RetryEntry(held.entry, confirmed=True))
    bench.would.append(f"run the held entry {held.entry}, confirmed by {held.address}")
    return True
