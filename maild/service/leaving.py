"""The end of the service: its parts end side by side, and none is waited for that waits for somebody else.

Whoever is silent, an IMAP server, the endpoint of a provider, a process that holds the database, may be so for ever.
What has not ended in its time is left to the end of the process, as kill -9 would leave it: nothing is lost by that,
and whatever it had claimed is taken up at the next start. So a part works in daemon threads alone, or in such as its
`stop` frees.
"""

import threading
import time
from collections.abc import Callable, Mapping

from maild.log import events

# Together below the ten seconds in which the service has to leave; the doors end beside the first two.
PARTS_SECONDS = 4.5  # A little more than a smarthost has for its last word.
CHILDREN_SECONDS = 2.5
LAST_SECONDS = 2.0  # To give leases back and close the database.


def end_together(ends: Mapping[str, Callable[[], None]], seconds: float) -> None:
    """Call all of these, each in a thread of its own; return when all are done, or after so many seconds.

    One that raises harms no other. Those that are not done by then go on, and the log names them.
    """
    threads = [threading.Thread(target=_end, args=each, name=each[0], daemon=True) for each in ends.items()]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    for late in [thread for thread in threads if thread.is_alive()]:
        events.part_left(part=late.name, seconds=seconds)


def _end(name: str, end: Callable[[], None]) -> None:
    try:
        end()
    except Exception:  # the others still have to end
        events.worker_failed(worker=name)
