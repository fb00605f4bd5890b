"""The service figures as one pure function of the tickets' timelines: working time is that of the clocks."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from maild.base.words import Clock, ClockState
from maild.reports.model import GROUPS, Day, Figures, Period, Report, Story, Times, Traffic
from maild.sla.clocks import read_clocks
from maild.sla.model import FactKind, Reading, Sla
from maild.sla.timeline import DONE, VOID, Stretch, statuses

SATISFIED = 4  # and more, out of 5
_COUNTED = (Clock.FIRST_RESPONSE, Clock.NEXT_RESPONSE, Clock.RESOLUTION)


@dataclass(frozen=True, slots=True)
class _Read:
    """One ticket, read once for a period."""

    story: Story
    opened: bool
    resolved_at: datetime | None  # first in the period
    reopened: bool
    is_open: bool  # at the end of the period
    readings: tuple[Reading, ...]
    first_contact: bool
    ratings: tuple[int, ...]


def report(
    stories: Iterable[Story], traffic: Traffic, slas: Mapping[str, Sla], period: Period, teams: Sequence[str] = ()
) -> Report:
    """Return the figures of a period; the same tickets give the same figures in whatever order they come.

    Tickets that are spam or merged at the end of the period count nowhere. `teams` is only noted down.
    """
    found = (_read(story, slas, period) for story in stories)
    read = sorted((each for each in found if each is not None), key=lambda each: each.story.number)
    groups = {}
    for name in GROUPS:
        members: dict[str, list[_Read]] = {}
        for each in read:
            members.setdefault(each.story.group(name), []).append(each)
        rows = ((group, _figures(members[group], period)) for group in sorted(members))
        groups[name] = tuple((group, figures) for group, figures in rows if figures != Figures())
    return Report(
        period=period,
        total=_figures(read, period),
        days=_days(read, traffic, period),
        groups=groups,
        automatic=tuple(sorted(traffic.automatic.items())),
        quarantined=traffic.quarantined,
        teams=tuple(teams),
    )


def _read(story: Story, slas: Mapping[str, Sla], period: Period) -> _Read | None:
    stretches = statuses(story.facts, period.end)
    if not stretches or stretches[-1].status in VOID:
        return None
    resolved_at = next((s.start for s in _solutions(stretches) if period.covers(s.start)), None)
    later = [s.status for s in stretches if resolved_at is not None and s.start >= resolved_at]
    return _Read(
        story,
        opened=period.covers(story.created_at),
        resolved_at=resolved_at,
        reopened=any(status not in DONE for status in later),
        is_open=stretches[-1].status not in DONE,
        readings=read_clocks(story.facts, slas, period.end),
        first_contact=resolved_at is not None and _one_answer(story, period),
        ratings=tuple(rating for at, rating in story.ratings if period.covers(at)),
    )


def _solutions(stretches: Sequence[Stretch]) -> Iterable[Stretch]:
    """Yield the stretches with which a ticket came to be done; from resolved to closed is no second time."""
    was_done = False
    for stretch in stretches:
        if stretch.status in DONE and not was_done:
            yield stretch
        was_done = stretch.status in DONE


def _one_answer(story: Story, period: Period) -> bool:
    """Tell whether an agent answered, and with words no more than once; solving it without words is an answer too."""
    standing: dict[str, None] = {}
    for fact in story.facts:
        if fact.kind is FactKind.RESPONSE and fact.at < period.end:
            standing[fact.response] = None
        elif fact.kind is FactKind.RESPONSE_WITHDRAWN and fact.at < period.end:
            standing.pop(fact.response, None)
    return bool(standing) and sum(at < period.end for at in story.answers) <= 1


def _figures(read: Sequence[_Read], period: Period) -> Figures:
    resolved = [each for each in read if each.resolved_at is not None]
    ages = sorted(int((period.end - each.story.created_at).total_seconds()) for each in read if each.is_open)
    readings = [reading for each in read for reading in each.readings if reading.clock in _COUNTED]
    met = [r for r in readings if r.met_at is not None and period.covers(r.met_at)]
    overdue = sum(r.state is ClockState.BREACHED for r in readings)
    ratings = [rating for each in read for rating in each.ratings]
    return Figures(
        opened=sum(each.opened for each in read),
        resolved=len(resolved),
        backlog=len(ages),
        backlog_median_seconds=nearest_rank(ages, 50),
        backlog_oldest_seconds=ages[-1] if ages else None,
        first_response=_times(met, Clock.FIRST_RESPONSE),
        next_response=_times(met, Clock.NEXT_RESPONSE),
        resolution=_times(met, Clock.RESOLUTION),
        targets_met=sum(not r.breached for r in met),
        targets_missed=sum(r.breached for r in met) + overdue,
        reopened=sum(each.reopened for each in resolved),
        first_contact=sum(each.first_contact and not each.reopened for each in resolved),
        ratings=len(ratings),
        rating_sum=sum(ratings),
        satisfied=sum(rating >= SATISFIED for rating in ratings),
    )


def _times(met: Iterable[Reading], clock: Clock) -> Times:
    seconds = sorted(reading.elapsed_seconds for reading in met if reading.clock is clock)
    return Times(len(seconds), nearest_rank(seconds, 50), nearest_rank(seconds, 90))


def nearest_rank(ordered: Sequence[int], percent: int) -> int | None:
    """Return the smallest value that `percent` of all are not above; None of no value."""
    return ordered[-(-len(ordered) * percent // 100) - 1] if ordered else None


def _days(read: Sequence[_Read], traffic: Traffic, period: Period) -> tuple[Day, ...]:
    opened = Counter(period.day_of(each.story.created_at) for each in read if each.opened)
    resolved = Counter(period.day_of(each.resolved_at) for each in read if each.resolved_at is not None)
    came = Counter(map(period.day_of, traffic.written_in))
    went = Counter(map(period.day_of, traffic.written_out))
    return tuple(Day(day, opened[day], resolved[day], came[day], went[day]) for day in period.days())
