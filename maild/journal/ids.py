"""Entry ids: short, sortable by the time of arrival, safe to read out on the phone."""

from collections.abc import Callable
from datetime import datetime

_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u to take for one another
_PAIRS = tuple(first + second for first in _LETTERS for second in _LETTERS)  # by ten bits: half the steps
RANDOM_BITS = 30  # two entries of one millisecond differ
_ID_BITS = 45 + RANDOM_BITS  # of milliseconds, until the year 3084
_PLACES = range(_ID_BITS - 15, -1, -10)  # of the pairs, behind the first letter


def entry_id(now: datetime, randomness: int) -> str:
    """Return 15 letters and digits, made of `now` in milliseconds and 30 random bits."""
    number = int(now.timestamp() * 1000) << RANDOM_BITS | randomness
    return _LETTERS[number >> _ID_BITS - 5] + "".join([_PAIRS[number >> place & 1023] for place in _PLACES])


def id_maker(now: Callable[[], datetime], random_bits: Callable[[int], int]) -> Callable[[], str]:
    """Return a function that makes a new id at each call; `random_bits` is `random.getrandbits` or the like."""
    return lambda: entry_id(now(), random_bits(RANDOM_BITS))
