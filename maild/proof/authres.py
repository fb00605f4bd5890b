"""Read the Authentication-Results of our own border (RFC 8601), and nobody else's."""

import ipaddress
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import authres

from maild.message.model import Field
from maild.proof.domains import ascii_domain, is_suffix, is_under, related
from maild.proof.model import Results

_FIELD = "authentication-results"
_FROM = re.compile(r"\s*from\s+(?P<name>[^\s;()]+)(?:\s+\((?P<seen>[^()]*)\))?", re.I)
_BY = re.compile(r"\bby\s+(?P<name>[^\s;()]+)", re.I)
_FIRST_WORD = re.compile(r"(?:\([^()]*\)|\s)*(?P<word>[^\s;()]+)")
_BY_LMTP = re.compile(r"\bwith\s+LMTPS?\b", re.I)
_ADDRESS = re.compile(r"\[(?:IPv6:)?(?P<ip>[0-9A-Fa-f.:]+)\]")
# RFC 1918, RFC 4193 and loopback. `is_private` takes in much more, which anybody could write from.
_PRIVATE = tuple(
    map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fc00::/7", "::1"))
)
_POLICY = re.compile(
    r"\bdmarc\s*=\s*fail\b[^;]*?(?<![\w-])(?:p|action|policy\.[\w-]+)\s*=\s*(?P<policy>none|quarantine|reject)\b", re.I
)


@dataclass(frozen=True, slots=True)
class _Said:
    """One result of a field: method, word, and properties by `ptype.property`."""

    method: str
    word: str
    properties: dict[str, str]
    policy: str = ""  # of DMARC, where the field tells it


def read_results(fields: Iterable[Field], *, authserv_id: str, own_domains: Iterable[str], domain: str) -> Results:
    """Return what the fields of `authserv_id` say of a mail from `domain`, on mail from a trusted door.

    Only fields above the first foreign Received count; what is ignored is named in the notes (RFC 8601 section 5).
    A method that several fields name counts as the topmost says. `own_domains` are the desk's: a host below one of
    them, or a sister of the authserv-id, is ours.
    """
    own = _Own.of(authserv_id, own_domains)
    believed, notes = _believed(fields, own)
    said = [result for value in believed for result in _parse(value, notes)]
    return _results(said, domain, authserv_id, notes) if believed else Results(domain=domain, notes=tuple(notes))


@dataclass(frozen=True, slots=True)
class _Own:
    """How our own hosts are known."""

    authserv_id: str
    domains: frozenset[str]

    @classmethod
    def of(cls, authserv_id: str, own_domains: Iterable[str]) -> "_Own":
        """Return the names that are ours: the server, our domains, and the siblings of the server."""
        name = ascii_domain(authserv_id)
        parent = name.partition(".")[2]
        sisters = {parent} if parent and not is_suffix(parent) else set()
        return cls(name, frozenset({name, *map(ascii_domain, own_domains), *sisters} - {""}))

    def has(self, host: str) -> bool:
        """Tell whether a host is ours; a bare name or an IP literal can only be an inner hop's."""
        name = ascii_domain(host.strip("[]"))
        return "." not in name or ":" in name or any(is_under(name, own) for own in self.domains)

    def wrote(self, value: str) -> bool:
        """Tell whether an Authentication-Results value claims to be ours."""
        found = _FIRST_WORD.match(value)
        return bool(self.authserv_id and found) and ascii_domain(found["word"] if found else "") == self.authserv_id


def _believed(fields: Iterable[Field], own: _Own) -> tuple[list[str], list[str]]:
    """Divide our fields into those above the border, and notes about those that anybody may have written."""
    believed: list[str] = []
    notes: list[str] = []
    reach = _Reach(own)
    for field in fields:
        name = field.name.lower()
        if name == "received":
            reach.pass_hop(field.value, found=bool(believed))
        elif name == _FIELD and not own.wrote(field.value):
            notes.append(f"ignored an Authentication-Results that is not ours: {field.value[:60]}")
        elif name == _FIELD and reach.ended:
            notes.append("ignored an Authentication-Results in our name below the first foreign Received")
        elif name == _FIELD:
            believed.append(field.value)
    return believed, notes


