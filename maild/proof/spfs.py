"""SPF (RFC 7208) by pyspf, with our resolver in place of its own."""

from dataclasses import dataclass

import spf

from maild.proof.domains import Resolve, ascii_domain


@dataclass(frozen=True, slots=True)
class Spf:
    """The result word of RFC 7208 section 2.6 ("" when it was not asked) and the domain that was checked."""

    result: str = ""
    domain: str = ""
    notes: tuple[str, ...] = ()


def check_spf(mail_from: str | None, helo: str, client: str, resolve: Resolve) -> Spf:
    """Check the reverse-path's domain, or the HELO name when the reverse-path is null, against the client's address."""
    if mail_from is None:
        return Spf()
    domain = ascii_domain((mail_from or helo).rpartition("@")[2])
    if "." not in domain:
        return Spf("none", domain)
    try:
        result = _query(mail_from, helo, client, resolve).check()[0]
    except Exception as fault:  # Whatever the library makes of a hostile record, it proves nothing; the note says so.
        return Spf("permerror", domain, (f"SPF could not be evaluated: {type(fault).__name__}",))
    return Spf("permerror" if result == "ambiguous" else str(result), domain)


def _query(mail_from: str, helo: str, client: str, resolve: Resolve) -> "spf.query":
    query = spf.query(i=client, s=mail_from, h=helo or "unknown.invalid")

    def dns(name: str, qtype: str, ignore_void: bool = False) -> list[object]:
        """Answer pyspf out of our resolver; raises TempError when there is no answer."""
        if not all(0 < len(label) < 64 for label in name.rstrip(".").split(".")):
            return []
        answers = resolve(name.rstrip(".").lower(), qtype)
        if answers is None:
            raise spf.TempError(f"no answer about {name}")
        if not answers and not ignore_void:
            query.void_lookups += 1
            if query.void_lookups > spf.MAX_VOID_LOOKUPS:  # RFC 7208 section 4.6.4
                raise spf.PermError(f"more than {spf.MAX_VOID_LOOKUPS} void lookups")
        return [_as_pyspf(text, qtype) for text in answers]

    query.dns = dns  # On this one object: the library's module-wide hook would be shared by everybody.
    return query


def _as_pyspf(text: str, qtype: str) -> object:
    if qtype == "TXT":
        return (text.encode("latin-1", "replace"),)
    if qtype == "MX":
        preference, _, exchange = text.partition(" ")
        return (int(preference), exchange.strip().rstrip("."))
    return text.rstrip(".")
