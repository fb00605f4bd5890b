"""`maild status`: how the service is, read from what its processes leave in the database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from maild.cli import output
from maild.cli.invocation import Invocation, pass_invocation
from maild.cli.looking import look
from maild.database.dialect import Reader
from maild.database.light import DatabaseMissing
from maild.oauth2.expiry import ends_soon
from maild.store import status
from maild.store.audit import NO_RECORD, audit_head
from maild.store.logins import logins
from maild.store.queries_more import late_deliveries
from maild.store.reconciliation import in_words, reconciliation

ROLES = ("intake", "worker", "delivery", "scheduler")
JOURNAL_WAIT_MAX = timedelta(minutes=5)  # a worker takes seconds; longer means that none keeps up
SENDING_WAIT_MAX = timedelta(minutes=5)  # past its time; a deliverer looks every second
DEFERRED_MAX = timedelta(hours=1)  # greylisting clears within minutes; after an hour the smarthost has trouble
SWEEP_LATE_MAX = timedelta(minutes=5)

Status = dict[str, Any]


@click.command()
@output.json_option
@pass_invocation
def command(invocation: Invocation, as_json: bool) -> int:
    """Tell how doors, mailboxes, journal, outbox, sweeps and clocks are; 69 when anything is degraded."""
    now = datetime.now(UTC)
    try:
        with look(invocation) as view:
            found = read_status(view.reader, now)
    except DatabaseMissing as missing:
        found = _nothing(str(missing))
    if as_json:
        output.print_row(found)
    else:
        _print(found)
    return 0 if found["state"] == "ok" else output.UNAVAILABLE


def read_status(reader: Reader, now: datetime) -> Status:
    """Return the status object of the outside contract."""
    alive = status.processes(reader, now)
    found: Status = {
        "doors": [door for process in alive for door in process.get("doors", [])],
        "mailboxes": status.mailboxes_status(reader),
        "oauth2": [login.as_row() for login in logins(reader)],
        "journal": status.journal_status(reader, now),
        "outbox": status.outbox_status(reader, now),
        "tickets": status.tickets_status(reader),
        "sweeps": status.sweeps_status(reader),
        "clocks": {"breached": status.breached_clocks(reader)},
        "audit": audit_head(reader),
        "processes": [_process(process) for process in alive],
    }
    late = late_deliveries(reader, now - SENDING_WAIT_MAX, now - DEFERRED_MAX)
    return _judged(
        found,
        [
            *_absent(alive),
            *_troubles(found, now),
            *_logins(reader, now),
            *in_words(reconciliation(reader)),
            *_unsent(*late),
        ],
    )


def _judged(found: Status, problems: list[str]) -> Status:
    return {"state": "degraded" if problems else "ok", "problems": problems, **found}


def _nothing(problem: str) -> Status:
    """Return the status of a desk that has no database yet: every field is there."""
    journal = dict.fromkeys(("received", "applied", "quarantined", "failed", "duplicate", "dropped"), 0)
    outbox = dict.fromkeys(("queued", "held", "deferred", "sent", "failed", "cancelled"), 0)
    waiting = {"oldest_waiting_seconds": None}
    found: Status = {
        "doors": [],
        "mailboxes": [],
        "oauth2": [],
        "journal": {**journal, **waiting},
        "outbox": {**outbox, **waiting},
    }
    return _judged(
        {**found, "tickets": {}, "sweeps": [], "clocks": {"breached": 0}, "audit": NO_RECORD, "processes": []},
        [problem],
    )


def _process(process: Status) -> Status:
    roles = process.get("roles", [])
    return {"process": process["process"], "pid": process.get("pid"), "at": process["at"], "roles": roles}


def _absent(alive: list[Status]) -> list[str]:
    if not alive:
        return [f"no daemon has given a sign of life for {int(status.BEAT_AGE_MAX.total_seconds())} seconds"]
    there = {role for process in alive for role in process.get("roles", ROLES)}
    return [f"no process has the role {role}" for role in ROLES if role not in there]


def _troubles(found: Status, now: datetime) -> list[str]:
    doors = [f"the {door['door']} door {door['address']}: {door['problem']}" for door in found["doors"] if _bad(door)]
    mailboxes = [
        f"mailbox {box['name']} is {box['state']} since {box['since']}" + (f": {box['problem']}" if _bad(box) else "")
        for box in found["mailboxes"]
        if box["state"] != "ok"
    ]
    sweeps = [f"sweep {sweep['name']}: {sweep['problem']}" for sweep in found["sweeps"] if _bad(sweep)]
    late = [f"sweep {s['name']} should have run at {s['next_run']}" for s in found["sweeps"] if _is_late(s, now)]
    waits = found["journal"]["oldest_waiting_seconds"] or 0
    journal = [f"a mail has waited in the journal for {waits} seconds"] if waits > _seconds(JOURNAL_WAIT_MAX) else []
    return [*doors, *mailboxes, *sweeps, *late, *journal]


def _logins(reader: Reader, now: datetime) -> Iterator[str]:
    for login in logins(reader):
        if login.problem:
            yield f"the OAuth2 log-in {login.name}: {login.problem}"
        if soon := ends_soon(login.expires_on, now.date()):
            yield f"the OAuth2 log-in {login.name}: {soon}"


def _bad(thing: Status) -> bool:
    return bool(thing.get("problem"))


def _is_late(sweep: Status, now: datetime) -> bool:
    return bool(sweep["next_run"]) and datetime.fromisoformat(sweep["next_run"]) < now - SWEEP_LATE_MAX


def _unsent(late: int, deferred: int) -> list[str]:
    problems = []
    if late:
        problems.append(f"{late} mail{_s(late)} should have been sent minutes ago")
    if deferred:
        problems.append(f"{deferred} mail{_s(deferred)} could not be sent for more than an hour")
    return problems


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())


def _s(count: int) -> str:
    return "" if count == 1 else "s"


def _print(found: Status) -> None:
    output.show(found["state"])
    for problem in found["problems"]:
        output.show(f"  ! {problem}")
    for door in found["doors"]:
        output.show(f"door     {door['door']} {door['address']}")
    for box in found["mailboxes"]:
        output.show(f"mailbox  {box['name']}: {box['state']}, last contact {output.plain(box['last_contact'])}")
    for name in ("journal", "outbox", "tickets"):
        counted = ", ".join(f"{value} {key}" for key, value in found[name].items() if value and "_" not in key)
        waits = found[name].get("oldest_waiting_seconds")
        output.show(f"{name:8} {counted or 'empty'}" + (f"; the oldest waits for {waits} s" if waits else ""))
    for sweep in found["sweeps"]:
        last, following = output.plain(sweep["last_run"]), output.plain(sweep["next_run"])
        output.show(f"sweep    {sweep['name']}: last {last}, next {following}")
    if found["audit"]["rows"]:
        output.show(f"audit    {found['audit']['rows']} rows; head {found['audit']['head']}")
    if found["clocks"]["breached"]:
        output.show(f"clocks   {found['clocks']['breached']} past their target")
