"""The outcome of triage."""

from dataclasses import dataclass

from maild.base.words import Kind


@dataclass(frozen=True, slots=True)
class Finding:
    """A kind, the one fact that settled it, and every other fact that spoke for it."""

    kind: Kind
    because: str
    evidence: tuple[str, ...] = ()
    out_of_office: bool = False  # an auto-reply that says when its sender is back

    @property
    def automatic(self) -> bool:
        """True when no person wrote it: then it is never answered."""
        return self.kind is not Kind.HUMAN
