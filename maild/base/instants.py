"""Instants and durations as they are written: RFC 3339 in UTC, and ``15m``, ``4h``, ``3d``."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_DURATION = re.compile(r"(\d{1,9})\s*(s|m|h|d|w)", re.ASCII)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def to_text(instant: datetime | None) -> str | None:
    """Return ``2026-11-21T21:42:00Z`` (whole seconds), or None for None."""
    if instant is None:
        return None
    assert instant.tzinfo is not None, "an instant is never naive"
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def from_text(text: str) -> datetime:
    """Read an RFC 3339 instant; raises ValueError when it is none or names no offset."""
    try:
        instant = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"{text!r} is no instant; write 2026-11-21T21:42:00Z") from None
    if instant.tzinfo is None:
        raise ValueError(f"{text!r} has no offset from UTC; write 2026-11-21T21:42:00Z")
    return instant.astimezone(UTC)


def read_duration(text: str) -> timedelta:
    """Read a wall-time duration such as ``90s``, ``15m``, ``2h``, ``7d``, ``1w`` or ``1h 30m``.

    Raises ValueError when it is none.
    """
    pieces = _DURATION.findall(text.strip())
    if not pieces or _DURATION.sub("", text).strip():
        raise ValueError(f"{text!r} is no duration; write 90s, 15m, 2h, 7d or 1w")
    return timedelta(seconds=sum(int(amount) * _UNITS[unit] for amount, unit in pieces))


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """An SLA target: days of the calendar's longest day, and seconds of working time beside them."""

    days: int
    seconds: int

    def in_seconds(self, longest_day_seconds: int) -> int:
        """Return the target in working seconds, given the working time of the calendar's longest day."""
        return self.days * longest_day_seconds + self.seconds


def read_working_time(text: str) -> WorkingTime:
    """Read an SLA target such as ``30m``, ``4h``, ``3d`` or ``1d 2h``; raises ValueError when it is none."""
    pieces = _DURATION.findall(text.strip())
    if not pieces or _DURATION.sub("", text).strip() or any(unit == "w" for _, unit in pieces):
        raise ValueError(f"{text!r} is no target; write 30m, 4h or 3d (d is one working day)")
    return WorkingTime(
        days=sum(int(amount) for amount, unit in pieces if unit == "d"),
        seconds=sum(int(amount) * _UNITS[unit] for amount, unit in pieces if unit != "d"),
    )
