"""A connection for commands that have to answer at once: it only reads, and imports nothing heavy."""

import errno
import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

from maild.database.dialect import POSTGRESQL, SQLITE, Dialect, Row, bind
from maild.database.place import read_place

BUSY_SECONDS = 10


class DatabaseMissing(Exception):
    """There is no database yet, or it cannot be opened: the words say which. Exit code 69, or 77 without the right."""


class LightConnection:
    """A read-only connection; close it, or use it in a `with` block."""

    def __init__(self, raw: Any, dialect: Dialect) -> None:
        self._raw = raw
        self.dialect = dialect

    def execute(self, sql: str, params: Sequence[object] = ()) -> list[Row]:
        """Run one SELECT, or what begins to read at one moment, and return its rows by column name."""
        cursor = self._raw.execute(self.dialect.sql(sql), bind(params))
        if cursor.description is None:
            return []
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def close(self) -> None:
        """Close it."""
        self._raw.close()

    def __enter__(self) -> "LightConnection":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def connect(url: str, folder: Path | None = None) -> LightConnection:
    """Open the database that `url` names, to read.

    Raises BadPlace (78) for an unknown kind of url, DatabaseMissing (69) when nothing is there or it does not answer,
    PermissionError (77) when this user may not read it.
    """
    place = read_place(url, folder)
    if place.path is None:
        return _connect_postgresql(place.url, place.shown)
    if not place.path.exists():
        raise DatabaseMissing(f"{place.path} does not exist yet; maild serve makes it")
    if not os.access(place.path, os.R_OK):  # SQLite would only say "unable to open database file"
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(place.path))
    try:
        raw = sqlite3.connect(
            f"file:{quote(str(place.path.absolute()))}?mode=rw", uri=True, timeout=BUSY_SECONDS, isolation_level=None
        )
        raw.execute("PRAGMA query_only = 1")
        raw.execute("SELECT 1 FROM sqlite_master LIMIT 1")
    except sqlite3.Error as error:
        raise DatabaseMissing(f"{place.path}: {error}") from error
    return LightConnection(raw, SQLITE)


def _connect_postgresql(url: str, shown: str) -> LightConnection:
    import psycopg

    try:
        raw = psycopg.connect(
            url,
            autocommit=True,
            connect_timeout=BUSY_SECONDS,
            options="-c default_transaction_read_only=on -c timezone=UTC",
        )
    except psycopg.Error as error:
        raise DatabaseMissing(f"{shown}: {' '.join(str(error).split())}") from error
    return LightConnection(raw, POSTGRESQL)
