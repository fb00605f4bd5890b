"""`maild`, `maild init` and `maild check` as a person calls them."""

import contextlib
import json
import os
import pty
import socket
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import click
import pytest

from maild import __version__
from maild.cli import main, output
from maild.service.location import store_url
from maild.settings.faults import ConfigurationError, Fault
from tests.support.waiting import LONG_SECONDS, join

EXAMPLE = (Path(__file__).parents[1] / "settings" / "example.toml").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def _no_surroundings(monkeypatch):
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    monkeypatch.delenv("MAILD_CONFIG", raising=False)


@pytest.fixture
def desk(tmp_path):
    path = tmp_path / "maild.toml"
    path.write_text(EXAMPLE, encoding="utf-8")
    return path


def _called(capsys, *arguments):
    code = main.run([str(argument) for argument in arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_help_and_version_import_nothing_heavy():
    code = "import sys; from maild.cli.main import run; run(sys.argv[1:]);"
    code += "assert not {'pydantic', 'peewee', 'rich', 'asyncio', 'sqlite3', 'jinja2'} & sys.modules.keys()"
    for flag in ("--help", "--version"):
        subprocess.run([sys.executable, "-c", code, flag], capture_output=True, check=True)


def test_help_lists_the_verbs_that_are_there(capsys):
    code, out, _ = _called(capsys, "--help")
    assert code == 0
    assert "check" in out
    assert "Name every fault" in out
    assert __version__ in _called(capsys, "--version")[1]


def test_every_verb_that_is_listed_can_be_called(capsys):
    with click.Context(main.group) as context:
        names = main.group.list_commands(context)
    assert {"init", "check"} <= set(names)
    for name in names:
        assert _called(capsys, name, "--help")[0] == 0, name


@pytest.mark.parametrize("verb", ["ticket", "inbound", "outbox", "person", "template", "audit"])
def test_help_says_whole_sentences_of_the_commands_of_a_verb(capsys, verb):
    code, out, _ = _called(capsys, verb, "--help")
    assert code == 0
    assert "..." not in out.partition("Commands:")[2]


@pytest.mark.parametrize("arguments", [["frob"], ["check", "--frob"], []])
def test_a_wrong_call_is_64_and_no_traceback(capsys, arguments):
    code, _, err = _called(capsys, *arguments)
    assert code == output.USAGE
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (output.CommandError("no such ticket"), 65),
        (output.CommandError("the daemon is away", output.UNAVAILABLE), 69),
        (ConfigurationError([Fault("maild.toml", 3, "desk", "", "wrong", "mend it")]), 78),
        (PermissionError(13, "Permission denied"), 77),
        (ConnectionRefusedError(111, "refused"), 69),
        (FileNotFoundError(2, "No such file"), 74),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), 65),
        (sqlite3.OperationalError("database is locked"), 75),
        (sqlite3.OperationalError("attempt to write a readonly database"), 77),
        (sqlite3.OperationalError("no such table"), 69),
        (click.Abort(), 130),
        (KeyboardInterrupt(), 130),
    ],
)
def test_each_failure_has_its_exit_code_and_a_sentence(capsys, monkeypatch, error, code):
    @click.command()
    def failing():
        raise error

    monkeypatch.setattr(main.group, "get_command", lambda *_: failing)
    found, out, err = _called(capsys, "check")
    assert found == code
    assert out == ""
    assert "Traceback" not in err


def test_a_file_that_is_not_there_is_named_without_the_number_of_the_error(capsys):
    code, _, err = _called(capsys, "simulate", "/nowhere.mbox")
    assert code == 74
    assert err.endswith("maild: /nowhere.mbox: No such file or directory\n")


def test_python_runs_the_command_where_its_script_is_not_on_the_path():
    run = [sys.executable, "-W", "error", "-m", "maild", "--version"]
    assert subprocess.run(run, capture_output=True, text=True, check=True).stdout.startswith("maild ")


def test_a_bug_keeps_its_traceback(monkeypatch):
    @click.command()
    def broken():
        raise ZeroDivisionError

    monkeypatch.setattr(main.group, "get_command", lambda *_: broken)
    with pytest.raises(ZeroDivisionError):
        main.run(["check"])


