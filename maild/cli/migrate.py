"""`maild migrate`: brings the database to this version's schema; the service's unit runs it before each start."""

from __future__ import annotations

import click

from maild.cli import output
from maild.cli.becoming import become_owner
from maild.cli.invocation import Invocation, pass_invocation
from maild.cli.working import now


@click.command()
@output.json_option
@pass_invocation
def command(invocation: Invocation, as_json: bool) -> None:
    """Bring the database to this version's schema, all steps or none. Stop the service and back up before.

    In an empty database the schema is made, and then a missing secret too, as by every command that writes.
    """
    from maild.database.connection import open_database
    from maild.database.migrate import migrate
    from maild.database.schema import SchemaState, schema_state
    from maild.log.setup import configure
    from maild.service.configuration import ensure_secret

    become_owner(invocation.store_url)
    configure(level="warning")
    database = open_database(invocation.store_url)
    try:
        if schema_state(database) is SchemaState.EMPTY:
            ensure_secret(invocation.configuration)
        before, after = migrate(database, now())
    finally:
        database.close()
    if as_json:
        output.print_row({"before": before, "after": after})
    elif before == after:
        output.show(f"the schema is at version {after}, as it should be")
    else:
        output.show(f"the schema went from version {before} to {after}")
