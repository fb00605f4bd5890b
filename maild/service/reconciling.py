"""Once a night: every mail on every server against our rows, and every row against what became of it.

A mail that has just come is no difference: what a first look misses is looked for again minutes later, and counts only
when it is missing still.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

from maild.base.instants import to_text
from maild.database.connection import Database
from maild.doors.imap_audit import Compared, compare
from maild.journal.journal import Journal
from maild.log import events
from maild.service.mailboxes import secret_of
from maild.settings.model import Settings
from maild.store.auditing import entries_adrift
from maild.store.housekeeping import save_meta
from maild.store.reconciliation import RECONCILIATION, reconciliation

SILENCE_SECONDS = 30.0

Secrets = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it has to be."""

    about: str  # "mailbox support" or "entry e01"
    problem: str
    detail: Mapping[str, Any] = field(default_factory=dict)  # `mailbox`, `uid`, `uidvalidity`, `came_at`, `entry`
    unknown: bool = False  # nothing was compared, so nobody knows

    def as_row(self) -> dict[str, Any]:
        """Return it as `maild inbound reconcile` prints it."""
        names = ("mailbox", "uidvalidity", "uid", "came_at", "entry")
        return {**{name: self.detail.get(name) for name in names}, "problem": self.problem}


def compare_mailboxes(settings: Settings, secrets: Secrets, journal: Journal, only: Sequence[str]) -> list[Compared]:
    """Compare the mailboxes, those named in `only` when it names any."""
    found = []
    for mailbox in settings.mailbox:
        if not only or mailbox.name in only:
            secret = secret_of(secrets, f"mailbox.{mailbox.name}")
            found.append(compare(mailbox, secret, journal, seconds=SILENCE_SECONDS))
    return found


def differences(compared: Iterable[Compared]) -> list[Difference]:
    """Put into words what comparisons found."""
    found = []
    for each in compared:
        about = f"mailbox {each.mailbox}"
        if each.problem:
            words = f"it could not be compared: {each.problem}"
            found.append(Difference(about, words, {"mailbox": each.mailbox}, unknown=True))
            continue
        came = dict(each.came_at)
        found += [
            Difference(
                about,
                f"the mail with UID {uid} lies on the server and was never taken",
                {
                    "mailbox": each.mailbox,
                    "uidvalidity": each.uidvalidity,
                    "uid": uid,
                    "came_at": to_text(came.get(uid)),
                },
            )
            for uid in each.missing
        ]
    return found


def adrift(db: Database, now: datetime) -> list[Difference]:
    """Return the entries that were accepted and of which nothing became."""
    with db.reading() as reader:
        found = entries_adrift(reader, now)
    return [Difference(f"entry {entry}".strip(), problem, {"entry": entry or None}) for entry, problem in found]


def still_missing(first: Mapping[str, Any], second: Iterable[Compared]) -> list[Compared]:
    """Return the second look with the UIDs alone that the first one missed too; `first` is `suspects` of it."""
    kept = []
    for each in second:
        before = set(first.get(f"{each.mailbox} {each.uidvalidity}", ()))
        missing = tuple(uid for uid in each.missing if uid in before)
        kept.append(Compared(each.mailbox, each.uidvalidity, each.on_server, missing, each.came_at, each.problem))
    return kept


def suspects(compared: Iterable[Compared]) -> dict[str, list[int]]:
    """Return what a look missed, as text can keep it, by mailbox and UIDVALIDITY."""
    return {f"{each.mailbox} {each.uidvalidity}": list(each.missing) for each in compared if each.missing}


def keep_report(db: Database, found: Sequence[Difference], day: str, now: datetime) -> None:
    """Leave the outcome for `maild status` and for the alarm to the postmaster."""
    told = [[each.about, each.problem] for each in found]
    save_meta(db, RECONCILIATION, json.dumps({"day": day, "at": to_text(now), "differences": told}), now)


def reconcile_nightly(db: Database, journal: Journal, settings: Settings, secrets: Secrets, now: datetime) -> int:
    """Reconcile once a day from `desk.reconcile_at` on; call it every few minutes. Returns how much differs.

    The first call of the day looks; if anything was missed, the next one looks again and tells.
    """
    local = now.astimezone(settings.zone)
    day = str(local.date())
    with db.reading() as reader:
        last = reconciliation(reader)
    if not settings.desk.reconcile_at or local.time() < time.fromisoformat(settings.desk.reconcile_at):
        return 0
    looked = last.get("looked") == day  # once today, and a second look is due
    if last.get("day") == day and not looked:
        return 0
    compared = compare_mailboxes(settings, secrets, journal, ())
    if not looked and any(each.missing or each.problem for each in compared):
        again = {**last, "looked": day, "suspects": suspects(compared)}
        save_meta(db, RECONCILIATION, json.dumps(again), now)
        return 0
    compared = still_missing(last.get("suspects", {}), compared)
    for each in compared:
        if not each.problem:
            events.mailbox_reconciled(mailbox=each.mailbox, on_server=each.on_server, missing=len(each.missing))
    found = [*differences(compared), *adrift(db, now)]
    keep_report(db, found, day, now)
    return len(found)
