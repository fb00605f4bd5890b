"""Mails and tickets for the desk's tests, by the configuration of the manual's example."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from maild.base.words import DoorName, Kind, Purpose, Status, Verdict
from maild.desk.bench import Bench
from maild.desk.decide.message import decide_message
from maild.desk.effects import AddEvent, AddPost, ChangeTicket, Decision, OpenTicket, PutParticipant, SettleEntry
from maild.desk.model import Mail, Post, Snapshot, Ticket
from maild.desk.notices import Notice
from maild.message.envelope import Envelope
from maild.message.model import Address, Message, Span
from maild.proof.model import Proof, Token
from maild.settings.model import Settings
from maild.settings.reading import read_text
from maild.sla.compile import slas_from
from maild.sla.model import Fact, FactKind, Sla
from maild.thread.model import Match, Rule
from maild.triage.model import Finding

EXAMPLE = Path(__file__).parents[1] / "settings" / "example.toml"
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # 10:00 in Madrid: open
MARTA = Address("Marta Gil", "marta@example.org")
ANA, BEN, EVA, LEAD = "ana@example.com", "ben@example.com", "eva@example.com", "lead@example.com"


@cache
def settings(**changes: Any) -> Settings:
    """The example's settings."""
    read = read_text(EXAMPLE.read_text("utf-8")).settings
    assert read is not None
    return read


@cache
def slas() -> Mapping[str, Sla]:
    """The example's service levels."""
    return slas_from(settings(), MONDAY)


def mail(
    text: str = "Hello, the printer is on fire.",
    *,
    author: Address = MARTA,
    subject: str = "Printer",
    entry: str = "e1",
    queues: tuple[str, ...] = ("support",),
    rule: Rule = Rule.NONE,
    ticket: int | None = None,
    kind: Kind = Kind.HUMAN,
    verdict: Verdict = Verdict.NONE,
    purpose: Purpose | None = None,
    admitted: bool = True,
    language: str = "en",
    at: datetime = MONDAY,
    **message: Any,
) -> Mail:
    """One mail as the pipeline hands it to the desk."""
    spans = (Span(0, len(text), "new"),) if text else ()
    said = Message(
        "0" * 64, "hash", len(text), f"<{entry}@example.org>", at, (author,), subject=subject, text=text, spans=spans
    )
    token = Token(purpose, ticket or 0, "", 0) if purpose is not None else None
    agent = settings().agent_address(author.key)
    return Mail(
        entry=entry,
        envelope=Envelope(DoorName.SMTP, at, mail_from=author.key, rcpt_to=("support@example.com",)),
        message=replace(said, **message),
        finding=Finding(kind, "the test says so"),
        proof=Proof(verdict, "dmarc", author.domain, "the test says so"),
        match=Match(rule, ticket, "the test says so", token, admitted),
        queues=queues,
        address="support@example.com",
        language=language,
        agent=agent,
        agent_proved=agent is not None and (verdict is Verdict.PASS or purpose is not None),
        code="ABCD-EF23" if agent else "",
        code_hash="hashed" if agent else "",
    )


def ticket(status: Status = Status.OPEN, **values: Any) -> Ticket:
    """A ticket of Marta's that Ana holds, in some status for an hour."""
    opened = Fact(MONDAY - timedelta(hours=1), FactKind.OPENED, priority=values.get("priority"), sla="standard")
    given: dict[str, Any] = {
        "number": 7,
        "subject": "Printer",
        "first_subject": "Printer",
        "status": status,
        "queue": "support",
        "requester": MARTA.key,
        "requester_name": MARTA.name,
        "created_at": MONDAY - timedelta(hours=1),
        "updated_at": MONDAY - timedelta(hours=1),
        "status_since": MONDAY - timedelta(hours=1),
        "team": "first-line",
        "assignee": ANA,
        "sla": "standard",
        "language": "en",
        "address": "support@example.com",
        "resolved_at": MONDAY - timedelta(hours=1) if status is Status.RESOLVED else None,
        "facts": (opened, Fact(MONDAY - timedelta(minutes=59), FactKind.STATUS, status=status)),
        "version": 3,
    }
    return Ticket(**(given | values))


def bench(
    taken: Snapshot | None = None,
    now: datetime = MONDAY,
    desk: Settings | None = None,
    levels: Mapping[str, Sla] | None = None,
) -> Bench:
    """What a decision has to hand that no mail asks for."""
    return Bench("s", taken or Snapshot(), desk or settings(), slas() if levels is None else levels, now, now)


def decide(arrived: Mail, snapshot: Snapshot | None = None) -> Decision:
    """What the desk does about a mail."""
    taken = snapshot or Snapshot()
    if not taken.new_numbers:
        taken = replace(taken, new_numbers=(101, 102, 103))
    return decide_message(arrived, taken, settings(), slas(), MONDAY)


def opened(decision: Decision) -> list[Ticket]:
    """The tickets that a decision opens, as they stand in its end."""
    return [_changed(decision, e.ticket) for e in decision.effects if isinstance(e, OpenTicket)]


def _changed(decision: Decision, found: Ticket) -> Ticket:
    for effect in decision.effects:
        if isinstance(effect, ChangeTicket) and effect.number == found.number:
            found = replace(found, **dict(effect.changes))
        if isinstance(effect, PutParticipant) and effect.number == found.number:
            found = replace(found, participants=(*found.participants, effect.participant))
    return found


def after(decision: Decision, before: Ticket) -> Ticket:
    """A ticket as the decision leaves it."""
    return _changed(decision, before)


def posts(decision: Decision) -> list[Post]:
    """The messages that a decision adds."""
    return [e.post for e in decision.effects if isinstance(e, AddPost)]


def verbs(decision: Decision) -> list[str]:
    """The timeline's verbs, in order."""
    return [e.event.verb for e in decision.effects if isinstance(e, AddEvent)]


def facts(decision: Decision) -> list[FactKind]:
    """What a decision means for the clocks."""
    return [e.event.fact.kind for e in decision.effects if isinstance(e, AddEvent) and e.event.fact is not None]


def told(decision: Decision) -> dict[str, list[str]]:
    """Who gets which notice: template to addresses. A draft is for nobody as yet."""
    found: dict[str, list[str]] = {}
    for notice in (n for n in decision.notices if not n.draft):
        found.setdefault(notice.template, []).extend(r.address.key for r in notice.recipients)
    return found


def notice(decision: Decision, template: str) -> Notice:
    """The one notice of a template."""
    (found,) = [n for n in decision.notices if n.template == template]
    return found


def settled(decision: Decision) -> SettleEntry:
    """What became of the entry."""
    (found,) = [e for e in decision.effects if isinstance(e, SettleEntry)]
    return found
