"""How a test looks: real components, conditions in place of sleeps, sentences for names."""

import ast
import re

import pytest

from tests.house.code import ROOT, modules

# Faults that nobody can bring about from outside. A constant may be made small everywhere: nobody waits for a day.
FAULTS = {
    "tests/unit/cli_check/test_commands.py": "a command with a bug in it",
    "tests/unit/cli_intake/test_ingest.py": "a full disk",
    "tests/unit/database/test_migrate.py": "a step that breaks off",
    "tests/unit/journal/test_append.py": "the power is cut at a write; a commit is watched",
    "tests/unit/store/test_apply.py": "the power is cut at a write",
}

every_test = pytest.mark.parametrize("module", modules("tests"), ids=lambda module: module.name)


@every_test
def test_no_test_replaces_our_own_code(module):
    imported = {name for _, name in module.imports()}
    assert not {name for name in imported if name.startswith(("unittest.mock", "mock", "pytest_mock"))}
    if module.name not in FAULTS:
        ours = {name.rpartition(".")[2] for name in imported if name.startswith("maild")}
        assert not [node.lineno for node in ast.walk(module.tree) if _replaces(node, ours)]


def _replaces(node, ours):
    """Tell whether a call is monkeypatch.setattr of a thing of maild."""
    if not (isinstance(node, ast.Call) and ast.unparse(node.func) == "monkeypatch.setattr" and node.args):
        return False
    target = node.args[0]
    if isinstance(target, ast.Constant):
        name = str(target.value)
        return name.startswith("maild") and not name.rpartition(".")[2].isupper()
    name = node.args[1]
    is_constant = isinstance(name, ast.Constant) and str(name.value).isupper()
    return ast.unparse(target).partition(".")[0] in ours and not is_constant


@every_test
def test_no_test_sleeps_a_time_that_is_hoped_to_be_enough(module):
    """A wait belongs into a loop that looks for a condition; nothing else may sleep."""
    loops = [node for node in ast.walk(module.tree) if isinstance(node, ast.While | ast.For | ast.AsyncFor)]
    looking = {id(inside) for loop in loops for inside in ast.walk(loop)}
    sleeps = [node for node in ast.walk(module.tree) if isinstance(node, ast.Call) and _is_sleep(node)]
    assert not [node.lineno for node in sleeps if id(node) not in looking]


def _is_sleep(node):
    return (
        ast.unparse(node.func) in {"time.sleep", "sleep", "asyncio.sleep"} and ast.unparse(node) != "asyncio.sleep(0)"
    )


@every_test
def test_a_name_of_a_test_is_a_sentence(module):
    names = [function.name for function in module.functions() if function.name.startswith("test_")]
    assert not [name for name in names if name.count("_") < 2]
    assert not [name for name in names if re.search(r"test_(?:case)?\d+$", name)]


def test_two_tests_of_one_name_do_not_hide_each_other():
    folders = {path.parent for path in (ROOT / "tests").rglob("test_*.py")}
    assert not [str(folder) for folder in folders if not (folder / "__init__.py").exists()]
    for module in modules("tests"):
        names = [node.name for node in module.tree.body if isinstance(node, ast.FunctionDef)]
        assert len(names) == len(set(names)), module.name
