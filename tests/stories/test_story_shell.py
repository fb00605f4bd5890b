"""The shell beside a running `maild serve`: every command, and the fields of what it prints by name and by kind."""

import json
import re
import signal
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.stories.stage import WIRE, steady
from tests.support.desk import Clock, Desk, run_maild
from tests.support.waiting import PATIENCE_SECONDS, eventually

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
KEY = re.compile(r"ACME-\d+[A-Z]")
MAILD = Path(sys.executable).with_name("maild")


def instant(value: object) -> bool:
    return isinstance(value, str) and bool(INSTANT.fullmatch(value))


def maybe_instant(value: object) -> bool:
    return value is None or instant(value)


def maybe_text(value: object) -> bool:
    return value is None or isinstance(value, str)


def key(value: object) -> bool:
    return isinstance(value, str) and bool(KEY.fullmatch(value))


def maybe_key(value: object) -> bool:
    return value is None or key(value)


def texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def mailbox(value: object) -> bool:
    return isinstance(value, dict) and set(value) >= {"name", "address"}


def mailboxes(value: object) -> bool:
    return isinstance(value, list) and all(map(mailbox, value))


def count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def maybe_count(value: object) -> bool:
    return value is None or count(value)


def text(value: object) -> bool:
    return isinstance(value, str)


def flag(value: object) -> bool:
    return isinstance(value, bool)


def rows_of(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, dict) for each in value)


TICKET = {
    "key": key,
    "number": count,
    "subject": text,
    "status": text,
    "type": text,
    "priority": text,
    "queue": text,
    "team": maybe_text,
    "level": count,
    "requester": maybe_text,
    "assignee": maybe_text,
    "participants": texts,
    "language": maybe_text,
    "tags": texts,
    "category": maybe_text,
    "created_at": instant,
    "updated_at": instant,
    "first_response_due": maybe_instant,
    "next_response_due": maybe_instant,
    "resolution_due": maybe_instant,
    "breached": texts,
    "merged_into": maybe_key,
}
MESSAGE = {
    "id": text,
    "direction": lambda value: value in {"in", "out", "note"},
    "from": mailbox,
    "to": mailboxes,
    "cc": mailboxes,
    "subject": text,
    "message_id": maybe_text,
    "at": instant,
    "text": text,
    "new_text": text,
    "attachments": rows_of,
    "kind": text,
    "authentication": maybe_text,
    "public": flag,
    "delivery": rows_of,
}
CLOCK = {
    "clock": lambda value: value in {"first_response", "next_response", "resolution"},
    "cycle": count,
    "state": lambda value: value in {"running", "paused", "met", "breached", "void"},
    "started_at": instant,
    "due_at": maybe_instant,
    "met_at": maybe_instant,
    "target_seconds": count,
    "elapsed_seconds": count,
    "remaining_seconds": count,
}
INBOUND = {
    "entry": text,
    "received_at": instant,
    "door": text,
    "mailbox": maybe_text,
    "client": maybe_text,
    "mail_from": text,
    "rcpt_to": texts,
    "message_id": maybe_text,
    "sha256": lambda value: bool(re.fullmatch("[0-9a-f]{64}", value)),
    "size": count,
    "state": lambda value: value in {"received", "applied", "quarantined", "failed", "duplicate", "dropped"},
    "reason": maybe_text,
    "ticket": maybe_key,
    "attempts": count,
}
OUTBOX = {
    "id": text,
    "ticket": maybe_key,
    "template": text,
    "mail_from": text,
    "rcpt_to": text,
    "message_id": text,
    "state": lambda value: value in {"queued", "held", "sent", "deferred", "failed", "cancelled"},
    "attempts": count,
    "next_attempt_at": maybe_instant,
    "last_reply": maybe_text,
    "created_at": instant,
}
STATUS = {
    "state": lambda value: value in {"ok", "degraded"},
    "problems": texts,
    "doors": rows_of,
    "mailboxes": rows_of,
    "journal": lambda value: set(value) >= {"received", "applied", "quarantined", "failed", "oldest_waiting_seconds"},
    "outbox": lambda value: (
        set(value) >= {"queued", "held", "deferred", "sent", "failed", "oldest_waiting_seconds"}
        and all(maybe_count(each) for each in value.values())
    ),
    "tickets": lambda value: all(map(count, value.values())),
    "sweeps": lambda value: rows_of(value) and all(set(each) >= {"name", "last_run", "next_run"} for each in value),
}
EXPLAINED = {
    "file": text,
    "message_id": maybe_text,
    "date": maybe_text,
    "from": mailbox,
    "reply_to": mailboxes,
    "to": mailboxes,
    "cc": mailboxes,
    "subject": text,
    "text": text,
    "html": maybe_text,
    "new_text": text,
    "quoted": text,
    "signature": text,
    "attachments": rows_of,
    "language": maybe_text,
    "kind": text,
    "kind_evidence": texts,
    "bounce": lambda value: value is None or isinstance(value, dict),
    "authentication": lambda value: set(value) >= {"verdict", "dkim", "spf", "dmarc"},
    "forwarded": lambda value: value is None or isinstance(value, dict),
    "commands": texts,
    "defects": texts,
    "ticket": lambda value: value is None or set(value) >= {"key", "rule"},
    "would": texts,
}


