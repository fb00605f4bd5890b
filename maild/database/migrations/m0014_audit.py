"""Version 14: the audit record, to which rows are only ever added, each bound to the one before it by its hash."""

import hashlib
from typing import Any

import peewee as p

from maild.database.migrations.tables import Table, create, drop, run

_FIRST = "0" * 64
_BEFORE_ALL = "1970-01-01T00:00:00.000000Z"


class Audit(Table):
    """What one decision, or one act of an administrator, did: `lines` is JSON, `hash` covers the row before, too."""

    seq = p.BigIntegerField(primary_key=True)
    at = p.TextField()
    stimulus = p.TextField()
    ticket = p.BigIntegerField(null=True)
    lines = p.TextField()
    hash = p.TextField()


Audit.add_index(Audit.ticket, Audit.seq, name="audit_ticket")

_REFUSED = "BEGIN SELECT RAISE(ABORT, 'the audit record only grows'); END"
_SQLITE = (
    f"CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit {_REFUSED}",
    f"CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit {_REFUSED}",
)
_POSTGRESQL = (
    "CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION 'the audit record only grows'; END $$",
    "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit"
    " FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()",
)


def up(db: p.Database) -> None:
    """Make the table and what guards it; its first row says from which line of the timelines on it counts."""
    create(db, (Audit,))
    raw: Any = db
    (since,) = raw.execute_sql(
        "SELECT (SELECT coalesce(max(seq), 0) FROM event), (SELECT coalesce(max(seq), 0) FROM post)"
    ).fetchall()
    lines = f'[["since",{int(since[0])},{int(since[1])}]]'
    digest = hashlib.sha256("\n".join((_FIRST, "1", _BEFORE_ALL, "since", "", lines)).encode()).hexdigest()
    first = "INSERT INTO audit (seq, at, stimulus, lines, hash) VALUES (1, {mark}, 'since', {mark}, {mark})"
    raw.execute_sql(first.format(mark=raw.param), (_BEFORE_ALL, lines, digest))
    for guard in _SQLITE if isinstance(db, p.SqliteDatabase) else _POSTGRESQL:
        run(db, guard)


def down(db: p.Database) -> None:
    """Drop the table with its guards."""
    drop(db, (Audit,))
    if not isinstance(db, p.SqliteDatabase):
        run(db, "DROP FUNCTION audit_only_grows()")
