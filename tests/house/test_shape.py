"""How a module looks: short, explained, with a reason wherever it leaves the rules."""

import ast
import io
import re
import tokenize

from tests.house.code import Function, length, modules

FUNCTION_LINES_MAX = 50
MODULE_LINES_MAX = 500
LEAVE = re.compile(r"#\s*(noqa|type:\s*ignore|pragma:\s*no cover|fmt:\s*(?:skip|off))(?P<codes>[^#]*)(?P<rest>.*)")
CODES = re.compile(r"^\s*:?\s*(?:\[[\w, -]+\]|[A-Z]+\d+(?:,\s*[A-Z]+\d+)*)?")


def test_a_function_fits_on_a_screen_and_a_module_in_an_afternoon():
    long = [
        f"{module.name}: {function.name} has {length(function)} lines"
        for module in modules()
        for function in module.functions()
        if length(function) > FUNCTION_LINES_MAX
    ]
    long += [module.name for module in modules() if len(module.text.splitlines()) > MODULE_LINES_MAX]
    assert not long


def test_every_public_name_says_what_a_caller_may_rely_on():
    assert not [f"{module.name}: {name}" for module in modules() for name in _silent(module)]


def _silent(module):
    """Yield what is public and has no docstring."""
    if not ast.get_docstring(module.tree):
        yield "the module"
    classes = (node for node in module.tree.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_"))
    for owner in (module.tree, *classes):
        for node in owner.body:
            is_public = isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_")
            if is_public and not ast.get_docstring(node) and not _is_overload(node):
                yield node.name


def _is_overload(node):
    return any(ast.unparse(each).endswith(("overload", ".setter")) for each in node.decorator_list)


def test_no_exception_is_swallowed():
    assert not [
        f"{module.name}:{node.lineno}"
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ExceptHandler) and _swallows(node)
    ]


def _swallows(handler):
    """Tell whether a handler takes every exception and does nothing about it."""
    if handler.type is None:
        return True
    caught = {getattr(each, "id", "") for each in ast.walk(handler.type)}
    is_mute = all(isinstance(each, ast.Pass | ast.Continue) or _is_constant(each) for each in handler.body)
    return bool({"Exception", "BaseException"} & caught) and is_mute


def _is_constant(node):
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def test_whoever_leaves_a_rule_says_why():
    assert not [f"{module.name}:{line}" for module in (*modules(), *modules("tests")) for line in _mute(module)]


def _mute(module):
    """Yield the lines that leave a rule without a reason."""
    if not LEAVE.search(module.text):
        return
    for token in tokenize.generate_tokens(io.StringIO(module.text).readline):
        found = LEAVE.search(token.string) if token.type == tokenize.COMMENT else None
        if found is None or "fmt" in found[1] or token.line.strip().startswith("..."):
            continue
        if not re.search(r"\w{2}", CODES.sub("", found["codes"]) + found["rest"]):
            yield token.start[0]
