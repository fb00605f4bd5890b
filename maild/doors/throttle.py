"""How much one client, one sender and all together may ask of a door.

Pure: `now` is an argument in seconds of a clock that never goes back.
"""

import ipaddress
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

KEYS_MAX = 10_000  # Buckets remembered; the ones that are full again are forgotten first, they say nothing.

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Rate:
    """So many at once, and so many again in `seconds`; `amount` 0 is no limit."""

    amount: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Bucket:
    """A token bucket as a value: what was left at an instant."""

    left: float
    at: float

    def after(self, rate: Rate, now: float) -> "Bucket":
        """Return the bucket refilled up to `now`."""
        refilled = self.left + (now - self.at) * rate.amount / rate.seconds
        return Bucket(left=min(float(rate.amount), refilled), at=now)

    def taken(self) -> "Bucket | None":
        """Return the bucket with one token less; None when there is none."""
        return replace(self, left=self.left - 1) if self.left >= 1 else None


class Buckets:
    """One bucket a key, such as a client's address or an envelope sender. Memory is bounded by KEYS_MAX."""

    def __init__(self) -> None:
        self._buckets: dict[str, Bucket] = {}

    def take(self, key: str, rate: Rate, now: float) -> bool:
        """Take a token; False when none is left, and then nothing changes."""
        if not rate.amount:
            return True
        taken = self._bucket(key, rate, now).taken()
        if taken is None:
            return False
        self._buckets[key] = taken
        if len(self._buckets) > KEYS_MAX:
            self._forget(rate, now)
        return True

    def is_empty(self, key: str, rate: Rate, now: float) -> bool:
        """Whether `take` would be refused; takes nothing."""
        return bool(rate.amount) and self._bucket(key, rate, now).taken() is None

    def _bucket(self, key: str, rate: Rate, now: float) -> Bucket:
        return self._buckets.get(key, Bucket(left=float(rate.amount), at=now)).after(rate, now)

    def _forget(self, rate: Rate, now: float) -> None:
        fullest = sorted(self._buckets, key=lambda key: self._buckets[key].after(rate, now).left, reverse=True)
        for key in fullest[: KEYS_MAX // 2]:
            del self._buckets[key]


class Connections:
    """Counts the open connections, in all and by client."""

    def __init__(self) -> None:
        self.total = 0
        self._by_client: Counter[str] = Counter()

    def of(self, client: str) -> int:
        """Return how many connections a client has open."""
        return self._by_client[client]

    def opened(self, client: str) -> None:
        """Count a connection in."""
        self.total += 1
        self._by_client[client] += 1

    def closed(self, client: str) -> None:
        """Count a connection out."""
        self.total -= 1
        self._by_client[client] -= 1
        if self._by_client[client] <= 0:
            del self._by_client[client]


@lru_cache(maxsize=KEYS_MAX)
def client_key(address: str) -> str:
    """Return what counts as one client: an IPv4 address, or the /64 of an IPv6 one; anything else as it is."""
    ip = _ip(address)
    if isinstance(ip, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((int(ip), 64), strict=False))
    return address if ip is None else str(ip)


@lru_cache(maxsize=KEYS_MAX)
def _ip(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Read an IP address without its zone, an IPv4 one that is mapped into IPv6 as what it is; None when it is none."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return (ip.ipv4_mapped or ip) if isinstance(ip, ipaddress.IPv6Address) else ip


def read_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Read addresses and CIDR networks; raises ValueError on the first that is none."""
    return tuple(ipaddress.ip_network(text.strip(), strict=False) for text in texts)


def is_within(address: str, networks: tuple[Network, ...]) -> bool:
    """Whether an IP address lies in one of the networks; never for what is no IP address."""
    ip = _ip(address)
    return ip is not None and any(ip in network for network in networks)
