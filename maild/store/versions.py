"""Service levels as they were: one row an edit, from the instant at which it came into force."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime

from maild.database.chain import append
from maild.database.connection import Database, Transaction
from maild.database.dialect import Reader, known_instant
from maild.store.work import insert, upsert

VERSION_LETTERS = 12
_CONFIGURATION = "configuration"

Versions = Mapping[str, Sequence[tuple[datetime, str]]]
"""By name: (in force since, the SLA as text), oldest first."""


def sla_versions(reader: Reader) -> Versions:
    """Return every version of every SLA that the desk has worked by."""
    found: dict[str, list[tuple[datetime, str]]] = {}
    for row in reader.execute("SELECT name, valid_from, content FROM sla_version ORDER BY name, valid_from"):
        found.setdefault(row["name"], []).append((known_instant(row["valid_from"]), row["content"]))
    return found


def keep_sla_versions(db: Database, slas: Mapping[str, str], now: datetime) -> tuple[str, ...]:
    """Keep the SLAs, as text by name, that are not what was in force; returns the names of those that were edited.

    The clocks of their tickets are read anew by the next sweep. An SLA that was never seen holds for all time before.
    """
    with db.reading() as reader:
        if not _edited(reader, slas):
            return ()
    with db.transaction() as transaction:
        edited = _edited(transaction, slas)
        known = sorted(name for name, since in edited.items() if since is not None)
        for name, since in edited.items():
            _keep(transaction, name, slas[name], max(now, since or now))
        for name in known:
            anew = (
                "UPDATE ticket SET next_threshold_at = ? WHERE lower(sla) = ?"
                " AND status NOT IN ('closed', 'merged', 'spam')"
            )
            transaction.change(anew, (now, name.lower()))
    return tuple(known)


def keep_configuration_version(db: Database, digest: str, now: datetime) -> bool:
    """Note in the audit record that the desk works by another configuration from now on; False when it does not.

    `digest` is that of its files: who keeps them under version control can tell which one it was.
    """
    last = "SELECT value FROM meta WHERE name = ?"
    if [row["value"] for row in db.execute(last, (_CONFIGURATION,))] == [digest]:
        return False
    with db.transaction() as transaction:
        transaction.change(*upsert("meta", ("name",), {"name": _CONFIGURATION, "value": digest, "at": now}))
        append(transaction, now, _CONFIGURATION, None, [(_CONFIGURATION, digest)])
    return True


def _edited(reader: Reader, slas: Mapping[str, str]) -> dict[str, datetime | None]:
    """Return the SLAs that are new or another than before, with since when the one before is in force."""
    versions = sla_versions(reader)
    latest = {name: versions[name][-1] if name in versions else (None, "") for name in slas}
    return {name: latest[name][0] for name, text in slas.items() if latest[name][1] != text}


def _keep(transaction: Transaction, name: str, text: str, since: datetime) -> None:
    version = hashlib.sha256(text.encode()).hexdigest()[:VERSION_LETTERS]
    values: dict[str, object] = {"name": name, "valid_from": since, "version": version, "content": text}
    # Two edits within the same instant: the later one holds.
    again = "ON CONFLICT (name, valid_from) DO UPDATE SET version = excluded.version, content = excluded.content"
    transaction.change(*insert("sla_version", values, again))
