"""All that one decision may look at, as of one moment."""

from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import datetime, timedelta

from maild.base.words import Priority
from maild.database.connection import Database
from maild.database.dialect import Reader, Row, marks, stored_instant
from maild.desk.model import Confirmation, Delivery, Load, Past, Sent, Snapshot, Ticket
from maild.store.absences import load_absences
from maild.store.approval_rows import load_approvals
from maild.store.candidates import follow
from maild.store.families import children_of, load_known_errors, parents_of
from maild.store.folding import load_rhythms, notices_lately
from maild.store.listing import listed
from maild.store.model import Asked, Tally
from maild.store.numbers import numbers_at_hand
from maild.store.persons import load_aliases
from maild.store.queries import merged_into
from maild.store.rows import (
    DELIVERY_COLUMNS,
    load_events,
    load_older_files,
    load_people,
    load_posts,
    load_tickets,
    load_told,
    read_confirmation,
    read_delivery,
)
from maild.store.traffic import TO_REQUESTERS, Around, load_traffic
from maild.store.undoing import load_undo

_DELIVERIES = (
    f"SELECT {DELIVERY_COLUMNS} FROM outbox WHERE ticket IN %s AND (state IN ('queued', 'held', 'deferred')"  # noqa: S608 a constant
    " OR words_of <> '') ORDER BY seq"
)
_BUSY = (
    "SELECT assignee, priority, count(*) AS active FROM ticket%s WHERE status IN ('new', 'open')"
    " AND assignee IS NOT NULL GROUP BY assignee, priority"
)
_LAST_AGENTS = (
    "SELECT assignee FROM ticket WHERE requester = ? AND number <> ? AND assignee IS NOT NULL AND status <> 'spam'"
    " ORDER BY number DESC LIMIT 5"
)
_SAME_SUBJECT = (
    "SELECT number FROM ticket WHERE requester IN %s AND canonical_subject = ? AND status IN"
    " ('new', 'open', 'pending', 'on-hold') ORDER BY number DESC LIMIT 5"
)


SURVEYS_WITHIN = timedelta(days=30)
_NOTHING = Tally()


def snapshot(db: Database, asked: Asked, now: datetime, first_number: int = 1, tally: Tally = _NOTHING) -> Snapshot:
    """Take a snapshot in one read transaction; `new_numbers` are reserved before, and come again when not used.

    The tickets in it carry their versions: a decision on them is refused when one has moved on.
    """
    numbers = numbers_at_hand(db, asked.new_numbers, first_number)
    with db.reading() as reader:
        return _taken(reader, asked, now, numbers, tally)


def _taken(reader: Reader, asked: Asked, now: datetime, numbers: tuple[int, ...], tally: Tally) -> Snapshot:
    ticket = _ticket(reader, asked.ticket)
    number = ticket.number if ticket is not None else 0
    family = merged_into(reader, number) if number else ()
    past = _past(reader, family, asked) if family else Past()
    merged = _merged(reader, number) if len(family) > 1 else ()
    others = _others(reader, asked.tickets)
    pasts = _pasts(reader, (*others.values(), *merged), asked)
    of_children = _pasts_of_children(reader, (past, *pasts.values()), asked)
    reported = _reported(reader, asked)
    named = {*asked.people, *_addresses(ticket), *({reported.rcpt_to.lower()} if reported else ())}
    aliases = load_aliases(reader, named)
    people = sorted({*named, *aliases})
    return Snapshot(
        **{each.name: getattr(past, each.name) for each in fields(Past)},
        new_numbers=numbers,
        ticket=ticket,
        tickets=others,
        merged=merged,
        pasts=pasts | of_children,
        people=load_people(reader, sorted({*people, *tally.agents})),
        aliases=aliases,
        loads=_loads(reader),
        surveys=_surveys(reader, ticket.requester, now) if asked.surveys and ticket is not None else 0,
        sent=_sent(reader, people, now),
        automatic_in_a_minute=_automatic_in_a_minute(reader, tally.in_a_minute, now),
        traffic=load_traffic(reader, _around(asked, ticket, people), tally.traffic, now),
        notices=notices_lately(reader, tally.agents if tally.notices else (), now),
        reported=reported,
        same_subject=_same_subject(reader, asked),
        equal=_equal(reader, asked.fingerprint),
        siblings=_siblings(reader, asked, number),
        confirmation=_confirmation(reader, asked.code_hash),
        confirms_in_an_hour=_confirms(reader, asked.agent, now),
        known_errors=load_known_errors(reader) if asked.ticket is None or asked.new_numbers else (),
        lists={text: listed(reader, query) for text, query in asked.lists},
        undo=load_undo(reader, number, asked.agent) if number else None,
        last_agents=_last_agents(reader, asked, ticket) if tally.last_agents else (),
        absences=load_absences(reader, now),
        rhythms=load_rhythms(reader),
    )


