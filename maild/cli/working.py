"""What the writing commands work with: the house opened by its own configuration, and the actor's name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from maild.base.keys import format_key
from maild.cli import output
from maild.cli.becoming import become_owner, caller
from maild.cli.invocation import Invocation
from maild.cli.looking import read_ticket
from maild.store.queries_more import lives_at, ticket_as_of

if TYPE_CHECKING:
    from maild.service.acting import Decide
    from maild.service.house import House
    from maild.settings.model import Settings
    from maild.store.model import AlreadyApplied, Applied, Asked


@dataclass(frozen=True, slots=True)
class Desk:
    """The desk opened to be changed by one caller, without the daemon."""

    house: House
    actor: str  # "cli:<unix user>"

    @property
    def settings(self) -> Settings:
        """The configuration in force."""
        return self.house.office.settings

    @property
    def prefix(self) -> str:
        """How a key begins."""
        return self.settings.desk.prefix

    def stimulus(self) -> str:
        """Return a name for what the caller asks now, unique over the desk."""
        from secrets import randbits

        from maild.journal.ids import RANDOM_BITS, entry_id

        return f"cli-{entry_id(now(), randbits(RANDOM_BITS))}"

    def act(self, asked: Asked, decide: Decide) -> Applied | AlreadyApplied | None:
        """Have something decided and applied now, as `Actor.act` does."""
        return self.house.actor.act(self.stimulus(), asked, self.house.office, now(), decide)

    def ticket(self, text: str) -> int:
        """Return the number of the ticket that is worked on when `text` is written: where a merged one lives.

        Raises CommandError (65) when there is none.
        """
        number = read_ticket(text, self.prefix)
        found = lives_at(self.house.db, number)
        if found is None:
            raise output.CommandError(f"there is no ticket {format_key(self.prefix, number)}")
        return found

    def whole(self, number: int) -> dict[str, Any]:
        """Return a ticket that is there as `maild ticket show --json` prints it."""
        with self.house.db.reading() as reader:
            ticket = ticket_as_of(reader, self.prefix, number, now())
        assert ticket is not None, "it was there a moment ago, and tickets are never deleted"
        return ticket


@contextmanager
def work(invocation: Invocation) -> Iterator[Desk]:
    """Open the desk to change it; the schema, and a missing secret, are made in an empty database.

    As root, first become the owner of the database. Raises CommandError 75 when others changed the same ticket at
    every try.
    """
    from maild.log.setup import configure
    from maild.service.acting import Contested
    from maild.service.house import open_house

    actor = caller()
    become_owner(invocation.store_url)
    configure(level="warning")  # standard output is for rows, standard error for what went wrong
    house = open_house(invocation.configuration, now)
    try:
        yield Desk(house, actor)
    except Contested as error:
        raise output.CommandError(f"{error}; try again", output.TRY_AGAIN) from error
    finally:
        house.close()


def now() -> datetime:
    """Return the time of day, in UTC."""
    return datetime.now(UTC)
