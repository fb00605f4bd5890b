"""The configuration's own manual: the commented file and the page of the handbook, both out of the declarations."""

import textwrap
from collections.abc import Iterator, Mapping
from datetime import timedelta
from enum import Enum
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from maild.base.instants import WorkingTime
from maild.settings.fields import read_size
from maild.settings.idle import IDLE
from maild.settings.model import Settings
from maild.settings.reading import table_of

Answers = Mapping[str, object]

# What stands in the file beside the defaults: enough for a desk of one team, to be changed by its administrator.
EXAMPLE: Mapping[str, object] = {
    "desk.name": "Example Support",
    "desk.domain": "desk.example.com",
    "desk.prefix": "DESK",
    "desk.languages": ["en", "es"],
    "desk.timezone": "UTC",
    "desk.reply_address": "desk@desk.example.com",
    "desk.postmaster": "ops@example.com",
    "desk.secret_file": "secret.key",
    "store.url": "sqlite:///maild.db",
    "smtp.listen": ["127.0.0.1:8025"],
    "outgoing.smarthost": "127.0.0.1:25",
    "queue.name": "support",
    "queue.address": "support@example.com",
    "queue.team": "first-line",
    "queue.sla": "standard",
    "team.name": "first-line",
    "team.members": ["agent@example.com"],
    "team.lead": "lead@example.com",
    "agent.address": "agent@example.com",
    "agent.name": "Ana Agent",
    "calendar.name": "office",
    "calendar.hours": {day: ["09:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")},
    "sla.name": "standard",
    "sla.calendar": "office",
    "sla.targets": {"normal": {"first_response": "4h", "next_response": "8h", "resolution": "3d"}},
    "sla.escalate": [{"clock": "first_response", "at": 100, "to": "lead"}],
}

# Tables that are off until somebody writes them: they stand in the file as comments, with these values.
_OFF: Mapping[str, Mapping[str, object]] = {
    "lmtp": {},
    "mailbox": {
        "name": "support",
        "host": "imap.example.com",
        "username": "support@example.com",
        "password_file": "support.pw",
        "queue": "support",
        "after": "move:Processed",
    },
    "organisation": {"name": "globex", "domains": ["globex.example"], "vip": True, "sla": "standard"},
    "person": {
        "address": "marta@globex.example",
        "addresses": ["marta.gil@example.net"],
        "name": "Marta Gil",
        "language": "es",
    },
    "supplier": {"name": "isp", "address": "noc@isp.example", "domains": ["isp.example"]},
    "rule": {"name": "boss", "when": {"from": "boss@example.com"}, "do": ["#priority high", "#tag +boss"]},
    "service": {
        "name": "vpn",
        "title": {"en": "VPN access", "es": "Acceso VPN"},
        "type": "request",
        "match": {"subject": "*vpn*"},
        "fields": [{"name": "device", "label": {"en": "Device", "es": "Equipo"}, "choices": ["laptop", "phone"]}],
    },
    "approval": {"name": "change", "steps": [{"approvers": ["lead"], "need": "any"}], "types": ["change"]},
    "report": {"name": "weekly", "every": "week", "to": ["lead@example.com"]},
    "skill": {"name": "vpn", "tags": ["vpn"], "categories": ["network/vpn"]},
}

_ELSEWHERE = frozenset({"roster"})  # These have a file of their own.

_HEAD = """\
# The configuration of maild. `maild check` names every fault in it; `maild reload` brings it to life.
# What is commented out is the default. More may stand in conf.d/*.toml beside this file: tables merge,
# lists of tables grow. Durations are written 90s, 15m, 2h, 7d; sizes 25MB or 25MiB.
"""


def tables() -> Iterator[tuple[str, FieldInfo, type[BaseModel], bool]]:
    """Yield each table of the file: its name, declaration, model, and whether it is a list of tables."""
    for name, field in Settings.model_fields.items():
        model = table_of(field.annotation)
        assert model is not None, name
        yield name, field, model, str(field.annotation).startswith("tuple")


def commented_file(answers: Answers | None = None) -> str:
    """Return a whole maild.toml: every setting with its words and default, and the answers in place of the example."""
    given = {**EXAMPLE, **(answers or {})}
    return _HEAD + "".join(
        _table(name, model, given, listed=listed) for name, _, model, listed in tables() if name not in _ELSEWHERE
    )


