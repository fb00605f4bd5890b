"""The parse children: reading a mail happens in processes that may be killed, never in the service itself."""

import multiprocessing
import os
import queue
import threading
from multiprocessing.process import BaseProcess

from maild.service.child import Job, Plan, serve_pipe
from maild.service.reading import Reading

JOBS_MAX = 2000  # A child is replaced after so many mails: whatever a library leaks leaves with it.
GRACE_SECONDS = 20.0  # Beside the CPU limit: time for the DNS and for a busy machine.
STOP_SECONDS = 2.0


def reader_count() -> int:
    """Return how many mails are read at once: twice the processors, for half of the time is spent on the DNS."""
    return 2 * (os.cpu_count() or 1)


class ReadingFailed(Exception):
    """A mail broke its reader; the words say how. The child is replaced, nothing else suffers."""


class _Child:
    """One process and its pipe."""

    def __init__(self, plan: Plan, generation: int) -> None:
        context = multiprocessing.get_context("forkserver")
        self.pipe, theirs = context.Pipe()
        self.process: BaseProcess = context.Process(target=serve_pipe, args=(theirs, plan), daemon=True)
        self.process.start()
        theirs.close()
        self.generation = generation
        self.jobs = 0

    def stop(self) -> None:
        """End the process, by force when it does not go by itself."""
        self.pipe.close()
        self.process.join(STOP_SECONDS)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.process.close()


class Children:
    """A fixed number of children; `read` may be called from any thread and waits for a free one."""

    def __init__(self, count: int, plan: Plan) -> None:
        self._plan = plan
        self._generation = 0
        self._lock = threading.Lock()
        # The one that was used last is used next: while there is little to do, one child is all that runs.
        self._idle: queue.LifoQueue[_Child | None] = queue.LifoQueue()
        for _ in range(count):
            self._idle.put(None)  # a child is started when it is first needed
        self._count = count

    @staticmethod
    def prepare() -> None:
        """Start the fork server, before any thread is there; its children then start in milliseconds."""
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["maild.service.child"])
        process = context.Process(target=_nothing)
        process.start()
        process.join()

    def reload(self, plan: Plan) -> None:
        """Read by another configuration from the next mail on."""
        with self._lock:
            self._plan = plan
            self._generation += 1

    def read(self, job: Job) -> Reading:
        """Return the reading of a mail; raises ReadingFailed when it broke the child or took too long."""
        child = self._take()
        try:
            reading = self._ask(child, job)
        except (EOFError, OSError) as fault:
            reading = f"the reader died: {type(fault).__name__}"
        keep = isinstance(reading, Reading) and child.jobs < JOBS_MAX
        if not keep:
            _kill(child)
        self._idle.put(child if keep else None)
        if isinstance(reading, str):
            raise ReadingFailed(reading)
        return reading

    def _take(self) -> _Child:
        child = self._idle.get()
        with self._lock:
            plan, generation = self._plan, self._generation
        if child is None:
            return _Child(plan, generation)
        if child.generation != generation:
            child.pipe.send(plan)
            child.generation = generation
        return child

    def _ask(self, child: _Child, job: Job) -> Reading | str:
        child.jobs += 1
        child.pipe.send(job)
        if not child.pipe.poll(self._plan.limits.parse_cpu_seconds + GRACE_SECONDS):
            return "the reader took too long"
        answer: Reading | str = child.pipe.recv()
        return answer

    def stop(self) -> None:
        """End all children; called when nobody reads any more."""
        for _ in range(self._count):
            child = self._idle.get(timeout=STOP_SECONDS)
            if child is not None:
                child.stop()


def _kill(child: _Child) -> None:
    child.process.kill()
    child.stop()


def _nothing() -> None:
    """What the first child does: it only brings the fork server up."""
