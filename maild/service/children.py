"""The children: mails are read, and many at once composed, in processes that may be killed, not in the service."""

import os
import queue
import select
import signal
import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Generic, TypeVar

from maild.desk.effects import Composed, Decision
from maild.service import fork_server
from maild.service.child import Job, Plan, serve_pipe
from maild.service.composer import ComposingPlan, Order, serve_orders
from maild.service.parcels import send, take
from maild.service.reading import Reading

JOBS_MAX = 2000  # A child is replaced after so many mails: whatever a library leaks leaves with it.
COMPOSING_SECONDS = 5.0  # Nobody else writes meanwhile; the service composes itself what takes longer.
WARMING_SECONDS = 60.0
GRACE_SECONDS = 20.0  # Beside the CPU limit: time for the DNS and for the disk.
LOOK_SECONDS = 1.0  # Between two looks whether a reader that says nothing works or waits.
SEND_SECONDS = 20.0  # A child that lives takes what it is given at once, or when it has started.
STOP_SECONDS = 1.5  # For children that have nothing to do to go by themselves.
END_SECONDS = 20.0  # Who has closed his pipe is about to end; how, is told a moment later, or more on a busy machine.
LAST_SECONDS = 0.5  # The same when the service leaves.
START_SECONDS = 120.0  # For a child to be forked, on a busy machine too; one takes milliseconds.
_UNSTARTED = "no reader could be started"
_STOPPING = "the service is stopping"
_TOO_LONG = "the reader took too long"


def reader_count() -> int:
    """Return how many mails are read at once: twice the processors, for half of the time is spent on the DNS."""
    return 2 * (os.cpu_count() or 1)


class ReadingFailed(Exception):
    """A mail broke its reader; the words say how. The child is replaced, nothing else suffers."""


class ComposingFailed(Exception):
    """A decision's mails were not composed; the words say why."""


_P = TypeVar("_P")  # what a child knows of the configuration
_J = TypeVar("_J")  # what it is asked
_A = TypeVar("_A")  # what it answers; a str says what went wrong


class _Child:
    """One process and its pipe."""

    def __init__(self, serve: Callable[..., None], plan: object, generation: int) -> None:
        context = fork_server.context()
        self.pipe, theirs = context.Pipe()
        _bound_sending(self.pipe, SEND_SECONDS)
        self._heard = select.poll()  # Connection.poll makes a selector each time
        self._heard.register(self.pipe.fileno(), select.POLLIN)
        self.process: BaseProcess = context.Process(target=serve, args=(theirs, plan), daemon=True)
        with fork_server.bounded(START_SECONDS):
            self.process.start()
        theirs.close()
        self._handle = os.pidfd_open(self.process.pid or 0) if hasattr(os, "pidfd_open") else -1
        self.generation = generation
        self.jobs = 0

    def speaks(self, seconds: float = 0.0) -> bool:
        """Tell whether there is something to take from the pipe, or its end was reached; waits for so long."""
        return bool(self._heard.poll(1000 * seconds))

    def speaks_in_its_time(self, seconds: float) -> bool:
        """Tell the same, after so many seconds in which it did not work: its CPU limit ends one that works.

        A child that stands in line for a processor counts as working. On a busy machine that may take minutes, and
        says nothing about the mail.
        """
        while seconds > 0.0:
            look = min(LOOK_SECONDS, seconds)
            if self.speaks(look):
                return True
            if not self._is_runnable():
                seconds -= look
        return self.speaks()

    def _is_runnable(self) -> bool:
        """Tell whether it runs or would if it could: state R of proc(5); elsewhere nobody knows."""
        try:
            stat = Path(f"/proc/{self.process.pid}/stat").read_text("utf-8", "replace")
        except OSError:
            return False
        return stat.rpartition(")")[2].split()[0] == "R"

    def end(self, patience: float = END_SECONDS) -> None:
        """End the process by force, now, and wait so long to be told of it: then the fork server goes too."""
        self.pipe.close()
        self.kill()
        with fork_server.bounded(patience):
            self.process.join()
        self.process.close()
        if self._handle >= 0:
            os.close(self._handle)

    def kill(self) -> None:
        """Kill the process, which `multiprocessing` takes for dead once the fork server that made it is gone."""
        if self._handle < 0:
            self.process.kill()
            return
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._handle, signal.SIGKILL)