def _around(asked: Asked, ticket: Ticket | None, people: list[str]) -> Around:
    number, queue = (ticket.number, ticket.queue) if ticket is not None else (0, asked.queue)
    return Around(tuple(people), number, queue, asked.canonical_subject)


def _ticket(reader: Reader, number: int | None) -> Ticket | None:
    return load_tickets(reader, (number,)).get(number) if number is not None else None


def _tickets(reader: Reader, numbers: Iterable[int]) -> dict[int, Ticket]:
    return load_tickets(reader, tuple(dict.fromkeys(numbers)))


def _others(reader: Reader, numbers: Iterable[int]) -> dict[int, Ticket]:
    """Return tickets by the numbers that were asked for, from where they live now."""
    lives = follow(reader, numbers)
    tickets = _tickets(reader, lives.values())
    return {asked: tickets[number] for asked, number in lives.items()}


def _merged(reader: Reader, number: int) -> tuple[Ticket, ...]:
    """Return the tickets that were merged straight into this one, the latest first."""
    rows = reader.execute("SELECT number FROM ticket WHERE merged_into = ? ORDER BY status_since DESC", (number,))
    tickets = _tickets(reader, [row["number"] for row in rows])
    return tuple(tickets[row["number"]] for row in rows)


def _past(reader: Reader, family: tuple[int, ...], asked: Asked) -> Past:
    """Return what was said and done on a ticket, the first of its family."""
    number = family[0]
    posts = load_posts(reader, family, asked.posts)
    return Past(
        posts=posts,
        events=load_events(reader, number, asked.events),
        deliveries=_deliveries(reader, family),
        told=load_told(reader, number),
        approvals=load_approvals(reader, number),
        children=tuple(_tickets(reader, children_of(reader, number)).values()) if asked.children else (),
        parents=parents_of(reader, number) if asked.parents else (),
        older_files=load_older_files(reader, family, asked.posts) if len(posts) >= asked.posts else tuple,
    )


def _pasts(reader: Reader, tickets: Iterable[Ticket], asked: Asked) -> dict[int, Past]:
    """Return what was said and done on each of these tickets, and on those merged into it."""
    return {ticket.number: _past(reader, merged_into(reader, ticket.number), asked) for ticket in tickets}


def _pasts_of_children(reader: Reader, parents: Iterable[Past], asked: Asked) -> dict[int, Past]:
    """Return what was said and done on the children that were asked for; theirs in turn are left out."""
    return _pasts(reader, (child for past in parents for child in past.children), replace(asked, children=False))


def _addresses(ticket: Ticket | None) -> set[str]:
    if ticket is None:
        return set()
    people = {ticket.requester, *(participant.address for participant in ticket.participants)}
    return people | ({ticket.assignee} if ticket.assignee else set())


def _loads(reader: Reader) -> dict[str, Load]:
    busy = _BUSY % reader.dialect.by_index("ticket_held_by")
    active: dict[str, dict[Priority, int]] = {}
    for row in reader.execute(busy):
        active.setdefault(row["assignee"], {})[Priority(row["priority"])] = int(row["active"])
    rows = reader.execute("SELECT address, last_assigned_at FROM assignment")
    last = {row["address"]: stored_instant(row["last_assigned_at"]) for row in rows}
    return {
        address: Load(sum(active.get(address, {}).values()), last.get(address), active.get(address, {}))
        for address in sorted({*active, *last})
    }


def _last_agents(reader: Reader, asked: Asked, ticket: Ticket | None) -> tuple[str, ...]:
    """Return who had the requester's latest other tickets, the latest first."""
    requester = asked.requester or (ticket.requester if ticket is not None else "")
    if not requester:
        return ()
    rows = reader.execute(_LAST_AGENTS, (requester, ticket.number if ticket is not None else 0))
    return tuple(dict.fromkeys(row["assignee"] for row in rows))


def _surveys(reader: Reader, requester: str, now: datetime) -> int:
    """Return for how many tickets of one requester a mail of its own asked for a rating within SURVEYS_WITHIN."""
    asked = "SELECT count(*) AS n FROM ticket WHERE requester = ? AND survey = 'asked' AND surveyed_at > ?"
    return int(reader.execute(asked, (requester, now - SURVEYS_WITHIN))[0]["n"])


