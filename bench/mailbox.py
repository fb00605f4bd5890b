"""Mails a second out of an IMAP mailbox: fetched, journalled, moved; from a real Dovecot where there is one."""

import time
from collections.abc import Iterator
from pathlib import Path

from tests.support.dovecot import missing, start_dovecot
from tests.support.served import Served, mail_of

MAILS = 2_000
WAIT_SECONDS = 90
MAILBOX = """
[[mailbox]]
name = "support"
host = "127.0.0.1"
port = {port}
tls = "none"
username = "{user}"
password = "{password}"
queue = "support"
after = "move:Processed"
"""


def report(folder: Path) -> Iterator[str]:
    """Yield the rate, or why there is none."""
    if reason := missing():
        yield f"mailbox: {reason}"
        return
    with start_dovecot() as dovecot:
        dovecot.folder_uids()  # the first look makes the Maildir
        dovecot.deliver([mail_of(n, "mailbox", 2_000)[1] for n in range(MAILS)])
        text = MAILBOX.format(port=dovecot.port, user=dovecot.user, password=dovecot.password)
        served = Served(folder, lambda whole: whole + text)
        served.roles = ("intake",)
        begun = time.perf_counter()
        try:
            served.start()
            while dovecot.folder_uids() and time.perf_counter() - begun < WAIT_SECONDS:
                time.sleep(0.05)
            moved = len(dovecot.folder_uids("Processed"))
        finally:
            served.close()
    yield f"{'IMAP mails a second, start-up included':46}{moved / (time.perf_counter() - begun):10.0f}"
