"""What an administrator should hear of: mailboxes, held mail, an outbox that does not move, what is quarantined."""

import json
import re
from datetime import datetime, timedelta

from maild.database.dialect import Reader, instant, stored_instant
from maild.desk.decide.alert import Held
from maild.desk.patterns import Came

STILL = timedelta(minutes=15)  # An outbox that has not moved for so long is told of.
HELD_LATELY = timedelta(minutes=10)
LISTED_MAX = 5_000
_ANSWERED = re.compile(r"[245]\d\d( |$)")  # a smarthost's reply; anything else is why none could be asked


def dead_mailboxes(reader: Reader) -> dict[str, str]:
    """Return the IMAP mailboxes that are dead, each with the problem in words."""
    rows = reader.execute("SELECT name, problem FROM mailbox WHERE state = 'dead' ORDER BY name")
    return {row["name"]: row["problem"] for row in rows}


def held_lately(reader: Reader, begins: str, now: datetime) -> dict[str, int]:
    """Return how many automatic mails of the last minutes are held, by each reason that begins so."""
    count = (
        "SELECT reason, count(*) AS n FROM outbox WHERE state = 'held' AND automatic AND created_at > ?"
        " GROUP BY reason ORDER BY reason"
    )
    rows = reader.execute(count, (now - HELD_LATELY,))
    return {row["reason"]: int(row["n"]) for row in rows if row["reason"].startswith(begins)}


def why_still(reader: Reader, now: datetime) -> str:
    """Return why the outbox has not moved for 15 minutes, in words; "" when it moves, or has nothing to do."""
    due = "SELECT count(*) AS n FROM outbox WHERE state IN ('queued', 'deferred') AND next_attempt_at <= ?"
    late = int(reader.execute(due, (now - STILL,))[0]["n"])
    if late:
        return f"{late} mails are due and nobody delivers them"
    waiting = "SELECT DISTINCT last_reply FROM outbox WHERE state = 'deferred' AND created_at <= ? LIMIT 100"
    replies = [str(row["last_reply"]) for row in reader.execute(waiting, (now - STILL,))]
    away = [reply for reply in replies if reply and not _ANSWERED.match(reply)]
    return away[0] if away and not _sent_lately(reader, now) else ""


def _sent_lately(reader: Reader, now: datetime) -> bool:
    newest = "SELECT sent_at FROM outbox WHERE state = 'sent' ORDER BY seq DESC LIMIT 200"
    times = [stored_instant(row["sent_at"]) for row in reader.execute(newest)]
    return any(at is not None and at > now - STILL for at in times)


def held_mail(reader: Reader) -> tuple[Held, ...]:
    """Return what waits for a person, oldest first: quarantined mail, and finished mail that is held."""
    quarantined = "SELECT id, mail_from, reason, queues FROM entry WHERE state = 'quarantined' ORDER BY seq LIMIT ?"
    found = [
        Held(row["id"], row["mail_from"] or "", row["reason"], tuple(json.loads(row["queues"] or "[]")))
        for row in reader.execute(quarantined, (LISTED_MAX,))
    ]
    held = "SELECT id, rcpt_to, reason FROM outbox WHERE state = 'held' AND NOT draft ORDER BY seq LIMIT ?"
    rows = reader.execute(held, (LISTED_MAX,))
    return (*found, *(Held(row["id"], row["rcpt_to"], row["reason"]) for row in rows))


def mail_of_an_hour(reader: Reader, now: datetime) -> list[Came]:
    """Return what came within the hour, newest first and of much the newest, with what became of it."""
    columns = "id, received_at, client, mail_from, reason, ticket, trusted"
    newest_first = f"SELECT {columns} FROM entry ORDER BY seq DESC LIMIT ?"  # noqa: S608 constants
    hour = instant(now - timedelta(hours=1))
    return [
        Came(row["id"], "" if row["trusted"] else row["client"], row["mail_from"] or "", row["reason"], row["ticket"])
        for row in reader.execute(newest_first, (LISTED_MAX,))
        if row["received_at"] > hour
    ]


def applied_at(reader: Reader, stimulus: str) -> datetime | None:
    """Return when a stimulus had its effect; None when it had none yet."""
    rows = reader.execute("SELECT at FROM applied WHERE stimulus = ?", (stimulus,))
    return stored_instant(rows[0]["at"]) if rows else None


def meta(reader: Reader, name: str) -> str:
    """Return the value kept under a name; "" when there is none."""
    rows = reader.execute("SELECT value FROM meta WHERE name = ?", (name,))
    return str(rows[0]["value"]) if rows else ""
