"""Facts to try templates with: a ticket with everything in it, and one with nothing that may be missing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from maild.base.words import Audience, Clock, ClockState, Direction, Priority, Purpose, Role, Status
from maild.desk.dossier import Dossier, Tried
from maild.desk.model import Attached, Event, Participant, Post, Table, Ticket
from maild.desk.notices import InternalFacts, Notice, PublicFacts, Recipient, Wanted
from maild.desk.telling import PUBLIC_TEMPLATES
from maild.message.model import Address
from maild.notice.catalogue import audience_of, is_outside
from maild.sla.model import Reading

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
MARTA, ANA, EVA = "marta@example.org", "ana@example.com", "eva@example.com"
SUBJECT = "VPN certificate has expired"
WITHOUT_TICKET = frozenset({"confirm", "digest", "daily", "quarantine", "roster", "report", "alert"})
# How a request stands when a mail goes out; in all others it is open.
STATUSES = {
    "resolved": Status.RESOLVED,
    "survey": Status.RESOLVED,
    "closed": Status.CLOSED,
    "acknowledgement": Status.NEW,
    "pending-reminder": Status.PENDING,
    "fields-wanted": Status.PENDING,
}
# Why a mail for people inside was sent, as the desk says it; all others because a lead wanted so.
REASONS = {
    "transcript": "fault",
    "bounced": "permanent",
    "reminder": "until",
    "requester-wrote": "rated 2 of 5",
    "reopened": "",
    "approval-decided": "approval-rejected",
    "supplier-wrote": "Nordwind",
    "digest": "2",
    "quarantine": "1",
    "daily": "first-line",
    "roster": "first-line",
    "report": "first-line",
    "alert": "breaker",
}
# What mails list, line by line; all others a transcript.
LINES = {
    "approval-decided": (("bea@example.org", "approved"), ("luis@example.org", "rejected: too dear")),
    "digest": (("[ACME-10427P] VPN certificate", "the requester wrote"), ("[ACME-10430F] Printer", "a note was added")),
    "quarantine": (("e7c01 eva@example.org VPN", "agent-unproved"),),
    "daily": (
        ("first-line", "Ana Ruiz, Ben"),
        ("2", "ACME-10427P VPN certificate\nACME-10430F Printer on floor 2"),
        ("3", "ACME-10411K Notebook for a new colleague\nACME-10402T Invoice 2026-118\nACME-10398B Door badge"),
    ),
    "roster": (("23 Nov, 09:00-14:00", "Ana Ruiz"), ("23 Nov, 15:00-18:00", "Ben")),
    "alert": (("600", "60 s"),),
}
PREVIEWED = 10427  # the ticket of all samples
ASKED = """Good morning,

since today the VPN says "certificate expired" <code 0x800B0101>. I tried:

- to restart the notebook
- the instructions at https://help.example.org/vpn?step=2&lang=en.

Could you help? Thanks & regards
Marta"""
ANSWERED = """Hello Marta,

the certificate is renewed. Please

1. close the VPN program
2. open it again and sign in.

