"""How much automatic mail went to requesters lately: what the limits by ticket, domain, queue and subject look at."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from maild.database.dialect import Reader, marks
from maild.desk.model import Traffic

# What counts towards the limits: an agent who asks something himself has had many notices as an agent.
TO_REQUESTERS = (
    "acknowledgement",
    "agent-replied",
    "announcement",
    "approval-outcome",
    "closed",
    "fields-wanted",
    "pending-reminder",
    "resolved",
    "status",
    "survey",
    "too-large",
)
WINDOW, DAY, HOUR = timedelta(minutes=10), timedelta(hours=24), timedelta(hours=1)
DOMAINS_MAX = 50  # of the people that a mail names

_MANY = "SELECT ? AS kind, ? AS name, count(*) AS n FROM (SELECT 1 AS one FROM outbox{} WHERE {} LIMIT ?) AS lately"
_WHERE = {
    "domain": "domain = ? AND domain <> '' AND created_at > ?",
    "queue": "queue = ? AND queue <> '' AND created_at > ?",
    "ticket": "ticket = ? AND domain <> '' AND created_at > ?",
}


@dataclass(frozen=True, slots=True)
class Counted:
    """What of the traffic a limit looks at, and how far; 0: not at all."""

    a_ticket: int = 0
    a_domain: int = 0
    a_queue: int = 0
    same_answers: int = 0
    shared: frozenset[str] = frozenset()  # domains that are not counted: they belong to nobody, or to us


@dataclass(frozen=True, slots=True)
class Around:
    """Whose traffic is wanted: the ticket, or the queue and subject of the one that may be opened; the people."""

    people: tuple[str, ...]
    ticket: int
    queue: str
    subject: str  # canonical


def bucket_of(rcpt_to: str, template: str, *, automatic: bool) -> str:
    """Return the domain that a mail counts for; "" when no limit counts it."""
    return rcpt_to.rpartition("@")[2].lower() if automatic and template in TO_REQUESTERS else ""


def load_traffic(reader: Reader, around: Around, counted: Counted, now: datetime) -> Traffic:
    """Return the traffic of the last minutes around a decision, each figure no further than its limit."""
    found = _counts(reader, list(_questions(around, counted, now)))
    return Traffic(
        ticket=around.ticket,
        on_ticket=found.get(("10min", str(around.ticket)), 0),
        on_ticket_in_a_day=found.get(("day", str(around.ticket)), 0),
        by_domain={name: n for (kind, name), n in found.items() if kind == "domain"},
        by_queue={name: n for (kind, name), n in found.items() if kind == "queue"},
        same_answers=_same_answers(reader, around, now) if counted.same_answers and around.people else {},
    )


Question = tuple[str, str, str, object, datetime, int]  # kind, name, column, its value, since when, how far


def _questions(around: Around, counted: Counted, now: datetime) -> Iterable[Question]:
    if counted.a_domain:
        domains = dict.fromkeys(address.rpartition("@")[2] for address in around.people)
        for domain in [each for each in domains if each and each not in counted.shared][:DOMAINS_MAX]:
            yield "domain", domain, "domain", domain, now - WINDOW, counted.a_domain
    if counted.a_queue and around.queue:
        yield "queue", around.queue, "queue", around.queue, now - WINDOW, counted.a_queue
    if counted.a_ticket and around.ticket:
        yield "10min", str(around.ticket), "ticket", around.ticket, now - WINDOW, counted.a_ticket
        yield "day", str(around.ticket), "ticket", around.ticket, now - DAY, counted.a_ticket


def _counts(reader: Reader, questions: list[Question]) -> dict[tuple[str, str], int]:
    """Ask them all in one statement."""
    if not questions:
        return {}
    index = reader.dialect.by_index
    each = [_MANY.format(index(f"outbox_{column}"), _WHERE[column]) for _, _, column, _, _, _ in questions]
    values = [value for kind, name, _, *rest in questions for value in (kind, name, *rest)]
    return {(row["kind"], row["name"]): int(row["n"]) for row in reader.execute(" UNION ALL ".join(each), values)}


def _same_answers(reader: Reader, around: Around, now: datetime) -> dict[tuple[str, str], int]:
    """Return how often each of these people got each template under this subject within the hour."""
    subject = "(SELECT canonical_subject FROM ticket WHERE number = ?)" if around.ticket else "?"
    count = (
        "SELECT o.rcpt_to, o.template, count(*) AS n FROM outbox o JOIN ticket t ON t.number = o.ticket"  # noqa: S608 marks
        f" WHERE o.automatic AND o.rcpt_to IN {marks(around.people)} AND o.created_at > ? AND o.domain <> ''"
        f" AND t.canonical_subject = {subject} GROUP BY o.rcpt_to, o.template"
    )
    rows = reader.execute(count, (*around.people, now - HOUR, around.ticket or around.subject))
    return {(row["rcpt_to"], row["template"]): int(row["n"]) for row in rows}