class _Reach:
    """How far down the header only our own hosts can have written.

    The hop at which a stranger handed the mail to us is the border. Some write their results above its Received,
    some just below: below the border they count only up to the next hop, and only when none stood above it.
    """

    def __init__(self, own: _Own) -> None:
        self.own = own
        self.at_border = False
        self.ended = False

    def pass_hop(self, received: str, *, found: bool) -> None:
        """Take note of a Received field; `found` tells whether results of ours stood above it."""
        origin = _FROM.match(received)
        writer = _BY.search(received, origin.end() if origin else 0)
        if self.at_border or writer is None or not self.own.has(writer["name"]):
            self.ended = True
        elif origin is not None and not self._is_inner(origin, received):
            self.at_border = True
            self.ended = self.ended or found

    def _is_inner(self, origin: re.Match[str], received: str) -> bool:
        """Tell whether a hop came from a host of ours. The name it gave itself is no proof: anybody can say it."""
        seen = origin["seen"] or ""
        address = _ADDRESS.search(seen)
        if address and _is_private(address["ip"]):
            return True
        if not seen.strip():
            return bool(_BY_LMTP.search(received)) and self.own.has(origin["name"])
        verified = seen.split()[0].rstrip(".")
        return "." in verified and "[" not in verified and self.own.has(verified)


def _is_private(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return any(address in network for network in _PRIVATE)


def _parse(value: str, notes: list[str]) -> Iterator[_Said]:
    try:
        header = authres.all_features().parse_value(value)
    except Exception as fault:  # The library has no one error for what it cannot read; the note says what was left out.
        notes.append(f"could not read an Authentication-Results of ours: {type(fault).__name__}")
        return
    policy = _POLICY.search(value)
    for result in header.results:
        properties = {f"{p.type}.{p.name}".lower(): str(p.value) for p in result.properties}
        yield _Said(
            result.method.lower(), (result.result or "").lower(), properties, policy["policy"] if policy else ""
        )


def _results(said: list[_Said], domain: str, authserv_id: str, notes: list[str]) -> Results:
    spf = next((s for s in said if s.method == "spf"), None)
    dkim = [s for s in said if s.method == "dkim"]
    signers = tuple(dict.fromkeys(_signer(s) for s in dkim if s.word == "pass" and _signer(s)))
    dmarc = _dmarc(said, domain, notes)
    spf_domain = _spf_domain(spf) if spf else ""
    by_spf = spf is not None and spf.word == "pass" and related(domain, spf_domain)
    by_dkim = any(related(domain, signer) for signer in signers)
    return Results(
        spf=spf.word if spf else "",
        spf_domain=spf_domain,
        dkim="pass" if signers else next((s.word for s in dkim if s.word != "pass"), ""),
        dkim_domains=signers,
        dmarc=dmarc.word if dmarc else "",
        # A border that tells of a failure without the policy is taken at its word: it fails.
        dmarc_policy=(dmarc.policy.lower() or "quarantine") if dmarc and dmarc.word == "fail" else "",
        source=f"Authentication-Results of {authserv_id}",
        notes=tuple(notes),
        domain=domain,
        aligned=tuple(name for name, speaks in (("dkim", by_dkim), ("spf", by_spf)) if speaks),
        arc=next((s.word for s in said if s.method == "arc"), ""),
    )


def _dmarc(said: list[_Said], domain: str, notes: list[str]) -> _Said | None:
    """Return the topmost DMARC result about the domain that we read in From ourselves."""
    for result in said:
        about = result.properties.get("header.from", domain).rpartition("@")[2]
        if result.method == "dmarc" and ascii_domain(about) == ascii_domain(domain):
            return result
        if result.method == "dmarc":
            notes.append(f"ignored a DMARC result about {about}, which is not the domain of From")
    return None


def _signer(result: _Said) -> str:
    found = result.properties.get("header.d") or result.properties.get("header.i", "").rpartition("@")[2]
    return ascii_domain(found)


def _spf_domain(result: _Said) -> str:
    found = result.properties.get("smtp.mailfrom") or result.properties.get("smtp.helo", "")
    return ascii_domain(found.strip("<>").rpartition("@")[2])
