"""DMARC: find the policy of a domain and tell which names may speak for it.

Records are those of RFC 7489 section 6.3. The organizational domain is found by DMARCbis's walk up the DNS tree
(draft-ietf-dmarc-dmarcbis section 4.10) and not by a public suffix list, which would age with the installation.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from maild.proof.domains import Resolve, ascii_domain, is_suffix

LABELS_MAX = 8  # Longer names are walked from their last seven labels: at most eight questions.
_POLICIES = ("none", "quarantine", "reject")


class NoAnswer(Exception):
    """The DNS did not answer; the same question may be answered later."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What holds for mail of one domain."""

    asks: str  # none, quarantine, reject
    strict_dkim: bool
    strict_spf: bool


def policy_of(domain: str, resolve: Resolve) -> Policy | None:
    """Return the policy for mail from a domain, None without a record. Raises NoAnswer."""
    own = _record(domain, resolve)
    if own is not None:
        return _policy(own, own.get("p", ""))
    organizational = organizational_domain(domain, resolve)
    inherited = _record(organizational, resolve) if organizational != domain else None
    if inherited is None:  # the registry itself may have one (RFC 9091)
        inherited = next((tags for _, tags in _walk(domain, resolve) if tags.get("psd") == "y"), None)
    return None if inherited is None else _policy(inherited, inherited.get("sp") or inherited.get("p", ""))


def aligned(domain: str, other: str, *, strict: bool, resolve: Resolve) -> bool:
    """Tell whether a result for `other` speaks for `domain` (RFC 7489 section 3.1). Raises NoAnswer."""
    other = ascii_domain(other)
    if not other or other == domain:
        return other == domain
    return not strict and organizational_domain(domain, resolve) == organizational_domain(other, resolve)


def organizational_domain(domain: str, resolve: Resolve) -> str:
    """Return the name under which one organization keeps all of its own; the domain itself without any record."""
    found = domain
    for name, tags in _walk(domain, resolve):
        if tags.get("psd") == "n":
            return name
        if tags.get("psd") == "y" and name != domain:
            return ".".join(domain.split(".")[-name.count(".") - 2 :])
        if not is_suffix(name):
            found = name
    return found


def _walk(domain: str, resolve: Resolve) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the names with a record from the domain up to its top level."""
    labels = domain.split(".")
    below = labels if len(labels) < LABELS_MAX else labels[-LABELS_MAX + 1 :]
    names = dict.fromkeys([domain, *(".".join(below[start:]) for start in range(len(below)))])
    for name in names:
        tags = _record(name, resolve)
        if tags is not None:
            yield name, tags


def _record(domain: str, resolve: Resolve) -> dict[str, str] | None:
    """Return the tags of a domain's one record; two records are none (RFC 7489 section 6.6.3)."""
    texts = resolve(f"_dmarc.{domain}", "TXT")
    if texts is None:
        raise NoAnswer(f"_dmarc.{domain}")
    records = [tags for tags in map(_tags, texts) if tags is not None]
    return records[0] if len(records) == 1 else None


def _tags(text: str) -> dict[str, str] | None:
    pairs = [part.partition("=") for part in text.split(";")]
    tags = {name.strip().lower(): value.strip().lower() for name, equals, value in pairs if equals}
    # "v" stands first and its value is compared with its case.
    first = (pairs[0][0].strip().lower(), pairs[0][2].strip())
    return tags if first == ("v", "DMARC1") else None


def _policy(tags: dict[str, str], asked: str) -> Policy:
    asks = asked if asked in _POLICIES else "none"
    if tags.get("t") == "y" or tags.get("pct") == "0":  # under test: one step milder
        asks = _POLICIES[max(0, _POLICIES.index(asks) - 1)]
    return Policy(asks, tags.get("adkim") == "s", tags.get("aspf") == "s")
