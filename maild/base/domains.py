"""The domain of an address, which can be written in two ways."""


def in_own_letters(address: str) -> str:
    """Return an address with its domain as people write it: U-labels for A-labels, without a final dot.

    A server that knows no SMTPUTF8 writes ``xn--and-6ma2c.example`` where another writes ``ñandú.example``; compared in
    this form they are one. What is no A-label stays as it is.
    """
    local, at, domain = address.rpartition("@")
    domain = domain.removesuffix(".")
    if "xn--" in domain.lower():
        try:
            domain = domain.lower().encode("ascii").decode("idna")
        except UnicodeError:
            return address
    return local + at + domain
