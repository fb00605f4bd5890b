"""What a mail costs as the database grows: a thousand, a hundred thousand, a million tickets.

A few hundred mails take the whole way first. Their rows are then copied by SQL, table by table, each copy with numbers,
ids and people of its own and a year older, until there are as many tickets as wanted: of every 200 old tickets one is
still open, all mail is sent. What is measured is the same mix of mails at each size, by the real functions in one
process: half open a ticket, half answer one that is somewhere in the database.
"""

import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

from bench.tickets import NoDns
from maild.base.words import DoorName, EntryState
from maild.journal.model import Incoming
from maild.message.envelope import Envelope
from maild.service.child import Plan, read_one
from maild.service.configuration import load
from maild.service.house import House, open_house
from maild.service.pipeline import Pipeline
from maild.service.reading import Reading
from tests.support.served import Served

SIZES = tuple(int(size) for size in os.environ.get("MAILD_BENCH_TICKETS", "1000 100000 1000000").split())
SEEDS = 200
MEASURED = 300
OPEN_SHARE = 200  # One of so many old tickets is open,
OPEN_SHARE_FIRST = 4  # of the first thousand one of these: as many as are answered at each size.
OLD_YEAR = 2024  # Whose days are all in any calendar.
OWN_NUMBERS = 2_000_000  # Tickets of the mails that are measured have numbers above all copies.

# What makes a copy's values its own; `c.k` counts the copies. All that is not named here is copied as it is, and every
# instant is a year older. Message-IDs and hashes are spread over their indexes as real ones are.
_SPREAD = "printf('%08x', c.k * 2654435761 & 4294967295)"
_ID = "printf('%06d', c.k) || {0}"
_ID_OR_NONE = "CASE WHEN {0} = '' THEN '' ELSE printf('%06d', c.k) || {0} END"
_MESSAGE_ID = "CASE WHEN {0} = '' THEN '' ELSE '<' || " + _SPREAD + " || substr({0}, 2) END"
_HASH = _SPREAD + " || substr({0}, 9)"
_PERSON = "CASE WHEN {0} LIKE '%@example.org' THEN c.k || '.' || {0} ELSE {0} END"
_OPEN = f"(number + c.k * 7) % CASE WHEN c.k < 5 THEN {OPEN_SHARE_FIRST} ELSE {OPEN_SHARE} END = 0"
_TICKET = f"{{0}} + c.k * {SEEDS}"
_SHORT = "substr({0}, 1, 300)"
_COPIES: dict[str, dict[str, str]] = {
    "ticket": {
        "number": _TICKET,
        "requester": _PERSON,
        "status": f"CASE WHEN {_OPEN} THEN status ELSE 'closed' END",
        "next_threshold_at": f"CASE WHEN {_OPEN} THEN next_threshold_at END",
    },
    "participant": {"ticket": _TICKET},
    "post": {
        "id": _ID,
        "ticket": _TICKET,
        "author": _PERSON,
        "message_id": _MESSAGE_ID,
        "entry": _ID_OR_NONE,
        "content_hash": _HASH,
    },
    "event": {"ticket": _TICKET},
    "clock": {"ticket": _TICKET},
    "entry": {"id": _ID, "mail_from": _PERSON, "message_id": _MESSAGE_ID, "content_hash": _HASH, "ticket": _TICKET},
    "entry_octets": {"entry": _ID, "octets": _SHORT},
    "outbox": {
        "id": _ID,
        "stimulus": _ID,
        "ticket": _TICKET,
        "post": _ID_OR_NONE,
        "rcpt_to": _PERSON,
        "message_id": _MESSAGE_ID,
        "ref": _HASH,
        "state": "'sent'",
        "next_attempt_at": "NULL",
    },
    "outbox_octets": {"delivery": _ID, "octets": _SHORT},
    "applied": {"stimulus": _ID, "ticket": _TICKET},
    "person": {"address": _PERSON},
}


