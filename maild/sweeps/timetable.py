"""What runs when: APScheduler as a clock alone; what is due stands in our own tables.

A job that is still running is not started again, and runs that a sleep or a busy machine missed are made up by one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock, Thread

from apscheduler.schedulers.background import BackgroundScheduler

from maild.log import events


@dataclass(frozen=True, slots=True)
class Job:
    """Something that is done every so often; `run` is idempotent and returns how much it found to do."""

    name: str
    every: timedelta
    run: Callable[[], int]


@dataclass(frozen=True, slots=True)
class Run:
    """When a job last ran, how it went, and when it runs next."""

    name: str
    last_run: datetime | None
    next_run: datetime | None
    problem: str = ""  # why the last run failed, "" when it went well


class Timetable:
    """Runs jobs on time in threads of its own; `now` is the clock that is written down, not the one waited by."""

    def __init__(self, jobs: Sequence[Job], now: Callable[[], datetime], told: Callable[[Run], None]) -> None:
        self._jobs = {job.name: job for job in jobs}
        self._now = now
        self._told = told
        self._lock = Lock()
        self._threads: dict[str, Thread] = {}  # the last run of each job
        # In UTC: a job at a local hour would run twice in the autumn night.
        self._scheduler = BackgroundScheduler(timezone=UTC)

    def start(self) -> None:
        """Run every job at once, and then on time."""
        for job in self._jobs.values():
            self._scheduler.add_job(
                self._begin,
                "interval",
                seconds=job.every.total_seconds(),
                args=[job],
                id=job.name,
                max_instances=1,
                coalesce=True,
                misfire_grace_time=None,
                next_run_time=datetime.now(UTC),
            )
        self._scheduler.start()

    def stop(self) -> None:
        """Start nothing more and wait for what runs."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)
        for thread in self._threads.values():
            thread.join()

    def _begin(self, job: Job) -> None:
        """Run a job, unless it is running still, in a daemon thread: the scheduler's own would outlast the process."""
        last = self._threads.get(job.name)
        if last is None or not last.is_alive():
            self._threads[job.name] = Thread(target=self._run, args=(job,), name=job.name, daemon=True)
            self._threads[job.name].start()

    def _run(self, job: Job) -> None:
        began, problem = self._now(), ""
        try:
            found = job.run()
        except Exception as fault:  # the next run is on time, whatever happened to this one
            problem = f"{type(fault).__name__}: {fault}"[:300]
            events.sweep_failed(sweep=job.name, because=problem)
        else:
            if found:
                events.sweep_ran(sweep=job.name, found=found, seconds=(self._now() - began).total_seconds())
        try:
            with self._lock:
                self._told(Run(job.name, began, began + job.every, problem))
        except Exception:  # the database is away, for instance: nobody else hears of it from this thread
            events.worker_failed(worker=job.name)
