"""The page about rules and services: its examples work, and nothing is missing in it."""

import re
from pathlib import Path

import pytest

from maild.base.words import TicketType
from maild.desk.rules.check import VERBS, faults_of
from maild.settings.catalogue import DEGREES, PriorityTable
from maild.settings.conditions import KEYS, OPEN_KEYS
from maild.settings.reading import read_text

EXAMPLE = Path(__file__).parent / "example.toml"
PAGE = (Path(__file__).parents[3] / "docs" / "rules.md").read_text("utf-8")
BLOCKS = re.findall(r"^```toml\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.split("\n")[0])
def test_an_example_of_the_page_works_in_the_example_of_the_manual(block):
    read = read_text(EXAMPLE.read_text("utf-8") + block)
    assert (read.faults, read.warnings) == ((), ())
    assert read.settings is not None
    assert [fault for rule in read.settings.rule for fault in faults_of(rule.do, read.settings)] == []


def test_the_page_knows_every_condition_and_every_command_of_rules():
    for key in (*KEYS, *(f"{key}NAME" for key in OPEN_KEYS)):
        assert f"`{key}`" in PAGE, key
    for verb in VERBS:
        assert f"`#{verb}`" in PAGE, verb


def test_the_page_shows_the_matrix_as_it_is():
    for impact in DEGREES:
        row = " | ".join(str(PriorityTable().of(impact, urgency)) for urgency in DEGREES)
        assert f"| {impact} | {row} |" in PAGE


def test_the_page_says_what_types_differ_in():
    for type_ in TicketType:
        assert f"| `{type_}` | " in PAGE
