"""Mail in an agent's name: who speaks as an agent, and what happens while he has not proved it."""

from maild.base.words import EntryState, Purpose, Verdict
from maild.desk.bench import Bench
from maild.desk.commands.parse import has_commands
from maild.desk.decide.codes import send_code
from maild.desk.model import Mail
from maild.desk.people import is_on_ticket

CONFIRMS_PER_HOUR_MAX = 3  # A forger must not fill an agent's mailbox.
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
    if mail.agent is None or mail.confirmed:
        return False
    commands = mail.to_control or has_commands(mail.message.new_text)
    if mail.agent_proved:
        return commands and bool(mail.proof.conflict) and not mail.signed
    uses_agent_token = mail.match.token is not None and mail.match.token.purpose in AGENT_PURPOSES
    return commands or mail.proof.verdict is Verdict.FAIL or uses_agent_token


def hold_for_confirmation(bench: Bench, mail: Mail) -> tuple[None, EntryState, str]:
    """Quarantine the mail; a one-time code goes to the agent's registered address, not to the sender."""
    assert mail.agent is not None
    because = mail.proof.conflict if mail.agent_proved else mail.proof.because
    reason = f"agent-unproved: {because}"
    if bench.snapshot.confirms_in_an_hour >= CONFIRMS_PER_HOUR_MAX or not mail.code:
        return None, EntryState.QUARANTINED, reason
    send_code(bench, None, mail, because)
    return None, EntryState.QUARANTINED, reason
