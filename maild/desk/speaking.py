"""Words that came by no mail, in the form in which the desk decides on words."""

from datetime import datetime

from maild.base.words import DoorName, Kind, Verdict
from maild.desk.bench import Case
from maild.desk.model import Mail
from maild.message.envelope import Envelope
from maild.message.model import Address, Message, Span
from maild.proof.model import Proof
from maild.thread.model import Match, Rule
from maild.triage.model import Finding


def spoken_mail(actor: str, now: datetime, text: str, *, author: Address, subject: str, where: str) -> Mail:
    """Return words as if they had come by mail; `where` says by which way they came."""
    spans = (Span(0, len(text), "new"),) if text else ()
    message = Message("", "", len(text), from_=(author,), subject=subject, text=text, spans=spans, date=now)
    return Mail(
        entry="",
        envelope=Envelope(DoorName.INGEST, now),
        message=message,
        finding=Finding(Kind.HUMAN, f"{actor} {where}"),
        proof=Proof(Verdict.PASS, "shell", "", f"{actor} {where}"),
        match=Match(Rule.NONE, None, f"{actor} {where}"),
        queues=(),
        address="",
        language="",
        agent=actor,
        agent_proved=True,
    )


def nobodys_mail(case: Case, actor: str) -> Mail:
    """Return an empty mail on a ticket for somebody who acts without one."""
    subject = case.ticket.first_subject
    return spoken_mail(actor, case.bench.now, "", author=Address("", actor), subject=subject, where="without a mail")
