"""Blocks of commands that may be taken back: as a row, and from it."""

import json
from datetime import datetime
from typing import Any

from maild.base.words import LinkKind, Priority, Role, Status, TicketType
from maild.database.dialect import Reader, Row, clean, instant, known_instant, stored_instant
from maild.desk.effects import KeepUndo
from maild.desk.model import Participant, Undo
from maild.sla.roster import Absence
from maild.store.work import Work, upsert

_WORDS = {"status": Status, "priority": Priority, "type": TicketType}
_INSTANTS = frozenset({"assigned_at", "status_since", "resolved_at", "closed_at", "until", "snoozed_until"})


def write_undo(work: Work, effect: KeepUndo) -> None:
    """Keep what a block of commands found and left, or that it was taken back."""
    undo = effect.undo
    values: dict[str, object] = {
        "id": undo.id,
        "ticket": undo.ticket,
        "agent": undo.agent,
        "at": undo.at,
        "commands": json.dumps([clean(line) for line in undo.commands]),
        "refusal": undo.refusal,
        "used": undo.used,
        "kept": json.dumps(
            {
                "changes": [[name, _plain(before), _plain(after)] for name, before, after in undo.changes],
                "people": [[p.address, clean(p.name), p.role, p.active] for p in undo.people],
                "links": [[kind, other] for kind, other in undo.links],
                "untied": [[kind, other] for kind, other in undo.untied],
                "admitted": undo.admitted,
                "persons": [[address, name, before, after] for address, name, before, after in undo.persons],
                "absences": [[_said(before), _said(after)] for before, after in undo.absences],
                "rhythm": undo.rhythm,
                "booked": undo.booked,
                "response": undo.response,
            }
        ),
    }
    work.transaction.change(*upsert("undo", ("id",), values))


def load_undo(reader: Reader, ticket: int, agent: str) -> Undo | None:
    """Return an agent's latest block of commands on a ticket that was not taken back; None when there is none."""
    latest = "SELECT * FROM undo WHERE ticket = ? AND agent = ? AND NOT used ORDER BY seq DESC LIMIT 1"
    rows = reader.execute(latest, (ticket, agent)) if agent else []
    return _undo(rows[0]) if rows else None


def _undo(row: Row) -> Undo:
    kept = json.loads(row["kept"])
    return Undo(
        id=row["id"],
        ticket=row["ticket"],
        agent=row["agent"],
        at=known_instant(row["at"]),
        commands=tuple(json.loads(row["commands"])),
        changes=tuple((name, _read(name, before), _read(name, after)) for name, before, after in kept["changes"]),
        people=tuple(Participant(address, name, Role(role), active) for address, name, role, active in kept["people"]),
        links=tuple((LinkKind(kind), other) for kind, other in kept["links"]),
        untied=tuple((LinkKind(kind), other) for kind, other in kept.get("untied", ())),
        admitted=tuple(kept.get("admitted", ())),
        persons=tuple((address, name, before, after) for address, name, before, after in kept.get("persons", ())),
        absences=tuple((_absence(before), _absence(after)) for before, after in kept.get("absences", ())),
        rhythm=tuple(kept["rhythm"]) if kept.get("rhythm") else None,
        booked=kept.get("booked", 0),
        response=kept.get("response", ""),
        refusal=row["refusal"],
        used=bool(row["used"]),
    )


def _said(absence: Absence) -> list[Any]:
    """Return an absence as JSON has it."""
    until = instant(absence.end) if absence.end is not None else None
    return [absence.who, instant(absence.start), until, absence.substitute, absence.id]


def _absence(said: list[Any]) -> Absence:
    who, start, end, substitute, id_ = said
    return Absence(who, known_instant(start), stored_instant(end), substitute, id_)


def _plain(value: Any) -> Any:
    return instant(value) if isinstance(value, datetime) else clean(value) if isinstance(value, str) else value


def _read(name: str, value: Any) -> Any:
    """Read an attribute's value as the desk has it."""
    if name in _WORDS:
        return _WORDS[name](value)
    if name in _INSTANTS:
        return stored_instant(value)
    if name == "fields":
        return tuple((field, text) for field, text in value)
    return tuple(value) if isinstance(value, list) else value
