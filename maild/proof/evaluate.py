"""Measure SPF, DKIM, ARC and DMARC for one mail, through a resolver that is handed in."""

import ipaddress
from collections.abc import Callable, Sequence

from maild.message.envelope import Envelope
from maild.proof.dkims import Dkims, check_arc, check_dkim
from maild.proof.dmarc import NoAnswer, Policy, aligned, policy_of
from maild.proof.domains import Resolve, ascii_domain, related
from maild.proof.model import Results
from maild.proof.spfs import Spf, check_spf


def evaluate(octets: bytes, envelope: Envelope, resolve: Resolve, *, domain: str) -> Results:
    """Return what the methods say of a mail whose one author is at `domain` (`message.author.domain`).

    The domain comes from the reader of the message, so that From is read by one parser only; "" gives results that
    prove nothing. Never raises on any octets; each question is asked once.
    """
    ask = _remembering(resolve)
    spf = check_spf(envelope.mail_from, envelope.helo, client, ask) if (client := _client(envelope)) else Spf()
    dkim = check_dkim(octets, ask)
    arc = check_arc(octets, ask)
    dmarc, asks, speaking, notes = _dmarc(ascii_domain(domain), spf, dkim, ask)
    return Results(
        spf=spf.result,
        spf_domain=spf.domain,
        dkim=dkim.result,
        dkim_domains=dkim.domains,
        dmarc=dmarc,
        dmarc_policy=asks,
        source="maild",
        notes=(*spf.notes, *dkim.notes, *arc.notes, *notes),
        domain=domain,
        aligned=speaking,
        arc=arc.result,
        arc_domains=arc.domains,
    )


def _client(envelope: Envelope) -> str:
    try:
        return str(ipaddress.ip_address(envelope.client.strip("[]").removeprefix("IPv6:")))
    except ValueError:  # a unix socket, or a door that knows no client
        return ""


def _dmarc(domain: str, spf: Spf, dkim: Dkims, resolve: Resolve) -> tuple[str, str, tuple[str, ...], tuple[str, ...]]:
    """Return result word, policy, aligned methods and notes (RFC 7489 section 6.6.2)."""
    if not domain:
        return "", "", (), ("From does not name exactly one mailbox with a domain",)
    try:
        policy = policy_of(domain, resolve)
        speaking = _speaking(domain, spf, dkim, policy, resolve)
    except NoAnswer as unanswered:
        return "temperror", "", (), (f"no answer from the DNS about {unanswered}",)
    if policy is None:
        return "none", "", speaking, ()
    return _word(spf, dkim, speaking), policy.asks, speaking, ()


def _word(spf: Spf, dkim: Dkims, speaking: tuple[str, ...]) -> str:
    if speaking:
        return "pass"
    if "temperror" in (spf.result, dkim.result):
        return "temperror"
    return "fail" if spf.result else ""  # Without a client SPF was not asked, and DMARC cannot be said to fail.


def _speaking(domain: str, spf: Spf, dkim: Dkims, policy: Policy | None, resolve: Resolve) -> tuple[str, ...]:
    def may_speak(other: str, *, strict: bool) -> bool:
        """Tell whether what another domain proves counts for this one."""
        return related(domain, other) if policy is None else aligned(domain, other, strict=strict, resolve=resolve)

    by_dkim = any(may_speak(signer, strict=bool(policy and policy.strict_dkim)) for signer in dkim.domains)
    by_spf = spf.result == "pass" and may_speak(spf.domain, strict=bool(policy and policy.strict_spf))
    return tuple(name for name, speaks in (("dkim", by_dkim), ("spf", by_spf)) if speaks)


def _remembering(resolve: Resolve) -> Callable[[str, str], Sequence[str] | None]:
    answers: dict[tuple[str, str], Sequence[str] | None] = {}

    def ask(name: str, rdtype: str) -> Sequence[str] | None:
        """Resolve a name once; the second answer is the first."""
        question = (ascii_domain(name), rdtype)
        if question not in answers:
            answers[question] = resolve(*question) if question[0] else ()
        return answers[question]

    return ask
