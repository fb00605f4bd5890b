"""The pipe door: a real process, a real socket, and the exit codes that an MTA acts on."""

import ast
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from maild.doors import deliver
from maild.doors.incoming import TryAgain
from maild.doors.lmtp import LmtpDoor
from tests.support.waiting import LONG_SECONDS

from .house import house

MAIL = b"Subject: a\n\n.hidden\nFrom here on\nlast line without an end"
ON_THE_WIRE = b"Subject: a\r\n\r\n.hidden\r\nFrom here on\r\nlast line without an end\r\n"


@pytest.fixture
def desk(tmp_path):
    with house(door=LmtpDoor, unix=tmp_path / "lmtp.sock") as running:
        yield running


def run(monkeypatch, capsys, *arguments, mail=MAIL, desk=None):
    """Run main() on a mail; return (exit code, words)."""
    if desk is not None:
        monkeypatch.setenv("MAILD_LMTP", desk.addresses[0])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(mail)))
    with pytest.raises(SystemExit) as left:
        deliver.main(arguments)
    return left.value.code, capsys.readouterr().err


def test_a_mail_goes_from_the_pipe_to_the_journal(desk):
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "maild.doors.deliver",
            "--socket",
            desk.addresses[0],
            "-f",
            "ana@example.org",
            "support@example.com",
            "help@example.com",
        ],
        input=b"From forged@example.org Sat Nov 21 21:42:00 2026\n" + MAIL,
        capture_output=True,
        timeout=LONG_SECONDS,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    (incoming,) = desk.keeper.mails
    assert incoming.octets == ON_THE_WIRE
    assert incoming.envelope.mail_from == "ana@example.org"
    assert incoming.envelope.rcpt_to == ("support@example.com", "help@example.com")


def test_the_sender_is_that_of_the_from_line_or_none(monkeypatch, capsys, desk):
    line = b"From ana@example.org Sat Nov 21 21:42:00 2026\n"
    assert run(monkeypatch, capsys, "support@example.com", mail=line + MAIL, desk=desk)[0] == 0
    assert run(monkeypatch, capsys, "support@example.com", desk=desk)[0] == 0
    assert [mail.envelope.mail_from for mail in desk.keeper.mails] == ["ana@example.org", ""]
    assert [mail.octets for mail in desk.keeper.mails] == [ON_THE_WIRE] * 2


def test_an_address_beyond_ascii_is_said_so(monkeypatch, capsys, desk):
    assert run(monkeypatch, capsys, "-fjosé@example.org", "soporte@ñandú.example", desk=desk)[0] == 0


@pytest.mark.parametrize(
    ("recipients", "fault", "code"),
    [
        (["nobody@example.com"], None, 67),
        (["support@example.com", "nobody@example.com"], None, 67),
        (["support@example.com"], TryAgain(), 75),
        (["support@example.com"], RuntimeError("x"), 75),
    ],
)
def test_the_exit_code_says_whether_to_try_again(monkeypatch, capsys, desk, recipients, fault, code):
    desk.keeper.fault = fault
    got, words = run(monkeypatch, capsys, *recipients, desk=desk)
    assert got == code
    assert words.startswith("maild-deliver: ")
    assert desk.keeper.mails == []


def test_a_mail_that_is_refused_for_good_is_bad_data(monkeypatch, capsys, desk):
    assert run(monkeypatch, capsys, "support@example.com", mail=b"x" * 200_000, desk=desk)[0] == 65
    hops = b"Received: a\n" * 60
    assert run(monkeypatch, capsys, "support@example.com", mail=hops + b"\n", desk=desk)[0] == 65


def test_when_the_daemon_is_away_the_mta_tries_again(monkeypatch, capsys, tmp_path, desk):
    away = f"--socket={tmp_path / 'nobody.sock'}"
    assert run(monkeypatch, capsys, away, "support@example.com")[0] == 75
    address = desk.addresses[0]
    desk.close()
    assert run(monkeypatch, capsys, "--socket", address, "support@example.com")[0] == 75


def test_a_daemon_that_stops_within_the_mail_means_try_again(monkeypatch, capsys, desk):
    desk.keeper.room = False
    assert run(monkeypatch, capsys, "support@example.com", desk=desk)[0] == 75


def test_a_tcp_socket_will_do(monkeypatch, capsys):
    with house(door=LmtpDoor) as desk:
        assert run(monkeypatch, capsys, "--socket", f"127.0.0.1:{desk.port}", "support@example.com")[0] == 0


@pytest.mark.parametrize(
    "arguments",
    [[], ["-f"], ["--socket"], ["--unknown", "a@b"], ["a@b\r\nRSET"], ["-f", "a> b", "a@b"], ["--", "<a@b>"]],
)
def test_wrong_usage_is_64(monkeypatch, capsys, arguments):
    assert run(monkeypatch, capsys, *arguments)[0] == 64


def test_help_is_printed(capsys):
    with pytest.raises(SystemExit) as left:
        deliver.main(["--help"])
    assert left.value.code == 0
    assert "75" in capsys.readouterr().out


def test_it_imports_the_standard_library_alone():
    """It is started for each mail: the packages around it have to stay empty too."""
    for module in ("maild/doors/deliver.py", "maild/doors/__init__.py", "maild/__init__.py"):
        tree = ast.parse((Path(deliver.__file__).parents[2] / module).read_text())
        names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names] + [
            node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
        ]
        assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, maild.doors.deliver; print(*sys.modules)"],
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(Path(deliver.__file__).parents[2])},
        timeout=LONG_SECONDS,
    ).stdout.split()
    assert b"asyncio" not in loaded
    assert b"email" not in loaded


@pytest.mark.parametrize(
    ("octets", "wire"),
    [
        (b"", b".\r\n"),
        (b".", b"..\r\n.\r\n"),
        (b"a\r\n.b\n\rc", b"a\r\n..b\r\n\r\nc\r\n.\r\n"),
        (b"..\n", b"...\r\n.\r\n"),
    ],
)
def test_dots_are_stuffed_and_line_ends_made_crlf(octets, wire):
    assert deliver.stuffed(octets) == wire