def report(folder: Path) -> Iterator[str]:
    """Yield the milliseconds of processor time of one mail at each size, and how many times the smallest's that is."""
    served = Served(folder)
    house = open_house(load(served.desk.config), lambda: datetime.now(UTC))
    _work_off(house, [_mail(f"seed{n}") for n in range(SEEDS)])
    yield f"{'tickets':>10}{'database':>12}{'filled in':>12}{'a mail':>11}{'decided':>11}{'ratio':>7}"
    with closing(sqlite3.connect(served.database, isolation_level=None)) as raw:
        _keep_seeds(raw)
        copies, smallest = 0, 0.0
        for size in SIZES:
            begun = time.monotonic()
            _fill(raw, copies + 1, copies := size // SEEDS - 1)
            filled = time.monotonic() - begun
            _work_off(house, _mix(raw, f"warm{size}", MEASURED // 6))
            whole, decided = _work_off(house, _mix(raw, f"at{size}", MEASURED))
            smallest = smallest or whole
            megabytes = served.database.stat().st_size / 1e6
            row = f"{size:10,}{megabytes:9,.0f} MB{filled:10.0f} s{whole:8.2f} ms{decided:8.2f} ms"
            yield f"{row}{whole / smallest:7.2f}"
    house.close()
    served.close()


def _keep_seeds(raw: sqlite3.Connection) -> None:
    for table in _COPIES:
        raw.execute(f"CREATE TABLE seed_{table} AS SELECT * FROM {table}")
    raw.execute("UPDATE counter SET value = ? WHERE name = 'ticket'", (OWN_NUMBERS,))


def _fill(raw: sqlite3.Connection, first: int, last: int) -> None:
    """Add the copies `first` to `last` of every seed."""
    raw.execute("PRAGMA synchronous = off")
    raw.execute("PRAGMA cache_size = -500000")
    raw.execute("BEGIN")
    (told,) = raw.execute("SELECT max(seq) FROM post").fetchone()
    for table, rules in _COPIES.items():
        columns = [row[1] for row in raw.execute(f"PRAGMA table_info({table})") if row[1] != "seq"]
        values = ", ".join(rules.get(column, _older(column)).format(column) for column in columns)
        raw.execute(
            f"WITH RECURSIVE c(k) AS (SELECT {first} UNION ALL SELECT k + 1 FROM c WHERE k < {last})"
            f" INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM c CROSS JOIN seed_{table}"
        )
    words = "INSERT INTO post_search (rowid, subject, new_text) SELECT seq, subject, new_text FROM post WHERE seq > ?"
    raw.execute(words, (told,))
    raw.execute("COMMIT")
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _older(column: str) -> str:
    """Return what a column is copied as: an instant into a leap year long ago, all else as it is."""
    return f"'{OLD_YEAR}' || substr({{0}}, 5)" if column == "at" or column.endswith("_at") else "{0}"


def _mix(raw: sqlite3.Connection, label: str, count: int) -> list[tuple[str, bytes]]:
    """Return new mails and answers to open tickets in turn; no ticket is answered twice."""
    open_ones = (
        "SELECT t.requester, p.message_id FROM ticket t JOIN post p ON p.ticket = t.number AND p.entry <> ''"
        " WHERE t.status IN ('new', 'open') AND t.number < ? AND t.updated_at < ? || '~'"
        " GROUP BY t.number ORDER BY t.number * 2654435761 & 4294967295 LIMIT ?"
    )
    answered = raw.execute(open_ones, (OWN_NUMBERS, str(OLD_YEAR), count // 2)).fetchall()
    assert len(answered) == count // 2, "there are too few open tickets"
    return [
        mail
        for n, (requester, message_id) in enumerate(answered)
        for mail in (_mail(f"{label}.{n}"), _mail(f"{label}.answer{n}", requester, message_id))
    ]


def _mail(label: str, requester: str = "", answers: str = "") -> tuple[str, bytes]:
    """Return a mail with its sender, a new requester's when none is named."""
    mail = EmailMessage()
    mail["From"] = requester or f"{label}@example.org"
    mail["To"] = "support@example.com"
    mail["Subject"] = f"{'Re: ' if answers else ''}Printer of {label}"
    mail["Message-ID"] = f"<{label}@client.example>"
    mail["Date"] = "Mon, 23 Nov 2026 09:00:00 +0000"
    if answers:
        mail["In-Reply-To"] = mail["References"] = answers
    mail.set_content(f"Hello, the printer of {label} does not print.\nIt makes a noise like a drum.\n")
    return str(mail["From"]), mail.as_bytes().replace(b"\n", b"\r\n")


def _work_off(house: House, mails: Sequence[tuple[str, bytes]]) -> tuple[float, float]:
    """Take mails the whole way; returns milliseconds of processor time a mail, in all and without reading it."""
    now, office = datetime.now(UTC), house.office
    plan = Plan(office.settings, office.keyring, office.own, office.limits)
    pipe = Pipeline(
        house.db,
        house.journal,
        lambda: office,
        lambda job: read_one(job, plan, NoDns()),  # type: ignore[arg-type]  # only `for_mail` is asked
        lambda: datetime.now(UTC),
    )
    to = ("support@example.com",)
    house.journal.append_now([Incoming(Envelope(DoorName.SMTP, now, sender, to), octets) for sender, octets in mails])
    whole = decided = 0.0
    while entries := house.journal.claim(16, "bench", timedelta(minutes=1)):
        for entry in entries:
            reading: Future[Reading] = Future()
            begun = time.process_time()
            reading.set_result(pipe.prepare(entry))
            read = time.process_time()
            state = pipe.finish(entry, reading)
            whole, decided = whole + time.process_time() - begun, decided + time.process_time() - read
            assert state is EntryState.APPLIED, state
    return 1000 * whole / len(mails), 1000 * decided / len(mails)
