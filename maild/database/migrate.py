"""Bring the tables from one version to another, all steps in one transaction."""

from datetime import datetime

from maild.database.connection import Database, Transaction
from maild.database.migrations import MIGRATIONS
from maild.database.schema import LATEST, SchemaMismatch, SchemaState, schema_state, schema_version
from maild.log import events

_ADVISORY_LOCK = 0x6D61696C  # "mail": two processes that start together must not both make the tables


def migrate(db: Database, now: datetime, target: int = LATEST) -> tuple[int, int]:
    """Bring the tables to version `target` (down, too), and return the versions before and after.

    All or nothing. Raises SchemaMismatch when they are newer than this program knows.
    """
    with db.transaction() as transaction:
        before = _begin(transaction)
        if before > LATEST:
            raise SchemaMismatch(SchemaState.NEWER, before)
        for number in range(before + 1, target + 1):
            MIGRATIONS[number - 1].up(transaction.connection)
            transaction.change("INSERT INTO schema_version (version, at) VALUES (?, ?)", (number, now))
        for number in range(before, target, -1):
            MIGRATIONS[number - 1].down(transaction.connection)
            transaction.change("DELETE FROM schema_version WHERE version = ?", (number,))
    if before != target:
        events.schema_migrated(before=before, after=target)
    return before, target


def prepare(db: Database, now: datetime) -> bool:
    """Make the tables in an empty database, and return True when that was done.

    Raises SchemaMismatch when there are tables of another version: only `maild migrate` changes those.
    """
    state = schema_state(db)
    if state is SchemaState.EMPTY:
        return migrate(db, now)[0] == 0
    if state is not SchemaState.CURRENT:
        raise SchemaMismatch(state, schema_version(db))
    return False


def _begin(transaction: Transaction) -> int:
    if transaction.dialect.queue_up:
        transaction.execute(transaction.dialect.queue_up, (_ADVISORY_LOCK,))
    transaction.change("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY, at TEXT NOT NULL)")
    return schema_version(transaction)
