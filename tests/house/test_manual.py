"""What is not in the manual is not in the program: settings, verbs, log events, RFCs, links."""

import os
import re
from functools import cache

import pytest

from maild.cli.main import VERBS as COMMANDS
from maild.cli.main import group
from maild.desk.commands.verbs import VERBS
from maild.settings import manual
from tests.house.code import ROOT, modules
from tests.house.pages import PAGES, citations, events
from tests.house.rfcs import TITLES

LINK = re.compile(r"\[[^\]]*\]\((?!https?:|mailto:|#)([^)#\s]+)(#[^)]*)?\)")
MODULE = re.compile(r"`((?:maild|tests|bench|templates|config|systemd|docs)/[\w./-]*\w/?)`")
TEST = re.compile(r"`(test_\w+)`")
PROSE = sorted({*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")})


@cache
def names_of_tests():
    return {function.name for module in modules("tests") for function in module.functions()}


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_made_from_the_program_is_up_to_date(name):
    assert read(name) == PAGES[name](), "run `make docs`"


def test_every_setting_is_in_the_manual_and_in_the_shipped_file():
    page, own, roster = read("docs/configuration.md"), read("config/maild.toml"), read("config/roster.toml")
    for key in manual.settings_of():
        table, _, name = key.rpartition(".")
        assert f"| `{name}` |" in page or f"[{key}]" in page, key
        file = roster if table == "roster" else own
        if "." not in table and key != "roster":
            written = rf"(# )?({re.escape(name)} = |\[+{re.escape(name)}\])"
            assert re.search(rf"^{written}", file, re.MULTILINE), key


def test_every_command_of_the_shell_is_in_the_manual_and_explains_itself():
    page = read("docs/cli.md")
    for name in group.list_commands(None):
        assert f"## `maild {name}" in page
        assert group.get_command(None, name).help, name
        assert COMMANDS[name].help.endswith("."), name


def test_every_verb_by_mail_has_both_languages_and_is_in_the_manual():
    page = read("docs/commands.md")
    for verb in VERBS:
        assert verb.spanish, verb.word
        assert verb.does, verb.word
        assert verb.hace, verb.word
        assert f"| `#{verb.word}` | `#{verb.spanish}` |" in page


def test_no_two_verbs_share_a_word():
    words = [word for verb in VERBS for word in {verb.word, verb.spanish}]
    assert len(words) == len(set(words))


def test_every_event_of_the_log_is_in_the_manual_and_says_what_it_means():
    found = list(events())
    assert len(found) > 20
    for name, _, _, means in found:
        assert means.endswith("."), name
    assert len({name for name, *_ in found}) == len(found)


def test_nobody_writes_a_log_line_past_the_vocabulary():
    strays = [
        f"{module.name}:{line} imports {name}"
        for module in modules()
        for line, name in module.imports()
        if module.room != "log" and name.partition(".")[0] in {"logging", "structlog"}
    ]
    assert not strays


def test_every_cited_rfc_has_a_title():
    assert not set(citations()) - set(TITLES)


@pytest.mark.parametrize("path", PROSE, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_page_names_only_what_is_there(path):
    text = path.read_text(encoding="utf-8")
    missing = [target for target, _ in LINK.findall(text) if not (path.parent / target).exists()]
    missing += [name for name in MODULE.findall(text) if not (ROOT / name).exists()]
    missing += [name for name in TEST.findall(text) if name not in names_of_tests()]
    assert not missing


def test_every_page_can_be_found_from_the_first_one():
    linked, reading = set(), [ROOT / "README.md"]
    while reading:
        page = reading.pop()
        for target, _ in LINK.findall(page.read_text(encoding="utf-8")):
            found = (page.parent / target).resolve()
            if found.suffix == ".md" and found not in linked and found.exists():
                linked.add(found)
                reading.append(found)
    lost = {os.path.relpath(path, ROOT) for path in PROSE if path not in linked and path.parent.name != "decisions"}
    assert lost <= {"README.md"}


def test_decisions_are_numbered_without_a_twin():
    numbers = [path.name[:4] for path in (ROOT / "docs/decisions").glob("*.md")]
    assert len(numbers) == len(set(numbers))
    assert all(number.isdigit() for number in numbers)


def test_every_threat_names_what_shows_that_it_is_met():
    rows = [line for line in read("docs/threats.md").splitlines() if re.match(r"\| \d+ \|", line)]
    assert [int(row.split("|")[1]) for row in rows] == list(range(1, len(rows) + 1))
    for row in rows:
        shown = row.split("|")[-2]
        assert TEST.search(shown) or "`tests/" in shown, row
