"""`status`, `sweep`, `sla explain`, `migrate`, `reload`, `postfix-map`: the service looked after from a shell."""

import os
import re
import signal
import socket
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from maild.base.instants import from_text, to_text
from maild.cli.status import read_status
from maild.database.light import connect
from maild.database.schema import LATEST
from maild.store import housekeeping

ROLES = ["intake", "worker", "delivery", "scheduler"]
DOOR = {"door": "smtp", "address": "127.0.0.1:8025"}
NOW = datetime.now(UTC)


def _status(shell):
    code, (found,), _ = shell("status", "--json")
    return code, found


def test_a_healthy_service_is_0(shell, ticket):
    shell.beat(pid=17, roles=ROLES, doors=[DOOR])
    code, found = _status(shell)
    assert (code, found["state"], found["problems"]) == (0, "ok", [])
    assert found["doors"] == [DOOR]
    assert found["journal"].items() >= {"received": 0, "applied": 1, "quarantined": 0, "failed": 0}.items()
    assert found["outbox"].items() >= {"queued": 2, "held": 0, "deferred": 0, "sent": 0, "failed": 0}.items()
    assert found["outbox"]["oldest_waiting_seconds"] >= 0
    assert found["journal"]["oldest_waiting_seconds"] is None
    assert found["tickets"] == {"new": 1}
    assert (found["mailboxes"], found["sweeps"]) == ([], [])
    code, text, _ = shell("status")
    assert code == 0
    assert text.startswith("ok\n")
    assert "smtp 127.0.0.1:8025" in text


def test_without_a_sign_of_life_the_status_is_69(shell):
    code, found = _status(shell)
    assert (code, found["state"]) == (69, "degraded")
    assert found["problems"] == ["no daemon has given a sign of life for 30 seconds"]
    shell.beat(datetime.now(UTC) - timedelta(seconds=31), roles=ROLES)
    assert _status(shell)[0] == 69
    code, text, _ = shell("status")
    assert code == 69
    assert "! no daemon" in text


def test_before_there_is_a_database_the_status_has_every_field(empty, shell):
    empty.path.with_name("maild.db").unlink()
    code, found = _status(empty)
    assert code == 69
    assert found["journal"]["received"] == found["outbox"]["queued"] == 0
    assert found["doors"] == found["mailboxes"] == found["sweeps"] == []
    assert "does not exist yet" in found["problems"][0]


def test_a_role_that_nobody_has_is_told(shell):
    shell.beat(roles=["intake", "worker"])
    shell.beat(roles=["delivery"])
    assert _status(shell)[1]["problems"] == ["no process has the role scheduler"]


def test_every_trouble_is_a_sentence(shell, ticket):
    shell.beat(roles=ROLES, doors=[{**DOOR, "problem": "the address is taken"}])
    with shell.database() as database:
        housekeeping.mailbox_is(database, "support", "dead", NOW, problem="authentication failed")
        housekeeping.mailbox_is(database, "sales", "ok", NOW, contact=True, mail=True)
        housekeeping.sweep_ran(database, "sla", NOW, NOW - timedelta(hours=1), "division by zero")
        with database.transaction() as transaction:
            early = "2026-01-01T00:00:00.000000Z"
            transaction.change("UPDATE entry SET state = 'received', received_at = ?", (early,))
            transaction.change("UPDATE outbox SET next_attempt_at = ?, created_at = ?", (early, early))
            transaction.change("UPDATE outbox SET state = 'deferred' WHERE template = 'assigned'")
            transaction.change("UPDATE clock SET state = 'breached' WHERE clock = 'resolution'")
    code, found = _status(shell)
    assert code == 69
    told = "\n".join(found["problems"])
    for words in (
        "the smtp door 127.0.0.1:8025: the address is taken",
        "mailbox support is dead since",
        "authentication failed",
        "sweep sla: division by zero",
        "sweep sla should have run at",
        "a mail has waited in the journal",
        "2 mails should have been sent",
        "1 mail could not be sent for more than an hour",
    ):
        assert words in told
    mailboxes = {box["name"]: box for box in found["mailboxes"]}
    assert mailboxes["sales"].keys() >= {"name", "state", "since", "last_contact", "last_mail"}
    assert mailboxes["sales"]["last_mail"] == to_text(NOW)
    assert mailboxes["support"]["last_mail"] is None
    assert found["sweeps"][0].items() >= {"name": "sla", "last_run": to_text(NOW)}.items()
    text = shell("status")[1]
    assert "mailbox  sales: ok" in text
    assert "clocks   1 past" in text
    assert "sweep    sla: last" in text


