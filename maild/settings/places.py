"""On which line a key of a TOML file stands, as far as it can be told without a parser that keeps lines."""

import re
import tomllib
from collections.abc import Iterator

Path = tuple[str | int, ...]

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\]#]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"\s*([A-Za-z0-9_\-.\"' ]+?)\s*=\s*(.*)$")
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'|#.*$|([\[{])|([\]}])')


def locate(text: str) -> dict[Path, int]:
    """Return the line, from 1, of each header and key; entries of lists of tables count from 0.

    Keys in inline tables stand on the line of the key that holds them; look them up with `line_of`.
    """
    lines: dict[Path, int] = {}
    table: Path = ()
    counts: dict[Path, int] = {}
    for number, line in _outside_values(text):
        header = _HEADER.match(line)
        if header:
            table = _entered(_parts(header[2]), counts, listed=header[1] == "[[")
            for path in {table, table[:-1] if isinstance(table[-1], int) else table}:
                lines.setdefault(path, number)
            continue
        key = _KEY.match(line)
        if key:
            path = (*table, *_parts(key[1]))
            for end in range(len(table) + 1, len(path) + 1):
                lines.setdefault(path[:end], number)
    return lines


def _parts(dotted: str) -> Path:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))


def _entered(parts: Path, counts: dict[Path, int], *, listed: bool) -> Path:
    """Return the path of a header, with the index of the latest entry behind each list of tables."""
    path: Path = ()
    for part in parts[:-1]:
        path = (*path, part)
        path = (*path, counts[path]) if path in counts else path
    path = (*path, parts[-1])
    if not listed:
        return path
    counts[path] = counts.get(path, -1) + 1
    return (*path, counts[path])


def _outside_values(text: str) -> Iterator[tuple[int, str]]:
    """Yield the numbered lines that do not lie within a list, an inline table or a text of several lines."""
    depth, quotes = 0, ""
    for number, line in enumerate(text.splitlines(), start=1):
        if not depth and not quotes:
            yield number, line
        is_header = not depth and not quotes and _HEADER.match(line)
        if not is_header:
            quotes, rest = _multiline(line, quotes)
            depth = max(0, depth + _balance(rest))


def _multiline(line: str, quotes: str) -> tuple[str, str]:
    """Return the quotes of a multi-line text that stays open behind a line, and what of the line lies outside."""
    outside = ""
    while True:
        if quotes:
            _, closed, line = line.partition(quotes)
            if not closed:
                return quotes, outside
            quotes = ""
        starts = [(line.index(mark), mark) for mark in ('"""', "'''") if mark in line]
        if not starts:
            return "", outside + line
        at, quotes = min(starts)
        outside, line = outside + line[:at], line[at + 3 :]


def _balance(line: str) -> int:
    found = list(_BRACKETS.finditer(line))
    return sum(1 for each in found if each[1]) - sum(1 for each in found if each[2])


def line_of(lines: dict[Path, int], path: Path) -> int | None:
    """Return the line of a key, or of the nearest thing around it; None when nothing around it is known."""
    for end in range(len(path), 0, -1):
        if path[:end] in lines:
            return lines[path[:end]]
    return None


def line_of_error(error: tomllib.TOMLDecodeError) -> int | None:
    """Return the line on which a TOML file stops being one."""
    found = re.search(r"at line (\d+)", str(error))
    return int(found[1]) if found else None
