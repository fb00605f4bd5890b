"""What the daemon writes down is what a short command reads."""

import subprocess
import sys
from datetime import date

import pytest

from maild.sla.calendar import ALWAYS, Calendar
from maild.sla.model import Sla
from maild.sla.snapshot import from_json, to_json, version_of

from .calendars import OFFICE
from .tickets import STANDARD


def test_service_levels_come_back_as_they_were() -> None:
    office = Calendar(OFFICE.timezone, OFFICE.hours, OFFICE.holidays, frozenset({(12, 25)}), "v1")
    slas = {
        "standard": Sla("standard", office, STANDARD.targets, (50,), STANDARD.escalate),
        "gold": Sla("gold", ALWAYS, {}),
    }
    assert from_json(to_json(slas)) == slas
    assert to_json(from_json(to_json(slas))) == to_json(slas)


def test_a_version_is_that_of_the_content() -> None:
    other = Calendar(OFFICE.timezone, OFFICE.hours, frozenset({date(2026, 12, 31)}))
    assert version_of(OFFICE) == version_of(Calendar(OFFICE.timezone, OFFICE.hours, OFFICE.holidays, version="old"))
    assert version_of(OFFICE) != version_of(other)


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"calendars":{},"slas":{"a":{"calendar":"b"}}}'])
def test_a_text_that_is_no_snapshot_is_refused(text: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        from_json(text)


def test_a_short_command_imports_nothing_heavy_for_its_clocks() -> None:
    check = "import sys, maild.sla.explain, maild.sla.snapshot; print({'pydantic', 'holidays'} & set(sys.modules))"
    out = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "set()"