def test_the_status_is_judged_as_of_its_instant(shell):
    shell.beat(NOW, roles=ROLES)
    with connect(shell.url) as reader:
        assert read_status(reader, NOW)["state"] == "ok"
        assert read_status(reader, NOW + timedelta(minutes=1))["state"] == "degraded"


def _at(hours):
    return to_text(datetime.now(UTC) + timedelta(hours=hours))


def test_a_sweep_of_a_quiet_desk_does_nothing(shell, ticket):
    assert _of_tickets(shell.rows("sweep")) == []
    assert _of_tickets(shell.rows("sweep", "--dry-run", "--at", _at(1))) == []


def _of_tickets(rows):
    """What a sweep says of tickets; what else is due then depends on the hour and day at which this runs."""
    return [row for row in rows if row["ticket"] is not None]


def test_a_sweep_does_once_what_a_rehearsal_said(shell, ticket):
    at = _at(5)
    rehearsed = _of_tickets(shell.rows("sweep", "--dry-run", "--at", at))
    assert [(row["ticket"], row["dry_run"]) for row in rehearsed] == [(ticket, True)]
    assert any("sla" in action for action in rehearsed[0]["actions"])
    assert shell.rows("ticket", "list")[0]["breached"] == []
    done = _of_tickets(shell.rows("sweep", "--at", at))
    assert done == [rehearsed[0] | {"dry_run": False}]
    row = shell.rows("ticket", "show", ticket)[0]
    assert row["events"][-1]["at"] == at
    assert shell.rows("ticket", "list")[0]["breached"] == ["first_response"]
    assert "sla-breach" in {mail["template"] for mail in shell.rows("outbox", "list")}
    assert _of_tickets(shell.rows("sweep", "--at", at)) == []


def test_people_read_one_action_of_a_sweep_a_line_below_its_ticket(shell, ticket):
    _, text, said = shell("sweep", "--dry-run", "--at", _at(5))
    key, *actions = text.partition("beside the tickets\n")[0].splitlines()
    assert key == ticket
    assert "  send sla-breach to ana@example.com" in actions
    assert not [line for line in actions if ticket in line]
    assert "1 ticket would be looked at" in said


def test_a_sweep_never_goes_back_behind_what_happened(shell, ticket):
    with shell.database() as database, database.transaction() as transaction:
        transaction.change("UPDATE ticket SET next_threshold_at = '2026-01-01T00:00:00.000000Z'")
    for more in ([], ["--dry-run"]):
        said = shell.refused(65, "sweep", "--at", _at(-1), *more)
        assert f"before the last event of {ticket}" in said
    assert len(shell.rows("outbox", "list")) == 2


@pytest.mark.parametrize("time", ["yesterday", "2026-11-21T21:42:00", "9999-01-01T00:00:00Z"])
@pytest.mark.parametrize("verb", [("sweep",), ("sla", "explain", "100")])
def test_a_time_that_is_none_is_65(shell, ticket, time, verb):
    shell.refused(65, *verb, "--at", time)


def test_another_priority_is_supposed_and_nothing_is_changed(shell, ticket):
    as_it_is, supposed = (shell.rows("sla", "explain", "100", *more) for more in ([], ["--priority", "urgent"]))
    assert supposed[0]["target_seconds"] < as_it_is[0]["target_seconds"]
    assert shell.rows("ticket", "list")[0]["priority"] == "normal"
    shell.refused(65, "sla", "explain", "100", "--priority", "soon")


def test_a_clock_is_explained_piece_by_piece(shell, ticket):
    shell.rows("ticket", "set", "100", "status=pending")
    rows = shell.rows("sla", "explain", "100P", "--at", _at(2))
    resolution = [row for row in rows if row["clock"] == "resolution"]
    assert resolution[-1]["state"] == "paused"
    assert resolution[-1]["running"] is False
    assert "pending" in resolution[-1]["because"]
    ran = sum((from_text(row["to"]) - from_text(row["from"]) for row in resolution if row["running"]), timedelta())
    assert resolution[-1]["remaining_seconds"] == pytest.approx(30 * 3600 - ran.total_seconds(), abs=2)
    for before, after in pairwise(resolution):
        assert before["to"] == after["from"]
    code, text, _ = shell("sla", "explain", ticket)
    assert code == 0
    assert "resolution: paused; " in text
    assert "of 30:00:00 left (standard)" in text
    assert "waits for the requester" in text


def test_a_clock_that_runs_is_explained_with_the_hours_it_goes_by(shell, ticket):
    rows = shell.rows("sla", "explain", "100", "--at", _at(2))
    calendar = next(row["calendar"] for row in rows if row["calendar"])
    assert " " in calendar
    assert calendar in shell("sla", "explain", ticket, "--at", _at(2))[1]


