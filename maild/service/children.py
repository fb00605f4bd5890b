"""The parse children: reading a mail happens in processes that may be killed, never in the service itself."""

import multiprocessing
import os
import queue
import signal
import threading
from multiprocessing.process import BaseProcess

from maild.service.child import Job, Plan, serve_pipe
from maild.service.reading import Reading

JOBS_MAX = 2000  # A child is replaced after so many mails: whatever a library leaks leaves with it.
GRACE_SECONDS = 20.0  # Beside the CPU limit: time for the DNS and for a busy machine.
STOP_SECONDS = 2.0
_UNSTARTED = "no reader could be started"


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

    def end(self) -> None:
        """End the process by force, now."""
        self.process.kill()
        self.stop()


class Children:
    """A fixed number of children; `read` may be called from any thread and waits for a free one."""

    def __init__(self, count: int, plan: Plan, *, grace_seconds: float = GRACE_SECONDS) -> None:
        self._plan = plan
        self._grace = grace_seconds
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
        child = self._idle.get()
        answer: Reading | str = _UNSTARTED
        try:
            child = self._ready(child)
            answer = self._ask(child, job)
        except (EOFError, OSError) as fault:
            answer = f"the reader died: {type(fault).__name__}" if child is None else f"the reader died: {_end(child)}"
        finally:  # whatever happens, somebody else gets the place
            self._idle.put(self._kept(child, answer))
        if isinstance(answer, str):
            raise ReadingFailed(answer)
        return answer

    def _ready(self, child: _Child | None) -> _Child:
        """Return a child that lives and knows the plan; one that died while it had nothing to do harms no mail."""
        with self._lock:
            plan, generation = self._plan, self._generation
        if child is not None and not child.process.is_alive():
            child.stop()
            child = None
        if child is None:
            return _Child(plan, generation)
        if child.generation != generation:
            child.pipe.send(plan)
            child.generation = generation
        return child

    def _ask(self, child: _Child, job: Job) -> Reading | str:
        child.jobs += 1
        child.pipe.send(job)
        if not child.pipe.poll(self._plan.limits.parse_cpu_seconds + self._grace):
            return "the reader took too long"
        answer: Reading | str = child.pipe.recv()
        return answer

    @staticmethod
    def _kept(child: _Child | None, answer: Reading | str) -> _Child | None:
        """Return the child if the next mail may have it; another one is ended."""
        if child is None or (isinstance(answer, Reading) and child.jobs < JOBS_MAX):
            return child
        child.end()
        return None

    def stop(self) -> None:
        """End all children; called when nobody reads any more."""
        for _ in range(self._count):
            child = self._idle.get(timeout=STOP_SECONDS)
            if child is not None:
                child.stop()


def _end(child: _Child) -> str:
    """Say how a child came to its end: `SIGSEGV`, `SIGXCPU` for its CPU limit, or its exit code."""
    child.process.join(STOP_SECONDS)
    code = child.process.exitcode
    if code is None:
        return "it closed its pipe"
    return signal.Signals(-code).name if -code in set(signal.Signals) else f"exit code {code}"


def _nothing() -> None:
    """What the first child does: it only brings the fork server up."""
