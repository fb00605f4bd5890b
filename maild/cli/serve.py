"""`maild serve`: the service in the foreground."""

from __future__ import annotations

import os

import click

from maild.cli.invocation import Invocation, pass_invocation

ROLES = ("intake", "worker", "delivery", "scheduler")


@click.command()
@click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice(ROLES),
    help="Do only this part of the work; may be given more than once. All parts by default.",
)
@pass_invocation
def command(invocation: Invocation, roles: tuple[str, ...]) -> int:
    """Run the service until SIGTERM; SIGHUP reads the configuration again.

    Messages go to standard error, one record a line. Leaves with 0 after finishing what is in hand.
    """
    import asyncio

    from maild.log.setup import configure
    from maild.service import fork_server
    from maild.service.daemon import Daemon

    configuration = invocation.configuration
    configure(systemd="JOURNAL_STREAM" in os.environ)
    fork_server.prepare()

    async def serve() -> None:
        """Run the daemon until it is asked to leave."""
        await Daemon(configuration, roles).run()

    asyncio.run(serve())
    return 0
