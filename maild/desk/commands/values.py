"""`NAME=VALUE` of the shell as commands: one row a name, so that shell and mail cannot differ."""

from collections.abc import Sequence

from maild.desk.commands.model import Command, Fault
from maild.desk.commands.parse import VALUE

STATUSES = {
    "open": "open",
    "pending": "pending",
    "on-hold": "hold",
    "resolved": "resolve",
    "closed": "close",
    "spam": "spam",
    "reopened": "reopen",
}
NAMES = {
    "priority": "priority",
    "type": "type",
    "queue": "queue",
    "subject": "subject",
    "category": "category",
    "language": "lang",
    "tags": "tag",
    "requester": "requester",
    "cc": "cc",
    "supplier": "supplier",
    "approval": "ask-approval",
    "workaround": "workaround",
    "known_error": "known-error",
    "until": "until",
    "duplicate": "duplicate",
    "field": "field",
}
# Fields that the desk itself knows may be set by their own names.
FIELDS = ("service", "impact", "urgency")


def commands_of(values: Sequence[tuple[str, str]]) -> tuple[list[Command], list[Fault]]:
    """Return the commands that values mean, `until` joined to the status, and what is wrong with the others."""
    until = next((value for name, value in values if name == "until"), "")
    commands: list[Command] = []
    faults: list[Fault] = []
    for number, (name, value) in enumerate(values, 1):
        line = f"{name}={value}"
        verb, rest = _verb(name, value, until)
        if not verb:
            faults.append(Fault(line, number, rest))
        elif name != "until" or not any(n == "status" for n, _ in values):
            words = tuple(next(g for g in m.groups() if g is not None) for m in VALUE.finditer(_spaced(name, rest)))
            commands.append(Command(verb, words, rest, line, number))
    return commands, faults


def _verb(name: str, value: str, until: str) -> tuple[str, str]:
    """Return the verb and what stands behind it; "" and the reason when there is none."""
    if name == "status":
        verb = STATUSES.get(value.lower(), "")
        if value.lower() == "duplicate":
            return "", "of which ticket? write duplicate=TICKET"
        allowed = ", ".join(STATUSES)
        return verb, (until if verb in {"pending", "hold"} else "") if verb else f"{value} is no status; {allowed}"
    if name == "assignee":
        return ("assign", value) if value else ("unassign", "")
    if name == "category":
        return "category", value or "-"
    if name in FIELDS:
        return "field", f"{name}={value}"
    if name in NAMES:
        return NAMES[name], value
    return "", f"{name} cannot be set; " + ", ".join(["status", "assignee", *NAMES, *FIELDS])


def _spaced(name: str, rest: str) -> str:
    return rest.replace(",", " ") if name in {"tags", "cc", "supplier"} else f'"{rest}"' if name == "subject" else rest