def test_a_ticket_without_clocks_says_so(shell):
    shell.arrive(to="billing@example.com")
    assert shell("sla", "explain", "100")[1] == "This ticket has no clocks.\n"
    assert shell.rows("sla", "explain", "100") == []
    assert shell.rows("ticket", "show", "100")[0]["clocks"] == []
    assert "Clocks" not in shell("ticket", "show", "100")[1]
    assert "there is no ticket" in shell.refused(65, "sla", "explain", "101")


def test_without_published_targets_no_clock_is_explained(shell, ticket):
    with shell.database() as database, database.transaction() as transaction:
        transaction.change("DELETE FROM meta WHERE name = 'sla'")
    shell.refused(69, "sla", "explain", "100")
    assert shell.rows("ticket", "show", "100")[0]["clocks"] != []


def test_a_late_clock_shows_its_age(shell, ticket):
    with shell.database() as database, database.transaction() as transaction:
        for fact in database.execute("SELECT seq, fact FROM event WHERE fact IS NOT NULL"):
            early = re.sub(r"\b20\d\d-", "2020-", fact["fact"], count=1)
            transaction.change("UPDATE event SET fact = ? WHERE seq = ?", (early, fact["seq"]))
    (row,) = shell.rows("ticket", "show", "100")
    assert row["breached"] == ["first_response", "resolution"]
    assert row["clocks"][0]["remaining_seconds"] < 0
    assert from_text(row["first_response_due"]).year == 2020
    assert "first_response  breached" in shell("ticket", "show", "100")[1]


def test_what_a_sweep_as_of_a_later_hour_told_is_shown(shell, ticket):
    shell.rows("sweep", "--at", _at(24 * 30))
    (row,) = shell.rows("ticket", "show", "100")
    assert row["breached"] == shell.rows("ticket", "list")[0]["breached"] == ["first_response", "resolution"]
    assert {clock["state"] for clock in row["clocks"]} == {"breached"}
    assert shell.rows("sla", "explain", "100")[0]["state"] == "breached"


def test_a_schema_is_made_once(empty):
    assert empty.rows("migrate") == [{"before": 0, "after": LATEST}]
    assert empty.path.with_name("secret.key").stat().st_mode & 0o777 == 0o600  # a unit migrates before it serves
    assert empty.rows("migrate") == [{"before": LATEST, "after": LATEST}]
    assert f"at version {LATEST}, as it should be" in empty("migrate")[1]


def test_people_read_what_a_migration_did(empty):
    assert f"from version 0 to {LATEST}" in empty("migrate")[1]


def test_an_older_schema_is_78_until_it_is_migrated(shell):
    with shell.database() as database, database.transaction() as transaction:
        transaction.change(f"DELETE FROM schema_version WHERE version = {LATEST}")
    for verb in (("ticket", "list"), ("status",), ("ticket", "set", "100", "priority=low"), ("outbox", "flush")):
        assert "maild migrate" in shell.refused(78, *verb)


def test_the_first_writing_command_makes_schema_and_secret(empty):
    assert "does not exist yet" in empty.refused(69, "ticket", "list")
    arguments = ("--queue", "support", "--requester", "leo@client.example", "--subject", "x")
    assert empty.rows("ticket", "new", *arguments, given="words")[0]["key"] == "ACME-100P"
    secret = empty.path.with_name("secret.key")
    assert secret.stat().st_mode & 0o777 == 0o600


def test_a_secret_that_is_gone_beside_tickets_is_refused_with_the_way_out(empty):
    empty.rows("ticket", "new", "--queue", "support", "--requester", "leo@client.example", "--subject", "x", given="y")
    secret = empty.path.with_name("secret.key")
    secret.unlink()
    for words in (("ticket", "set", "100", "priority=low"), ("serve",)):
        assert "restore it from the backup" in empty.refused(78, *words)
    code, printed, said = empty("check")
    assert code == 78
    assert "restore it from the backup" in printed + said
    assert not secret.exists()


def test_a_first_command_that_could_not_keep_the_secret_leaves_no_tables_without_one(empty):
    folder = empty.path.with_name("keys")
    text = empty.path.read_text("utf-8")
    empty.path.write_text(text.replace("[desk]\n", '[desk]\nsecret_file = "keys/secret.key"\n', 1), "utf-8")
    new = ("ticket", "new", "--queue", "support", "--requester", "leo@client.example", "--subject", "x")
    assert empty(*new, given="words")[0] != 0
    folder.mkdir()
    assert empty.rows(*new, given="words")[0]["key"] == "ACME-100P"


