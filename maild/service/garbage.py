"""The collector of cyclic garbage looks at what comes and goes, not at what a process has loaded for good."""

import gc

YOUNG_MAX = 10_000  # of the service: Python's own 700 are less than one mail's


def settle(young_max: int | None = None) -> None:
    """Leave all that is there now out of every later look; called when a process has started.

    `young_max` is how many objects may come and not go before the collector looks. The children keep Python's own
    measure: what one mail leaves there may be large.
    """
    gc.collect()
    gc.freeze()
    if young_max is not None:
        gc.set_threshold(young_max)
