"""What pip installs is whole: files beside the code, libraries, programs."""

import importlib
import importlib.metadata
import re
import sys
from configparser import ConfigParser

from tests.house.code import ROOT, modules

SETUP = ConfigParser()
SETUP.read(ROOT / "setup.cfg", encoding="utf-8")


def lines(section, option):
    return [line for line in SETUP[section][option].splitlines() if line.strip()]


def named(requirement):
    return re.split(r"[\[<>=!~ ;]", requirement, maxsplit=1)[0].lower().replace("_", "-").replace(".", "-")


def test_every_folder_that_the_program_needs_is_installed():
    taken = {source for sources in dict(SETUP["options.data_files"]).values() for source in sources.split()}
    shipped = {path for pattern in taken for path in ROOT.glob(pattern)}
    wanted = {
        path for folder in ("templates", "config", "systemd") for path in (ROOT / folder).rglob("*") if path.is_file()
    }
    assert not wanted - shipped


def test_data_files_stand_where_the_program_looks_for_them():
    for target, sources in SETUP["options.data_files"].items():
        assert target == "share/maild/" + sources.strip().rpartition("/")[0]


def test_every_library_that_is_imported_is_declared():
    owners = importlib.metadata.packages_distributions()
    declared = {named(each) for each in lines("options", "install_requires")}
    declared |= {
        named(each)
        for extra in SETUP["options.extras_require"]
        if extra != "test"
        for each in lines("options.extras_require", extra)
    }
    # These come with a declared one, and are parts of it.
    declared |= {"pydantic-core", "markupsafe"}
    imported = {name.partition(".")[0] for module in modules() for _, name in module.imports()}
    foreign = imported - set(sys.stdlib_module_names) - {"maild", "__future__"}
    undeclared = {name for name in foreign if not {named(each) for each in owners.get(name, [name])} & declared}
    assert not undeclared


def test_every_declared_library_is_used():
    owners = importlib.metadata.packages_distributions()
    imported = {name.partition(".")[0] for module in modules() for _, name in module.imports()}
    used = {named(each) for name in imported for each in owners.get(name, [name])}
    idle = {named(each) for each in lines("options", "install_requires")} - used
    assert idle <= {"tzdata"}  # zoneinfo reads it where the system has none


def test_the_programs_that_pip_makes_exist():
    for line in lines("options.entry_points", "console_scripts"):
        module, _, function = line.partition("=")[2].strip().partition(":")
        assert callable(getattr(importlib.import_module(module), function))


def test_the_version_is_told_once():
    from maild import __version__

    assert re.fullmatch(r"\d+\.\d+\.\d+", __version__)
    assert SETUP["metadata"]["version"] == "attr: maild.__version__"
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
