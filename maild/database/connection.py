"""One connection that writes, as many as needed that read, and transactions over them."""

import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Any

import peewee

from maild.database.dialect import POSTGRESQL, SQLITE, Dialect, Row, Word, bind
from maild.database.place import Place, read_place, refuse_network_file_system
from maild.database.turns import Turns

BUSY_SECONDS = 10  # how long a writer waits for another process's transaction
FROZEN_SECONDS = 60  # A node that stops inside a transaction keeps its locks from the others no longer than this.
_SILENCE: Any = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}  # then the server is gone
_PRAGMAS: dict[str, Any] = {
    "page_size": 8192,  # of a new file: a commit writes each page by two calls, and mail fills many
    "journal_mode": "wal",
    "synchronous": "full",  # NORMAL does no fsync before our 250, and no kill -9 would show it
    "foreign_keys": 1,
    "busy_timeout": BUSY_SECONDS * 1000,
    "temp_store": "memory",
}
# What execute_sql does for one statement: the errors of the driver become peewee's.
_AS_PEEWEE: Any = vars(peewee)["__exception_wrapper__"]
ROWS_AT_ONCE = 50  # to a statement: each number of rows is a statement of its own, which is compiled and kept
_STATEMENTS_KEPT = 512  # compiled, on each connection: a mail takes some fifty, and lists of several lengths vary them
_MEND = "stop maild and put a copy of the database back"
_DAMAGE = ("malformed", "not a database")  # SQLITE_CORRUPT and SQLITE_NOTADB in SQLite's own words
_BUGS = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_MISUSE, sqlite3.SQLITE_RANGE)


class DatabaseUnavailable(Exception):
    """The database cannot do it now: locked, full, away or damaged. What was begun is undone; try again later."""


