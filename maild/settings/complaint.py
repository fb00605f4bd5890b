"""One thing that the checks have to say about a key."""

from dataclasses import dataclass

from maild.settings.places import Path


@dataclass(frozen=True, slots=True)
class Complaint:
    """A fault when grave, else a warning."""

    path: Path
    problem: str
    mend: str
    grave: bool = True
