"""`maild explain`: its shape for programs, its picture for people, and that it always answers."""

import json
import os
import pty
import subprocess
import sys

import pytest

from maild.cli.explain import answer
from maild.cli.explain_row import picture
from maild.cli.main import run
from maild.service.explaining import Prospector
from tests.support.cost import costs_at_most
from tests.support.waiting import LONG_SECONDS

MAIL = """\
From: Ana Ruiz <ana@example.org>
To: Support <support@example.com>
Cc: ben@example.org
Reply-To: ana.ruiz@example.org
Subject: =?utf-8?q?La_impresora_no_funciona_ma=C3=B1ana?=
Message-ID: <m1@example.org>
Date: Mon, 23 Nov 2026 10:00:00 +0100
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; charset=utf-8

Hola, la impresora no funciona.

El 26/10/21 a las 14:25, Ben escribió:
> ¿qué tal?

--
Ana Ruiz
--b
Content-Type: application/pdf; name=a.pdf
Content-Disposition: attachment; filename=a.pdf
Content-Transfer-Encoding: base64

aGVsbG8=
--b--
"""
BOUNCE = """\
From: MAILER-DAEMON@mx.example.net
To: desk@desk.example.com
Subject: failure notice

Hi. This is the qmail-send program at mx.example.net.
I'm afraid I wasn't able to deliver your message to the following addresses.

<marta@example.org>:
550 5.1.1 unknown user

--- Below this line is a copy of the message.

Message-ID: <reply@desk.example.com>
"""
FIELDS = {
    *("file", "message_id", "date", "from", "reply_to", "to", "cc", "subject", "text", "html", "new_text", "quoted"),
    *("signature", "attachments", "language", "kind", "kind_evidence", "bounce", "authentication", "forwarded"),
    *("commands", "defects", "ticket", "would"),
}
LISTS = ("reply_to", "to", "cc", "attachments", "kind_evidence", "commands", "defects", "would")


@pytest.fixture(autouse=True)
def no_configuration(monkeypatch, tmp_path):
    monkeypatch.setenv("MAILD_CONFIG", str(tmp_path / "none.toml"))


@pytest.fixture
def explain(capsys, tmp_path):
    def said(*mails):
        paths = []
        for number, mail in enumerate(mails):
            paths.append(tmp_path / f"{number}.eml")
            paths[-1].write_bytes(mail if isinstance(mail, bytes) else mail.encode())
        assert run(["explain", "--json", *map(str, paths)]) == 0
        rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert [row["file"] for row in rows] == [str(path) for path in paths]
        return rows

    return said


def test_every_field_of_the_contract_is_there(explain):
    (row,) = explain(MAIL)
    assert row.keys() >= FIELDS
    assert all(isinstance(row[name], list) for name in LISTS)
    assert row["message_id"] == "<m1@example.org>"
    assert row["date"] == "2026-11-23T09:00:00Z"
    assert row["from"] == {"name": "Ana Ruiz", "address": "ana@example.org"}
    assert row["to"] == [{"name": "Support", "address": "support@example.com"}]
    assert row["cc"] == [{"name": "", "address": "ben@example.org"}]
    assert row["reply_to"] == [{"name": "", "address": "ana.ruiz@example.org"}]
    assert row["subject"] == "La impresora no funciona mañana"
    assert row["new_text"] == "Hola, la impresora no funciona."
    assert "¿qué tal?" in row["quoted"]
    assert "Ana Ruiz" in row["signature"]
    assert row["html"] is None
    assert row["language"] == "es"
    assert row["kind"] == "human"
    assert row["bounce"] is None
    assert row["forwarded"] is None
    assert row["ticket"] is None
    assert row["authentication"]["verdict"] == "none"
    assert {"dkim", "spf", "dmarc"} <= row["authentication"].keys()


def test_an_attachment_is_named_measured_and_hashed(explain):
    (attachment,) = explain(MAIL)[0]["attachments"]
    assert attachment == {
        "filename": "a.pdf",
        "content_type": "application/pdf",
        "size": 5,
        "inline": False,
        "sha256": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
    }


def test_a_bounce_is_explained(explain):
    (row,) = explain(BOUNCE)
    assert row["kind"] == "bounce"
    assert row["kind_evidence"]
    (recipient,) = row["bounce"]["recipients"]
    assert recipient["address"] == "marta@example.org"
    assert recipient["status"] == "5.1.1"
    assert recipient["action"] == "failed"
    assert recipient["permanent"] is True
    assert row["bounce"]["original_message_id"] == "<reply@desk.example.com>"


def test_a_forward_shows_the_inner_mail(explain):
    (row,) = explain(
        "From: ana@example.org\nSubject: RV: Factura\n\nMirad esto.\n\n-----Mensaje original-----\n"
        "De: Marta <marta@example.net>\nEnviado el: lunes, 2 de noviembre de 2026 9:00\nPara: Ana\nAsunto: Factura\n\n"
        "Falta la factura.\n"
    )
    assert row["forwarded"]["from"] == {"name": "Marta", "address": "marta@example.net"}
    assert row["forwarded"]["subject"] == "Factura"
    assert row["forwarded"]["text"].strip() == "Falta la factura."
    assert row["forwarded"]["comment"] == "Mirad esto."
    assert row["forwarded"]["date"]


