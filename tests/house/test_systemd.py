"""The units are clean, tell systemd the truth, and give the service no more rights than it needs."""

import re
import subprocess
import sys
from configparser import RawConfigParser
from pathlib import Path

import pytest

from maild.doors.opening import LMTP, SMTP, SMTPS
from tests.house.code import ROOT
from tests.support.needs import need
from tests.support.waiting import LONG_SECONDS

UNITS = ROOT / "systemd"
EXPOSURE_MAX = 1.6


def options(name):
    """The lines of a unit, as pairs; an option may stand more than once."""
    text = (UNITS / name).read_text(encoding="utf-8")
    return re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE)


def analyze(*arguments):
    program = need("systemd-analyze", "it judges units")
    return subprocess.run([program, *arguments], capture_output=True, text=True, timeout=LONG_SECONDS)


@pytest.fixture
def units(tmp_path):
    """Copies of the units that start the maild under test."""
    ours = Path(sys.executable).parent / "maild"
    for path in UNITS.iterdir():
        text = path.read_text(encoding="utf-8").replace("/opt/maild/bin/maild", str(ours))
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    return tmp_path


def test_systemd_finds_no_fault_in_the_units(units):
    done = analyze("verify", "--man=no", *map(str, units.iterdir()))
    ours = [line for line in done.stderr.splitlines() if any(path.name in line for path in units.iterdir())]
    assert (done.returncode, ours) == (0, [])


def test_the_service_is_exposed_as_little_as_promised():
    done = analyze("security", "--offline=true", "--no-pager", str(UNITS / "maild.service"))
    found = re.search(r"Overall exposure level for maild\.service: ([\d.]+)", done.stdout)
    assert found, done.stdout + done.stderr
    assert float(found[1]) <= EXPOSURE_MAX


@pytest.mark.parametrize("path", sorted(UNITS.iterdir()), ids=lambda path: path.name)
def test_a_unit_has_its_sections(path):
    parser = RawConfigParser(strict=False, allow_no_value=True)
    parser.read_string(path.read_text(encoding="utf-8"))
    assert {"Unit", "Install"} <= set(parser.sections())


def test_the_tables_are_brought_up_to_date_before_the_service_starts():
    unit = dict(options("maild.service"))
    assert unit["ExecStartPre"].endswith("maild migrate")
    assert unit["ExecStart"].endswith("maild serve")
    assert unit["ExecReload"].split()[1:] == ["-HUP", "$MAINPID"]


def test_a_socket_is_handed_over_by_a_name_that_the_doors_know():
    for path in UNITS.glob("*.socket"):
        unit = dict(options(path.name))
        assert unit["FileDescriptorName"] in {SMTP, SMTPS, LMTP}
        assert unit["Service"] == "maild.service"
