"""A PostgreSQL server of our own, on the loopback interface alone."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.needs import lack
from tests.support.ports import free_port
from tests.support.waiting import LONG_SECONDS

PROGRAMS = Path("/usr/lib/postgresql/15/bin")


def _as_postgres(*command: str | Path) -> "subprocess.CompletedProcess[str]":
    """PostgreSQL refuses root, so root's tests run it as the user that Debian made for it."""
    if os.geteuid() == 0:
        command = ("runuser", "-u", "postgres", "--", *command)
    return subprocess.run(command, cwd="/", capture_output=True, text=True, timeout=LONG_SECONDS, check=False)


def _missing() -> str:
    if not (PROGRAMS / "initdb").exists():
        return "PostgreSQL 15 is not installed"
    try:
        import psycopg  # noqa: F401 is it there?

        pwd.getpwnam("postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name)
    except (ImportError, KeyError) as error:
        return f"PostgreSQL cannot be used: {error}"
    return ""


@contextmanager
def start_postgresql() -> Iterator[str]:
    """Run a server; gives the url of its empty database. The test is skipped where there is no PostgreSQL."""
    reason = _missing()
    if reason:
        lack(reason)
    home = Path(tempfile.mkdtemp(prefix="maild-pg-", dir="/tmp"))
    if os.geteuid() == 0:
        shutil.chown(home, "postgres")
    port = free_port()
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
