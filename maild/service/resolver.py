"""Ask the DNS for the proof of a mail: five seconds a mail, no waiting for a DNS that is away, nothing asked twice."""

import threading
import time
from collections.abc import Callable, Sequence

import dns.exception
import dns.message
import dns.name
import dns.rdata
import dns.rdatatype
import dns.resolver

from maild.proof.domains import Resolve, ask_nobody

BUDGET_SECONDS = 5.0  # For all questions of one mail: nobody waits longer for a ticket.
TRY_SECONDS = 2.0  # One lost packet leaves time for the second try.
TRIES = 2
TIMEOUTS_MAX = 3  # In a row; then the DNS is away, and asking on would delay every mail.
REST_SECONDS = 60.0
KEPT_SECONDS_MAX = 60.0  # An answer serves the next mails too; a longer life would only delay what its owner changes.
KEPT_MAX = 5_000  # Answers; some kilobytes each at most.


class Resolver:
    """The DNS by dnspython. Thread-safe; one for a process, `for_mail()` for each mail."""

    def __init__(
        self,
        nameservers: Sequence[str] = (),
        *,
        port: int = 53,
        try_seconds: float = TRY_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Use the given servers ("192.0.2.1" or "192.0.2.1:5353"), or the system's."""
        self._try_seconds = try_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._timeouts = 0
        self._rests_until = 0.0
        self._kept: dict[tuple[str, str], tuple[float, tuple[str, ...]]] = {}
        self._dns = _stub(nameservers, port)

    def for_mail(self) -> Resolve:
        """Return what answers the questions of one mail, within one budget that begins now."""
        deadline = self._clock() + BUDGET_SECONDS

        def resolve(name: str, rdtype: str) -> Sequence[str] | None:
            """Ask within what is left of the time; None when there was no answer."""
            for _ in range(TRIES):
                left = min(deadline - self._clock(), self._try_seconds)
                if left <= 0 or self.resting:
                    return None
                answer = self._ask(name, rdtype, left)
                if answer is not None:
                    return answer
            return None

        return resolve

    @property
    def resting(self) -> bool:
        """True while nothing is asked, after three time-outs in a row."""
        with self._lock:
            return self._clock() < self._rests_until

    def _ask(self, name: str, rdtype: str, seconds: float) -> tuple[str, ...] | None:
        until, known = self._kept.get((name, rdtype), (0.0, ()))
        return known if self._clock() < until else self._ask_servers(name, rdtype, seconds)

    def _keep(self, name: str, rdtype: str, records: tuple[str, ...], seconds: float) -> tuple[str, ...]:
        if len(self._kept) >= KEPT_MAX:
            self._kept.clear()
        self._kept[name, rdtype] = (self._clock() + min(seconds, KEPT_SECONDS_MAX), records)
        return records

    def _ask_servers(self, name: str, rdtype: str, seconds: float) -> tuple[str, ...] | None:
        try:
            answer = self._dns.resolve(name, rdtype, lifetime=seconds, raise_on_no_answer=False, search=False)
        except (dns.resolver.NXDOMAIN, dns.name.LabelTooLong, dns.name.NameTooLong, dns.name.EmptyLabel):
            self._count(timed_out=False)
            return self._keep(name, rdtype, (), KEPT_SECONDS_MAX)
        except dns.exception.Timeout:
            self._count(timed_out=True)
            return None
        except (dns.exception.DNSException, OSError):  # SERVFAIL and the like: an answer, though no use
            self._count(timed_out=False)
            return None
        self._count(timed_out=False)
        records = tuple(_text(record) for record in answer.rrset or ())
        return self._keep(name, rdtype, records, answer.rrset.ttl if answer.rrset else KEPT_SECONDS_MAX)

    def _count(self, *, timed_out: bool) -> None:
        with self._lock:
            self._timeouts = self._timeouts + 1 if timed_out else 0
            if self._timeouts >= TIMEOUTS_MAX:
                self._timeouts = 0
                self._rests_until = self._clock() + REST_SECONDS


def _stub(nameservers: Sequence[str], port: int) -> dns.resolver.Resolver:
    if not nameservers:
        try:
            return dns.resolver.Resolver()
        except dns.resolver.NoResolverConfiguration:
            nameservers = ("127.0.0.1",)  # What resolv.conf(5) says of a host without nameservers.
    stub = dns.resolver.Resolver(configure=False)
    hosts = [host_and_port(server, port) for server in nameservers]
    stub.nameservers = [host for host, _ in hosts]
    stub.nameserver_ports = dict(hosts)
    return stub


def host_and_port(server: str, port: int) -> tuple[str, int]:
    """Read ``192.0.2.1``, ``192.0.2.1:53``, ``2001:db8::1`` or ``[2001:db8::1]:53``."""
    host, colon, number = server.rpartition(":")
    if colon and number.isdigit() and (host.startswith("[") or ":" not in host):
        return host.strip("[]"), int(number)
    return server.strip("[]"), port


def _text(record: dns.rdata.Rdata) -> str:
    """Return a record as `Resolve` promises it."""
    if record.rdtype == dns.rdatatype.TXT:
        strings: tuple[bytes, ...] = getattr(record, "strings", ())
        return b"".join(strings).decode("latin-1")
    return record.to_text().rstrip(".")


class Nobody:
    """Stands for the DNS where nothing may be asked."""

    def for_mail(self) -> Resolve:
        """Return what has no answer to any question of a mail."""
        return ask_nobody
