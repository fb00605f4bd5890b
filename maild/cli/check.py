"""`maild check`: every fault of the configuration in one run, each with its mend."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from maild.cli import output
from maild.cli.invocation import Invocation, pass_invocation
from maild.settings.faults import ConfigurationError, Fault

if TYPE_CHECKING:
    from maild.service.configuration import Configuration, Report


@click.command()
@click.option("--connect", is_flag=True, help="Try the mailboxes, the smarthosts, the database and the DNS too.")
@output.json_option
@pass_invocation
def command(invocation: Invocation, connect: bool, as_json: bool) -> int:
    """Name every fault of the configuration, each with its mend; connects to nothing unless told to.

    Leaves with 78 when there is a fault, with 0 when there are warnings alone.
    """
    report = _examined(invocation)
    faults = [*report.faults, *(_lost(report.configuration) if report.configuration is not None else ())]
    if connect and report.configuration is not None:
        faults += _tried(report.configuration)
    warnings = [*report.warnings, *(_ending(report.configuration) if report.configuration is not None else ())]
    _print(faults, warnings, as_json=as_json)
    if not as_json:
        _sum_up(invocation, len(faults), len(warnings))
    return output.CONFIGURATION if faults else 0


def _examined(invocation: Invocation) -> Report:
    from maild.service.configuration import Report, examine

    try:
        return examine(invocation.path)
    except ConfigurationError as error:
        return Report(None, error.faults, ())


def _lost(configuration: Configuration) -> Sequence[Fault]:
    """Name a secret that is missing beside a database: only where there is neither, both are made."""
    from maild.database.place import BadPlace, read_place
    from maild.service.configuration import require_secret

    try:
        path = read_place(configuration.settings.store.url, configuration.path.parent).path
        if path is not None and path.exists() and path.stat().st_size:
            require_secret(configuration)
    except ConfigurationError as error:
        return error.faults
    except (BadPlace, OSError):  # `--connect` tells of those
        return ()
    return ()


def _tried(configuration: Configuration) -> list[Fault]:
    from maild.service.probes import probe

    return [
        Fault(str(configuration.path), None, found.what, "", found.problem, found.mend)
        for found in probe(configuration)
        if found.problem
    ]


def _ending(configuration: Configuration) -> Iterator[Fault]:
    """Yield a warning for each client secret or refresh token that ends within two weeks, or has ended."""
    from maild.oauth2.expiry import ends_soon
    from maild.oauth2.providers import ends_of_logins

    today = datetime.now(UTC).date()
    for name, day in ends_of_logins(configuration.settings).items():
        if soon := ends_soon(day, today):
            mend = "renew what expires, and write its new day"
            yield Fault(str(configuration.path), None, f"{name}.oauth2_expires", str(day), soon, mend)


def _print(faults: Iterable[Fault], warnings: Iterable[Fault], *, as_json: bool) -> None:
    for severity, found in (("fault", faults), ("warning", warnings)):
        for each in found:
            if as_json:
                output.print_row({"severity": severity, **each.as_row()})
            else:
                output.show(f"{severity}: {each}")


def _sum_up(invocation: Invocation, faults: int, warnings: int) -> None:
    counted = f"{faults} fault{'s' * (faults != 1)}, {warnings} warning{'s' * (warnings != 1)}"
    output.say(f"{invocation.path}: {counted if faults or warnings else 'nothing to mend'}")
