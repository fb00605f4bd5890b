"""What processes tell each other through the database: leases, heartbeats, sweeps, mailboxes, snapshots."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from maild.database.connection import Database
from maild.store.showing import SLA_SNAPSHOT
from maild.store.work import upsert


def save_meta(db: Database, name: str, value: str, now: datetime) -> None:
    """Keep one value under a name, in place of the one before."""
    with db.transaction() as transaction:
        transaction.change(*upsert("meta", ("name",), {"name": name, "value": value, "at": now}))


def save_sla_snapshot(db: Database, text: str, now: datetime) -> None:
    """Keep the compiled SLAs as text, for commands that read no configuration."""
    save_meta(db, SLA_SNAPSHOT, text, now)


def beat(db: Database, process: str, now: datetime, detail: Mapping[str, object]) -> None:
    """Say that a process of the service is alive; `detail` (JSON values) says its roles and doors."""
    values: dict[str, object] = {"process": process, "at": now, "detail": json.dumps(dict(detail))}
    with db.transaction() as transaction:
        transaction.change(*upsert("heartbeat", ("process",), values))
        transaction.change("DELETE FROM heartbeat WHERE at < ?", (now - timedelta(days=1),))


def stop_beating(db: Database, process: str) -> None:
    """Say that a process has left in order."""
    with db.transaction() as transaction:
        transaction.change("DELETE FROM heartbeat WHERE process = ?", (process,))


def take_lease(db: Database, name: str, holder: str, now: datetime, lasts: timedelta) -> int | None:
    """Take or prolong a lease; returns its fence, which grows with every new holder, or None when another holds it.

    A holder that was stopped past its lease finds another fence, and must not act on what it held.
    """
    take = (
        "INSERT INTO lease (name, holder, until, fence) VALUES (?, ?, ?, 1) ON CONFLICT (name) DO UPDATE SET"
        " fence = lease.fence + CASE WHEN lease.holder = excluded.holder AND lease.until > ? THEN 0 ELSE 1 END,"
        " holder = excluded.holder, until = excluded.until WHERE lease.holder = excluded.holder OR lease.until <= ?"
        " RETURNING fence"
    )
    with db.transaction() as transaction:
        rows = transaction.execute(take, (name, holder, now + lasts, now, now))
    return int(rows[0]["fence"]) if rows else None


def drop_lease(db: Database, name: str, holder: str) -> None:
    """Give a lease back; the next holder gets a higher fence."""
    with db.transaction() as transaction:
        transaction.change("UPDATE lease SET until = '' WHERE name = ? AND holder = ?", (name, holder))


def sweep_ran(db: Database, name: str, last_run: datetime, next_run: datetime | None, problem: str = "") -> None:
    """Note that a scheduled sweep ran; `problem` is "" when all was well."""
    values: dict[str, object] = {"name": name, "last_run": last_run, "next_run": next_run, "problem": problem}
    with db.transaction() as transaction:
        transaction.change(*upsert("sweep", ("name",), values))


def mailbox_is(
    db: Database, name: str, state: str, now: datetime, *, problem: str = "", contact: bool = False, mail: bool = False
) -> None:
    """Note how an IMAP mailbox is ("ok", "degraded", "dead"); `since` stays while the state does.

    `contact`: the server answered just now; `mail`: it had mail for us.
    """
    note = (
        "INSERT INTO mailbox (name, state, since, last_contact, last_mail, problem) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (name) DO UPDATE SET"
        " since = CASE WHEN mailbox.state = excluded.state THEN mailbox.since ELSE excluded.since END,"
        " state = excluded.state, problem = excluded.problem,"
        " last_contact = coalesce(excluded.last_contact, mailbox.last_contact),"
        " last_mail = coalesce(excluded.last_mail, mailbox.last_mail)"
    )
    with db.transaction() as transaction:
        transaction.change(note, (name, state, now, now if contact else None, now if mail else None, problem))
