"""`maild ingest`: a door of the shell. It only journals; a running `maild serve` does the rest."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

import click

from maild.base.keys import format_key
from maild.base.words import DoorName, EntryState
from maild.cli import output
from maild.cli.invocation import Invocation, pass_invocation
from maild.message.envelope import Envelope

if TYPE_CHECKING:
    from maild.database.connection import Database
    from maild.journal.journal import Journal
    from maild.journal.model import Entry

GROUP_MAILS = 50  # to one durable commit, which costs as much as one mail's
WAIT_SECONDS = 60.0
LOOK_SECONDS = 0.2
UNSETTLED = {EntryState.RECEIVED, EntryState.FAILED}


@click.command()
@click.option("--to", "recipients", multiple=True, metavar="ADDR", help="The envelope recipient; may be given again.")
@click.option("--wait", is_flag=True, help="Wait until the service has worked on it, and print the ticket.")
@output.json_option
@click.argument("files", nargs=-1, metavar="[FILE]...")
@pass_invocation
def command(
    invocation: Invocation, recipients: tuple[str, ...], wait: bool, as_json: bool, files: tuple[str, ...]
) -> int:
    """Take in a mail on standard input, `.eml` files, an mbox or a Maildir.

    Leaves with 0 only when every mail is durable. A mail on standard input comes from an MTA, which would bounce it for
    good on any code it does not know: every fault of ours is 75 then, and the MTA tries again.
    """
    from maild.journal.model import JournalUnavailable

    for recipient in recipients:
        if not all(recipient.strip("<>").rpartition("@")[::2]):
            raise click.UsageError(f"--to {recipient}: that is no address")
    try:
        # Asked for before anything is taken: what fails behind the commit would make an MTA send the mail again.
        prefix = invocation.configuration.settings.desk.prefix if wait else None
        with _open_journal(invocation) as journal:
            intake = _Intake(journal, recipients, prefix=prefix, as_json=as_json)
            return intake.take_all(files or ("-",))
    except JournalUnavailable as error:
        raise output.CommandError(f"not taken: {error}", output.TRY_AGAIN) from error
    except click.ClickException:
        raise
    except Exception as error:
        if files and "-" not in files:
            raise
        raise output.CommandError(f"not taken: {error}", output.TRY_AGAIN) from error


class _Intake:
    """Takes mails into one journal, for the same recipients."""

    def __init__(self, journal: Journal, recipients: Sequence[str], *, prefix: str | None, as_json: bool) -> None:
        """Take the keys' prefix when tickets are to be waited for, else None."""
        self._journal = journal
        self._recipients = tuple(recipients)
        self._prefix = prefix
        self._as_json = as_json

    def take_all(self, files: Sequence[str]) -> int:
        """Take every file by itself; return the exit code of the last that could not be read, else 0."""
        code = 0
        for file in files:
            try:
                taken = self._take(file)
            except OSError as error:
                output.say(f"maild: {file}: {error.strerror or error}")
                code = output.PERMISSION if isinstance(error, PermissionError) else output.IO
                continue
            if not taken:
                output.say(f"maild: {file}: there is no mail in it")
                code = output.DATA
        return code

    def _take(self, file: str) -> int:
        from maild.doors.ingest import read_mails
        from maild.journal.model import Incoming

        taken = 0
        mails = (mail for mail in read_mails([file], sys.stdin.buffer) if mail[1].strip())
        while group := list(islice(mails, GROUP_MAILS)):
            incoming = [Incoming(envelope=self._envelope(), octets=octets) for _, octets in group]
            entries = self._journal.append_now(incoming)
            for (name, _), entry in zip(group, entries, strict=True):
                self._tell(name, entry)
            taken += len(group)
        return taken

    def _envelope(self) -> Envelope:
        return Envelope(door=DoorName.INGEST, received_at=_now(), rcpt_to=self._recipients, trusted=True)

    def _tell(self, name: str, entry: str) -> None:
        from maild.journal.model import code_and_words

        found = self._journal.get(entry) if self._prefix is None else self._settled(entry)
        ticket = None if found.ticket is None or self._prefix is None else format_key(self._prefix, found.ticket)
        if self._as_json:
            reason, because = code_and_words(found.reason)
            said = {"state": str(found.state), "ticket": ticket, "reason": reason, "because": because}
            output.print_row({"file": name, "entry": entry} | said)
        else:
            output.show(f"{name}: {found.state} as {entry}" + (f", ticket {ticket}" if ticket else ""))

    def _settled(self, entry: str) -> Entry:
        """Wait until an entry is worked on. It is durable in any case, so a wait in vain is no failure."""
        deadline = time.monotonic() + WAIT_SECONDS
        while (found := self._journal.get(entry)).state in UNSETTLED:
            if time.monotonic() > deadline:
                output.say(f"maild: entry {entry} is kept, but no service has worked on it yet; is `maild serve` up?")
                break
            time.sleep(LOOK_SECONDS)
        return found


@contextmanager
def _open_journal(invocation: Invocation) -> Iterator[Journal]:
    """Open the journal, as its owner if we are root; closed, and what waits kept, in the end."""
    import secrets

    from maild.cli.becoming import become_owner
    from maild.database.connection import open_database
    from maild.database.place import read_place
    from maild.journal.ids import id_maker
    from maild.journal.journal import Journal
    from maild.journal.space import require_space
    from maild.log.setup import configure

    url = invocation.store_url
    become_owner(url)
    configure(level="warning")  # standard output is for rows
    database = open_database(url)
    try:
        _prepare(database, invocation)
        require_space(read_place(url).path)
        journal = Journal(database, _now, id_maker(_now, secrets.randbits))
        try:
            yield journal
        finally:
            journal.close()
    finally:
        database.close()


def _prepare(database: Database, invocation: Invocation) -> None:
    """Make the tables of an empty database, and before them a missing secret: beside them it would be a lost one."""
    from maild.database.migrate import prepare
    from maild.database.schema import SchemaState, schema_state

    if schema_state(database) is SchemaState.EMPTY:
        from maild.service.configuration import ensure_secret

        ensure_secret(invocation.configuration)
    prepare(database, _now())  # refuses a version that is not ours


def _now() -> datetime:
    return datetime.now(UTC)
