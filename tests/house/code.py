"""The program as the house tests see it: every module with its text and its syntax tree."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
CORE = ("base", "message", "proof", "triage", "thread", "sla", "desk")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """A Python file; `name` is its path below the repository."""

    name: str
    text: str
    tree: ast.Module

    @property
    def room(self) -> str:
        """The room of a module of maild, "" for the package's own files."""
        parts = self.name.split("/")
        return parts[1] if len(parts) > 2 else ""

    def functions(self) -> Iterator[Function]:
        """Every function and method, nested ones too."""
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))

    def imports(self) -> Iterator[tuple[int, str]]:
        """Line and full name of everything imported, `from a import b` as a.b."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


@cache
def modules(folder: str = "maild") -> tuple[Module, ...]:
    """All modules below a folder, read once."""
    found = []
    for path in sorted((ROOT / folder).rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        found.append(Module(str(path.relative_to(ROOT)), text, ast.parse(text)))
    return tuple(found)


@cache
def core() -> tuple[Module, ...]:
    """The modules that only decide."""
    return tuple(module for module in modules() if module.room in CORE)


def length(function: Function) -> int:
    """Lines from `def` to the end, without decorators."""
    assert function.end_lineno is not None
    return function.end_lineno - function.lineno + 1
