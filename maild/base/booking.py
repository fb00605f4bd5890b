"""Time worked on a ticket, as its timeline holds it: the detail of a `time` event begins with the seconds."""

from collections.abc import Iterable
from datetime import timedelta


def booked(time: timedelta) -> str:
    """Return a booking as it is written into the timeline; a negative one takes another back."""
    return f"{int(time.total_seconds())} seconds"


def booked_seconds(details: Iterable[str]) -> int:
    """Return what bookings add up to; what is none counts nothing."""
    first_words = (detail.partition(" ")[0] for detail in details)
    return sum(int(word) for word in first_words if word.isascii() and word.removeprefix("-").isdigit())


def hours_and_minutes(seconds: int) -> str:
    """Return a span as people write it, ``1 h 15 min`` for instance."""
    hours, minutes = divmod(seconds // 60, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
