"""What a test needs beside Python: it is skipped where that is missing, and fails where all is promised to be there."""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest


def need(program: str | Path, why: str) -> str:
    """Return the path of a program, found by its name or path; without it the test cannot go on."""
    found = shutil.which(program)
    return found or lack(f"{program} is not installed: {why}")


def lack(reason: str) -> NoReturn:
    """Skip the test; with $MAILD_REQUIRE_ALL, as in .ci/run, fail it."""
    if os.environ.get("MAILD_REQUIRE_ALL"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
