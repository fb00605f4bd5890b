"""One-time codes: a mail that waits for its agent's word, and the answer that gives it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from maild.base.words import EntryState, Purpose
from maild.desk.bench import Bench, Case
from maild.desk.commands.phrases import say
from maild.desk.effects import KeepConfirmation, RetryEntry
from maild.desk.model import Confirmation, Mail
from maild.desk.notices import InternalFacts
from maild.desk.people import language_of
from maild.desk.telling import tell_sender
from maild.proof.codes import find_code

CODE_LIFE = timedelta(hours=1)


def send_code(bench: Bench, case: Case | None, mail: Mail, reason: str, *, destroys: bool = False) -> None:
    """Send the agent, at his registered address, the code that runs this mail once within the hour."""
    assert mail.agent is not None
    expires = bench.now + CODE_LIFE
    bench.effects.append(
        KeepConfirmation(Confirmation(f"{mail.entry}.code", mail.entry, mail.agent, mail.code_hash, expires))
    )
    facts = InternalFacts(
        ticket=case.ticket if case is not None else None,
        words=mail.message.new_text,
        author=mail.message.author.key,
        reason=reason,
        code=mail.code,
        due_at=expires,
        lines=(("Subject", mail.message.subject), ("Message-ID", mail.message.message_id)),
        destroys=destroys,
    )
    tell_sender(case, bench, "confirm", mail.agent, facts, mail)


def ask_code(bench: Bench, mail: Mail, case: Case | None, lines: Sequence[str]) -> tuple[EntryState, str]:
    """Keep a believed agent's mail aside until he confirms what cannot easily be taken back."""
    assert mail.agent is not None
    what = "; ".join(lines)
    send_code(bench, case, mail, say(language_of(bench, mail.agent), "wants-code", what=what), destroys=True)
    return EntryState.QUARANTINED, f"wants-code: {what}"


def confirmation_came(bench: Bench, mail: Mail) -> bool:
    """Release the held mail when this one answers with its code, by its agent, in time, for the first time."""
    held = bench.snapshot.confirmation
    if held is None or held.used or held.expires_at < bench.now or mail.agent != held.address:
        return False
    bench.effects.append(KeepConfirmation(replace(held, used=True)))
    bench.effects.append(RetryEntry(held.entry, confirmed=True))
    bench.would.append(f"run the held entry {held.entry}, confirmed by {held.address}")
    return True


def code_is_no_good(bench: Bench, mail: Mail) -> bool:
    """Tell an agent that the code in his answer runs nothing, so that it is not taken for words."""
    token = mail.match.token
    if mail.agent is None or token is None or token.purpose is not Purpose.CONTROL:
        return False
    code = find_code(mail.message.new_text)
    if code is None:
        return False
    said = say(language_of(bench, mail.agent), "no-code")
    facts = InternalFacts(lines=((code, said),), reason="fault")
    tell_sender(None, bench, "transcript", mail.agent, facts, mail)
    return True