def _sent(reader: Reader, people: list[str], now: datetime) -> dict[str, Sent]:
    count = (
        "SELECT rcpt_to, count(*) AS day, sum(CASE WHEN created_at > ? THEN 1 ELSE 0 END) AS lately"  # noqa: S608 marks
        " FROM outbox WHERE automatic AND state <> 'cancelled' AND created_at > ?"
        f" AND rcpt_to IN {marks(people)} AND template IN {marks(TO_REQUESTERS)} GROUP BY rcpt_to"
    )
    since = (now - timedelta(minutes=10), now - timedelta(hours=24))
    rows = reader.execute(count, (*since, *people, *TO_REQUESTERS))
    return {row["rcpt_to"]: Sent(int(row["lately"]), int(row["day"])) for row in rows}


def _automatic_in_a_minute(reader: Reader, most: int, now: datetime) -> int:
    if not most:
        return 0
    count = (
        "SELECT count(*) AS n FROM (SELECT 1 AS one FROM outbox%s WHERE automatic AND created_at > ? LIMIT ?) AS lately"
    )
    by_index = reader.dialect.by_index("outbox_lately")
    return int(reader.execute(count % by_index, (now - timedelta(minutes=1), most))[0]["n"])


def _deliveries(reader: Reader, family: tuple[int, ...]) -> tuple[Delivery, ...]:
    return tuple(read_delivery(row) for row in reader.execute(_DELIVERIES % marks(family), family))


def _reported(reader: Reader, asked: Asked) -> Delivery | None:
    """Return the row that is meant: by its id, or by what its Message-ID says, rather the named recipient's copy."""
    rows: list[Row] = []
    if asked.delivery:
        rows = reader.execute(f"SELECT {DELIVERY_COLUMNS} FROM outbox WHERE id = ?", (asked.delivery,))  # noqa: S608 a constant
    elif asked.reported_ref:
        by_ref = f"SELECT {DELIVERY_COLUMNS} FROM outbox WHERE ref = ? ORDER BY seq"  # noqa: S608 a constant
        rows = reader.execute(by_ref, (asked.reported_ref,))
    exact = [row for row in rows if row["rcpt_to"].lower() == asked.reported_rcpt_to.lower()]
    return next((read_delivery(row) for row in exact or rows), None)


def _same_subject(reader: Reader, asked: Asked) -> tuple[Ticket, ...]:
    if not asked.requester or not asked.canonical_subject:
        return ()
    hers = sorted({asked.requester, *asked.also})
    rows = reader.execute(_SAME_SUBJECT % marks(hers), (*hers, asked.canonical_subject))
    return tuple(_tickets(reader, [row["number"] for row in rows]).values())


def _equal(reader: Reader, fingerprint: str) -> Ticket | None:
    if not fingerprint:
        return None
    latest = (
        f"SELECT number FROM ticket{reader.dialect.by_index('ticket_fingerprint')} WHERE fingerprint = ?"  # noqa: S608 a constant
        " AND fingerprint <> '' AND status IN ('new', 'open', 'pending', 'on-hold') ORDER BY number DESC LIMIT 1"
    )
    rows = reader.execute(latest, (fingerprint,))
    return _ticket(reader, rows[0]["number"]) if rows else None


def _siblings(reader: Reader, asked: Asked, main: int) -> tuple[Ticket, ...]:
    """Return the tickets that this very mail opened in other queues, first opened first."""
    if not asked.content_hash:
        return ()
    same = (
        "SELECT DISTINCT p.ticket FROM entry e JOIN post p ON p.entry = e.id AND p.entry <> ''"
        " WHERE e.content_hash = ? AND e.content_hash <> '' AND e.message_id = ? AND p.ticket <> ? ORDER BY p.ticket"
    )
    rows = reader.execute(same, (asked.content_hash, asked.message_id, main))
    return tuple(_tickets(reader, [row["ticket"] for row in rows]).values())


def _confirmation(reader: Reader, code_hash: str) -> Confirmation | None:
    if not code_hash:
        return None
    rows = reader.execute("SELECT * FROM confirmation WHERE code_hash = ? ORDER BY expires_at DESC", (code_hash,))
    return read_confirmation(rows[0]) if rows else None


def _confirms(reader: Reader, agent: str, now: datetime) -> int:
    if not agent:
        return 0
    count = (
        "SELECT count(*) AS n FROM outbox WHERE automatic AND rcpt_to = ? AND template = 'confirm' AND created_at > ?"
    )
    return int(reader.execute(count, (agent, now - timedelta(hours=1)))[0]["n"])
