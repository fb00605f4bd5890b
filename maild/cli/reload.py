"""`maild reload`: asks the running service to read its configuration again."""

from __future__ import annotations

import os
import signal
import socket
from datetime import UTC, datetime

import click

from maild.cli import output
from maild.cli.invocation import Invocation, pass_invocation
from maild.cli.looking import look
from maild.store.status import processes


@click.command()
@pass_invocation
def command(invocation: Invocation) -> None:
    """Ask every process of the service on this machine to read its configuration again.

    A broken configuration is told here (78) and not asked for; connections and work in hand go on. 69 when no service
    runs here.
    """
    settings = invocation.configuration.settings  # raises with every fault, before the service would refuse it
    asked = [pid for pid in _running(invocation) if _ask(pid)]
    if not asked:
        raise output.CommandError("no service runs on this machine", output.UNAVAILABLE)
    numbers = ", ".join(map(str, asked))
    output.say(f"{settings.desk.name}: asked process {numbers} to reload; its log says what came of it")


def _running(invocation: Invocation) -> list[int]:
    """Return the process ids on this machine that have given a sign of life lately; names are `host:pid`."""
    with look(invocation) as view:
        alive = processes(view.reader, datetime.now(UTC))
    here = socket.gethostname()
    return [int(each["pid"]) for each in alive if each.get("pid") and str(each["process"]).rpartition(":")[0] == here]


def _ask(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIGHUP)
    except ProcessLookupError:
        return False  # it ended within the last half minute
    return True
