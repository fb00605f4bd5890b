"""What happened to a ticket is told in the reader's language."""

import ast
import re
from pathlib import Path

import pytest

from maild.notice.timeline import in_language
from tests.unit.notice.desk import TEMPLATES

DESK = Path(__file__).parents[3] / "maild" / "desk"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("first_response at 75 % since 2026-11-23T12:00:00Z", "primera respuesta al 75 % desde 2026-11-23T12:00:00Z"),
        (
            "ana@example.com: least loaded of its team (2 active)",
            "ana@example.com: el menos cargado de su equipo (2 activos)",
        ),
        ("to second-line: tried: restart: twice", "a second-line: intentado: restart: twice"),
        ("to the manager olga@example.com: resolution at 100 %", "al gerente olga@example.com: resolución al 100 %"),
        ("open: its time 2026-11-23T12:00:00Z has come", "abierto: ha llegado su hora, 2026-11-23T12:00:00Z"),
        ("normal to high: #priority high", "de normal a alta: #priority high"),
        (
            "ana@example.com: least loaded of its team (3 active, weight 7); has vpn; answers in es",
            "ana@example.com: el menos cargado de su equipo (3 activos, peso 7); tiene vpn; habla es",
        ),
        ("nobody of its team is on duty", "nadie de su equipo está de turno"),
        (
            "cab, step 1 of 2: all of a@example.org, b@example.org",
            "cab, paso 1 de 2: todos de a@example.org, b@example.org",
        ),
        ("step 1 of 1: 2 of a@example.org, b@example.org", "paso 1 de 1: 2 de a@example.org, b@example.org"),
        ("open: approval-granted", "abierto: aprobación concedida"),
        ("resolved: resolved with ACME-9D", "resuelto: resuelto con ACME-9D"),
        ("with ACME-9D: it needs the approval cab first", "con ACME-9D: antes necesita la aprobación cab"),
        ("what nobody has put into Spanish", "what nobody has put into Spanish"),
        ("a {brace} and a %", "a {brace} and a %"),
    ],
)
def test_a_reason_is_read_in_spanish_and_people_s_words_stay_theirs(written, read):
    assert in_language(written, "es") == read
    assert in_language(written, "en") == written


def test_every_verb_of_the_timeline_has_its_word():
    known = (TEMPLATES / "es" / "_words.txt").read_text("utf-8")
    verbs = re.search(r"set verbs = (\{.*?\}) %", known)
    assert verbs is not None
    assert _verbs() - ast.literal_eval(verbs[1]).keys() == set()


def _verbs():
    """The verbs that the desk writes as literals."""
    calls = (node for path in DESK.rglob("*.py") for node in ast.walk(ast.parse(path.read_text("utf-8"))))
    events = (
        c for c in calls if isinstance(c, ast.Call) and isinstance(c.func, ast.Attribute) and c.func.attr == "event"
    )
    return {c.args[1].value for c in events if len(c.args) > 1 and isinstance(c.args[1], ast.Constant)}
