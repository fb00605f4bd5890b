"""Memory of a process that runs for long: what comes and goes is looked at, and what mails leave is used again."""

import contextlib
import ctypes
import gc

YOUNG_MAX = 10_000  # of the service: Python's own 700 are less than one mail's
KEPT_OCTETS = 16_000_000  # free at the end of the heap; twice what one commit of the journal takes
MAPPED_OCTETS = 4_000_000  # What is larger is asked for and given back by itself.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # <malloc.h>


def settle(young_max: int | None = None) -> None:
    """Leave all that is there now out of every later look; called when a process has started.

    `young_max` is how many objects may come and not go before the collector looks. The children keep Python's own
    measure: what one mail leaves there may be large.
    """
    gc.collect()
    gc.freeze()
    if young_max is not None:
        gc.set_threshold(young_max)


def keep_freed_memory() -> None:
    """Have the C library use again what large mails leave, where it would give it back and ask for it anew with each.

    Octets of up to a megabyte are copied several times on their way into the journal; giving each copy's pages back
    cost as much as the copying. At most KEPT_OCTETS stay. Another C library than glibc is left as it is (mallopt(3)).
    """
    with contextlib.suppress(AttributeError, OSError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_MMAP_THRESHOLD, MAPPED_OCTETS)
        mallopt(_M_TRIM_THRESHOLD, KEPT_OCTETS)
