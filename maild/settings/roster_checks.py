"""What no single key of the roster can know: whom and what it names, and keys that contradict each other."""

import difflib
from collections.abc import Iterator
from itertools import pairwise

from maild.settings.complaint import Complaint
from maild.settings.model import Settings
from maild.settings.places import Path
from maild.settings.roster import Absence, OnCall, Roster, Rotation, Shift


def roster_complaints(settings: Settings) -> Iterator[Complaint]:
    """Yield all complaints about the roster."""
    roster = settings.roster
    if roster is None:
        return
    yield from _teams(settings, roster)
    yield from _people(settings, roster)
    yield from _names(roster)
    yield from _hours(settings, roster)
    for at, order in enumerate(roster.on_call):
        if (order.every is None) != (order.start is None):
            yield Complaint(("roster", "on_call", at), "every and start come together", "write both, or none")
    for at, absence in enumerate(roster.absence):
        yield from _absence(("roster", "absence", at), absence)
    yield from _idle_members(settings, roster)


def _shifts(roster: Roster) -> Iterator[tuple[Path, Shift | Rotation]]:
    yield from ((("roster", "shift", at), entry) for at, entry in enumerate(roster.shift))
    yield from ((("roster", "rotation", at), entry) for at, entry in enumerate(roster.rotation))


def _with_people(roster: Roster) -> Iterator[tuple[Path, Shift | Rotation | OnCall]]:
    yield from _shifts(roster)
    yield from ((("roster", "on_call", at), entry) for at, entry in enumerate(roster.on_call))


def _teams(settings: Settings, roster: Roster) -> Iterator[Complaint]:
    for path, entry in _with_people(roster):
        name = entry.team
        if settings.team_named(name) is None:
            yield Complaint(
                (*path, "team"), "there is no [[team]] of that name", _nearest(name, [t.name for t in settings.team])
            )


def _nearest(word: str, known: list[str]) -> str:
    near = difflib.get_close_matches(word.lower(), known, n=1, cutoff=0.5)
    return f"did you mean {near[0]}?" if near else f"write one of {', '.join(known)}"


def _people(settings: Settings, roster: Roster) -> Iterator[Complaint]:
    for path, address in _addresses(roster):
        if settings.agent_for(address) is None:
            known = [agent.address for agent in settings.agents]
            yield Complaint(path, f"{address} is no agent of this desk", _nearest(address, known))


def _addresses(roster: Roster) -> Iterator[tuple[Path, str]]:
    for path, entry in _with_people(roster):
        yield from (((*path, "who"), address) for address in entry.who)
    for at, absence in enumerate(roster.absence):
        yield ("roster", "absence", at, "who"), absence.who
        if absence.substitute:
            yield ("roster", "absence", at, "substitute"), absence.substitute


def _names(roster: Roster) -> Iterator[Complaint]:
    seen: set[str] = set()
    for path, entry in _shifts(roster):
        if entry.name.lower() in seen:
            yield Complaint((*path, "name"), "another shift has this name", "give each its own")
        seen.add(entry.name.lower())


def _hours(settings: Settings, roster: Roster) -> Iterator[Complaint]:
    for at, shift in enumerate(roster.shift):
        path = ("roster", "shift", at)
        if bool(shift.hours) == bool(shift.ics):
            problem = "hours and ics are both given" if shift.ics else "it has no hours"
            yield Complaint(path, problem, 'write hours = "09:00-17:00", or ics = ["shift.ics"]')
        if not shift.who and not shift.ics:
            yield Complaint((*path, "who"), "nobody works it", 'write who = ["ana@example.com"]')
    for each, entry in _shifts(roster):
        yield from _worked(settings, each, entry)


def _worked(settings: Settings, path: Path, entry: Shift | Rotation) -> Iterator[Complaint]:
    first = entry.start if isinstance(entry, Rotation) else entry.first_day
    if first is not None and entry.last_day is not None and entry.last_day < first:
        yield Complaint((*path, "last_day"), "it lies before the first", "write a later day")
    if entry.holidays and settings.calendar_named(entry.holidays) is None:
        mend = _nearest(entry.holidays, [c.name for c in settings.calendar])
        yield Complaint((*path, "holidays"), "there is no [[calendar]] of that name", mend)
    if any(one.closes > other.opens for one, other in pairwise(sorted(entry.hours))):
        yield Complaint((*path, "hours"), "two spans of one day overlap", "let each begin after the last")


def _absence(path: Path, absence: Absence) -> Iterator[Complaint]:
    if (absence.first_day is None) == (not absence.ics):
        problem = "it has no first_day" if absence.first_day is None else "first_day and ics are both given"
        yield Complaint(path, problem, 'write first_day = 2026-12-24, or ics = ["ana.ics"]')
    if absence.first_day and absence.last_day and absence.last_day < absence.first_day:
        yield Complaint((*path, "last_day"), "it lies before first_day", "write a later day")
    if absence.substitute and absence.substitute == absence.who:
        yield Complaint((*path, "substitute"), "nobody is his own substitute", "write somebody else, or leave it out")


def _idle_members(settings: Settings, roster: Roster) -> Iterator[Complaint]:
    """Warn of members who are never on duty although their team has shifts."""
    for at, team in enumerate(settings.team):
        entries = [e for _, e in _shifts(roster) if e.team.lower() == team.name.lower()]
        if not entries or any(not entry.who for entry in entries):
            continue
        rostered = {settings.agent_address(address) for entry in entries for address in entry.who}
        for number, member in enumerate(team.members):
            if settings.agent_address(member) not in rostered:
                problem = f"{member} stands in no shift of the roster, so gets no ticket by himself"
                yield Complaint(("team", at, "members", number), problem, "write a shift for him", grave=False)
