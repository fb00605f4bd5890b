"""How a module looks: short, explained, with a reason wherever it leaves the rules."""

import ast
import io
import re
import tokenize

import pytest

from tests.house.code import Function, length, modules

FUNCTION_LINES_MAX = 50
MODULE_LINES_MAX = 500
LEAVE = re.compile(r"#\s*(noqa|type:\s*ignore|pragma:\s*no cover|fmt:\s*(?:skip|off))(?P<codes>[^#]*)(?P<rest>.*)")
CODES = re.compile(r"^\s*:?\s*(?:\[[\w, -]+\]|[A-Z]+\d+(?:,\s*[A-Z]+\d+)*)?")

every_module = pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)


@every_module
def test_a_function_fits_on_a_screen_and_a_module_in_an_afternoon(module):
    long = {function.name: length(function) for function in module.functions() if length(function) > FUNCTION_LINES_MAX}
    assert not long
    assert len(module.text.splitlines()) <= MODULE_LINES_MAX


@every_module
def test_every_public_name_says_what_a_caller_may_rely_on(module):
    silent = [] if ast.get_docstring(module.tree) else [module.name]
    for owner in (module.tree, *(node for node in module.tree.body if isinstance(node, ast.ClassDef))):
        if isinstance(owner, ast.ClassDef) and owner.name.startswith("_"):
            continue
        for node in owner.body:
            if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
                silent += [] if ast.get_docstring(node) or _is_overload(node) else [node.name]
    assert not silent


def _is_overload(node):
    return any(ast.unparse(each).endswith(("overload", ".setter")) for each in node.decorator_list)


@every_module
def test_no_exception_is_swallowed(module):
    handlers = [node for node in ast.walk(module.tree) if isinstance(node, ast.ExceptHandler)]
    bare = [node.lineno for node in handlers if node.type is None]
    mute = [
        node.lineno
        for node in handlers
        if node.type is not None
        and {"Exception", "BaseException"} & {getattr(each, "id", "") for each in ast.walk(node.type)}
        and all(isinstance(each, ast.Pass | ast.Continue) or _is_constant(each) for each in node.body)
    ]
    assert (bare, mute) == ([], [])


def _is_constant(node):
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


@pytest.mark.parametrize("module", [*modules(), *modules("tests")], ids=lambda module: module.name)
def test_whoever_leaves_a_rule_says_why(module):
    mute = []
    for token in tokenize.generate_tokens(io.StringIO(module.text).readline):
        found = LEAVE.search(token.string) if token.type == tokenize.COMMENT else None
        if found and "fmt" not in found[1] and not token.line.strip().startswith("..."):
            reason = CODES.sub("", found["codes"]) + found["rest"]
            mute += [] if re.search(r"\w{2}", reason) else [f"{token.start[0]}: {token.string}"]
    assert not mute
