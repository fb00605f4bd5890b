"""The outcome of authentication: results as they were measured, and the verdict drawn from them."""

from dataclasses import dataclass

from maild.base.words import Purpose, Verdict


@dataclass(frozen=True, slots=True)
class Results:
    """What SPF, DKIM, DMARC and ARC said once, when the mail was read; stored with the entry.

    Each of `spf`, `dkim`, `dmarc`, `arc` is a result word of RFC 8601, "" when it was not asked.
    """

    spf: str = ""
    spf_domain: str = ""
    dkim: str = ""
    dkim_domains: tuple[str, ...] = ()  # domains with a valid signature
    dmarc: str = ""
    dmarc_policy: str = ""  # none, quarantine, reject; "" without a record
    source: str = ""  # "maild", or "Authentication-Results of <authserv-id>"
    notes: tuple[str, ...] = ()  # ignored fields and the like, in words
    domain: str = ""  # the domain of From that all this is about
    aligned: tuple[str, ...] = ()  # "dkim", "spf": passed for a domain that may speak for `domain`
    arc: str = ""  # recorded only: a chain of forwarders proves no author
    arc_domains: tuple[str, ...] = ()  # who sealed the chain, newest first
    signature: str = ""  # S/MIME or PGP over the whole mail: "pass" by the key of the agent in From, or "fail"
    signature_method: str = ""  # smime, pgp
    signature_agent: str = ""  # whose key made it, with "pass"
    signature_because: str = ""
    signature_made_at: str = ""  # RFC 3339
    signature_id: str = ""  # the same for every copy of it, so that it counts once


@dataclass(frozen=True, slots=True)
class Proof:
    """How far the From address is believed, by what, and why in words."""

    verdict: Verdict
    method: str  # dmarc, dkim, spf, auth, none
    domain: str
    because: str
    author: str = ""  # the one address that the verdict is about, in lower case
    conflict: str = ""  # how Reply-To contradicts From; then no command runs


@dataclass(frozen=True, slots=True)
class Token:
    """A token of ours that was read from an address, Message-ID or marker and whose signature holds."""

    purpose: Purpose
    ticket: int  # 0: belongs to no ticket
    person: str  # keyed hash of the address it was made for, "" in Message-IDs (they go to many)
    hour: int  # hours since 1970-01-01 (UTC) in which it was made
    ref: str = ""  # which mail of ours: the unique part of its Message-ID
    key_id: str = ""
