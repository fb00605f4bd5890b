"""Past mail played through the whole desk."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from maild.cli.main import run
from maild.service.simulation.arrivals import arrivals, highest_key
from maild.service.simulation.tables import percentile

EXAMPLE = (Path(__file__).parents[1] / "settings" / "example.toml").read_text("utf-8")
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ASKS = (
    b"From: Marta <marta@example.org>\nTo: support@example.com\nSubject: Printer\nMessage-ID: <1@a>\n%s\n\nIt burns.\n"
)


@pytest.fixture
def desk(tmp_path):
    (tmp_path / "maild.toml").write_text(EXAMPLE, "utf-8")
    return tmp_path


@pytest.fixture
def past(tmp_path):
    """A week: a question, its second copy, a reminder with the first in References, a robot, a mail for nobody."""
    mails = [
        ("Mon Nov 23 09:00:00 2026", _mail("Printer", "1", "The printer burns.")),
        ("Mon Nov 23 09:01:00 2026", _mail("Printer", "1", "The printer burns.")),
        ("Tue Nov 24 09:00:00 2026", _mail("Re: Printer", "2", "Hello?", **{"References": "<1@client.example>"})),
        ("Tue Nov 24 10:00:00 2026", _mail("Away", "3", "I am away.", **{"Auto-Submitted": "auto-replied"})),
        ("Tue Nov 24 11:00:00 2026", _mail("Lost", "4", "Who are you?", to="nobody@example.com")),
        ("Wed Nov 25 09:00:00 2026", _mail("Key ACME-70 was old", "5", "\0" * 2000 + "<" * 2000)),
    ]
    path = tmp_path / "past.mbox"
    path.write_text("".join(f"From x@y.example {at}\n{mail}\n" for at, mail in mails), "utf-8")
    return path


def _mail(subject, number, text, to="support@example.com", **fields):
    day = 23 + (number > "1") + (number > "4")
    given = {
        "From": "Marta <marta@example.org>",
        "To": to,
        "Subject": subject,
        "Message-ID": f"<{number}@client.example>",
        "Date": f"{day} Nov 2026 0{number}:00:00 +0000",
        **fields,
    }
    return "".join(f"{name}: {value}\n" for name, value in given.items()) + f"\n{text}\n"


def _rows(capsys, desk, past, *options):
    capsys.readouterr()
    assert run(["--config", str(desk / "maild.toml"), "simulate", str(past), "--json", *options]) == 0
    printed = capsys.readouterr().out
    return printed, [json.loads(line) for line in printed.splitlines()]


def _table(rows, name):
    return [row for row in rows if row["table"] == name]


def test_a_week_of_mail_becomes_tickets_notices_and_clocks_and_the_real_database_stays_away(capsys, desk, past):
    _, rows = _rows(capsys, desk, past)
    printer, odd = _table(rows, "tickets")
    assert printer["subject"] == "Printer"
    assert printer["assignee"] == "eva@example.com"  # the second line, to which the breach escalated it
    assert printer["breached"] == ["first_response", "resolution"]  # nobody answered for a week
    assert printer["number"] > 70, "a key of the real desk must not name a simulated ticket"
    assert odd["subject"] == "Key ACME-70 was old"
    templates = {row["template"]: row["mails"] for row in _table(rows, "notices")}
    assert templates["acknowledgement"] == 2
    assert templates["requester-wrote"] == 1
    aside = {row["file"].rpartition(":")[2]: row["state"] for row in _table(rows, "aside")}
    assert aside == {"2": "duplicate", "4": "applied", "5": "quarantined"}
    first = next(row for row in _table(rows, "clocks") if row["clock"] == "first_response")
    assert (first["cycles"], first["met"], first["breached"]) == (2, 0, 2)
    assert not (desk / "maild.db").exists()
    assert not (desk / "secret.key").exists()


def test_the_same_seed_gives_the_same_octets_and_agents_who_answer_meet_clocks(capsys, desk, past):
    first, rows = _rows(capsys, desk, past, "--agents", "10m", "--seed", "5")
    again, _ = _rows(capsys, desk, past, "--agents", "10m", "--seed", "5")
    assert hashlib.sha256(first.encode()).digest() == hashlib.sha256(again.encode()).digest()
    clock = next(row for row in _table(rows, "clocks") if row["clock"] == "first_response")
    assert clock["met"] == 2
    assert clock["median_seconds"] is not None
    assert {row["status"] for row in _table(rows, "tickets")} <= {
        "pending",
        "resolved",
        "closed",
    }  # nothing is forgotten
    assert {"agent-replied", "resolved"} & {row["template"] for row in _table(rows, "notices")}


def test_what_is_kept_is_a_database_to_look_at_and_is_never_written_over(capsys, desk, past, tmp_path):
    kept = tmp_path / "kept.db"
    _rows(capsys, desk, past, "--keep", str(kept), "--to", "2026-11-24")
    assert kept.stat().st_size > 0
    config = ["--config", str(desk / "maild.toml")]
    assert run([*config, "simulate", str(past), "--keep", str(kept)]) == 74
    (desk / "maild.toml").write_text(EXAMPLE.replace("sqlite:///maild.db", f"sqlite:///{kept}"), "utf-8")
    capsys.readouterr()
    assert run([*config, "ticket", "list", "--json"]) == 0
    assert [json.loads(line)["subject"] for line in capsys.readouterr().out.splitlines()] == ["Printer"]


def test_a_desk_without_a_configuration_takes_every_mail(capsys, past, tmp_path, monkeypatch):
    monkeypatch.setenv("MAILD_CONFIG", str(tmp_path / "there-is-none.toml"))
    assert run(["simulate", str(past), "--from", "2026-11-24"]) == 0
    printed = capsys.readouterr()
    assert "Lost" in printed.out
    assert "maild demo" in printed.err


def test_no_mail_at_all_and_an_unknown_queue_are_told(capsys, desk, past):
    config = ["--config", str(desk / "maild.toml")]
    assert run([*config, "simulate", str(past), "--from", "2027-01-01"]) == 65
    assert run([*config, "simulate", str(past), "--queue", "nowhere"]) == 65
    assert run([*config, "simulate", str(past), "--agents", "soon"]) == 64
    assert "soon" in capsys.readouterr().err


def test_mail_is_played_by_the_top_received_else_date_else_in_its_place():
    received = b"Received: by mx; Tue, 24 Nov 2026 10:00:00 +0100\nDate: Mon, 1 Jan 1990 00:00:00 +0000"
    mails = [
        ("late", ASKS % b"Date: Tue, 24 Nov 2026 09:30:00 +0000"),
        ("undated", ASKS % b"Date: the day after"),
        ("received", ASKS % received),
        ("absurd", ASKS % b"Date: Fri, 31 Dec 9999 23:59:59 -1200"),
    ]
    found = arrivals(mails, MONDAY)
    assert [mail.name for mail in found] == ["received", "absurd", "late", "undated"]
    assert found[0].at == MONDAY + timedelta(days=1)
    assert found[0].author == "marta@example.org"


def test_the_highest_key_is_sought_in_headers_alone_and_in_any_case():
    (mail,) = arrivals([("one", ASKS % b"Date: x\nReferences: <acme-12.x@y> <ACME-900000000000@z>")], MONDAY)
    assert highest_key([mail], "ACME") == 12


def test_a_percentile_is_a_value_that_was_there():
    assert [percentile([1, 2, 3, 4], percent) for percent in (50, 90, 100)] == [2, 4, 4]
    assert percentile([], 50) is None
