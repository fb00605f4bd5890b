"""Octets that were found to reach far, or that broke something once, break nothing."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS

CORPUS = Path(__file__).with_name("corpus")
FILES = sorted(path for path in CORPUS.glob("*/*") if path.is_file())


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_was_found_once_breaks_nothing(path):
    TARGETS[path.parent.name](path.read_bytes())


@pytest.mark.soak
@pytest.mark.parametrize("name", sorted(TARGETS))
def test_octets_that_seek_out_every_branch_break_nothing(name, tmp_path):
    if find_spec("atheris") is None:
        pytest.skip("atheris is not installed: it leads the octets to new branches")
    words = ["-max_total_time=60", f"-artifact_prefix={tmp_path}/", str(tmp_path), str(CORPUS / name)]
    run = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.guided", name, *words],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        cwd=CORPUS.parents[2],
    )
    assert run.returncode == 0, run.stderr[-3000:]