class Transaction:
    """One transaction that writes; use it only inside its `with` block."""

    def __init__(self, connection: peewee.Database, dialect: Dialect) -> None:
        self.connection = connection  # for migrations, which define tables with peewee's models
        self.dialect = dialect
        self.broken = False  # True after a statement that failed: PostgreSQL would answer COMMIT with ROLLBACK

    def execute(self, sql: str, params: Sequence[object] = ()) -> list[Row]:
        """Run one statement and return its rows, those of RETURNING too; sees what was written before.

        After a statement that failed, even if the error is caught, nothing of the transaction is kept.
        """
        return self._run(sql, params)[0]

    def change(self, sql: str, params: Sequence[object] = ()) -> int:
        """Run one statement that changes rows, and return how many it changed."""
        return self._run(sql, params)[1]

    def add(self, sql: str, params: Sequence[object] = ()) -> int:
        """Run one INSERT of one row, into a table whose key is a `seq`, and return the row's."""
        rows, _, seq = self._run(sql + self.dialect.returning_seq, params)
        return int(rows[0]["seq"]) if rows else seq

    def add_many(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        """Run one INSERT for many rows; `sql` is written for one, and nothing in its VALUES has brackets of its own.

        Many rows stand in one statement, since at each statement another thread may take the interpreter and keep it.
        """
        into, values, tail = sql.partition(" VALUES ")
        row, bracket, rest = tail.partition(")")
        for start in range(0, len(rows), ROWS_AT_ONCE):
            some = rows[start : start + ROWS_AT_ONCE]
            self._run(into + values + ", ".join([row + bracket] * len(some)) + rest, list(chain.from_iterable(some)))

    def say(self, word: Word) -> None:
        """Have listeners in other processes hear a word once this is kept; nothing where the database carries none."""
        if self.dialect.say:
            self.execute(self.dialect.say, (word,))

    def _run(self, sql: str, params: Sequence[object]) -> tuple[list[Row], int, int]:
        try:
            return _run(self.connection, self.dialect, sql, params)
        except BaseException:
            self.broken = True
            raise


class Database:
    """A database of maild; safe to share between threads. `close` it in the end."""

    def __init__(self, place: Place, *, durable: bool = True) -> None:
        self.place = place
        self._durable = durable
        self.dialect: Dialect = SQLITE if place.path is not None else POSTGRESQL
        self._writer = _connect(place, read_only=False, durable=durable)
        self._writing = Turns()
        self._inside = False
        self._kept_out = False  # the last writer waited in vain for another process's transaction
        self._together: int | None = None  # the thread whose transactions are kept by one commit
        self._broken = False  # one of them failed
        self._idle: list[peewee.Database] = []
        self._pool = threading.Lock()
        self._closed = False

    @contextmanager
    def transaction(self, asked: float | None = None) -> Iterator[Transaction]:
        """Write: all of the block, or nothing when it raises. One at a time in this process; they do not nest.

        Raises DatabaseUnavailable when the database cannot do it now; nothing is kept then. `asked` is since when the
        caller has waited to write, by `time.monotonic`; now when it is left out.
        """
        with self._turn(asked) if not self._is_together() else self._part():
            assert not self._inside, "transactions do not nest"
            self._inside = True
            try:
                transaction = Transaction(self._writer, self.dialect)
                yield transaction
                if transaction.broken:
                    raise DatabaseUnavailable("a statement of this transaction failed, so nothing of it is kept")
            finally:
                self._inside = False

    @contextmanager
    def together(self) -> Iterator[None]:
        """Keep all transactions of this thread in the block by one commit, which comes at its end.

        What is read in the block sees what was written in it. When the block or one of its transactions raises,
        nothing is kept of any. Whoever else writes waits meanwhile: see `is_awaited`.
        """
        with self._turn():
            self._together, self._broken = threading.get_ident(), False
            try:
                yield
                if self._broken:
                    raise DatabaseUnavailable("one of several transactions failed, so nothing of them is kept")
            finally:
                self._together = None

    @property
    def is_awaited(self) -> bool:
        """True while another thread of this process waits to write."""
        return self._writing.is_awaited

    def _is_together(self) -> bool:
        return self._together == threading.get_ident()

    @contextmanager
    def _turn(self, asked: float | None = None) -> Iterator[None]:
        """Begin when nobody else writes, and commit; or undo all when the block raises."""
        asked = time.monotonic() if asked is None else asked
        with self._writing:
            self._begin(asked)
            try:
                yield
                _run(self._writer, self.dialect, "COMMIT", ())
            except BaseException:
                _abandon(self._writer)
                raise

    @contextmanager
    def _part(self) -> Iterator[None]:
        """Note when one of several transactions fails: the others are not kept either."""
        try:
            yield
        except BaseException:
            self._broken = True
            raise

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Read: all statements of the block see one and the same moment."""
        if self._is_together():
            yield Transaction(self._writer, self.dialect)
            return
        with self._reader() as connection:
            _run(connection, self.dialect, self.dialect.begin_reading, ())
            try:
                yield Transaction(connection, self.dialect)
            finally:
                _abandon(connection)

    def execute(self, sql: str, params: Sequence[object] = ()) -> list[Row]:
        """Run one SELECT on a connection that cannot write, and return its rows by column name."""
        if self._is_together():
            return _run(self._writer, self.dialect, sql, params)[0]
        try:
            with self._reader() as connection:
                return _run(connection, self.dialect, sql, params)[0]
        except DatabaseUnavailable:
            if self.place.path is not None:
                raise
        with self._reader() as connection:  # the server may have been restarted since this connection was made
            return _run(connection, self.dialect, sql, params)[0]

    def quick_check(self) -> None:
        """Raise DatabaseUnavailable when the file is damaged. Reads the whole of it: once, when the daemon starts."""
        if self.place.path is None:
            return
        found = [str(row["quick_check"]) for row in self.execute("PRAGMA quick_check(10)")]
        if found != ["ok"]:
            raise DatabaseUnavailable(f"{self.place.path} is damaged ({'; '.join(found)}); {_MEND}")

    def close(self) -> None:
        """Close every connection; a database that is closed stays closed."""
        with self._writing, self._pool:
            self._closed = True
            for connection in (self._writer, *self._idle):
                connection.close()
            self._idle.clear()

    def _begin(self, asked: float) -> None:
        if self._kept_out:
            self._have_waited(time.monotonic() - asked)
        try:
            _run(self._writer, self.dialect, self.dialect.begin, ())
        except DatabaseUnavailable:
            _abandon(self._writer)
            if self.place.path is not None:
                self._kept_out = True
                raise
            self._writer.close()  # the server may have been restarted; nothing was begun, so nothing is done twice
            _run(self._writer, self.dialect, self.dialect.begin, ())
        if self._kept_out:
            self._have_waited(0.0)
            self._kept_out = False

    def _have_waited(self, seconds: float) -> None:
        """Wait for another process's transaction the less by so much, for the time in line was a wait for it too."""
        left = max(0, _PRAGMAS["busy_timeout"] - int(1000 * seconds))
        _run(self._writer, self.dialect, f"PRAGMA busy_timeout = {left}", ())

    @contextmanager
    def _reader(self) -> Iterator[peewee.Database]:
        with self._pool:
            connection = self._idle.pop() if self._idle else None
        if connection is None:
            connection = _connect(self.place, read_only=True, durable=self._durable)
        try:
            yield connection
        except BaseException:
            connection.close()  # it may be broken, and so may the others be that wait; the next ones are new
            with self._pool:
                waiting, self._idle = self._idle, []
            for other in waiting:
                other.close()
            raise
        self._give_back(connection)

    def _give_back(self, connection: peewee.Database) -> None:
        with self._pool:
            if self._closed or connection.is_closed():
                connection.close()
            else:
                self._idle.append(connection)


def open_database(url: str, folder: Path | None = None, *, durable: bool = True) -> Database:
    """Open the database that `url` names; a SQLite file is made, readable to its owner alone, when there is none.

    `folder` is what a relative path is relative to. What is not `durable` may be lost with the power, as a simulation
    may: nobody waits for the disk. Raises BadPlace (78) for a place that must not be used,
    DatabaseUnavailable (69) when it cannot be reached. It makes no tables: see `migrate`.
    """
    place = read_place(url, folder)
    if place.path is not None:
        refuse_network_file_system(place.path)
        _make_file(place.path)
    database = Database(place, durable=durable)
    try:
        database.execute("SELECT 1")
    except BaseException:
        database.close()
        raise
    return database


def _make_file(path: Path) -> None:
    """Make the file when there is none; one that is there is never opened but by SQLite (docs/decisions/0024)."""
    try:
        os.close(os.open(path.resolve(), os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError as error:
        if not os.access(path, os.R_OK | os.W_OK):
            raise DatabaseUnavailable(f"{path}: permission denied, this user may not read and write it") from error
    except FileNotFoundError as error:
        raise DatabaseUnavailable(f"{path}: there is no folder {path.parent}; make it, or mend [store] url") from error
    except OSError as error:
        raise DatabaseUnavailable(f"{path}: {error.strerror}") from error


def _connect(place: Place, *, read_only: bool, durable: bool) -> peewee.Database:
    """Return a connection that is not yet open; it opens, and after a failure opens anew, when it is used."""
    if place.path is None:
        return peewee.PostgresqlDatabase(
            place.url,
            prefer_psycopg3=True,
            thread_safe=False,
            **server_session(read_only=read_only, durable=durable),
        )
    pragmas = _PRAGMAS | ({"query_only": 1} if read_only else {}) | ({} if durable else {"synchronous": "off"})
    return peewee.SqliteDatabase(
        str(place.path),
        pragmas=pragmas,
        thread_safe=False,
        check_same_thread=False,
        timeout=BUSY_SECONDS,
        cached_statements=_STATEMENTS_KEPT,
    )


def server_session(*, read_only: bool, durable: bool = True) -> Any:
    """Return how to connect to PostgreSQL, by libpq's names, whatever the server's, database's or role's defaults."""
    told = {"timezone": "UTC", "default_transaction_read_only": "on" if read_only else "off"}
    if not read_only:
        told["synchronous_commit"] = "on" if durable else "off"
        told["lock_timeout"] = f"{BUSY_SECONDS}s"
        told["idle_in_transaction_session_timeout"] = f"{FROZEN_SECONDS}s"
    options = " ".join(f"-c {name}={value}" for name, value in told.items())
    return {"connect_timeout": BUSY_SECONDS, "options": options, **_SILENCE}


def _run(
    connection: peewee.Database, dialect: Dialect, sql: str, params: Sequence[object]
) -> tuple[list[Row], int, int]:
    """Return the rows, how many were changed, and with SQLite the key of the last row that was added.

    IntegrityError and the like are answers and pass through.
    """
    raw: Any = connection  # its typed interface is that of the models
    with _TRANSLATED, _AS_PEEWEE:  # execute_sql does the same, at three times the cost, forty times a mail
        cursor = raw.connection().cursor()
        cursor.execute(dialect.sql(sql), bind(params))
        return _rows(cursor), cursor.rowcount, getattr(cursor, "lastrowid", 0)


class _Translated:
    """Has what the database cannot do now raised as DatabaseUnavailable; other errors are answers, or bugs."""

    def __enter__(self) -> None:
        """Nothing has gone wrong yet."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if error is not None and _is_away(error):
            raise DatabaseUnavailable(_said(error)) from error


_TRANSLATED = _Translated()


def _is_away(error: BaseException) -> bool:
    if isinstance(error, peewee.OperationalError | peewee.InterfaceError | peewee.InternalError):
        return not _is_bug(error)
    return type(error) is peewee.DatabaseError


def _is_bug(error: peewee.PeeweeException) -> bool:
    """Tell a wrong statement, which SQLite also calls an OperationalError, from a database in trouble."""
    return getattr(error.__context__, "sqlite_errorcode", None) in _BUGS


def _said(error: BaseException) -> str:
    words = " ".join(str(error.args[-1] if error.args else error).split())
    return f"{words}; {_MEND}" if any(sign in words for sign in _DAMAGE) else words


def _abandon(connection: peewee.Database) -> None:
    """Undo what is open. A connection that cannot even do that is dropped, which undoes it too."""
    raw: Any = connection
    try:
        # After some errors, a full disk's for one, SQLite has undone the transaction itself.
        if not raw.is_closed() and getattr(raw.connection(), "in_transaction", True):
            raw.rollback()
    except peewee.PeeweeException:
        connection.close()


def _rows(cursor: Any) -> list[Row]:
    if cursor.description is None:
        return []
    rows = cursor.fetchall()
    if not rows:
        return []
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in rows]
