"""What is wrong with a configuration, worded for the administrator who mends it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to mend: where it stands, what is wrong, and what to write instead."""

    file: str
    line: int | None  # None where the file's line cannot be told
    key: str  # dotted, entries of lists by their name: queue.support.team
    value: str  # as it was read; "" when there is none, or when it is a secret
    problem: str
    mend: str
    denied: bool = False  # the file is there, and whoever asks may not read it

    def __str__(self) -> str:
        """Return it in one line, in the manner of a compiler."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        key = f" {self.key}" + (f" = {self.value}" if self.value else "") + ":" if self.key else ""
        return f"{place}:{key} {self.problem}" + (f"; {self.mend}" if self.mend else "")

    def as_row(self) -> dict[str, object]:
        """Return it as an object for `--json`."""
        return {name: value for name, value in asdict(self).items() if name != "denied"}


class ConfigurationError(Exception):
    """The configuration cannot be used; `faults` holds every fault that was found, at least one."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        assert faults
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)
