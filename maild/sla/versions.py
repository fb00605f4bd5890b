"""A service level that knows what it was: no edit of hours, holidays or targets rewrites what has been."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from maild.sla.calendar import Calendar, seconds_of
from maild.sla.model import Sla


def with_earlier(sla: Sla, earlier: Sequence[tuple[datetime, Sla]]) -> Sla:
    """Return an SLA with what it was before, (until, as it was) with the oldest first.

    Its calendar answers for each stretch of time by the hours and holidays of then.
    """
    calendar = replace(sla.calendar, earlier=_calendars(sla.calendar, earlier))
    return replace(sla, calendar=calendar, earlier=tuple(earlier))


def _calendars(calendar: Calendar, earlier: Sequence[tuple[datetime, Sla]]) -> tuple[tuple[int, Calendar], ...]:
    """Return the calendars before this one: an edit that left the calendar as it was ends no reign."""
    following = [*(was.calendar.version for _, was in earlier[1:]), calendar.version]
    return tuple(
        (seconds_of(until), was.calendar)
        for (until, was), version in zip(earlier, following, strict=False)
        if was.calendar.version != version
    )
