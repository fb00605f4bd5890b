"""Databases for tests: a SQLite file each, and one PostgreSQL server for all where its programs are installed."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.needs import lack

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
BEGIN = datetime(2026, 11, 21, 21, 42, tzinfo=UTC)


def _as_postgres(*command):
    """PostgreSQL refuses root, so root's tests run it as the user that Debian made for it."""
    if os.geteuid() == 0:
        command = ("runuser", "-u", "postgres", "--", *command)
    return subprocess.run(command, cwd="/", capture_output=True, text=True, timeout=60)


def _missing():
    if not (PROGRAMS / "initdb").exists():
        return "PostgreSQL 15 is not installed"
    try:
        import psycopg  # noqa: F401 is it there?

        pwd.getpwnam("postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name)
    except (ImportError, KeyError) as error:
        return f"PostgreSQL cannot be used: {error}"
    return ""


@pytest.fixture(scope="session")
def postgresql_url():
    """The url of an empty database on a server of our own, on the loopback interface alone."""
    reason = _missing()
    if reason:
        lack(reason)
    home = Path(tempfile.mkdtemp(prefix="maild-pg-", dir="/tmp"))
    if os.geteuid() == 0:
        shutil.chown(home, "postgres")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    made = _as_postgres(
        PROGRAMS / "initdb", "-D", home / "data", "-U", "maild", "-A", "trust", "--no-sync", "-E", "UTF8"
    )
    options = f"-p {port} -k {home} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=50"
    up = _as_postgres(PROGRAMS / "pg_ctl", "-D", home / "data", "-l", home / "log", "-w", "-o", options, "start")
    try:
        if up.returncode:
            lack(f"PostgreSQL did not start: {made.stderr[-200:]} {up.stdout[-200:]}")
        yield f"postgresql://maild@127.0.0.1:{port}/postgres"
    finally:
        _as_postgres(PROGRAMS / "pg_ctl", "-D", home / "data", "-m", "immediate", "-w", "stop")
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """The url of an empty database, of one kind after the other."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/maild.db"
    from maild.database.connection import open_database

    url = request.getfixturevalue("postgresql_url")
    db = open_database(url)
    with db.transaction() as transaction:
        transaction.change("DROP SCHEMA public CASCADE")
        transaction.change("CREATE SCHEMA public")
    db.close()
    return url


@pytest.fixture
def db(url):
    """A database with the tables of today, of one kind after the other."""
    from maild.database.connection import open_database
    from maild.database.migrate import prepare

    db = open_database(url)
    prepare(db, BEGIN)
    yield db
    db.close()


@pytest.fixture
def begin():
    """The instant at which the tests' world begins."""
    return BEGIN
