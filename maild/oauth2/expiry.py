"""Client secrets and refresh tokens that end on a known day: told two weeks ahead."""

from datetime import date, timedelta

WARN_AHEAD = timedelta(days=14)


def ends_soon(day: date | None, today: date) -> str:
    """Return that it ends, in words, from 14 days ahead on; "" before that, and when the day is not known."""
    if day is None or day - today > WARN_AHEAD:
        return ""
    left = (day - today).days
    if left <= 0:
        return f"it expired on {day}" if left < 0 else "it expires today"
    return f"it expires in {left} day{'s' * (left != 1)}, on {day}"
