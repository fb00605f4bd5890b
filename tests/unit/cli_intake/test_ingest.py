"""`maild ingest` and `maild passwd` as a shell and an MTA use them; the journal is a real SQLite file."""

import io
import json
import logging
import sys
import threading
from pathlib import Path

import pytest
import structlog

from maild.base.words import EntryState
from maild.cli.main import run
from maild.database.connection import open_database
from maild.doors import auth
from maild.journal.journal import Journal
from tests.support.waiting import join

MAIL = b"From: Ana <ana@example.org>\nSubject: Printer\n\nIt does not print.\n"
CONFIGURATION = '[store]\nurl = "sqlite:///maild.db"\n'
WHOLE = f"""{CONFIGURATION}
[desk]
name = "Acme"
domain = "desk.example.com"
prefix = "ACME"
reply_address = "desk@desk.example.com"
languages = ["en"]
timezone = "UTC"
[[calendar]]
name = "office"
timezone = "UTC"
hours = {{ mon = ["09:00-17:00"] }}
[[sla]]
name = "standard"
calendar = "office"
targets.normal = {{ first_response = "4h" }}
[[team]]
name = "first-line"
members = ["ana@example.com"]
[[queue]]
name = "support"
address = "support@example.com"
team = "first-line"
sla = "standard"
"""


@pytest.fixture
def shell(tmp_path, monkeypatch, capfd):
    """Run `maild …` with standard input; return (exit code, rows or words printed, words on standard error)."""
    (tmp_path / "maild.toml").write_text(WHOLE)

    def play(*arguments, given=b""):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
        code = run(["--config", str(tmp_path / "maild.toml"), *map(str, arguments)])
        printed, said = capfd.readouterr()
        return code, ([json.loads(line) for line in printed.splitlines()] if "--json" in arguments else printed), said

    play.folder = tmp_path
    handlers = logging.getLogger().handlers[:]
    yield play
    logging.getLogger().handlers[:] = handlers
    structlog.reset_defaults()


@pytest.fixture
def journal(shell):
    """What the journal of the shell holds, opened when it is asked."""
    opened = []

    def look():
        database = open_database(f"sqlite:///{shell.folder / 'maild.db'}")
        opened.append(database)
        return Journal(database, lambda: None, lambda: "")

    yield look
    for database in opened:
        database.close()


def test_a_pipe_leaves_with_0_when_the_mail_is_durable(shell, journal):
    code, rows, said = shell("ingest", "--to", "support@example.com", "--json", given=MAIL)
    assert (code, said) == (0, "")
    assert [(row["file"], row["state"]) for row in rows] == [("-", "received")]
    kept = journal()
    entry = kept.get(rows[0]["entry"])
    assert kept.octets(entry.id) == MAIL
    assert entry.envelope.rcpt_to == ("support@example.com",)
    assert entry.envelope.mail_from is None
    assert entry.envelope.door == "ingest"
    assert entry.envelope.trusted
    kept.close()


def test_an_empty_database_gets_its_tables_and_then_only_a_secret(shell):
    assert shell("ingest", given=MAIL)[0] == 0
    secret = shell.folder / "secret.key"
    assert secret.stat().st_mode & 0o777 == 0o600
    secret.unlink()
    assert shell("ingest", given=MAIL)[0] == 0
    assert not secret.exists(), "beside existing tables a new secret would void every token"


def test_people_read_the_entry(shell):
    code, printed, _ = shell("ingest", given=MAIL)
    assert code == 0
    assert printed.startswith("-: received as ")


def test_many_files_are_each_taken_by_themselves(shell):
    (shell.folder / "a.eml").write_bytes(MAIL)
    line = b"From ana@example.org Sat Nov 21 21:42:00 2026\n"
    box = shell.folder / "box"
    box.write_bytes(b"".join(line + b"Subject: %d\n\n" % number + b"text\n\n" for number in range(120)))
    code, rows, said = shell("ingest", "--json", shell.folder / "a.eml", shell.folder / "none.eml", box)
    assert code == 74
    assert "none.eml" in said
    assert len(rows) == 121
    assert rows[-1]["file"] == f"{box}:120"


