"""Run below `faulty.c`: for each system call that writes, one life in which it fails, and those that heal it.

LD_PRELOAD=faulty.so python -m tests.crash.faulty_calls FOLDER ENOSPC STEP
"""

import ctypes
import errno
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from maild.database.connection import DatabaseUnavailable
from maild.journal.model import JournalUnavailable
from tests.crash.test_power_cut import EXAMPLE, Life, kept
from tests.support.served import mail_of

POINTS_MAX = 2000


def lived(folder: Path, octets: bytes, *, accepted: bool) -> tuple[bool, bool]:
    """One life; returns whether the mail was accepted, and whether all went well."""
    life = None
    try:
        life = Life(folder)
        if not accepted:
            life.accept(octets)
            accepted = True
        life.work()
    except (DatabaseUnavailable, JournalUnavailable):
        return accepted, False
    finally:
        if life is not None:
            life.end()
    return accepted, True


def main(folder: Path, error: str, step: int) -> None:
    """Write the number of system calls that failed."""
    faulty = ctypes.CDLL(None)
    left, met = (ctypes.c_int.in_dll(faulty, f"maild_{name}") for name in ("calls_left", "met"))
    ctypes.c_int.in_dll(faulty, "maild_error").value = getattr(errno, error)
    empty = folder / "empty"
    empty.mkdir()
    shutil.copy(EXAMPLE, empty / "maild.toml")
    Life(empty).end()
    octets = mail_of(1, "cut")[1]
    for point in range(0, POINTS_MAX, step):
        desk = folder / str(point)
        shutil.copytree(empty, desk)
        left.value, met.value = point, 0
        accepted, whole = lived(desk, octets, accepted=False)
        left.value = -1
        if not met.value:
            break
        while not whole:
            accepted, whole = lived(desk, octets, accepted=accepted)
        with closing(sqlite3.connect(desk / "maild.db")) as db:
            assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)], point
            assert db.execute("SELECT state FROM entry").fetchall() == [("applied",)], point
            assert db.execute("SELECT count(*) FROM ticket").fetchall() == [(1,)], point
            templates = [template for (template,) in db.execute("SELECT template FROM outbox ORDER BY template")]
            assert templates == ["acknowledgement", "assigned"], point
            assert kept(db) == octets, point
        shutil.rmtree(desk)
    sys.stdout.write(f"{point}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