def check(row: dict, kinds: dict) -> None:
    """Say which fields are missing, or of a wrong kind."""
    assert set(kinds) <= set(row), set(kinds) - set(row)
    assert [(name, row[name]) for name, kind in kinds.items() if not kind(row[name])] == []


class Shell:
    """A served desk, and an admin at its shell."""

    def __init__(self, folder: Path) -> None:
        self.desk = Desk(folder, steady("en", ""), clock=Clock(datetime.now(UTC)))
        self.config = self.desk.config
        self.process: subprocess.Popen[bytes] | None = None

    def serve(self) -> None:
        """Start the service as a process of its own."""
        words = [str(MAILD), "--config", str(self.config), "serve"]
        with (self.config.parent / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(words, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        eventually(lambda: self.doors() and run_maild(self.config, "status")[0] == 0, "the service")

    def log(self) -> str:
        return (self.config.parent / "serve.log").read_text("utf-8")

    def leave(self) -> int:
        """Ask the service to leave; returns its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_SECONDS)

    def doors(self) -> list[dict]:
        out = run_maild(self.config, "status", "--json")[1]
        return list(json.loads(out)["doors"]) if out else []

    def run(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command in this process, where everything is imported already."""
        return subprocess.CompletedProcess(words, *run_maild(self.config, *words, stdin=stdin))

    def rows(self, *words: str, stdin: str = "") -> list[dict]:
        run = self.run(*words, "--json", stdin=stdin)
        assert run.returncode == 0, run.stderr
        return [json.loads(line) for line in run.stdout.splitlines()]

    def send(self, mail) -> str:
        """Send by SMTP; returns the entry."""
        port = int(next(d["address"] for d in self.doors() if d["door"] == "smtp").rpartition(":")[2])
        with smtplib.SMTP("127.0.0.1", port, timeout=PATIENCE_SECONDS) as client:
            client.ehlo()
            client.mail(mail["From"].addresses[0].addr_spec)
            client.rcpt(mail["To"].addresses[0].addr_spec)
            code, reply = client.data(mail.as_bytes(policy=WIRE))
        assert (code, reply.decode().rpartition(" ")[0]) == (250, "2.0.0 Ok: queued as")
        return reply.decode().rpartition(" ")[2]


@pytest.fixture(scope="module")
def shell(tmp_path_factory) -> Iterator[Shell]:
    shell = Shell(tmp_path_factory.mktemp("shell"))
    try:
        shell.serve()
        yield shell
    finally:
        if shell.process is not None and shell.process.poll() is None:
            shell.leave()
        shell.desk.sink.close()


@pytest.fixture(scope="module")
def ticket(shell) -> dict:
    """A ticket that came by mail, answered once."""
    entry = shell.send(shell.desk.compose("Hello, the printer is on fire.", author="Marta Gil <marta@example.org>"))
    shell.desk.mail_to("marta@example.org")
    row = next(r for r in shell.rows("inbound", "list") if r["entry"] == entry)
    agent = shell.rows("ticket", "show", row["ticket"])[0]["assignee"]
    told = shell.desk.mail_to(agent, having=row["ticket"])
    shell.send(shell.desk.answer(told, "Please use the extinguisher.", author=agent))
    shell.desk.mail_to("marta@example.org", having="extinguisher")
    return shell.rows("ticket", "show", row["ticket"])[0]


def test_status_tells_of_every_part(shell, ticket):
    def well() -> dict | None:
        code, out, _ = run_maild(shell.config, "status", "--json")
        return json.loads(out) if code == 0 else None

    found = eventually(well, "a service that is well")
    check(found, STATUS)
    assert (found["state"], found["problems"]) == ("ok", [])
    assert found["tickets"]["open"] >= 1


def test_tickets_are_listed_with_every_field(shell, ticket):
    rows = shell.rows("ticket", "list")
    for row in rows:
        check(row, TICKET)
    assert ticket["key"] in [row["key"] for row in rows]
    assert [r["key"] for r in shell.rows("ticket", "list", "--limit", "1")] == [rows[-1]["key"]]
    assert shell.rows("ticket", "list", "--status", "spam") == []
    assert ticket["key"] in shell.desk.maild("ticket", "list").stdout


@pytest.mark.parametrize("name", ["status", "queue", "assignee", "requester"])
def test_tickets_are_filtered_by_field(shell, ticket, name):
    rows = shell.rows("ticket", "list", f"--{name}", ticket[name])
    assert rows
    assert {row[name] for row in rows} == {ticket[name]}


def test_a_ticket_is_shown_whole_however_it_is_named(shell, ticket):
    check(ticket, TICKET)
    for message in ticket["messages"]:
        check(message, MESSAGE)
    for clock in ticket["clocks"]:
        check(clock, CLOCK)
    for event in ticket["events"]:
        check(event, {"at": instant, "actor": text, "verb": text, "detail": text})
    out = next(m for m in ticket["messages"] if m["direction"] == "out")
    for delivery in out["delivery"]:
        check(delivery, {"rcpt_to": text, "state": text, "last_reply": maybe_text})
    for name in (str(ticket["number"]), f"{ticket['number']}{ticket['key'][-1]}", ticket["key"]):
        assert shell.rows("ticket", "show", name)[0]["key"] == ticket["key"]
    assert "extinguisher" in shell.run("ticket", "show", ticket["key"]).stdout


def test_a_ticket_that_is_not_there_is_65(shell):
    assert shell.run("ticket", "show", "99999").returncode == 65
    assert shell.run("ticket", "show", "1A").returncode == 65
    assert shell.desk.maild("ticket", "shwo").returncode == 64


def test_a_ticket_is_made_and_its_requester_and_agent_are_told(shell):
    words = (
        "--queue",
        "support",
        "--requester",
        "Rosa <rosa@example.org>",
        "--subject",
        "By telephone",
        "--lang",
        "es",
    )
    (row,) = shell.rows("ticket", "new", *words, "--priority", "high", "--type", "request", stdin="Ha llamado.")
    check(row, TICKET)
    assert (row["requester"], row["priority"], row["type"], row["language"]) == (
        "rosa@example.org",
        "high",
        "request",
        "es",
    )
    assert row["key"] in str(shell.desk.mail_to("rosa@example.org").mail["Subject"])
    shell.desk.mail_to(row["assignee"], having=row["key"])


def test_a_ticket_can_be_made_without_telling_its_requester(shell):
    words = ("--queue", "support", "--requester", "quiet@example.org", "--subject", "Quiet", "--no-notify")
    (row,) = shell.rows("ticket", "new", *words, stdin="Psst.")
    shell.desk.mail_to(row["assignee"], having=row["key"])
    assert shell.desk.sink.to("quiet@example.org") == []


def test_values_are_set_all_or_none(shell, ticket):
    (row,) = shell.rows("ticket", "set", ticket["key"], "priority=urgent", "tags=+vpn,+new", "category=net/vpn")
    assert (row["priority"], sorted(row["tags"]), row["category"]) == ("urgent", ["new", "vpn"], "net/vpn")
    assert shell.run("ticket", "set", ticket["key"], "priority=low", "status=nonsense").returncode == 65
    assert shell.rows("ticket", "show", ticket["key"])[0]["priority"] == "urgent"
    assert any(e["actor"].startswith("cli:") for e in shell.rows("ticket", "show", ticket["key"])[0]["events"])


def test_a_reply_of_the_shell_reaches_her(shell, ticket):
    (row,) = shell.rows("ticket", "reply", ticket["key"], "--as", "ben@example.com", stdin="From the shell.\n")
    check(row, TICKET)
    got = shell.desk.mail_to("marta@example.org", having="From the shell.")
    assert got.mail["From"].addresses[0].display_name == "ben (Acme Support)"


def test_a_note_of_the_shell_stays_inside(shell, ticket):
    shell.rows("ticket", "note", ticket["key"], "--as", "ben@example.com", stdin="Only for us.\n")
    shown = shell.rows("ticket", "show", ticket["key"])[0]
    assert [(m["direction"], m["public"]) for m in shown["messages"] if "Only for us." in m["text"]] == [
        ("note", False)
    ]
    assert not [m for m in shell.desk.sink.to("marta@example.org") if "Only for us." in m.text]


def test_a_forbidden_transition_is_65(shell):
    words = ("--queue", "support", "--requester", "closed@example.org", "--subject", "Done", "--no-notify")
    (row,) = shell.rows("ticket", "new", *words, stdin="x")
    assert shell.rows("ticket", "set", row["key"], "status=closed")[0]["status"] == "closed"
    assert shell.run("ticket", "set", row["key"], "status=pending").returncode == 65


def test_tickets_are_found_by_their_words(shell, ticket):
    rows = shell.rows("ticket", "search", "printer", "fire")
    assert ticket["key"] in [row["key"] for row in rows]
    for row in rows:
        check(row, TICKET)
    assert shell.rows("ticket", "search", "nosuchwordanywhere") == []


def test_tickets_are_merged_and_split(shell):
    def made(subject: str) -> dict:
        words = ("--queue", "support", "--requester", "twice@example.org", "--subject", subject, "--no-notify")
        return shell.rows("ticket", "new", *words, stdin=subject)[0]

    one, other = made("First"), made("Second")
    run = shell.run("ticket", "merge", one["key"], "--into", other["key"], "--json")
    assert run.returncode == 0, run.stderr
    merged = shell.rows("ticket", "show", one["key"])[0]
    assert (merged["status"], merged["merged_into"]) == ("merged", other["key"])
    message = shell.rows("ticket", "show", other["key"])[0]["messages"][-1]["id"]
    run = shell.run("ticket", "split", other["key"], message, "--json")
    assert run.returncode == 0, run.stderr
    check(json.loads(run.stdout.splitlines()[-1]), TICKET)


def test_the_journal_is_listed_shown_and_replayed(shell, ticket):
    rows = shell.rows("inbound", "list")
    for row in rows:
        check(row, INBOUND)
    entry = shell.rows("inbound", "list", "--ticket", ticket["key"])[0]["entry"]
    check(shell.rows("inbound", "show", entry)[0], INBOUND)
    assert "Subject: Printer" in shell.run("inbound", "show", "--raw", entry).stdout
    assert shell.run("inbound", "replay", entry).returncode == 0
    assert {r["state"] for r in shell.rows("inbound", "list", "--state", "applied")} == {"applied"}
    assert shell.run("inbound", "show", "nothing").returncode == 65


def test_a_quarantined_entry_is_released_or_dropped(shell):
    def lost(words: str) -> str:
        mail = f"From: x@example.org\nTo: who@example.com\nSubject: Lost\n\n{words}\n"
        run = shell.run("ingest", "--json", stdin=mail)
        entry = json.loads(run.stdout)["entry"]
        eventually(lambda: shell.rows("inbound", "show", entry)[0]["state"] == "quarantined", "the quarantine")
        return entry

    entry = lost("Hello?")
    assert shell.run("inbound", "retry", entry).returncode == 0
    eventually(lambda: shell.rows("inbound", "show", entry)[0]["state"] == "quarantined", "the quarantine again")
    assert shell.run("inbound", "release", entry, "--queue", "support").returncode == 0
    eventually(lambda: shell.rows("inbound", "show", entry)[0]["ticket"], "a ticket")
    other = lost("Is anybody there?")
    assert shell.run("inbound", "drop", other).returncode == 0
    assert shell.rows("inbound", "show", other)[0]["state"] == "dropped"


def test_the_outbox_is_listed_and_shown(shell, ticket):
    rows = shell.rows("outbox", "list")
    for row in rows:
        check(row, OUTBOX)
    assert {r["ticket"] for r in shell.rows("outbox", "list", "--ticket", ticket["key"])} == {ticket["key"]}
    check(shell.rows("outbox", "show", rows[0]["id"])[0], OUTBOX)
    assert "Message-ID:" in shell.run("outbox", "show", "--raw", rows[0]["id"]).stdout


def test_mail_that_waits_is_held_released_dropped_and_flushed(shell):
    shell.desk.sink.answer = lambda envelope: "451 4.3.0 later"
    words = ("--queue", "support", "--requester", "waits@example.org", "--subject", "Waits")
    (made,) = shell.rows("ticket", "new", *words, stdin="x")

    def waiting() -> list[dict]:
        rows = shell.rows("outbox", "list", "--ticket", made["key"])
        return [r for r in rows if r["state"] == "deferred" and r["template"] == "acknowledgement"]

    row = eventually(waiting, "deferred mail")[0]
    assert shell.rows("outbox", "hold", row["id"])[0]["state"] == "held"
    assert shell.rows("outbox", "release", row["id"])[0]["state"] in {"queued", "deferred"}
    eventually(waiting, "deferred mail again")
    assert shell.run("outbox", "retry", row["id"]).returncode == 0
    eventually(waiting, "deferred mail again")
    assert shell.rows("outbox", "drop", row["id"])[0]["state"] == "cancelled"
    shell.desk.sink.answer = lambda envelope: "250 2.0.0 Ok"
    (flushed,) = shell.rows("outbox", "flush")
    assert count(flushed["flushed"])
    shell.desk.mail_to(made["assignee"], having=made["key"])
    assert shell.desk.sink.to("waits@example.org") == []


def test_ingest_waits_for_the_ticket(shell):
    mail = "From: Pipe <pipe@example.org>\nTo: support@example.com\nSubject: By pipe\n\nHello.\n"
    run = shell.run("ingest", "--to", "support@example.com", "--wait", "--json", stdin=mail)
    assert run.returncode == 0, run.stderr
    row = json.loads(run.stdout)
    check(row, {"file": text, "entry": text, "state": text})
    assert row["state"] == "applied"
    plain = shell.run("ingest", "--to", "support@example.com", "--wait", stdin=mail.replace("pipe@", "pipe2@"))
    assert KEY.search(plain.stdout)


def test_explain_says_what_would_be_done_and_changes_nothing(shell, ticket, tmp_path):
    path = tmp_path / "answer.eml"
    told = shell.desk.sink.to("marta@example.org")[0]
    path.write_bytes(shell.desk.answer(told, "And the curtains.", author="marta@example.org").as_bytes())
    before = shell.rows("ticket", "show", ticket["key"])
    (row,) = shell.rows("explain", str(path))
    check(row, EXPLAINED)
    assert (row["ticket"]["key"], row["ticket"]["rule"]) == (ticket["key"], "token")
    assert row["would"]
    assert row["file"] == str(path)
    assert shell.rows("explain", str(path)) == [row]
    assert shell.rows("ticket", "show", ticket["key"]) == before


def test_the_clocks_are_explained_segment_by_segment(shell, ticket):
    at = (datetime.now(UTC) + timedelta(days=7)).strftime("%Y-%m-%dT%H:%M:%SZ")
    rows = shell.rows("sla", "explain", ticket["key"], "--at", at)
    assert rows
    for row in rows:
        check(row, {"clock": text, "cycle": count, "because": text, "remaining_seconds": count})


def test_a_sweep_can_be_tried_without_effect(shell, ticket):
    at = (datetime.now(UTC) + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
    before = shell.rows("ticket", "show", ticket["key"])
    rows = shell.rows("sweep", "--at", at, "--dry-run")
    assert {row["dry_run"] for row in rows} == {True}
    assert all(key(row["ticket"]) for row in rows if row["ticket"] is not None)
    assert shell.rows("ticket", "show", ticket["key"]) == before
    past = shell.run("sweep", "--at", "2020-01-01T00:00:00Z")
    assert past.returncode in {0, 65}


def test_the_configuration_is_checked_and_its_parts_are_tried(shell):
    assert shell.run("check").returncode == 0
    assert shell.rows("check") == [] or {r["severity"] for r in shell.rows("check")} == {"warning"}
    broken = shell.config.with_name("broken.toml")
    broken.write_text(shell.config.read_text("utf-8").replace("[[queue]]", "[[queue]]\nadress = 1", 1), "utf-8")
    run = subprocess.run([str(MAILD), "--config", str(broken), "check"], capture_output=True, text=True, check=False)
    assert run.returncode == 78
    assert "adress" in run.stdout + run.stderr
    assert "address" in run.stdout + run.stderr


def test_a_password_line_and_a_map_for_postfix_are_printed(shell):
    line = shell.run("passwd", "ana@example.com", stdin="correct horse\n")
    assert line.returncode == 0, line.stderr
    assert line.stdout.startswith("ana@example.com:")
    assert "lmtp:" in shell.run("postfix-map").stdout


def test_the_schema_is_as_it_should_be(shell):
    assert shell.run("migrate").returncode == 0


def test_a_new_folder_is_made_that_checks(tmp_path):
    folder = tmp_path / "new"
    words = [str(MAILD), "init", str(folder)]
    run = subprocess.run(words, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert run.returncode == 0, run.stderr
    assert (folder / "maild.toml").exists()
    words = [str(MAILD), "--config", str(folder / "maild.toml"), "check"]
    assert subprocess.run(words, capture_output=True, text=True, check=False).returncode == 0


def test_the_pipe_door_asks_to_try_again_while_the_daemon_is_away(tmp_path):
    deliver = MAILD.with_name("maild-deliver")
    words = [str(deliver), "--socket", str(tmp_path / "lmtp.sock"), "help@example.com"]
    assert subprocess.run(words, input=b"Subject: x\n\nx\n", capture_output=True, check=False).returncode == 75


def test_a_reload_is_asked_for_and_a_broken_file_is_refused(shell):
    whole = shell.config.read_text("utf-8")
    queue = '\n[[queue]]\nname = "billing"\naddress = "billing@example.com"\nteam = "second-line"\nsla = "standard"\n'
    shell.config.write_text(whole + queue, "utf-8")
    assert shell.run("reload").returncode == 0
    eventually(lambda: "configuration-reloaded" in shell.log(), "the reload")
    mail = shell.desk.compose("An invoice.", author="bill@example.org", To="billing@example.com")
    shell.send(mail)
    shell.desk.mail_to("bill@example.org")
    shell.config.write_text(whole.replace("[desk]", "[dsek]"), "utf-8")
    assert shell.run("reload").returncode == 78
    assert shell.process is not None
    shell.process.send_signal(signal.SIGHUP)
    eventually(lambda: "configuration-refused" in shell.log(), "the refusal")
    shell.config.write_text(whole + queue, "utf-8")
    shell.send(shell.desk.compose("Another one.", author="bill2@example.org", To="billing@example.com"))
    shell.desk.mail_to("bill2@example.org")


def test_connections_live_through_a_reload_and_the_service_leaves_with_nothing_lost(tmp_path):
    shell = Shell(tmp_path)
    try:
        shell.serve()
        address = shell.doors()[0]["address"]
        with smtplib.SMTP("127.0.0.1", int(address.rpartition(":")[2]), timeout=PATIENCE_SECONDS) as client:
            client.ehlo()
            client.mail("marta@example.org")
            shell.process.send_signal(signal.SIGHUP)
            eventually(lambda: "configuration-reloaded" in shell.log(), "the reload")
            client.rcpt("support@example.com")
            octets = shell.desk.compose("Hello.").as_bytes(policy=WIRE)
            assert client.data(octets)[0] == 250
        assert shell.leave() == 0
        assert shell.run("status").returncode == 69
        assert len(shell.rows("inbound", "list")) == 1
        shell.serve()
        shell.desk.mail_to("marta@example.org")
        eventually(lambda: {r["state"] for r in shell.rows("outbox", "list")} == {"sent"}, "all mail sent")
        assert len(shell.desk.sink.to("marta@example.org")) == 1
    finally:
        if shell.process is not None and shell.process.poll() is None:
            shell.leave()
        shell.desk.sink.close()