def test_quick_commands_need_no_valid_configuration(shell, ticket):
    shell.path.write_text('[store]\nurl = "sqlite:///maild.db"\n[desk]\nprefix = 5\n[nonsense]\n')
    assert shell.rows("ticket", "list")[0]["key"] == ticket
    assert shell.rows("ticket", "show", ticket)[0]["key"] == ticket
    shell.refused(78, "ticket", "set", "100", "priority=low")


def test_a_reload_reaches_the_service_of_this_machine(shell):
    heard = []
    before = signal.signal(signal.SIGHUP, lambda *_: heard.append(1))
    try:
        here = socket.gethostname()
        shell.beat(process="elsewhere:1", pid=1, roles=ROLES)
        assert "no service runs on this machine" in shell.refused(69, "reload")
        shell.beat(process=f"{here}:{os.getpid()}", pid=os.getpid(), roles=ROLES)
        shell.beat(process=f"{here}:4194304", pid=4194304, roles=ROLES)  # one above the highest pid of Linux
        code, _, said = shell("reload")
        assert code == 0
        assert f"asked process {os.getpid()} to reload" in said
    finally:
        signal.signal(signal.SIGHUP, before)
    assert heard == [1]


def test_a_broken_configuration_is_told_and_not_asked_for(shell):
    shell.beat(process=f"{socket.gethostname()}:{os.getpid()}", pid=os.getpid())  # SIGHUP would end this process
    shell.path.write_text(shell.path.read_text() + "\n[nonsense]\n")
    assert "nonsense" in shell.refused(78, "reload")


def test_the_postfix_map_is_a_map_as_it_stands(shell):
    code, text, _ = shell("postfix-map")
    assert code == 0
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert [line.split() for line in lines] == [
        [address, "lmtp:unix:/run/maild-lmtp.sock"]
        for address in ("billing@example.com", "desk@desk.example.com", "support@example.com")
    ]
    for words in (
        "recipient_delimiter = +",
        "transport_maps = hash:",
        "no LMTP door yet",
        'support: "|/usr/local/bin/maild-deliver --socket /run/maild-lmtp.sock support@example.com"',
        "desk+TOKEN@desk.example.com",
    ):
        assert words in text


def test_the_postfix_map_follows_the_lmtp_door(shell):
    without = shell.path.read_text().replace("first_number = 100", 'recipient_delimiter = "-"')
    shell.path.write_text(without + '\n[lmtp]\nlisten = ["127.0.0.1:8024"]\n')
    text = shell("postfix-map")[1]
    assert "support@example.com    lmtp:inet:127.0.0.1:8024" in text
    assert "--socket 127.0.0.1:8024" in text
    assert "recipient_delimiter = -" in text
    assert "no LMTP door yet" not in text
    both = without + '\n[lmtp]\nlisten = ["127.0.0.1:8024", "unix:/tmp/l.sock"]\n'
    shell.path.write_text(both)
    assert "lmtp:unix:/tmp/l.sock" in shell("postfix-map")[1]


def test_the_shell_works_the_same_on_postgresql(elsewhere):
    shell = elsewhere
    assert "maild migrate" in shell.refused(78, "ticket", "list")
    assert shell.rows("migrate")[0]["after"] == LATEST
    entry = shell.arrive()
    (row,) = shell.rows("ticket", "set", "100", "priority=urgent", "tags=+vpn")
    assert row["tags"] == ["vpn"]
    assert shell.rows("ticket", "search", "certificate")[0]["key"] == "ACME-100P"
    assert shell.rows("ticket", "list", "--level", "1", "--status", "new")[0]["key"] == "ACME-100P"
    shell.rows("ticket", "reply", "100", "--as", "ana", given="Soon.\n")
    mail = shell.rows("outbox", "list", "--ticket", "100")[-1]
    shell.rows("outbox", "drop", mail["id"])
    assert shell.rows("ticket", "show", "100")[0]["clocks"][0]["state"] == "running"
    assert shell("inbound", "show", entry, "--raw")[1].startswith(b"From: Marta")
    assert shell.rows("inbound", "list", "--ticket", "100")[0]["entry"] == entry
    shell.rows("inbound", "replay", entry)
    assert shell.rows("sla", "explain", "100") != []
    assert [row["ticket"] for row in _of_tickets(shell.rows("sweep", "--at", _at(1)))] == ["ACME-100P"]
    shell.beat(roles=ROLES)
    assert _status(shell)[0] == 0