def test_a_reader_that_has_read_enough_is_no_failure():
    code = "import sys; from maild.cli.main import main; main(['--help'])"
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([sys.executable, "-c", code], stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")


def test_rows_are_json_lines_for_programs_and_a_table_for_people(capsys):
    rows = [{"key": "ACME-1R", "subject": "a\x1b[2Jb\nc", "tags": ["x", "y"], "due": None}]
    output.print_rows(rows, as_json=True, columns=["key"])
    assert json.loads(capsys.readouterr().out) == rows[0]
    output.print_rows(rows, as_json=False, columns=["key", "subject", "tags", "due"])
    heading, line = capsys.readouterr().out.splitlines()
    assert heading.split() == ["KEY", "SUBJECT", "TAGS", "DUE"]
    assert line.split() == ["ACME-1R", "a\ufffd[2Jb", "c", "x,", "y", "-"]


def test_a_terminal_gets_a_drawn_table(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    output.print_table([["[bold]x[/bold]"]], ["subject"])
    assert "[bold]x[/bold]" in capsys.readouterr().out


def test_check_says_that_nothing_is_to_mend(capsys, desk):
    assert _called(capsys, "--config", desk, "check") == (0, "", f"{desk}: nothing to mend\n")


def test_check_names_every_fault_with_its_line(capsys, desk):
    text = EXAMPLE.replace("assign = ", "asign = ").replace('team = "first-line"', 'team = "x"')
    desk.write_text(text, encoding="utf-8")
    code, out, err = _called(capsys, "--config", desk, "check")
    assert code == output.CONFIGURATION
    assert len(out.splitlines()) == 2
    assert "did you mean assign?" in out
    assert "2 faults, 0 warnings" in err


def test_check_with_warnings_alone_is_0(capsys, desk):
    desk.write_text(EXAMPLE.replace('members = ["eva@example.com"]', "members = []"), encoding="utf-8")
    code, out, err = _called(capsys, "--config", desk, "check", "--json")
    assert (code, err) == (0, "")
    row = json.loads(out)
    assert (row["severity"], row["key"]) == ("warning", "team.second-line.members")


def test_check_without_a_file_is_78(capsys, tmp_path):
    code, out, _ = _called(capsys, "--config", tmp_path / "none.toml", "check", "--json")
    assert code == output.CONFIGURATION
    assert "maild init" in json.loads(out)["mend"]


def test_check_connect_names_what_does_not_answer(capsys, desk):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        mailbox = f'\n[[mailbox]]\nname="m"\nhost="127.0.0.1"\nport={port}\ntls="none"\nusername="u"\npassword="p"\n'
        text = EXAMPLE.replace("127.0.0.1:8026", f"127.0.0.1:{port}").replace("desk.example.com", "localhost")
        desk.write_text(text.replace("sqlite:///maild.db", "sqlite:///no/such/maild.db") + mailbox, encoding="utf-8")
        code, out, _ = _called(capsys, "--config", desk, "check", "--connect", "--json")
    assert code == output.CONFIGURATION
    rows = [json.loads(line) for line in out.splitlines()]
    assert [row["key"] for row in rows if row["severity"] == "fault"] == [
        "store.url",
        "outgoing.smarthost",
        "mailbox.m",
    ]


def test_check_connect_names_tables_of_another_version(capsys, desk):
    assert _called(capsys, "--config", desk, "migrate")[0] == 0
    with contextlib.closing(sqlite3.connect(desk.with_name("maild.db"))) as database, database:
        database.execute("DELETE FROM schema_version WHERE version = (SELECT max(version) FROM schema_version)")
    _, out, _ = _called(capsys, "--config", desk, "check", "--connect", "--json")
    (row,) = [row for row in map(json.loads, out.splitlines()) if row["key"] == "store.url"]
    assert "of the tables, this program" in row["problem"]
    assert "maild migrate" in row["mend"]


def _smarthost(listener):
    connection, _ = listener.accept()
    with connection, connection.makefile("rwb") as wire:
        wire.write(b"220 mx ESMTP\r\n")
        wire.flush()
        for line in wire:
            wire.write(b"221 bye\r\n" if line.startswith(b"QUIT") else b"250 ok\r\n")
            wire.flush()


def test_check_connect_is_content_with_a_smarthost_that_answers(capsys, desk):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_smarthost, args=(listener,))
        thread.start()
        text = EXAMPLE.replace("127.0.0.1:8026", f"127.0.0.1:{listener.getsockname()[1]}")
        desk.write_text(text.replace("desk.example.com", "localhost"), encoding="utf-8")
        code, out, _ = _called(capsys, "--config", desk, "check", "--connect")
        join(thread)
    assert (code, out) == (0, "")


def _mail_server(listener):
    connection, _ = listener.accept()
    with connection, connection.makefile("rwb") as wire:
        wire.write(b"* OK [CAPABILITY IMAP4rev1] ready\r\n")
        wire.flush()
        for line in wire:
            tag, verb = line.split()[:2]
            answer = b"NO wrong password" if verb == b"LOGIN" and b"wrong" in line else b"OK done"
            wire.write(b"* 0 EXISTS\r\n" if verb == b"EXAMINE" else b"")
            wire.write(tag + b" " + answer + b"\r\n")
            wire.flush()


@pytest.mark.parametrize(("password", "keys"), [("right", []), ("wrong", ["mailbox.m"])])
def test_check_connect_logs_in_to_each_mailbox(capsys, desk, password, keys):
    with socket.create_server(("127.0.0.1", 0)) as smarthost, socket.create_server(("127.0.0.1", 0)) as mailbox:
        threads = [
            threading.Thread(target=_smarthost, args=(smarthost,)),
            threading.Thread(target=_mail_server, args=(mailbox,)),
        ]
        for thread in threads:
            thread.start()
        text = EXAMPLE.replace("127.0.0.1:8026", f"127.0.0.1:{smarthost.getsockname()[1]}")
        text += f'\n[[mailbox]]\nname="m"\nhost="127.0.0.1"\nport={mailbox.getsockname()[1]}\ntls="none"\n'
        text += f'username="u"\npassword="{password}"\n'
        desk.write_text(text.replace("desk.example.com", "localhost"), encoding="utf-8")
        _, out, _ = _called(capsys, "--config", desk, "check", "--connect", "--json")
        for thread in threads:
            join(thread)
    assert [json.loads(line)["key"] for line in out.splitlines()] == keys


def test_init_writes_a_configuration_that_has_no_fault(capsys, tmp_path):
    code, _, err = _called(capsys, "init", tmp_path / "new")
    assert code == 0
    config = tmp_path / "new" / "maild.toml"
    assert f"wrote {config}" in err
    assert _called(capsys, "--config", config, "check")[:2] == (0, "")
    assert (tmp_path / "new" / "secret.key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "new" / "templates" / "README").exists()
    assert store_url(config) == f"sqlite:///{tmp_path}/new/maild.db"


def test_init_never_writes_over_what_is_there_nor_makes_a_new_secret_beside_it(capsys, desk):
    code, _, err = _called(capsys, "init", desk.parent)
    assert code == 0
    assert f"kept  {desk}" in err
    assert desk.read_text(encoding="utf-8") == EXAMPLE
    assert not (desk.parent / "secret.key").exists()


def test_init_writes_where_config_points(capsys, tmp_path):
    assert _called(capsys, "--config", tmp_path / "my.toml", "init")[0] == 0
    assert (tmp_path / "my.toml").exists()


def test_only_the_systems_own_desk_keeps_its_database_in_var(tmp_path):
    from maild.cli import init

    assert init.SYSTEM_STORE in init._configuration(init.SYSTEM_FOLDER, {})
    assert init.SYSTEM_STORE not in init._configuration(tmp_path, {})


def test_init_asks_on_a_terminal_and_proposes_what_follows_from_the_answers(capsys, tmp_path):
    parent, child = pty.openpty()
    code = "import sys; from maild.cli.main import main; main(sys.argv[1:])"
    started = subprocess.Popen(
        [sys.executable, "-c", code, "init", str(tmp_path / "asked")], stdin=child, stdout=child, stderr=child
    )
    os.close(child)
    os.write(parent, b"Acme Support\nACME\nes, en\n\nhelp@acme.example\n\n\n\neva@acme.example\n\n\n")
    try:
        while os.read(parent, 4096):
            pass
    except OSError:
        pass  # The terminal closes when the command leaves.
    assert started.wait(LONG_SECONDS) == 0
    os.close(parent)
    config = tmp_path / "asked" / "maild.toml"
    text = config.read_text(encoding="utf-8")
    assert 'languages = ["es", "en"]' in text
    assert 'domain = "desk.acme.example"' in text
    assert 'reply_address = "desk@acme.example"' in text
    assert 'members = ["eva@acme.example"]' in text
    assert 'lead = "lead@acme.example"' in text
    assert _called(capsys, "--config", config, "check")[0] == 0