class _Pool(Generic[_P, _J, _A]):
    """A fixed number of children; they may be asked from any thread, which waits for a free one."""

    def __init__(self, count: int, plan: _P, serve: Callable[..., None]) -> None:
        self._serve = serve
        self._plan = plan
        self._generation = 0
        self._lock = threading.Lock()
        self._busy: set[_Child] = set()
        self._is_open = True
        # The one that was used last is used next: while there is little to do, one child is all that runs.
        self._idle: queue.LifoQueue[_Child | None] = queue.LifoQueue()
        for _ in range(count):
            self._idle.put(None)  # a child is started when it is first needed
        self.count = count

    def reload(self, plan: _P) -> None:
        """Work by another configuration from the next mail on."""
        with self._lock:
            self._plan = plan
            self._generation += 1

    def ask(self, job: _J, seconds: float) -> _A | str:
        """Return a child's answer; words when it died, or had none within `seconds`: it is replaced then."""
        child = self._idle.get()
        answer: _A | str = _STOPPING
        try:
            if self._is_open:
                if child is not None and child.speaks():  # nobody asked it: it has come to its end, which harms no mail
                    dead, child = child, None
                    dead.end()
                child = self._ready(child)
                answer = self._answer(child, job, seconds) if self._begins(child) else _STOPPING
        except BlockingIOError:  # it has stopped, and its pipe is full
            answer = _TOO_LONG
        except (EOFError, OSError) as fault:
            answer = f"{_UNSTARTED}: {type(fault).__name__}" if child is None else f"the reader died: {_end(child)}"
        finally:  # whatever happens, somebody else gets the place
            with self._lock:
                self._busy -= {child}
            self._idle.put(self._kept(child, answer))
        return answer

    def _begins(self, child: _Child) -> bool:
        """Note that a child has work; False when the pool is closed."""
        with self._lock:
            self._busy.add(child)
            return self._is_open

    def _ready(self, child: _Child | None) -> _Child:
        """Return a child that knows the plan: the one that is there, or a new one."""
        with self._lock:
            plan, generation = self._plan, self._generation
        if child is None:
            return _Child(self._serve, plan, generation)
        if child.generation != generation:
            send(child.pipe, plan)
            child.generation = generation
        return child

    def _answer(self, child: _Child, job: _J, seconds: float) -> _A | str:
        child.jobs += 1
        send(child.pipe, job)
        if not self._hears(child, seconds):
            return _TOO_LONG
        answer: _A | str = take(child.pipe)
        return answer

    @staticmethod
    def _hears(child: _Child, seconds: float) -> bool:
        """Wait for an answer, no longer than so many seconds."""
        return child.speaks(seconds)

    @staticmethod
    def _kept(child: _Child | None, answer: _A | str) -> _Child | None:
        """Return the child if the next mail may have it; another one is ended."""
        if child is None or (not isinstance(answer, str) and child.jobs < JOBS_MAX):
            return child
        child.end()
        return None

    def stop(self) -> None:
        """End all children, by force those that have work: whoever waits for one hears that it died.

        Done within STOP_SECONDS and LAST_SECONDS, whatever has stopped or hangs.
        """
        with self._lock:
            self._is_open = False
            for busy in self._busy:
                busy.kill()
        deadline = time.monotonic() + STOP_SECONDS
        with fork_server.bounded(STOP_SECONDS):  # it may be what keeps a place from being given back
            children = [child for child in (self._idle.get() for _ in range(self.count)) if child is not None]
        for child in children:
            child.pipe.close()
        for child in children:
            child.process.join(max(0.0, deadline - time.monotonic()))
            child.end(LAST_SECONDS)
        for _ in range(self.count):
            self._idle.put(None)  # whoever asks now hears that the service is stopping


class Children(_Pool[Plan, Job, Reading]):
    """The children that read mails."""

    def __init__(self, count: int, plan: Plan, *, grace_seconds: float = GRACE_SECONDS) -> None:
        super().__init__(count, plan, serve_pipe)
        self._grace = grace_seconds

    @staticmethod
    def _hears(child: _Child, seconds: float) -> bool:
        """Wait for an answer, no longer than so many seconds of doing nothing: reading keeps nobody from writing."""
        return child.speaks_in_its_time(seconds)

    def read(self, job: Job) -> Reading:
        """Return the reading of a mail; raises ReadingFailed when it broke the child or took too long."""
        reading = self.ask(job, self._plan.limits.parse_cpu_seconds + self._grace)
        if isinstance(reading, str):
            raise ReadingFailed(reading)
        return reading


class Composers(_Pool[ComposingPlan, Order, tuple[Composed, ...]]):
    """The children that compose; each loads the templates for itself."""

    def __init__(self, count: int, plan: ComposingPlan) -> None:
        super().__init__(count, plan, serve_orders)

    def warm_up(self) -> None:
        """Return when a child is up that was not; nobody waits for this one."""
        self.ask(Order(Decision(""), datetime.now(UTC)), WARMING_SECONDS)

    def compose(self, order: Order) -> tuple[Composed, ...]:
        """Return all mails of a decision; raises ComposingFailed."""
        mails = self.ask(order, COMPOSING_SECONDS)
        if isinstance(mails, str):
            raise ComposingFailed(mails)
        return mails


def _bound_sending(pipe: Connection, seconds: float) -> None:
    """Have a pipe raise BlockingIOError when nobody takes what is sent for so long (socket(7), SO_SNDTIMEO)."""
    whole, part = divmod(seconds, 1)
    with socket.socket(fileno=os.dup(pipe.fileno())) as same:
        same.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("@ll", int(whole), int(part * 1e6)))


def _end(child: _Child) -> str:
    """Say how a child came to its end: `SIGSEGV`, `SIGXCPU` for its CPU limit, or its exit code."""
    child.process.join(END_SECONDS)
    code = child.process.exitcode
    if code is None:
        return "it closed its pipe"
    return signal.Signals(-code).name if -code in set(signal.Signals) else f"exit code {code}"
