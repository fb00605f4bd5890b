"""Domain names as they are compared, and the questions that may be asked about them."""

from collections.abc import Callable, Sequence

# Asks the DNS: name without a trailing dot and "TXT", "A", "AAAA", "MX" or "PTR". Returns the records as text (MX as
# "10 mx.example.org", TXT joined, one Latin-1 character an octet), () when there are none, None on temporary failure.
Resolve = Callable[[str, str], Sequence[str] | None]

_SECOND_LEVEL = frozenset(
    {"ac", "co", "com", "edu", "gob", "gov", "ltd", "mil", "ne", "net", "nom", "or", "org", "plc"}
)


def ascii_domain(text: str) -> str:
    """Return a domain in lower-case A-labels without the trailing dot; "" when it is none."""
    name = text.strip().rstrip(".").lower()
    if name.isascii():
        return name
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:  # longer than 63 octets a label, or characters that no name may have
        return ""


def is_suffix(domain: str) -> bool:
    """Tell whether a name looks like one under which strangers register theirs: ``com``, ``co.uk``.

    A short rule in place of the public suffix list, which ages; it only ever makes us believe less.
    """
    labels = domain.split(".")
    return len(labels) < 2 or (len(labels) == 2 and len(labels[1]) == 2 and labels[0] in _SECOND_LEVEL)


def is_under(domain: str, parent: str) -> bool:
    """Tell whether a name is `parent` or below it."""
    return domain == parent or domain.endswith(f".{parent}")


def related(first: str, second: str) -> bool:
    """Tell whether one name is the other or its parent, and the parent nobody's suffix.

    This is relaxed alignment where no DMARC record tells the organizational domain: narrower than RFC 7489's, for
    two sisters under one parent are not related.
    """
    one, other = sorted((ascii_domain(first), ascii_domain(second)), key=len)
    return bool(one) and (one == other or (is_under(other, one) and not is_suffix(one)))


def ask_nobody(name: str, rdtype: str) -> Sequence[str] | None:
    """Answer no question, as a DNS that is away: for what may connect to nothing."""
    del name, rdtype
    return None
