"""The collector of cyclic garbage looks at what comes and goes, not at what a process has loaded for good."""

import gc

YOUNG_MAX = 10_000  # objects that came and did not go before it looks: Python's own 700 are less than one mail's


def settle() -> None:
    """Leave all that is there now out of every later look; called when a process has started."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_MAX)