def _table(name: str, model: type[BaseModel], given: Answers, *, listed: bool) -> str:
    off = name in _OFF
    values = dict(_OFF.get(name, {})) or {key.partition(".")[2]: given[key] for key in given if _of(key, name)}
    mark = "# " if off else ""
    words = "# " + _flat(model.__doc__) + (" Not served by this version." if name in IDLE else "")
    lines = ["", words, f"{mark}[[{name}]]" if listed else f"{mark}[{name}]"]
    for key, field in model.model_fields.items():
        lines += _setting(f"{name}.{key}", key, field, values, off=off)
    return "\n".join(lines) + "\n"


def _of(key: str, table: str) -> bool:
    return key.partition(".")[0] == table


def _setting(path: str, key: str, field: FieldInfo, values: Answers, *, off: bool) -> list[str]:
    words = _words(path, field)
    lines = textwrap.wrap(words, 108, initial_indent="# ", subsequent_indent="# ")
    if key in values:
        return [*lines, f"{'# ' if off else ''}{key} = {written(values[key])}"]
    return [*lines, f"# {key} = {default_of(field)}"]


def _words(path: str, field: FieldInfo) -> str:
    words = (field.description or "") + _choice(field)
    return words + (" (Not served by this version.)" if path in IDLE else "")


def _choice(field: FieldInfo) -> str:
    """Return the words that a setting takes, in the order of their meaning, when it takes no others."""
    if get_origin(field.annotation) is not Literal:
        return ""
    *most, last = map(_quoted, get_args(field.annotation))
    return f" One of {', '.join(most)} and {last}."


def _flat(text: str | None) -> str:
    return " ".join((text or "").split())


def default_of(field: FieldInfo) -> str:
    """Return a setting's default as it would be written; `...` where there is none."""
    if field.is_required() or field.default is None:
        return '"..."'
    if any(getattr(each, "func", None) is read_size for each in field.metadata):
        return written(_size(field.default))
    return written(field.default)


def written(value: object) -> str:
    """Return a value in TOML."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, BaseModel):
        return written(value.model_dump(exclude_defaults=True))
    if isinstance(value, Mapping):
        inside = ", ".join(f"{key} = {written(entry)}" for key, entry in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list | tuple) and not hasattr(value, "_fields"):
        return f"[{', '.join(map(written, value))}]"
    return _quoted(value)


def _quoted(value: object) -> str:
    if isinstance(value, timedelta):
        value = _duration(value)
    elif isinstance(value, WorkingTime):
        value = f"{value.days}d {value.seconds}s"
    text = str(value.value if isinstance(value, Enum) else value)
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(letter if letter.isprintable() else f"\\u{ord(letter):04X}" for letter in escaped) + '"'


def _duration(value: timedelta) -> str:
    seconds = int(value.total_seconds())
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def _size(octets: int) -> str | int:
    for unit, size in (("GiB", 2**30), ("MB", 10**6), ("kB", 10**3)):
        if octets and octets % size == 0:
            return f"{octets // size}{unit}"
    return octets


def page() -> str:
    """Return the handbook's page about the configuration, in Markdown."""
    parts = [_PAGE_HEAD]
    for name, _, model, listed in tables():
        parts += _section(name, f"[[{name}]]" if listed else f"[{name}]", model)
    return "\n".join(parts) + "\n"


_PAGE_HEAD = """\
# Configuration

One TOML file: `/etc/maild/maild.toml`, or `$MAILD_CONFIG`, or `--config FILE`, and `conf.d/*.toml` beside it.
Relative paths begin at the file's folder. Every `password` and `secret` has a twin ending in `_file`, and may come as
a systemd credential named like the key (`desk.secret`, `outgoing.password`, `mailbox.support.password`); two of them
given is a fault. `maild check` names every fault.

This page is made from the program's declarations, as is `config/maild.toml`.
"""


def _section(path: str, title: str, model: type[BaseModel]) -> list[str]:
    mark = " *Not served by this version.*" if path in IDLE else ""
    lines = [f"## `{title}`", "", _flat(model.__doc__) + mark, "", "| key | default | meaning |", "|---|---|---|"]
    inner: list[str] = []
    for key, field in model.model_fields.items():
        nested = table_of(field.annotation)
        lines.append(f"| `{key}` | {_cell(field)} | {_escaped(_words(f'{path}.{key}', field))} |")
        if nested is not None:
            inner += _section(f"{path}.{key}", f"{path}.{key}", nested)
    return [*lines, "", *inner]


def _cell(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    return "none" if field.default is None else f"`{_escaped(default_of(field))}`"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def settings_of(model: Any = Settings) -> Iterator[str]:
    """Yield every dotted key of the file, tables within tables included."""
    for key, field in model.model_fields.items():
        yield key
        nested = table_of(field.annotation)
        if nested is not None:
            yield from (f"{key}.{inner}" for inner in settings_of(nested))
