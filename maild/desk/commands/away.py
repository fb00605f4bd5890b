"""Verbs about an agent himself: away, back. They are about no ticket, so that the batch mailbox takes them too."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from maild.desk.commands.model import Command
from maild.desk.commands.running import Asking, Refused
from maild.desk.commands.times import read_stay
from maild.desk.effects import KeepAbsence
from maild.desk.model import Load
from maild.desk.people import name_of
from maild.sla.roster import Absence

_SUBSTITUTE = re.compile(r"(?:^|\s)(?:substitute|sub|sustitut[oa]|sus)\s*[=:]\s*(?P<who>\S+)", re.IGNORECASE)


def _away(asking: Asking, command: Command) -> str:
    """Say from when to when one is away; what was said before of the same time is taken back."""
    _is_agent(asking)
    found = _SUBSTITUTE.search(command.rest)
    substitute = asking.agent_named(found["who"].strip('"“”«»<>')) if found is not None else ""
    if substitute == asking.agent:
        raise Refused(asking.say("away-self"))
    written = _SUBSTITUTE.sub(" ", command.rest).strip()
    try:
        start, end = read_stay(written, asking.zone, asking.bench.now)
    except (ValueError, OverflowError):
        raise Refused(asking.say("no-days", text=written)) from None
    fresh = Absence(asking.agent, start, end, substitute, f"{asking.bench.stimulus}.{command.number}")
    for old in _own(asking):
        if _overlap(old, fresh):
            _end(asking, old, max(asking.bench.now, fresh.start))
    _keep(asking, fresh)
    return "; ".join(_in_words(asking, fresh))


def _back(asking: Asking, _: Command) -> str:
    """End the absence that one is in; without such, take back those to come."""
    _is_agent(asking)
    now, own = asking.bench.now, _own(asking)
    current = [absence for absence in own if absence.covers(now)]
    if not current and asking.agent in asking.bench.snapshot.away:
        raise Refused(asking.say("away-in-file"))
    if not own:
        raise Refused(asking.say("no-away"))
    for absence in current or own:
        _end(asking, absence, now)
    if current:
        return asking.say("back")
    return asking.say("back-planned", start=asking.shown(min(absence.start for absence in own)))


def _is_agent(asking: Asking) -> None:
    if asking.bench.settings.agent_for(asking.agent) is None:
        raise Refused(asking.say("no-agent", who=asking.agent))


def _own(asking: Asking) -> list[Absence]:
    return [absence for absence in asking.bench.snapshot.absences if absence.who == asking.agent]


def _overlap(one: Absence, other: Absence) -> bool:
    return (other.end is None or one.start < other.end) and (one.end is None or other.start < one.end)


def _end(asking: Asking, absence: Absence, at: datetime) -> None:
    """Let an absence end at an instant; one that has not begun then is over before it begins."""
    _keep(asking, replace(absence, end=max(absence.start, min(absence.end or at, at))))


def _keep(asking: Asking, absence: Absence) -> None:
    asking.bench.effects.append(KeepAbsence(absence))
    until = asking.shown(absence.end) if absence.end else "he is back"
    asking.bench.would.append(f"{absence.who} is away from {asking.shown(absence.start)} until {until}")


def _in_words(asking: Asking, absence: Absence) -> Iterator[str]:
    """Say when, and what becomes of his tickets."""
    start = asking.shown(absence.start)
    if absence.end is None:
        yield asking.say("away-open", start=start)
    else:
        yield asking.say("away", start=start, end=asking.shown(absence.end))
    count = asking.bench.snapshot.loads.get(asking.agent, Load()).active
    if not absence.substitute:
        yield asking.say("away-nobody", count=count)
        return
    who = name_of(asking.bench, absence.substitute)
    yield asking.say("away-substitute", who=who, count=count)
    taken = asking.bench.snapshot
    also = [a for a in taken.absences if a.who == absence.substitute and _overlap(a, absence)]
    if also or (absence.substitute in taken.away and absence.covers(asking.bench.now)):
        yield asking.say("away-too", who=who)


HANDLERS = {"away": _away, "back": _back}
