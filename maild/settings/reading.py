"""From merged TOML to settings: every fault in one run, each with its mend."""

import copy
import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from maild.settings.checks import complaints
from maild.settings.complaint import Complaint
from maild.settings.faults import Fault
from maild.settings.idle import IDLE, SERVED_ALL_THE_SAME
from maild.settings.model import Settings
from maild.settings.places import Path
from maild.settings.source import Source, merge

BUILT_IN_LANGUAGES = ("en", "es")
SHARED_TEMPLATES = "shared"  # The folder beside those of the languages: layout and parts, in no language.

_PRUNINGS_MAX = 5  # Each takes out everything that was complained of; what is left is judged anew.
_STAND_INS: Mapping[str, object] = {"domain": "stand-in.invalid", "reply_address": "stand-in@stand-in.invalid"}
_TYPES = {
    "int_type": "a whole number without quotes",
    "bool_type": "true or false, without quotes",
    "string_type": "text in quotes",
    "tuple_type": "a list in square brackets; a list of tables is written [[{key}]]",
    "dict_type": "a table",
    "model_type": "one table, written [{key}]",
    "model_attributes_type": "one table, written [{key}]",
    "path_type": "a path in quotes",
    "date_type": "a date such as 2026-12-24",
    "date_from_datetime_parsing": "a date such as 2026-12-24",
    "date_parsing": "a date such as 2026-12-24",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """Settings when there is no fault, else None; warnings stand in the way of nothing."""

    settings: Settings | None
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()
    judged: Settings | None = None  # the settings as far as they hold, to find the faults of the rest


def read_text(text: str) -> Reading:
    """Read a configuration that is one text; relative paths stay relative."""
    return interpret(merge([("maild.toml", text.encode())]))


def interpret(
    source: Source, *, base: FilePath | None = None, languages: Iterable[str] = BUILT_IN_LANGUAGES
) -> Reading:
    """Read merged files. `base` is the folder for relative paths, `languages` those that have templates."""
    if not source.is_whole:
        return Reading(None, tuple(source.faults))
    settings, errors = _validate(source.data, base)
    found = [*source.faults, *(_fault(source, error) for error in _own(errors))]
    judged = settings or _what_holds(source.data, base)
    all_complaints = complaints(source.data, judged, frozenset(languages))
    found += [_said(source, each) for each in all_complaints if each.grave]
    warnings = [_said(source, each) for each in all_complaints if not each.grave]
    warnings += [_idle(source, path) for path in _idle_paths(source.data)]
    faults = tuple(dict.fromkeys(found))
    return Reading(None if faults else settings, faults, tuple(warnings), judged)


def _validate(data: Mapping[str, Any], base: FilePath | None) -> tuple[Settings | None, list[ErrorDetails]]:
    try:
        return Settings.model_validate(data, context={"base": base}), []
    except ValidationError as error:
        return None, error.errors(include_url=False)


def _own(errors: Sequence[ErrorDetails]) -> list[ErrorDetails]:
    """Leave out that a list is too short where that only follows from a fault of one of its entries."""
    parents = {_path(error)[:-1] for error in errors}
    return [error for error in errors if error["type"] != "too_short" or _path(error) not in parents]


def _what_holds(data: Mapping[str, Any], base: FilePath | None) -> Settings | None:
    """Return the settings without what is wrong in them, so that the rest can be judged in the same run."""
    rest = copy.deepcopy(dict(data))
    rest.setdefault("desk", {})
    for _ in range(_PRUNINGS_MAX):
        settings, errors = _validate(rest, base)
        if settings is not None:
            return settings
        for path in sorted({_path(error) for error in errors}, key=_deepest_and_last_first):
            _prune(rest, path)
    return None


def _deepest_and_last_first(path: Path) -> tuple[int, list[int]]:
    return -len(path), [-part for part in path if isinstance(part, int)]


def _prune(data: Any, path: Path) -> None:
    """Take out what stands at `path`; where a required key is missing, the entry that lacks it."""
    holder = data
    for part in path[:-1]:
        try:
            holder = holder[part]
        except (KeyError, IndexError, TypeError):
            return
    last = path[-1]
    if path[:1] == ("desk",) and last in _STAND_INS and isinstance(holder, dict):
        holder[last] = _STAND_INS[str(last)]
        return
    try:
        del holder[last]
    except (KeyError, IndexError, TypeError):
        if len(path) > 1:
            _prune(data, path[:-1])


def _path(error: ErrorDetails) -> Path:
    """Return the path of the key at fault, without pydantic's own marks."""
    return tuple(part for part in error["loc"] if part not in {"[key]", "function-before"})


def _fault(source: Source, error: ErrorDetails) -> Fault:
    path = _path(error)
    problem, mend = _words(source, path, error)
    return source.fault(path, problem, mend, show_value=error["type"] not in {"missing", "extra_forbidden"})


def _words(source: Source, path: Path, error: ErrorDetails) -> tuple[str, str]:
    """Return the problem and its mend for one of pydantic's errors."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return "there is no such key", _nearest(str(path[-1]), _known_keys(path[:-1]))
    if kind == "missing":
        return "it is missing", f"write it: {_description(path)}"
    if kind in {"literal_error", "enum"}:
        return "it is none of the known words", f"write {context['expected']}"
    if kind == "value_error":
        return _split(str(context["error"]))
    if kind == "too_short":
        return "it is empty", "write at least one, or leave the key out where it has a default"
    if kind in _TYPES:
        return "it is of the wrong kind", "write " + _TYPES[kind].format(key=source.key(path))
    return "it cannot be used", error["msg"][:1].lower() + error["msg"][1:]


def _split(words: str) -> tuple[str, str]:
    problem, semicolon, mend = words.partition("; ")
    return (problem, mend) if semicolon else ("it cannot be read", words)


def _nearest(key: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(key.lower(), known, n=1, cutoff=0.5)
    return f"did you mean {near[0]}?" if near else f"known here: {', '.join(known)}"


def _known_keys(path: Path) -> tuple[str, ...]:
    model = _model_at(path)
    return tuple(model.model_fields) if model else ()


def _description(path: Path) -> str:
    model = _model_at(path[:-1])
    field = model.model_fields.get(str(path[-1])) if model else None
    return (field.description or "") if field else ""


def _model_at(path: Path) -> type[BaseModel] | None:
    """Return the model of the table at a path; lists and dictionaries of tables are stepped through."""
    model: type[BaseModel] | None = Settings
    for part in path:
        if model is None:
            return None
        if isinstance(part, str) and part in model.model_fields:
            model = table_of(model.model_fields[part].annotation)
    return model


def table_of(annotation: Any) -> type[BaseModel] | None:
    """Return the table within a type such as ``tuple[Queue, ...]`` or ``Smtp | None``, None when there is none."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := table_of(part))), None)


def _said(source: Source, complaint: Complaint) -> Fault:
    return source.fault(complaint.path, complaint.problem, complaint.mend)


def _idle_paths(data: Mapping[str, Any]) -> list[Path]:
    """Return the paths of keys in use that this version does not serve, a whole table as one."""
    found: list[Path] = []
    for table, value in data.items():
        if table in IDLE:
            found.append((table,))
            continue
        for path, entry in _holders(table, value):
            found += [(*path, key) for key in _idle_keys(table, entry)]
    return found


def _holders(table: str, value: object) -> list[tuple[Path, object]]:
    if isinstance(value, list):
        return [((table, at), entry) for at, entry in enumerate(value)]
    return [((table,), value)]


def _idle_keys(table: str, entry: object) -> list[str]:
    if not isinstance(entry, dict):
        return []
    return [
        key
        for key, value in entry.items()
        if f"{table}.{key}" in IDLE and value not in SERVED_ALL_THE_SAME.get(f"{table}.{key}", ())
    ]


def _idle(source: Source, path: Path) -> Fault:
    return source.fault(path, "this version accepts it and does nothing with it", "leave it out, or leave it for later")
