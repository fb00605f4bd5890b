"""Compiled SLAs as text: what the daemon writes to the database and a short command reads back.

One SLA as text is also what its versions are told apart by.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from maild.base.instants import from_text, to_text
from maild.base.words import Clock, Priority
from maild.sla.calendar import Calendar
from maild.sla.model import Escalation, Sla, Targets
from maild.sla.versions import with_earlier

VERSION_LETTERS = 12


def to_json(slas: Mapping[str, Sla]) -> str:
    """Return compact JSON that from_json reads back to an equal value; equal values give equal text."""
    every = [each for sla in slas.values() for each in (sla, *(was for _, was in sla.earlier))]
    calendars = {sla.calendar.version: _from_calendar(sla.calendar) for sla in every}
    written = {
        name: _from_sla(sla) | {"earlier": [[to_text(until), _from_sla(was)] for until, was in sla.earlier]}
        for name, sla in slas.items()
    }
    return _text({"calendars": calendars, "slas": written})


def from_json(text: str) -> dict[str, Sla]:
    """Read what to_json wrote; raises ValueError or KeyError for anything else."""
    read = json.loads(text)
    calendars = {version: _to_calendar(version, written) for version, written in read["calendars"].items()}
    return {name: _with_earlier(written, calendars) for name, written in read["slas"].items()}


def _with_earlier(written: Mapping[str, Any], calendars: Mapping[str, Calendar]) -> Sla:
    earlier = [(from_text(until), _to_sla(was, calendars[was["calendar"]])) for until, was in written["earlier"]]
    return with_earlier(_to_sla(written, calendars[written["calendar"]]), earlier)


def sla_to_json(sla: Sla) -> str:
    """Return one SLA as it is now, with its calendar, as compact JSON; equal values give equal text."""
    return _text({"calendar": _from_calendar(sla.calendar), "sla": _from_sla(sla)})


def sla_from_json(text: str) -> Sla:
    """Read what sla_to_json wrote; raises ValueError or KeyError for anything else."""
    read = json.loads(text)
    return _to_sla(read["sla"], _to_calendar(read["sla"]["calendar"], read["calendar"]))


def read_versions(sla: Sla, versions: Iterable[tuple[datetime, str]]) -> Sla:
    """Return an SLA with what it was before, from (in force since, sla_to_json's text), oldest first.

    What was there first holds for all time before it; what is the same as what follows it is left out.
    """
    kept = [(since, text) for since, text in versions]
    if not kept or kept[-1][1] != sla_to_json(sla):
        return sla
    return with_earlier(sla, [(until, sla_from_json(text)) for (_, text), (until, _) in pairwise(kept)])


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
        "worked": sorted(day.isoformat() for day in calendar.worked),
        "name": calendar.name,
    }


def _to_calendar(version: str, written: Mapping[str, Any]) -> Calendar:
    return Calendar(
        timezone=written["timezone"],
        hours=tuple(tuple((opens, closes) for opens, closes in day) for day in written["hours"]),
        holidays=frozenset(date.fromisoformat(day) for day in written["holidays"]),
        yearly=frozenset((month, day) for month, day in written["yearly"]),
        version=version,
        worked=frozenset(date.fromisoformat(day) for day in written["worked"]),
        name=written["name"],
    )


def _from_sla(sla: Sla) -> dict[str, Any]:
    return {
        "name": sla.name,
        "calendar": sla.calendar.version,
        "targets": {
            priority: {clock: row.of(clock) for clock in Clock if row.of(clock) is not None}
            for priority, row in sla.targets.items()
        },
        "warn_at": sla.warn_at,
        "escalate": [[step.clock, step.at, step.to] for step in sla.escalate],
        "around_the_clock": sla.around_the_clock,
    }


def _to_sla(written: Mapping[str, Any], calendar: Calendar) -> Sla:
    return Sla(
        name=written["name"],
        calendar=calendar,
        targets={Priority(priority): Targets(**row) for priority, row in written["targets"].items()},
        warn_at=tuple(written["warn_at"]),
        escalate=tuple(Escalation(Clock(clock), at, to) for clock, at, to in written["escalate"]),
        around_the_clock=written["around_the_clock"],
    )
