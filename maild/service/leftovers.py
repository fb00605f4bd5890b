"""What a process that was killed left claimed: its successor need not wait until the leases run out."""

import os
import socket

from maild.database.connection import Database

# Attempts stay counted: whatever ended the process may have been one of these entries.
_CLAIMERS = "SELECT DISTINCT claimed_by AS name FROM {table} WHERE claimed_until IS NOT NULL AND claimed_by <> ''"
_FREE = "UPDATE {table} SET claimed_by = '', claimed_until = NULL WHERE claimed_by = ?"
_TABLES = ("entry", "outbox")


def process_name() -> str:
    """Return the name under which this process claims and holds leases."""
    return f"{socket.gethostname()}:{os.getpid()}"


def take_over(db: Database) -> list[str]:
    """Free what processes of this host claimed that are gone, and return their names.

    Called before anything is claimed, so a claim in this process's own name is an older one's with the same number,
    as in a container.
    """
    with db.reading() as reader:
        claimers = {row["name"] for table in _TABLES for row in reader.execute(_CLAIMERS.format(table=table))}
        claimers |= {row["holder"] for row in reader.execute("SELECT DISTINCT holder FROM lease WHERE until <> ''")}
    gone = sorted(name for name in claimers if _is_gone(name))
    if gone:
        with db.transaction() as transaction:
            for name in gone:
                for table in _TABLES:
                    transaction.change(_FREE.format(table=table), (name,))
                transaction.change("UPDATE lease SET until = '' WHERE holder = ?", (name,))
    return gone


def _is_gone(name: str) -> bool:
    host, _, number = name.rpartition(":")
    if host != socket.gethostname() or not number.isdigit():
        return False
    if int(number) == os.getpid():
        return True
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:  # somebody else's process: it lives
        return False
    return False
