"""Entry ids: short, sortable by the time of arrival, safe to read out on the phone."""

from collections.abc import Callable
from datetime import datetime

_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u to take for one another
_TIME_LETTERS = 9  # 45 bits of milliseconds: until the year 3084
RANDOM_BITS = 30  # two entries of one millisecond differ


def entry_id(now: datetime, randomness: int) -> str:
    """Return 15 letters and digits, made of `now` in milliseconds and 30 random bits."""
    milliseconds = int(now.timestamp() * 1000)
    return _base32(milliseconds, _TIME_LETTERS) + _base32(randomness, RANDOM_BITS // 5)


def id_maker(now: Callable[[], datetime], random_bits: Callable[[int], int]) -> Callable[[], str]:
    """Return a function that makes a new id at each call; `random_bits` is `secrets.randbits` or the like."""
    return lambda: entry_id(now(), random_bits(RANDOM_BITS))


def _base32(number: int, length: int) -> str:
    return "".join(_LETTERS[(number >> 5 * place) & 31] for place in reversed(range(length)))