def test_without_a_configuration_nothing_is_said_of_tickets(explain):
    (row,) = explain(MAIL)
    assert (row["ticket"], row["would"], row["commands"]) == (None, [], [])


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\0",
        b"\n\n\n",
        b"\xff\xfe" * 500,
        b"From",
        b"Content-Type: " + b"x;" * 4000,
        b"Subject: \xed\xa0\x80\n\n\xf0",
    ],
)
def test_any_octets_are_answered(explain, octets):
    (row,) = explain(octets)
    assert row.keys() >= FIELDS
    assert isinstance(row["defects"], list)


def test_a_file_that_cannot_be_read_is_answered_and_told(capsys, tmp_path):
    good = tmp_path / "good.eml"
    good.write_text(MAIL)
    missing = str(tmp_path / "missing.eml")
    assert run(["explain", "--json", missing, str(tmp_path), str(good)]) == 74
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["file"] for row in rows] == [missing, str(tmp_path), str(good)]
    assert all(row.keys() >= FIELDS for row in rows)
    assert "No such file" in rows[0]["defects"][0]
    assert rows[0]["kind"] is None
    assert rows[2]["kind"] == "human"


def test_a_file_name_that_is_no_text_is_answered(capsysbinary, tmp_path):
    path = os.fsencode(tmp_path) + b"/\xff.eml"
    with open(path, "wb") as file:  # noqa: PTH123 - a path of octets is what is tried
        file.write(MAIL.encode())
    assert run(["explain", "--json", os.fsdecode(path)]) == 0
    assert json.loads(capsysbinary.readouterr().out)["file"] == os.fsdecode(path)
    assert run(["explain", os.fsdecode(path)]) == 0


def test_a_named_configuration_that_is_missing_is_told(capsys, tmp_path):
    assert run(["--config", str(tmp_path / "none.toml"), "explain", "--json", "x"]) == 78
    assert "none.toml" in capsys.readouterr().err


def test_people_see_what_is_new_quoted_and_why(capsys, tmp_path):
    path = tmp_path / "a.eml"
    path.write_text(MAIL + "\x1b[31m")
    bounce = tmp_path / "b.eml"
    bounce.write_text(BOUNCE)
    assert run(["explain", str(path), str(bounce), str(tmp_path / "missing")]) == 74
    shown = capsys.readouterr().out
    assert "new        | Hola, la impresora no funciona." in shown
    assert "quoted     | El 26/10/21" in shown
    assert "kind       human: nothing marks it as automatic" in shown
    assert "kind       bounce" in shown
    assert "bounced    marta@example.org 5.1.1 failed" in shown
    assert "attached   a.pdf (application/pdf, 5 octets)" in shown
    assert "kind       unknown" in shown
    assert "\x1b" not in shown


def _maild(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-c", "from maild.cli.main import main; main()", "explain", *arguments],
        timeout=LONG_SECONDS,
        **options,
    )


@pytest.mark.parametrize("arguments", [["--json"], ["--json", "-"]])
def test_standard_input_is_read(arguments):
    answer = _maild(*arguments, input=MAIL.encode(), capture_output=True)
    assert answer.returncode == 0
    row = json.loads(answer.stdout)
    assert row["file"] == "-"
    assert row["kind"] == "human"


def test_a_terminal_gets_colours(tmp_path):
    path = tmp_path / "a.eml"
    path.write_text(MAIL)
    ours, theirs = pty.openpty()
    try:
        answer = _maild(str(path), stdout=theirs, env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"})
        shown = os.read(ours, 60_000).decode()
    finally:
        os.close(ours)
        os.close(theirs)
    assert answer.returncode == 0
    assert "\x1b[1m" in shown
    assert "La impresora no funciona mañana" in shown


def test_many_mails_are_explained_for_little_more_than_one(capsys, tmp_path):
    path = tmp_path / "a.eml"
    path.write_text(MAIL)
    assert run(["explain", "--json", str(path)]) == 0  # whatever is loaded once
    assert costs_at_most(100, lambda: run(["explain", "--json", *[str(path)] * 20]))
    rows = capsys.readouterr().out.splitlines()
    assert len(rows) % 20 == 1
    assert len(set(rows)) == 1


def test_a_fault_of_ours_is_a_defect_of_the_answer():
    reading, row = answer("a.eml", None, ["cut short"], None, Prospector(None))
    assert reading is None
    assert row.keys() >= FIELDS
    assert row["defects"][0] == "cut short"
    assert "could not be understood" in row["defects"][1]
    assert "could not be understood" in "\n".join(line for line, _ in picture(row, reading))


def test_people_see_the_ticket_and_what_would_be_done():
    reading, row = answer("a.eml", MAIL.encode(), [], None, Prospector(None))
    row |= {
        "ticket": {"key": "ACME-1R", "rule": "token", "new": False},
        "commands": ["#resolve"],
        "would": ["resolve ACME-1R"],
        "forwarded": {"from": {"name": "Marta", "address": "marta@example.org"}, "subject": "Factura"},
    }
    shown = [line for line, _ in picture(row, reading)]
    assert "ticket     ACME-1R (rule: token)" in shown
    assert "command    #resolve" in shown
    assert "would      resolve ACME-1R" in shown
    assert "forwarded  Marta <marta@example.org>: Factura" in shown


def test_only_the_beginning_of_a_huge_file_is_read(explain):
    (row,) = explain(MAIL.encode() + b"x" * 25_000_000)
    assert "only the beginning was read" in row["defects"][0]
