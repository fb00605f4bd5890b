"""What a report looks like: for people with its definitions, for spreadsheets harmless."""

import csv
import io
from dataclasses import fields
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from maild.reports.figures import report
from maild.reports.model import Figures, Story, Traffic, period_of
from maild.reports.rows import as_csv, as_object
from maild.reports.tables import as_text, tables
from maild.reports.wording import _ENGLISH, _SPANISH
from tests.unit.sla.tickets import SLAS, answered, opened

MADRID = ZoneInfo("Europe/Madrid")
NOW = datetime(2026, 11, 28, tzinfo=MADRID)


def made(category="", organisation=""):
    period = period_of(date(2026, 11, 23), date(2026, 11, 24), MADRID, NOW)
    begun = datetime(2026, 11, 23, 10, tzinfo=MADRID)
    facts = (opened("2026-11-23 10:00"), answered("2026-11-23 11:30"))
    ticket = Story(
        1, begun, "ana@example.com", "support", "first-line", organisation, category, facts, ratings=((begun, 4),)
    )
    return report([ticket], Traffic((begun,), (), {"bounce": 2, "loop": 1}, 3), SLAS, period)


def test_every_figure_has_a_name_and_the_same_definitions_in_both_languages():
    assert _ENGLISH.keys() == _SPANISH.keys()
    for word, said in _ENGLISH.items():
        assert said.name, word
        assert _SPANISH[word].name, word
        assert bool(said.meaning) is bool(_SPANISH[word].meaning), word


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("First response", "1:30 h / 1:30 h", "Of the targets", "bounce", "in quarantine", "4.00 (1)")),
        ("es", ("Primera respuesta", "1:30 h / 1:30 h", "De los plazos", "bounce", "en cuarentena", "Agente")),
    ],
)
def test_people_read_the_figures_with_what_they_mean(language, words):
    text = as_text(tables(made(), language))
    for word in words:
        assert word in text
    assert all(len(line) <= 200 for line in text.splitlines())


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1"])
def test_a_spreadsheet_runs_no_cell_that_a_customer_named(cell):
    rows = list(csv.reader(io.StringIO(as_csv(made(category=cell, organisation=cell)), newline="")))
    assert [row[1] for row in rows if row[0] in {"category", "organisation"}] == [f"'{cell}"] * 2
    assert not [cell for row in rows for cell in row if cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t"))]


def test_the_csv_has_a_row_for_the_whole_each_day_and_each_group():
    rows = list(csv.DictReader(io.StringIO(as_csv(made()))))
    assert len({len(row) for row in rows}) == 1
    named = {(row["scope"], row["name"]): row for row in rows}
    assert named["total", ""]["first_response_median_seconds"] == "5400"
    assert named["day", "2026-11-23"]["mails_in"] == "1"
    assert named["agent", "ana@example.com"]["backlog"] == "1"
    assert named["automatic", "loop"]["mails_in"] == "1"
    assert sum(row["scope"] == "definition" for row in rows) > 10


def test_programs_get_every_figure_by_name():
    found = as_object(made())
    simple = {field.name for field in fields(Figures)} - {"first_response", "next_response", "resolution"}
    assert simple - {"rating_sum", "satisfied"} <= found["total"].keys()
    assert (found["total"]["met_percent"], found["total"]["rating_mean"]) == (100.0, 4.0)
    assert found["by_category"] == [{"category": None, **found["total"]}]
    assert found["automatic"] == {"bounce": 2, "loop": 1}
    assert (found["from"], found["to"]) == ("2026-11-22T23:00:00Z", "2026-11-24T23:00:00Z")
    assert all(found["definitions"].values())
