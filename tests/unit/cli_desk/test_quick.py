"""Commands that a person waits for: nothing heavy is imported, and root leaves nothing that locks the service out."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from maild.cli import becoming

HEAVY = (
    *("pydantic", "peewee", "jinja2", "mailparser", "structlog", "rich", "asyncio", "dns", "holidays", "apscheduler"),
    *("icalendar", "dateutil", "cryptography", "asn1crypto", "re2", "psycopg", "pygments", "babel", "imapclient"),
)
PROGRAM = f"""
import sys, time
from maild.cli.main import run
code = run(sys.argv[1:])
print(code, time.process_time(), *({{*{HEAVY!r}}} & sys.modules.keys()), file=sys.stderr)
"""
TIMES_MAX = 6  # as much CPU as the quickest of them; most take some 0.1 s, twice as much
TRIES = 3  # a moment in which the machine was slow is no property of a command
# Without coverage, which would count as ours in a child's time, and cannot write as another user.
SURROUNDINGS = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
QUICK = [
    ("--help",),
    ("--version",),
    ("status",),
    ("ticket", "list", "--json"),
    ("ticket", "list"),
    ("ticket", "show", "100"),
    ("ticket", "search", "certificate"),
    ("inbound", "list"),
    ("inbound", "show", "ENTRY"),
    ("outbox", "list"),
    ("outbox", "show", "MAIL", "--raw"),
    ("sla", "explain", "100"),
]


def test_quick_commands_are_quick_and_import_nothing_heavy(shell, ticket):
    places = {"ENTRY": shell.rows("inbound", "list")[0]["entry"], "MAIL": shell.rows("outbox", "list")[0]["id"]}
    least = min(_seconds(shell, ("--version",)) for _ in range(TRIES))
    for words in QUICK:
        command = [places.get(word, word) for word in words]
        assert any(_seconds(shell, command) < TIMES_MAX * least for _ in range(TRIES)), words


def _seconds(shell, words):
    """Run a command that must import nothing heavy; returns the CPU that it took."""
    command = [sys.executable, "-c", PROGRAM, "--config", str(shell.path), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=SURROUNDINGS)
    said = done.stderr.splitlines()[-1]
    code, seconds, *heavy = said.split()
    assert code == ("69" if words == ["status"] else "0"), said
    assert heavy == [], words
    return float(seconds)


@pytest.fixture
def public():
    """A folder that every user may enter, as those of pytest are not."""
    folder = Path(tempfile.mkdtemp(prefix="maild-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


# The interpreter may stand where only root may read: a first run, on a desk of root's, imports all there is.
AFTER_A_FIRST_RUN = """
import os, sys
from maild.cli.main import run
_, user, first, second, *words = sys.argv
run(["--config", first, *words])
sys.stdout.flush()
os.ftruncate(1, 0)
os.lseek(1, 0, os.SEEK_SET)
if user != "0":
    os.setgroups([])
    os.setgid(int(user))
    os.setuid(int(user))
code = run(["--config", second, *words])
print(code, file=sys.stderr)
"""


def _second_run(shell, public, user, *words):
    """Return the last word on standard error, the exit code, and what the run on the public desk printed."""
    places = (str(user), str(shell.path), str(public / "maild.toml"))
    with tempfile.TemporaryFile("w+") as printed:
        command = [sys.executable, "-c", AFTER_A_FIRST_RUN, *places, *words]
        env = {**SURROUNDINGS, "SUDO_USER": "nora"}
        done = subprocess.run(command, stdout=printed, stderr=subprocess.PIPE, text=True, cwd="/", env=env, check=True)
        printed.seek(0)
        return done.stderr.splitlines()[-1], printed.read()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_root_becomes_the_owner_of_the_database(shell, ticket, public):
    owner = pwd.getpwnam("nobody")
    for name in ("maild.toml", "maild.db", "secret.key"):
        shutil.copy(shell.folder / name, public)
    for path in (public, *public.iterdir()):
        os.chown(path, owner.pw_uid, owner.pw_gid)
    code, printed = _second_run(shell, public, 0, "ticket", "set", "100", "priority=high", "--json")
    assert code == "0"
    assert '"cli:nora"' in printed
    assert {path.stat().st_uid for path in public.iterdir()} == {owner.pw_uid}


@pytest.mark.skipif(os.geteuid() != 0, reason="root is let in everywhere, so somebody else has to be refused")
@pytest.mark.parametrize("words", [("ticket", "list"), ("ticket", "set", "100", "priority=high"), ("migrate",)])
def test_without_the_right_a_command_is_77(shell, ticket, public, words):
    for name in ("maild.toml", "maild.db", "secret.key"):
        shutil.copy(shell.folder / name, public)
        (public / name).chmod(0o644)
    (public / "maild.db").chmod(0o600)
    assert _second_run(shell, public, pwd.getpwnam("nobody").pw_uid, *words)[0] == "77"


@pytest.mark.skipif(os.geteuid() != 0, reason="root is let in everywhere, so somebody else has to be refused")
@pytest.mark.parametrize("closed", ["maild.toml", "secret.key"])
def test_whoever_may_not_read_the_configuration_or_its_secret_gets_77(shell, ticket, public, closed):
    for name in ("maild.toml", "maild.db", "secret.key"):
        shutil.copy(shell.folder / name, public)
        (public / name).chmod(0o600 if name == closed else 0o666)
    words = ("ticket", "set", "100", "priority=high")
    assert _second_run(shell, public, pwd.getpwnam("nobody").pw_uid, *words)[0] == "77"


_BECOME = """
import os, sys
from pathlib import Path
from maild.cli.becoming import become_owner, caller
become_owner(sys.argv[1])
print(os.geteuid(), os.getegid(), os.getgroups(), caller())
"""


def _become(url):
    command = [sys.executable, "-c", _BECOME, url]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd="/", env=SURROUNDINGS)
    return done.stdout.strip()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_without_a_file_the_folders_owner_counts_and_an_owner_without_a_name_will_do(public):
    os.chown(public, 54321, 54322)
    assert _become(f"sqlite:///{public}/maild.db") == "54321 54322 [] cli:54321"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize("url", ["sqlite:////tmp/none/maild.db", "postgresql://maild@localhost/maild"])
def test_root_stays_root_where_there_is_no_owner(url):
    assert _become(url).startswith("0 0 ")


def test_a_caller_without_sudo_is_the_unix_user(monkeypatch):
    monkeypatch.delenv("SUDO_USER", raising=False)
    assert becoming.caller() == f"cli:{pwd.getpwuid(os.getuid()).pw_name}"
    monkeypatch.setenv("SUDO_USER", "x\ny")
    assert becoming.caller() == f"cli:{pwd.getpwuid(os.getuid()).pw_name}"
