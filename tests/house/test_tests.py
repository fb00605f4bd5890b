"""How a test looks: real components, conditions in place of sleeps, sentences for names."""

import ast
import re

from tests.house.code import ROOT, modules

# Faults that nobody can bring about from outside. A constant may be made small everywhere: nobody waits for a day.
FAULTS = {
    "tests/unit/cli_check/test_commands.py": "a command with a bug in it",
    "tests/unit/cli_intake/test_ingest.py": "a full disk",
    "tests/unit/database/test_migrate.py": "a step that breaks off",
    "tests/unit/journal/test_append.py": "the power is cut at a write; a commit is watched",
    "tests/unit/store/test_apply.py": "the power is cut at a write",
}


def test_no_test_replaces_our_own_code():
    strays = []
    for module in modules("tests"):
        imported = {name for _, name in module.imports()}
        if any(name.startswith(("unittest.mock", "mock.", "pytest_mock")) for name in imported):
            strays.append(module.name)
        if module.name not in FAULTS and "monkeypatch.setattr" in module.text:
            ours = {name.rpartition(".")[2] for name in imported if name.startswith("maild")}
            strays += [f"{module.name}:{node.lineno}" for node in ast.walk(module.tree) if _replaces(node, ours)]
    assert not strays


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


def test_no_test_sleeps_a_time_that_is_hoped_to_be_enough():
    """A wait belongs into a loop that looks for a condition; nothing else may sleep."""
    assert not [
        f"{module.name}:{line}" for module in modules("tests") if "sleep" in module.text for line in _sleeps(module)
    ]


def _sleeps(module):
    loops = [node for node in ast.walk(module.tree) if isinstance(node, ast.While | ast.For | ast.AsyncFor)]
    looking = {id(inside) for loop in loops for inside in ast.walk(loop)}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and _is_sleep(node) and id(node) not in looking:
            yield node.lineno


def _is_sleep(node):
    return (
        ast.unparse(node.func) in {"time.sleep", "sleep", "asyncio.sleep"} and ast.unparse(node) != "asyncio.sleep(0)"
    )


def test_a_name_of_a_test_is_a_sentence():
    names = {
        f.name: module.name for module in modules("tests") for f in module.functions() if f.name.startswith("test_")
    }
    assert not {name: place for name, place in names.items() if name.count("_") < 2}
    assert not {name: place for name, place in names.items() if re.search(r"test_(?:case)?\d+$", name)}


def test_two_tests_of_one_name_do_not_hide_each_other():
    folders = {path.parent for path in (ROOT / "tests").rglob("test_*.py")}
    assert not [str(folder) for folder in folders if not (folder / "__init__.py").exists()]
    for module in modules("tests"):
        names = [node.name for node in module.tree.body if isinstance(node, ast.FunctionDef)]
        assert len(names) == len(set(names)), module.name
