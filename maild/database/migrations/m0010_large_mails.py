"""Version 10: a large mail stands in pieces, so that neither keeping nor reading it needs its size in memory."""

from typing import Any

import peewee as p

from maild.database.migrations.tables import Table, create, drop

# Whoever deletes the first piece deletes all. Deferred: the pieces are written before the entry's digest is known.
_ENTRY = "REFERENCES entry_octets (entry) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED"
_FIRST = "SELECT octets FROM entry_octets WHERE entry = {mark}"
_REST = "SELECT octets FROM entry_rest WHERE entry = {mark} ORDER BY part"
_MEND = "UPDATE entry_octets SET octets = {mark} WHERE entry = {mark}"


class EntryRest(Table):
    """What stands behind the first piece in `entry_octets`; `part` counts from 1."""

    entry = p.TextField(constraints=[p.SQL(_ENTRY)])
    part = p.IntegerField()
    octets = p.BlobField()

    class Meta:
        """What identifies a row."""

        primary_key = p.CompositeKey("entry", "part")


def up(db: p.Database) -> None:
    """Make the table."""
    create(db, (EntryRest,))


def down(db: p.Database) -> None:
    """Put the pieces of each mail together again, and drop the table."""
    raw: Any = db
    for (entry,) in raw.execute_sql("SELECT DISTINCT entry FROM entry_rest").fetchall():
        (first,) = raw.execute_sql(_FIRST.format(mark=raw.param), (entry,)).fetchone()
        rest = raw.execute_sql(_REST.format(mark=raw.param), (entry,)).fetchall()
        whole = b"".join([first, *(octets for (octets,) in rest)])
        raw.execute_sql(_MEND.format(mark=raw.param), (whole, entry))
    drop(db, (EntryRest,))