Tell me if it does not work: ana@example.com"""


def public_facts(template: str = "") -> PublicFacts:
    """Return facts of which every one is there."""
    return PublicFacts(
        requester_name="Marta Gil",
        status=STATUSES.get(template, Status.OPEN),
        words="" if template == "acknowledgement" else ANSWERED,
        author="Ana Ruiz",
        holder="Ana Ruiz",
        received_at=NOW - timedelta(minutes=5),
        promise=NOW + timedelta(days=3),
        summary=ASKED,
        older="ACME-9981T" if template == "acknowledgement" else "",
        reopen_until=NOW + timedelta(days=7),
        ask_rating=True,
        close_at=NOW + timedelta(days=11),
        quoted=ASKED,
        quoted_author="Marta Gil",
        quoted_at=NOW - timedelta(hours=1),
        is_known=template == "fields-wanted",
        known="Trouble with the VPN",
        workaround="Use the phone meanwhile.",
        service="VPN access",
        size="90 MB",
        size_max="25 MB",
        wanted=(
            Wanted("Device", "what you will use it on", ("laptop", "phone")),
            Wanted("Room", given="the big one"),
        ),
        answer_by=NOW + timedelta(days=7),
        decision="rejected" if template == "approval-outcome" else "",
        decided_by="Bea Soler",
        others=("ACME-10430F",),
    )


def ticket() -> Ticket:
    """Return a ticket in the middle of its life."""
    return Ticket(
        number=PREVIEWED,
        subject="VPN certificate",
        first_subject=SUBJECT,
        status=Status.PENDING,
        queue="support",
        requester=MARTA,
        created_at=NOW - timedelta(hours=1),
        updated_at=NOW,
        priority=Priority.HIGH,
        team="first-line",
        requester_name="Marta Gil",
        assignee=ANA,
        language="en",
        tags=("vpn", "certificate"),
        sla="standard",
        address="support@example.com",
        until=NOW + timedelta(days=2),
        participants=(Participant("luis@example.org", "Luis", Role.CC), Participant(EVA, "", Role.WATCHER)),
    )


def readings() -> tuple[Reading, ...]:
    """Return clocks in every state that a mail may have to name."""
    begun = NOW - timedelta(hours=1)
    met = Reading(Clock.FIRST_RESPONSE, 1, ClockState.MET, begun, None, NOW, 14_400, 15_000, breached=True)
    near = NOW + timedelta(hours=3)
    running = Reading(Clock.NEXT_RESPONSE, 1, ClockState.RUNNING, begun, near, None, 28_800, 17_280, breached=False)
    late = NOW - timedelta(hours=2)
    missed = Reading(Clock.RESOLUTION, 1, ClockState.BREACHED, begun, late, None, 28_800, 36_120, breached=True)
    return met, running, missed


def internal_facts(template: str = "") -> InternalFacts:
    """Return facts of which every one is there."""
    asked = Post("e1.1", PREVIEWED, Direction.IN, Address("Marta Gil", MARTA), NOW - timedelta(hours=1), SUBJECT)
    answer = Post("e2.1", PREVIEWED, Direction.OUT, Address("Ana Ruiz", ANA), NOW, SUBJECT)
    return InternalFacts(
        ticket=None if template in WITHOUT_TICKET else replace(ticket(), assignee=holder_of(template)),
        words="" if template in LINES or template == "escalated" else ASKED,
        author=MARTA,
        reason=REASONS.get(template, "by lead@example.com"),
        readings=readings(),
        dossier=dossier(replace(asked, new_text=ASKED, public=True), replace(answer, new_text=ANSWERED, public=True)),
        events=(Event(NOW - timedelta(hours=1), MARTA, "opened", "a new mail"), Event(NOW, "maild", "assigned", ANA)),
        lines=LINES.get(template, (("#asign eva", "there is no verb #asign; nearest: assign"), ("#priority high", ""))),
        also=("the requester wrote",),
        clock=Clock.RESOLUTION,
        percent=100 if template == "sla-breach" else 90,
        due_at=NOW - timedelta(hours=2) if template == "sla-breach" else NOW + timedelta(hours=2),
        code="K7QM-2XNP",
        likely="ACME-10399W",
        attachments=("screen.png", "log.txt"),
        deliver_to=MARTA,
        diagnostic="550 5.1.1 <marta@example.org>: no such user",
        draft=template == "transcript",
        tables=(Table("All together", ("Figure", "Value"), (("Opened", "7"),), ("Opened: in the period.",)),),
    )


def holder_of(template: str) -> str | None:
    """Return who has the ticket of a sample: nobody before it is assigned."""
    return None if template == "new-ticket" else ANA


def dossier(asked: Post, answer: Post) -> Dossier:
    """Return a dossier with everything in it."""
    begun = NOW - timedelta(hours=1)
    return Dossier(
        asked=asked,
        tried=(Tried(NOW, ANA, "a new profile, another network"),),
        said=(answer, replace(answer, public=False, new_text="The log says code 0x800B0101.")),
        done=(Event(begun, "maild", "assigned", f"{ANA}: least loaded of its team (2 active)"),),
        attachments=(Attached(begun, MARTA, "screen.png", 48_213, "0b"), Attached(NOW, ANA, "log.txt", 912, "0c")),
        attachments_between=37,
        holders=("ben@example.com",),
    )


def sample(template: str, language: str, *, sparse: bool = False) -> Notice:
    """Return a notice of a template; with `sparse` one whose facts are all missing that may be."""
    outside = is_outside(template)
    if sparse:
        alone = bare_ticket() if template not in WITHOUT_TICKET else None
        facts: PublicFacts | InternalFacts = PublicFacts("", Status.NEW) if outside else InternalFacts(ticket=alone)
    else:
        facts = public_facts(template) if outside else internal_facts(template)
    to = Address("Marta Gil", MARTA) if outside else Address("Ana Ruiz", ANA)
    personal = (
        template in {"agent-replied", "resolved", "closed", "supplier-asked"} and not sparse
    )  # an agent's words go with it
    has_ticket = outside or (isinstance(facts, InternalFacts) and facts.ticket is not None)
    return Notice(
        template,
        audience_of(template),
        language,
        (Recipient(to, Role(str(audience_of(template)))),),
        (to,),
        facts,
        purpose_of(template),
        PREVIEWED if has_ticket else 0,
        SUBJECT if has_ticket else "",
        from_address="support@example.com",
        from_name="Ana Ruiz (Acme Support)" if personal else "",
        automatic="" if personal else "auto-generated",
    )


def bare_ticket() -> Ticket:
    """Return a ticket about which hardly anything is known."""
    return Ticket(PREVIEWED, SUBJECT, SUBJECT, Status.NEW, "support", MARTA, NOW, NOW)


def purpose_of(template: str) -> Purpose:
    """Return what an answer to a template is, as the desk sends it."""
    if is_outside(template):
        theirs = {Audience.APPROVER: Purpose.APPROVER, Audience.SUPPLIER: Purpose.SUPPLIER}
        return theirs.get(audience_of(template), Purpose.REQUESTER)
    if template in {"transcript", "confirm"}:
        return Purpose.CONTROL
    return Purpose.PUBLIC if template in PUBLIC_TEMPLATES else Purpose.INTERNAL
