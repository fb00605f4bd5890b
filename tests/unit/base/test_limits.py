"""Every limit is a number above zero with its unit in its name and a reason beside it."""

import re
from dataclasses import fields
from pathlib import Path

import maild.base.limits as module
from maild.base.limits import DEFAULT_LIMITS


def test_every_limit_is_above_zero():
    for limit in fields(DEFAULT_LIMITS):
        assert getattr(DEFAULT_LIMITS, limit.name) > 0, limit.name


def test_every_limit_has_its_reason_beside_it():
    lines = Path(module.__file__).read_text(encoding="utf-8").splitlines()
    for line in lines:
        if re.match(r"    \w+: int = ", line):
            assert re.search(r"  # [A-Z0-9].{15,}\.$", line), line
