"""The outcome of triage, and what triage knows of ourselves."""

from dataclasses import dataclass

from maild.base.words import Kind

LOOP_FIELD = "X-Maild-Loop"  # Every automatic mail of ours carries it, with the id of the instance.


@dataclass(frozen=True, slots=True)
class OwnMarks:
    """By what we know our own mail when it comes back."""

    addresses: frozenset[str] = frozenset()  # queues, aliases, reply and control address; lower case
    domain: str = ""  # right-hand side of our Message-IDs
    loop: str = ""  # the value of our X-Maild-Loop field; "" matches nothing
    is_ours: frozenset[str] = frozenset()  # Message-IDs of this mail whose signature is ours, with angle brackets
    delimiter: str = "+"  # between a local part and a token

    def is_own(self, address: str) -> bool:
        """Return whether an address is ours, with or without a token behind it."""
        local, _, domain = address.strip().lower().rpartition("@")
        bare = f"{local.partition(self.delimiter)[0] if self.delimiter else local}@{domain}"
        return f"{local}@{domain}" in self.addresses or bare in self.addresses


@dataclass(frozen=True, slots=True)
class Finding:
    """A kind, the one fact that settled it, and every other fact that spoke for it."""

    kind: Kind
    because: str
    evidence: tuple[str, ...] = ()
    out_of_office: bool = False  # an auto-reply that says when its sender is back
    unanswered: str = ""  # the field that asks for no automatic answer, though a person wrote; "" without one

    @property
    def automatic(self) -> bool:
        """True when no person wrote it: then it is never answered."""
        return self.kind is not Kind.HUMAN
