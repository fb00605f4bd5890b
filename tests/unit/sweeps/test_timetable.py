"""When jobs run, and when they do not."""

import threading
from datetime import UTC, datetime, timedelta

from maild.sweeps.timetable import Job, Timetable
from tests.support.waiting import eventually

SOON = timedelta(milliseconds=10)


def test_a_job_that_is_still_running_is_not_started_again_and_holds_up_no_other():
    go_on, slow, quick, told = threading.Event(), [], [], []

    def wait():
        slow.append(threading.current_thread())
        go_on.wait()
        return 0

    def count():
        quick.append(1)
        return 0

    timetable = Timetable(
        [Job("slow", SOON, wait), Job("quick", SOON, count)],
        lambda: datetime.now(UTC),
        lambda run: told.append(run.name),
    )
    timetable.start()
    try:
        eventually(lambda: slow and len(quick) >= 5)
        assert len(slow) == 1
        assert slow[0].daemon, "no end of the process waits for it"
        assert "slow" not in told
    finally:
        go_on.set()
        timetable.stop()
    assert "slow" in told, "what runs comes to its end"
    assert not slow[0].is_alive()
