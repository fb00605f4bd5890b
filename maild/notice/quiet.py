"""Quiet hours: mail that nobody waits for leaves in the morning of its reader."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from maild.base.words import Priority
from maild.desk.notices import InternalFacts, Notice

# Nobody has just written, asked or to act: all other notices leave at once, acknowledgements and alarms among them.
CAN_WAIT = frozenset({"pending-reminder", "survey", "agent-replied-copy", "daily", "quarantine", "roster", "report"})


def leaves_at(notice: Notice, hours: str, zone: ZoneInfo, now: datetime) -> datetime | None:
    """Return when quiet hours let a notice go, None for at once; `hours` like "22:00-07:00", "" for none."""
    if not hours or notice.template not in CAN_WAIT or _is_urgent(notice):
        return None
    return end_of_quiet(hours, zone, now)


def end_of_quiet(hours: str, zone: ZoneInfo, now: datetime) -> datetime | None:
    """Return the end of the quiet hours that `now` lies in, None outside; the end itself is outside."""
    local = now.astimezone(zone)
    begins, ends = hours.split("-")
    clock = local.strftime("%H:%M")
    over_midnight = ends <= begins
    is_in = (clock >= begins or clock < ends) if over_midnight else begins <= clock < ends
    if not is_in:
        return None
    day = local.date() + timedelta(days=1 if over_midnight and clock >= begins else 0)
    hour, minute = map(int, ends.split(":"))
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)


def _is_urgent(notice: Notice) -> bool:
    ticket = notice.facts.ticket if isinstance(notice.facts, InternalFacts) else None
    return ticket is not None and ticket.priority is Priority.URGENT
