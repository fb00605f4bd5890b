"""`maild demo` as somebody meets it who has just installed maild: no configuration, no network, no terminal."""

import os
import re
import signal
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.needs import need
from tests.support.waiting import LONG_SECONDS, PATIENCE_SECONDS, eventually

MAILD = Path(sys.executable).with_name("maild")
README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- demo -->", "<!-- /demo -->"
LINE = re.compile(r" *(?P<seconds>\d+\.\d) s  (?P<who>\S+ → \S+) +(?P<rule>[a-z-]+) +(?P<path>/\S+\.eml)")
COLUMNS = 100


def environment(folder: Path, **more: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": str(folder), "LANG": "C.UTF-8", **more}


def demo(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(MAILD), "demo", "--exit", "--pause", "0", *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=LONG_SECONDS,
        check=False,
        cwd=folder,
        env=environment(folder, **more),
    )


def timeline(printed: str) -> list[re.Match[str]]:
    lines = [LINE.fullmatch(line) for line in printed.splitlines() if re.match(r" *\d+\.\d s ", line)]
    assert lines
    assert None not in lines, printed
    return [line for line in lines if line is not None]


def rules(printed: str) -> list[tuple[str, str]]:
    return [(line["who"], line["rule"]) for line in timeline(printed)]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """The story as it is played from an installation with everything, by the shell of whoever installed it."""
    run = demo(tmp_path_factory.mktemp("demo"), PATH=f"{MAILD.parent}:{os.environ['PATH']}")
    assert run.returncode == 0, run.stdout + run.stderr
    return run


def test_the_story_is_told_with_the_rule_and_the_real_file_of_every_mail(played):
    lines = timeline(played.stdout)
    assert len(lines) > 25
    paths = [Path(line["path"]) for line in lines]
    assert len(set(paths)) == len(paths)
    for path in paths:
        assert b"\nMessage-ID: " in path.read_bytes().replace(b"\r", b"")
    assert played.stderr == ""
    assert "\x1b" not in played.stdout


def test_the_story_shows_what_a_desk_is_for(played):
    told = rules(played.stdout)
    for expected in (
        ("marta → desk", "new"),
        ("desk → marta", "acknowledgement"),
        ("desk → ana", "assigned"),
        ("marta → desk", "auto-reply"),
        ("ana → desk", "token"),
        ("desk → marta", "agent-replied"),
        ("desk → ana", "transcript"),
        ("ana → desk", "agent-unproved"),
        ("desk → ana", "confirm"),
        ("desk → marta", "resolved"),
        ("john → desk", "new"),
        ("mailer-… → desk", "bounce"),
        ("desk → ben", "bounced"),
        ("desk → ben", "sla-warning"),
        ("desk → lea", "escalated"),
    ):
        assert expected in told
    assert re.search(r"^The first ticket stood \d+\.\d s after the start\.$", played.stdout, re.MULTILINE)


def test_what_is_told_fits_a_narrow_terminal(played):
    """But for the folder, whose name is the system's to choose: here it is as long as /tmp makes it."""
    folder = re.search(r"in (\S+)$", played.stdout, re.MULTILINE)
    assert folder is not None
    usual = played.stdout.replace(folder[1], "/tmp/maild-demo-12345678")
    assert [line for line in usual.splitlines() if len(line) > COLUMNS] == []


def test_the_command_that_it_names_can_be_pasted_into_the_shell_it_was_started_from(tmp_path):
    run = demo(tmp_path, PATH="/usr/bin:/bin")
    (command,) = re.findall(r"^  read  (.+)$", run.stdout, re.MULTILINE)
    pasted = subprocess.run(command, shell=True, capture_output=True, encoding="utf-8", cwd=tmp_path, check=False)
    assert "La impresora no imprime" in pasted.stdout, pasted.stderr


def test_nothing_is_written_outside_the_demos_folder(tmp_path):
    own = tmp_path / "own"
    assert demo(tmp_path, "--dir", str(own)).returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == ["own"]
    assert {path.name for path in own.iterdir()} >= {"maild.toml", "maild.db", "maild.log", "mails"}
    look = [str(MAILD), "--config", str(own / "maild.toml"), "ticket", "show", "1"]
    shown = subprocess.run(look, capture_output=True, encoding="utf-8", check=True)
    assert "La impresora no imprime" in shown.stdout
    assert "rated" in shown.stdout


def test_a_terminal_without_arrows_ends_no_demo(tmp_path):
    run = demo(tmp_path, PYTHONIOENCODING="iso-8859-1")
    assert run.returncode == 0, run.stderr
    assert "marta ? desk" in run.stdout


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")
    run = demo(tmp_path, "--dir", str(tmp_path))
    assert (run.returncode, run.stdout) == (64, "")
    assert "is not empty" in run.stderr


def test_the_demo_does_without_an_imap_server(tmp_path):
    """An installation without maild[demo]: here pymap is hidden by a package of its name that cannot be imported."""
    hidden = tmp_path / "hidden" / "pymap"
    hidden.mkdir(parents=True)
    (hidden / "__init__.py").write_text('raise ModuleNotFoundError("No module named pymap", name="pymap")')
    run = demo(tmp_path, PYTHONPATH=str(hidden.parent))
    assert run.returncode == 0, run.stdout + run.stderr
    assert "maild[demo] would bring an IMAP server" in run.stdout
    assert ("john → desk", "new") in rules(run.stdout)


def test_the_demo_needs_no_root(tmp_path):
    """In a user namespace in which we are nobody in particular."""
    if os.geteuid() == 0:
        need("unshare", "to be somebody else than root")
    other = ["unshare", "--user", "--map-user=1000"] if os.geteuid() == 0 else []
    run = subprocess.run(
        [*other, str(MAILD), "demo", "--exit", "--pause", "0"],
        capture_output=True,
        encoding="utf-8",
        check=False,
        cwd="/",
        env=environment(tmp_path),
    )
    assert run.returncode == 0, run.stdout + run.stderr


@contextmanager
def waiting(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A demo in a session of its own, as on a terminal, so that a signal can reach all its processes."""
    words = [str(MAILD), "demo", "--pause", "0", "--dir", str(folder / "own")]
    process = subprocess.Popen(
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        env=environment(folder),
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def read_until(process: subprocess.Popen[str], words: str) -> str:
    assert process.stdout is not None
    printed = ""
    for line in process.stdout:
        printed += line
        if words in line:
            return printed
    raise AssertionError(f"{words!r} was not printed:\n{printed}")


def is_empty(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


def test_it_can_be_tried_by_hand_and_ctrl_c_leaves_nothing_behind(tmp_path):
    with waiting(tmp_path) as process:
        printed = read_until(process, "Ctrl-C ends the demo")
        server = re.search(r"--server 127\.0\.0\.1:(\d+)", printed)
        assert server is not None
        with smtplib.SMTP("127.0.0.1", int(server[1]), timeout=PATIENCE_SECONDS) as client:
            mail = "From: You <you@example.org>\nTo: support@acme.example\nSubject: Help\n\nIt is on fire.\n"
            client.sendmail("you@example.org", "support@acme.example", mail)
        line = LINE.fullmatch(read_until(process, "acknowledgement").splitlines()[-1])
        assert line is not None
        assert line["who"] == "desk → you"
        assert b"It is on fire." in (tmp_path / "own/mails/from-you-1.eml").read_bytes()
        os.killpg(process.pid, signal.SIGINT)
        rest, _ = process.communicate(timeout=PATIENCE_SECONDS)
        assert process.returncode == 0
        assert "Traceback" not in rest
        eventually(lambda: is_empty(process.pid), "the end of all its processes")


def test_ctrl_c_ends_the_story_too(tmp_path):
    with waiting(tmp_path) as process:
        read_until(process, "acknowledgement")
        os.killpg(process.pid, signal.SIGINT)
        rest, _ = process.communicate(timeout=PATIENCE_SECONDS)
        assert process.returncode == 0
        assert "Traceback" not in rest


def masked(printed: str) -> str:
    """Leave out what differs from run to run: times, the folder, line ends."""
    printed = re.sub(r" *\d+\.\d s", "  0.0 s", printed)
    return re.sub(r"/\S*?(?=/mails/|/maild\.|$)", "/tmp/maild-demo-12345678", printed, flags=re.MULTILINE).strip()


def test_the_readme_shows_what_the_demo_prints(played):
    pytest.importorskip("pymap", reason="the page shows the story with the IMAP server")
    text = README.read_text(encoding="utf-8")
    if os.environ.get("MAILD_README") == "write":
        if BEGIN not in text:
            text += f"\n{BEGIN}\n{END}\n"
        head, _, rest = text.partition(BEGIN)
        shown = re.sub(r"/\S*/(maild-demo-\w+)", r"/tmp/\1", played.stdout).strip()
        text = f"{head}{BEGIN}\n```text\n$ maild demo --exit --pause 0\n{shown}\n```\n{END}{rest.partition(END)[2]}"
        README.write_text(text, encoding="utf-8")
    block = text.partition(BEGIN)[2].partition(END)[0].strip()
    shown = block.removeprefix("```text\n$ maild demo --exit --pause 0\n").removesuffix("```")
    assert masked(shown) == masked(played.stdout)
