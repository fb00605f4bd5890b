"""DKIM (RFC 6376) and ARC (RFC 8617) by dkimpy, with our resolver in place of its own."""

import re
from dataclasses import dataclass

import dkim

from maild.proof.domains import Resolve, ascii_domain

SIGNATURES_MAX = 5  # Each costs a question and a hash over the whole mail; honest mail has two or three.
SEALS_MAX = 10
KEY_BITS_MIN = 1024  # RFC 8301 section 3.2

# The library's relaxed canonicalization costs the square of each run of blanks, some 2 ns a step.
BLANK_STEPS_MAX = 100_000_000

_RUN = re.compile(rb"(?<![ \t])[ \t]{64}[ \t]*+")
_HEAD_END = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True)
class Dkims:
    """The best result of all signatures in words of RFC 8601, "" without any, and the domains whose signature holds."""

    result: str = ""
    domains: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Silence:
    """A logger for the library: what it has to say comes back as a result."""

    def debug(self, *_: object) -> None:
        """Say nothing."""

    error = info = warning = debug


class _Questions:
    """The library's way of asking for a key; it remembers whether an answer failed to come."""

    def __init__(self, resolve: Resolve) -> None:
        self.resolve = resolve
        self.unanswered = False

    def __call__(self, name: bytes, **_: object) -> bytes | None:
        texts = self.resolve(name.decode("ascii", "replace").rstrip("."), "TXT")
        if texts is None:
            self.unanswered = True
            raise dkim.DnsTimeoutError(name.decode("ascii", "replace"))
        return texts[0].encode("latin-1", "replace") if texts else None


def check_dkim(octets: bytes, resolve: Resolve) -> Dkims:
    """Verify the topmost signatures of a mail."""
    count = _count(octets, b"dkim-signature")
    if not count:
        return Dkims()
    if _is_costly(octets):
        return Dkims("permerror", notes=("DKIM was not looked at: the mail has too long runs of blanks",))
    outcomes = [_one_signature(octets, index, resolve) for index in range(min(count, SIGNATURES_MAX))]
    notes = [note for _, _, note in outcomes if note]
    if count > SIGNATURES_MAX:
        notes.append(f"{count - SIGNATURES_MAX} further DKIM signatures were not looked at")
    words = [word for word, _, _ in outcomes]
    result = next((word for word in ("pass", "temperror", "fail", "policy", "permerror") if word in words), "none")
    domains = dict.fromkeys(domain for word, domain, _ in outcomes if word == "pass")
    return Dkims(result, tuple(domains), tuple(notes))


def _one_signature(octets: bytes, index: int, resolve: Resolve) -> tuple[str, str, str]:
    """Return result word, signing domain and a note for the signature at one place from the top."""
    questions = _Questions(resolve)
    try:
        verifier = dkim.DKIM(octets, logger=Silence(), minkey=KEY_BITS_MIN)
        valid = bool(verifier.verify(index, dnsfunc=questions))
        domain = ascii_domain(verifier.domain.decode("ascii", "replace"))
    except dkim.ValidationError as fault:  # a changed body, an expired signature
        return "fail", "", f"a DKIM signature does not hold: {fault}"[:200]
    except Exception as fault:  # Whatever the library makes of a hostile mail, it proves nothing; the note says so.
        return "permerror", "", f"a DKIM signature could not be evaluated: {fault}"[:200]
    if questions.unanswered:
        return "temperror", domain, f"no answer from the DNS about the DKIM key of {domain}"
    refusal = _refusal(verifier.signature_fields)
    if valid and refusal:
        return "policy", domain, f"the DKIM signature of {domain} does not count: {refusal}"
    return ("pass" if valid else "fail"), domain, ""


def _refusal(fields: dict[bytes, bytes]) -> str:
    """Say why a valid signature is not enough, "" when it is."""
    if fields.get(b"a") == b"rsa-sha1":
        return "SHA-1 must not be relied upon (RFC 8301 section 3.1)"
    if b"l" in fields:
        return "it leaves the end of the body open to anybody (RFC 6376 section 8.2)"
    return ""


def check_arc(octets: bytes, resolve: Resolve) -> Dkims:
    """Verify the chain of seals; `domains` are the sealers, newest first. It is recorded and proves no author."""
    count = _count(octets, b"arc-seal")
    if not count:
        return Dkims()
    if count > SEALS_MAX or _is_costly(octets):
        return Dkims(
            "permerror", notes=(f"{count} ARC seals were not looked at: too many, or too long runs of blanks",)
        )
    questions = _Questions(resolve)
    try:
        validity, sets, _ = dkim.ARC(octets, logger=Silence(), minkey=KEY_BITS_MIN).verify(dnsfunc=questions)
    except Exception as fault:  # As above.
        return Dkims("permerror", notes=(f"the ARC chain could not be evaluated: {fault}"[:200],))
    if questions.unanswered:
        return Dkims("temperror")
    sealers = tuple(ascii_domain(s["as-domain"].decode("ascii", "replace")) for s in sets if s.get("as-valid"))
    return Dkims("pass" if validity == dkim.CV_Pass else "fail", sealers if validity == dkim.CV_Pass else ())


def _is_costly(octets: bytes) -> bool:
    return sum((run.end() - run.start()) ** 2 for run in _RUN.finditer(octets)) > BLANK_STEPS_MAX


def _count(octets: bytes, name: bytes) -> int:
    end = _HEAD_END.search(octets)
    head = b"\n" + (octets[: end.start()] if end else octets)
    return len(re.findall(rb"\n" + name + rb"[ \t]*:", head, re.IGNORECASE))
