"""Several TOML files as one configuration: tables merge, lists of tables append, a scalar stands once."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from maild.settings.faults import Fault
from maild.settings.places import Path, line_of, line_of_error, locate


@dataclass
class Source:
    """The merged data, where each key came from, and what was wrong on the way."""

    data: dict[str, Any] = field(default_factory=dict)
    places: dict[Path, tuple[str, int]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    file: str = "maild.toml"  # the main file, named where no better place is known
    is_whole: bool = True  # False when a file could not be read at all: what seems missing may stand in it

    def place(self, path: Path) -> tuple[str, int | None]:
        """Return the file and line of a key, or of the nearest thing around it."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.places:
                return self.places[path[:end]]
        return self.file, None

    def fault(self, path: Path, problem: str, mend: str, *, show_value: bool = True) -> Fault:
        """Return a fault of a key, with its place and value; a text that stands for a list of one is the key's own."""
        if path and isinstance(path[-1], int) and isinstance(self.value(path[:-1]), str):
            path = path[:-1]
        file, line = self.place(path)
        value = _shown(self.value(path)) if show_value and not is_secret(path) else ""
        return Fault(file, line, self.key(path), value, problem, mend)

    def value(self, path: Path) -> object:
        """Return what stands at a path, None when nothing does."""
        found: Any = self.data
        for part in path:
            try:
                found = found[part]
            except (KeyError, IndexError, TypeError):
                return None
        return found

    def key(self, path: Path) -> str:
        """Return a path in words: entries of lists by their name or address where they have one."""
        words: list[str] = []
        for at, part in enumerate(path):
            words.append(self._entry(path[: at + 1]) if isinstance(part, int) else part)
        return ".".join(words).replace(".[", "[")

    def _entry(self, path: Path) -> str:
        entry = self.value(path)
        called_by = "address" if path[:1] == ("agent",) else "name"
        known = entry.get(called_by) if isinstance(entry, dict) else None
        number = path[-1]
        return known if isinstance(known, str) else f"[{int(number) + 1}]"


def is_secret(path: Path) -> bool:
    """Tell whether a key holds a secret itself, which is never shown."""
    return bool(path) and str(path[-1]) in {"secret", "password", "oauth2_client_secret", "oauth2_refresh_token"}


def _shown(value: object) -> str:
    if value is None or isinstance(value, dict):
        return ""
    text = f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def merge(files: Iterable[tuple[str, bytes]]) -> Source:
    """Return one source of several files, the main one first; faults are collected, nothing is raised."""
    source = Source()
    for number, (name, octets) in enumerate(files):
        if number == 0:
            source.file = name
        _add(source, name, octets)
    return source


def merge_below(source: Source, table: str, name: str, octets: bytes) -> None:
    """Add a file whose tables stand below one table of the configuration; its faults name its own lines."""
    _add(source, name, octets, (table,))


def _add(source: Source, name: str, octets: bytes, below: Path = ()) -> None:
    try:
        text = octets.decode("utf-8-sig")
        data = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = octets[: error.start].count(b"\n") + 1
        source.is_whole = False
        source.faults.append(Fault(name, line, "", "", "this is not UTF-8", "save the file as UTF-8"))
    except tomllib.TOMLDecodeError as error:
        mend = "look for a missing quote, comma or bracket on this line or the one before"
        source.is_whole = False
        source.faults.append(Fault(name, line_of_error(error), "", "", f"this is no TOML: {error}", mend))
    else:
        lines = {(*below, *path): line for path, line in locate(text).items()}
        for table in reversed(below):
            data = {str(table): data}
        _Merge(source, name, lines).table(source.data, data, (), ())


@dataclass
class _Merge:
    source: Source
    name: str
    lines: dict[Path, int]

    def table(self, into: dict[str, Any], new: dict[str, Any], path: Path, local: Path) -> None:
        """Merge the keys of one table; a key that stands twice is a fault."""
        for key, value in new.items():
            here, there = (*path, key), (*local, key)
            old = into.get(key)
            if isinstance(old, dict) and isinstance(value, dict):
                self.table(old, value, here, there)
            elif _is_tables(old) and _is_tables(value):
                self._append(old, value, here, there)
            elif key in into:
                self._twice(here, there)
            else:
                into[key] = _copied(value)
                self._note(here, there)

    def _append(self, old: list[Any], value: list[Any], path: Path, local: Path) -> None:
        for number, entry in enumerate(value):
            at = len(old)
            old.append(_copied(entry))
            self._note((*path, at), (*local, number))

    def _twice(self, path: Path, local: Path) -> None:
        file, line = self.source.place(path)
        where = f"{file}:{line}" if line else file
        fault = Fault(
            self.name,
            line_of(self.lines, local),
            self.source.key(path),
            "",
            f"it is given already in {where}",
            "keep one of the two",
        )
        self.source.faults.append(fault)

    def _note(self, path: Path, local: Path) -> None:
        """Remember the place of a key and of all below it."""
        self.source.places[path] = (self.name, line_of(self.lines, local) or 1)
        for known, line in self.lines.items():
            if known[: len(local)] == local:
                self.source.places[(*path, *known[len(local) :])] = (self.name, line)


def _is_tables(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list) and bool(value) and all(isinstance(entry, dict) for entry in value)


def _copied(value: Any) -> Any:
    """Return a copy of tables and lists of tables, which later files may add to."""
    if isinstance(value, dict):
        return {key: _copied(entry) for key, entry in value.items()}
    return [_copied(entry) for entry in value] if isinstance(value, list) else value