@pytest.mark.parametrize("given", [b"", b"\n\n", b"From x\n"])
def test_no_mail_is_bad_data(shell, given):
    code, rows, said = shell("ingest", "--json", given=given)
    assert (code, rows) == (65, [])
    assert "no mail" in said


def break_store(folder: Path):
    (folder / "maild.toml").write_text('[store]\nurl = "sqlite:///no/such/folder/maild.db"\n')


def break_queues(folder: Path):
    (folder / "maild.toml").write_text(WHOLE.partition("[[queue]]")[0])


def break_file(folder: Path):
    (folder / "maild.toml").write_text("[store")


def remove_file(folder: Path):
    (folder / "maild.toml").unlink()


def fill_disk(folder: Path):
    (folder / "maild.db").write_bytes(b"this is no database" * 100)


@pytest.mark.parametrize("fault", [break_store, break_queues, break_file, remove_file, fill_disk])
def test_every_fault_of_ours_makes_the_mta_try_again(shell, fault):
    fault(shell.folder)
    code, rows, said = shell("ingest", "--json", given=MAIL)
    assert (code, rows) == (75, [])
    assert said.startswith("maild: not taken: ")


def test_a_person_hears_what_is_wrong_with_the_configuration(shell):
    break_file(shell.folder)
    (shell.folder / "a.eml").write_bytes(MAIL)
    assert shell("ingest", shell.folder / "a.eml")[0] == 78


def test_too_little_space_makes_the_mta_try_again(shell, monkeypatch):
    monkeypatch.setattr("maild.journal.space.free_octets", lambda _: 1)
    code, _, said = shell("ingest", given=MAIL)
    assert code == 75
    assert "disk" in said


def settle(folder, state, stop):
    """Be the service: settle the first entry that comes."""
    while not stop.is_set():
        database = None
        try:
            database = open_database(f"sqlite:///{folder / 'maild.db'}")
            rows = database.execute("SELECT id FROM entry WHERE state = 'received'")
            for row in rows:
                with database.transaction() as transaction:
                    transaction.change("UPDATE entry SET ticket = 7, state = ? WHERE id = ?", (state, row["id"]))
                return
        except Exception:
            stop.wait(0.02)
        finally:
            if database is not None:
                database.close()
        stop.wait(0.02)


def test_wait_prints_the_ticket(shell):
    stop = threading.Event()
    service = threading.Thread(target=settle, args=(shell.folder, str(EntryState.APPLIED), stop))
    service.start()
    try:
        code, rows, _ = shell("ingest", "--wait", "--json", given=MAIL)
    finally:
        stop.set()
        join(service)
    assert code == 0
    assert rows[0]["state"] == "applied"
    assert rows[0]["ticket"] == "ACME-7F"


def test_a_wait_in_vain_is_no_failure_since_the_mail_is_durable(shell, monkeypatch):
    monkeypatch.setattr("maild.cli.ingest.WAIT_SECONDS", 0.0)
    code, rows, said = shell("ingest", "--wait", "--json", given=MAIL)
    assert code == 0
    assert rows[0]["state"] == "received"
    assert "maild serve" in said


def test_passwd_makes_a_line_that_lets_its_user_in(shell):
    code, printed, _ = shell("passwd", "Ana@Example.com", given=b"correct horse\n")
    assert code == 0
    users = auth.read_users(printed)
    assert auth.is_user(users, auth.Credentials("ana@example.com", "correct horse"))
    assert not auth.is_user(users, auth.Credentials("ana@example.com", "wrong horse"))


@pytest.mark.parametrize(
    ("address", "password"), [("ana", b"correct horse"), ("a:b@c", b"correct horse"), ("ana@example.com", b"short")]
)
def test_passwd_refuses_what_would_not_work(shell, address, password):
    code, printed, _ = shell("passwd", address, given=password)
    assert (code, printed) == (65, "")
