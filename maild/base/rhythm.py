"""How often an agent wants to hear of his tickets: at once, in a digest an hour or a day, or not at all."""

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

NOW, HOURLY, OFF = "now", "hourly", "off"
DAILY_AT = "08:00"
_DAILY = re.compile(r"daily(?:\s+(?:at\s+)?(?P<hour>\d{1,2})(?::(?P<minute>\d{2}))?)?", re.ASCII)


def read_rhythm(text: str) -> str:
    """Return ``now``, ``hourly``, ``daily HH:MM`` or ``off`` as it is stored; raises ValueError for anything else."""
    word = " ".join(text.lower().split())
    if word in {NOW, HOURLY, OFF}:
        return word
    found = _DAILY.fullmatch(word)
    if found is None:
        raise ValueError('write "now", "hourly", "daily", "daily 17:00" or "off"')
    if found["hour"] is None:
        return f"daily {DAILY_AT}"
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    if hour > 23 or minute > 59:
        raise ValueError(f"{word} names no time of day; write daily 17:00")
    return f"daily {hour:02}:{minute:02}"


def is_gathered(rhythm: str) -> bool:
    """Tell whether notices wait for a digest."""
    return rhythm not in {NOW, OFF}


def last_due(rhythm: str, zone: ZoneInfo, now: datetime) -> datetime:
    """Return when the latest digest was due: what came before it goes out; `now` where nothing is gathered."""
    if not is_gathered(rhythm):
        return now
    local = now.astimezone(zone)
    if rhythm == HOURLY:
        return now.astimezone(UTC) - timedelta(
            minutes=local.minute, seconds=local.second, microseconds=local.microsecond
        )
    clock = time.fromisoformat(rhythm.removeprefix("daily "))
    today = datetime.combine(local.date(), clock, zone).astimezone(UTC)
    if today <= now:
        return today
    return datetime.combine(local.date() - timedelta(days=1), clock, zone).astimezone(UTC)
