"""What every command is given: which configuration file, read no sooner than it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import click

from maild.service.location import configuration_file, store_url

if TYPE_CHECKING:
    from pathlib import Path

    from maild.service.configuration import Configuration


@dataclass(frozen=True)
class Invocation:
    """One call of `maild`; `given` is the value of --config or None."""

    given: str | None = None

    @cached_property
    def path(self) -> Path:
        """The absolute path of the configuration file, which may not exist."""
        return configuration_file(self.given)

    @cached_property
    def store_url(self) -> str:
        """The database's url, read without the rest of the configuration: for quick commands."""
        return store_url(self.path)

    @cached_property
    def configuration(self) -> Configuration:
        """The whole configuration, checked; raises ConfigurationError with every fault."""
        from maild.service.configuration import load

        return load(self.path)


pass_invocation = click.make_pass_decorator(Invocation, ensure=True)
