"""The kernel refuses to write, at each single system call: full, broken, read-only."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.needs import need

SOURCE = Path(__file__).with_name("faulty.c")
SOME = 7  # every seventh call; the soak takes them all


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    """The library that makes system calls fail."""
    cc = need("cc", "it makes the library below which system calls fail")
    library = tmp_path_factory.mktemp("faulty") / "faulty.so"
    subprocess.run([cc, "-shared", "-fPIC", "-o", library, SOURCE, "-ldl"], check=True)
    return library


@pytest.mark.parametrize("step", [SOME, pytest.param(1, marks=pytest.mark.soak)])
@pytest.mark.parametrize("error", ["ENOSPC", "EIO", "EROFS"])
def test_a_system_call_that_fails_at_any_point_leaves_nothing_half_done(tmp_path, faulty, error, step):
    words = [sys.executable, "-m", "tests.crash.faulty_calls", str(tmp_path), error, str(step)]
    here = {**os.environ, "LD_PRELOAD": str(faulty), "PYTHONPATH": str(SOURCE.parents[2])}
    run = subprocess.run(words, env=here, capture_output=True, text=True, timeout=600, check=False)
    assert run.returncode == 0, run.stderr[-3000:]
    assert int(run.stdout.split()[-1]) > 20  # so many calls were refused
