"""What a parse child runs: it reads mail after mail, and touches its pipe, the DNS, and the journal for large ones."""

import os
import resource
import signal
from collections.abc import Callable
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from maild.base.limits import Limits
from maild.database.light import connect
from maild.journal.octets import read_octets
from maild.message.envelope import Envelope
from maild.message.model import Message
from maild.proof.measure import measure
from maild.proof.model import Results
from maild.proof.signatures import AgentKey, Signature, check_signature
from maild.proof.tokens import Keyring
from maild.service.garbage import settle
from maild.service.parcels import send
from maild.service.reading import Reading, read, with_own_marks
from maild.service.resolver import Nobody, Resolver
from maild.settings.model import Settings
from maild.triage.model import OwnMarks

_P = TypeVar("_P")  # what a child knows of the configuration
_M = TypeVar("_M")  # what it makes of that, once
NICENESS = 5  # Taking mail in goes before reading it: who sends waits for the one, nobody for the other.


@dataclass(frozen=True, slots=True)
class Plan:
    """What a child needs to know of the configuration."""

    settings: Settings
    keyring: Keyring
    own: OwnMarks
    limits: Limits
    agent_keys: tuple[AgentKey, ...] = ()  # by which agents sign their mail
    asks_dns: bool = True  # False: of a From only a trusted Authentication-Results is told, as in a simulation

    @property
    def resolver(self) -> Resolver | Nobody:
        """What answers the questions about a mail's From."""
        return Resolver(self.settings.proof.nameservers) if self.asks_dns else Nobody()


@dataclass(frozen=True, slots=True)
class InJournal:
    """A mail so large that the child fetches it itself: the service would hold it twice on its way through the pipe."""

    entry: str
    url: str  # of the database, an absolute path in it

    def fetch(self) -> bytes:
        """Return its octets."""
        with connect(self.url) as database:
            octets = read_octets(database, self.entry)
        if octets is None:
            raise LookupError(f"no entry {self.entry}")
        return octets


@dataclass(frozen=True, slots=True)
class Job:
    """One mail to be read; `results` when it was measured before, so that the DNS is asked once an entry."""

    octets: bytes | InJournal
    envelope: Envelope
    results: Results | None = None


def read_one(job: Job, plan: Plan, resolver: Resolver | Nobody) -> Reading:
    """Read a mail and measure its From, unless that was done before."""
    octets = job.octets if isinstance(job.octets, bytes) else job.octets.fetch()
    reading = read(octets, job.envelope, plan.own, plan.limits)
    message = reading.message
    if plan.keyring.read_message_id(message.message_id, plan.settings.desk.domain) is not None:
        ours = replace(plan.own, is_ours=frozenset({message.message_id}))
        reading = with_own_marks(reading, job.envelope, ours)
    return replace(reading, results=_results(job, octets, plan, resolver, message))


def _results(job: Job, octets: bytes, plan: Plan, resolver: Resolver | Nobody, message: Message) -> Results:
    if job.results is not None:
        return job.results
    results = measure(octets, message, job.envelope, resolver.for_mail(), plan.settings)
    signed = _signature(octets, plan, message)
    return replace(
        results,
        signature=signed.result,
        signature_method=signed.method,
        signature_agent=signed.agent,
        signature_because=signed.because,
        signature_made_at=signed.made_at,
        signature_id=signed.id,
    )


def _signature(octets: bytes, plan: Plan, message: Message) -> Signature:
    """Check an agent's signature by his own keys; nobody else's is looked at."""
    agent = plan.settings.agent_address(message.author.key) if message.author.address else None
    keys = tuple(key for key in plan.agent_keys if plan.settings.agent_address(key.agent) == agent)
    return check_signature(octets, message, keys, plan.limits) if agent and keys else Signature()


def serve_pipe(pipe: Connection, plan: Plan) -> None:
    """Answer each Job on the pipe with a Reading, or with the words of what went wrong; leave at its end."""
    os.nice(NICENESS)
    _limit_memory(plan.limits.parse_memory_bytes)
    answer_all(pipe, plan, lambda plan: (plan, plan.resolver), _read_within_limits)


def _read_within_limits(job: Job, means: tuple[Plan, Resolver | Nobody]) -> Reading:
    plan, resolver = means
    _limit_cpu(plan.limits.parse_cpu_seconds)
    try:
        return read_one(job, plan, resolver)
    finally:
        _lift_cpu_limit()


def answer_all(pipe: Connection, plan: _P, prepare: Callable[[_P], _M], answer: Callable[[Any, _M], object]) -> None:
    """Answer each job on a pipe, or say in words what went wrong, until the other end is closed.

    `prepare` makes of a plan what the answers need; another plan that comes on the pipe holds from then on.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all; the parent finishes its work, then ends us
    means = prepare(plan)
    settle()
    while True:
        try:
            job = pipe.recv()
        except EOFError:
            return
        if isinstance(job, type(plan)):
            means = prepare(job)
            continue
        try:
            send(pipe, answer(job, means))
        except Exception as fault:  # whatever a job does to a child is that job's fault, and is told to the parent
            pipe.send(f"{type(fault).__name__}: {fault}"[:500])


def _limit_memory(most: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _lift_cpu_limit() -> None:
    """Let nothing between two mails be counted against the next one."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (hard, hard))


def _limit_cpu(seconds: int) -> None:
    """Let the kernel end this process when one mail takes longer; the limit counts from the process's start."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + seconds + 1, hard))
