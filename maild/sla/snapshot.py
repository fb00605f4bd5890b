"""Compiled SLAs as text: what the daemon writes to the database and a short command reads back."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from maild.base.words import Clock, Priority
from maild.sla.calendar import Calendar
from maild.sla.model import Escalation, Sla, Targets

VERSION_LETTERS = 12


def to_json(slas: Mapping[str, Sla]) -> str:
    """Return compact JSON that from_json reads back to an equal value; equal values give equal text."""
    calendars = {sla.calendar.version: _from_calendar(sla.calendar) for sla in slas.values()}
    return _text({"calendars": calendars, "slas": {name: _from_sla(sla) for name, sla in slas.items()}})


def from_json(text: str) -> dict[str, Sla]:
    """Read what to_json wrote; raises ValueError or KeyError for anything else."""
    read = json.loads(text)
    calendars = {version: _to_calendar(version, written) for version, written in read["calendars"].items()}
    return {name: _to_sla(written, calendars[written["calendar"]]) for name, written in read["slas"].items()}


def version_of(calendar: Calendar) -> str:
    """Return a short digest of a calendar's content: the same hours and holidays have the same version."""
    return hashlib.sha256(_text(_from_calendar(calendar)).encode()).hexdigest()[:VERSION_LETTERS]


def _text(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True)


def _from_calendar(calendar: Calendar) -> dict[str, Any]:
    return {
        "timezone": calendar.timezone,
        "hours": calendar.hours,
        "holidays": sorted(day.isoformat() for day in calendar.holidays),
        "yearly": sorted(calendar.yearly),
    }


def _to_calendar(version: str, written: Mapping[str, Any]) -> Calendar:
    return Calendar(
        timezone=written["timezone"],
        hours=tuple(tuple((opens, closes) for opens, closes in day) for day in written["hours"]),
        holidays=frozenset(date.fromisoformat(day) for day in written["holidays"]),
        yearly=frozenset((month, day) for month, day in written["yearly"]),
        version=version,
    )


def _from_sla(sla: Sla) -> dict[str, Any]:
    return {
        "name": sla.name,
        "calendar": sla.calendar.version,
        "targets": {
            priority: [row.first_response, row.next_response, row.resolution] for priority, row in sla.targets.items()
        },
        "warn_at": sla.warn_at,
        "escalate": [[step.clock, step.at, step.to] for step in sla.escalate],
    }


def _to_sla(written: Mapping[str, Any], calendar: Calendar) -> Sla:
    return Sla(
        name=written["name"],
        calendar=calendar,
        targets={Priority(priority): Targets(*row) for priority, row in written["targets"].items()},
        warn_at=tuple(written["warn_at"]),
        escalate=tuple(Escalation(Clock(clock), at, to) for clock, at, to in written["escalate"]),
    )
