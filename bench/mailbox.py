"""Mails a second out of a mailbox of a real Dovecot: fetched, journalled, moved; beside mbsync, which only fetches.

mbsync is the Debian package isync; without it ours alone is measured. Both take turns over the same mails.
"""

import resource
import shutil
import statistics
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from maild.database.connection import open_database
from maild.database.migrate import prepare
from maild.doors.imap import MailboxDoor
from maild.journal.ids import id_maker
from maild.journal.journal import Journal
from maild.log.setup import configure
from maild.settings.doors import Mailbox
from tests.support.dovecot import Dovecot, missing, start_dovecot
from tests.support.served import mail_of

MAILS = 2_000
ROUNDS = 3
WAIT_SECONDS = 120
SYNC = """
FSync {fsync}

IMAPStore far
Host {server.host}
Port {server.port}
User {server.user}
Pass "{server.password}"
{tls} None
AuthMechs LOGIN

MaildirStore near
Path {place}/
Inbox {place}/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns INBOX
Create Near
Sync Pull
SyncState *
"""

Spent = tuple[float, float]  # seconds of the clock, and of the processor at our end


def report(folder: Path) -> Iterator[str]:
    """Yield the rates, or why there are none."""
    if reason := missing():
        yield f"mailbox: {reason}"
        return
    mails = [mail_of(n, "mailbox", 2_000)[1] for n in range(MAILS)]
    has_mbsync = shutil.which("mbsync") is not None
    ours, theirs, careless = [], [], []
    for number in range(ROUNDS):
        with start_dovecot() as server:
            server.folder_uids()  # the first look makes the Maildir
            server.deliver(mails)
            server.folder_uids()  # and its index, for whoever comes first
            if has_mbsync:
                theirs.append(_mbsync(server, folder / f"mbsync{number}", "yes"))
                careless.append(_mbsync(server, folder / f"careless{number}", "no"))
            ours.append(_maild(server, folder / f"maild{number}"))
    yield _line("IMAP mails a second: fetched, journalled, moved", ours)
    if not theirs:
        yield "mbsync is not installed (Debian: apt install isync), so there is nothing to compare with"
        return
    yield _line("mbsync pulling the same mailbox, without a move", theirs)
    yield _line("the same with FSync no: a crash may lose mail", careless)
    yield f"{'ratio of the medians, all durable':48}{_median(theirs) / _median(ours):10.2f}"


def _median(spent: list[Spent]) -> float:
    return statistics.median(wall for wall, _ in spent)


def _line(what: str, spent: list[Spent]) -> str:
    cpu = statistics.median(each for _, each in spent) * 1000 / MAILS
    return f"{what:48}{MAILS / _median(spent):10.0f}   {cpu:.2f} ms of processor a mail"


def _maild(server: Dovecot, folder: Path) -> Spent:
    """Run the door and the journal as the service does, in a process that has started."""
    folder.mkdir()
    configure((folder / "log").open("w", buffering=1))
    db = open_database(f"sqlite:///{folder}/maild.db")
    prepare(db, _now())
    journal = Journal(db, _now, id_maker(_now, Random().getrandbits))
    place = {"host": server.host, "port": server.port, "tls": "none", "username": server.user}
    box = Mailbox.model_validate({"name": "support", **place, "queue": "support", "after": "move:Processed"})
    begun, cpu = time.perf_counter(), time.process_time()
    door = MailboxDoor(box, lambda: str(server.password), journal, _now, lambda _: None, lambda: 0.0)
    door.start()
    inbox = server.base / "mail" / "cur", server.base / "mail" / "new"
    while any(next(each.iterdir(), None) for each in inbox) and time.perf_counter() - begun < WAIT_SECONDS:
        time.sleep(0.02)
    spent = time.perf_counter() - begun, time.process_time() - cpu
    door.stop()
    taken = db.execute("SELECT count(*) AS n FROM entry")[0]["n"]
    assert taken == MAILS, f"{taken} of {MAILS} mails were taken"
    journal.close()
    db.close()
    return spent


def _mbsync(server: Dovecot, folder: Path, fsync: str) -> Spent:
    place = folder / "mail"
    place.mkdir(parents=True)
    version = subprocess.run(["mbsync", "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    tls = "TLSType" if version >= "1.5" else "SSLType"
    file = folder / "mbsyncrc"
    file.write_text(SYNC.format(server=server, place=place, tls=tls, fsync=fsync), encoding="utf-8")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    subprocess.run(["mbsync", "-q", "-c", str(file), "all"], check=True, timeout=WAIT_SECONDS)
    wall = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    pulled = len(list((place / "INBOX").glob("*/*")))
    assert pulled >= MAILS, f"{pulled} of {MAILS} mails were pulled"
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _now() -> datetime:
    return datetime.now(UTC)
