"""`maild rules test` and `maild check`: what the administrator wrote, tried before any mail comes."""

import json
from pathlib import Path

import pytest

from maild.cli.main import run

EXAMPLE = Path(__file__).parents[1] / "settings" / "example.toml"
RULES = """
[[rule]]
name = "vpn"
when = { subject = "*vpn*" }
do = ["#priority high", "#tag +vpn"]
[[rule]]
name = "night"
when = { weekday = "mon", not.calendar = "office" }
do = "#tag +night"
[[rule]]
name = "again"
on = "reply"
when = { text = "*urgent*" }
do = "#priority urgent"
[[rule]]
name = "broken"
when = { subject = "*" }
do = ["#tag +x", "#reopen"]
"""
MAIL = """\
From: Marta <marta@example.org>
To: support@example.com
Subject: My VPN is down
Message-ID: <a@example.org>
Date: Mon, 23 Nov 2026 10:00:00 +0100

Help, please.
"""
MORNING, NIGHT = "2026-11-23T09:00:00Z", "2026-11-23T22:00:00Z"


@pytest.fixture
def desk(tmp_path):
    """A configuration with rules whose service was never started, and a mail."""
    (tmp_path / "maild.toml").write_text(EXAMPLE.read_text("utf-8") + RULES)
    (tmp_path / "mail.eml").write_text(MAIL)
    return tmp_path


def tried(desk, capsys, *arguments: str) -> dict[str, dict[str, object]]:
    command = ["--config", str(desk / "maild.toml"), "rules", "test", "--json", *arguments, str(desk / "mail.eml")]
    assert run(command) == 0
    (line,) = capsys.readouterr().out.splitlines()
    return {row["rule"]: row for row in json.loads(line)["rules"]}


def test_it_says_of_each_rule_whether_it_fires(desk, capsys):
    rules = tried(desk, capsys, "--at", NIGHT)
    assert list(rules) == ["vpn", "night", "again", "broken"]
    assert rules["vpn"]["fired"]
    assert rules["vpn"]["because"] == "subject is My VPN is down"
    assert rules["vpn"]["commands"] == ["#priority high", "#tag +vpn"]
    assert rules["night"]["fired"]


def test_it_names_the_first_condition_that_does_not_hold_and_what_was_seen(desk, capsys):
    night = tried(desk, capsys, "--at", MORNING)["night"]
    assert (night["fired"], night["condition"]) == (False, "not.calendar")
    assert (night["wanted"], night["seen"]) == (["office"], ["office"])


def test_a_rule_for_another_moment_says_so(desk, capsys):
    assert tried(desk, capsys)["again"]["because"] == "it is for reply, and this mail opens a ticket"


def test_a_rule_that_fires_and_cannot_be_done_says_why(desk, capsys):
    assert tried(desk, capsys)["broken"]["fault"] == "#reopen: not possible while the ticket is new"


def test_it_changes_nothing_not_even_a_file(desk, capsys):
    before = sorted(path.name for path in desk.iterdir())
    tried(desk, capsys)
    assert sorted(path.name for path in desk.iterdir()) == before


def test_people_read_it_as_a_table(desk, capsys):
    assert run(["--config", str(desk / "maild.toml"), "rules", "test", "--at", MORNING, str(desk / "mail.eml")]) == 0
    said = capsys.readouterr().out
    assert "vpn     fired   subject is My VPN is down" in said
    assert "night   -       calendar is office, which it must not be: office" in said


@pytest.mark.parametrize(("arguments", "code"), [(("--at", "noon", "mail.eml"), 65), (("none.eml",), 74), ((), 64)])
def test_what_cannot_be_tried_leaves_with_the_code_for_it(desk, arguments, code, monkeypatch):
    monkeypatch.chdir(desk)
    assert run(["--config", "maild.toml", "rules", "test", *arguments]) == code


FAULTY = """
[[rule]]
name = "bad"
when = { subjct = "*vpn*", queue = "suport", size = "10MB", from = "/(/", weekday = "monday" }
do = ["#prioity high", "#priority hi", "#merge 7", "hello", "#asignar nobody", "#queue support"]
[[service]]
name = "x"
approval = "boss"
match = { calendar = "ofice" }
fields = [ { name = "room", choices = ["z"], pattern = "q*" } ]
"""


def test_every_slip_in_rules_and_services_is_named_in_one_run_with_its_mend(tmp_path, capsys):
    (tmp_path / "maild.toml").write_text(EXAMPLE.read_text("utf-8") + FAULTY)
    assert run(["--config", str(tmp_path / "maild.toml"), "check"]) == 78
    said = capsys.readouterr().out
    for words in (
        "rule.bad.when.subjct",
        "did you mean subject?",
        "did you mean support?",
        'write ">10MB"',
        "it is no regular expression",
        "did you mean mon?",
        "did you mean #priority?",
        "hi is no priority",
        "a rule cannot do that",
        "it is no command",
        "nobody is called nobody",
        "service.x.approval",
        "did you mean office?",
        "z does not fit the pattern",
    ):
        assert words in said, words
    assert said.count("fault:") == 13
