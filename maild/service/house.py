"""Open the house for writing: database, schema, secret, office; shared by the daemon and the writing commands."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from random import Random

from maild.database.connection import Database, open_database
from maild.database.migrate import prepare
from maild.database.place import read_place
from maild.database.schema import SchemaState, schema_state
from maild.journal.ids import id_maker
from maild.journal.journal import Journal
from maild.log import events
from maild.oauth2.providers import ends_of_logins
from maild.service.acting import Actor, actor_of
from maild.service.configuration import Configuration, ensure_secret
from maild.service.location import configuration_digest
from maild.service.office import Office, open_office
from maild.sla.snapshot import read_versions, sla_to_json, to_json
from maild.store.grants import publish_logins
from maild.store.housekeeping import save_meta, save_sla_snapshot
from maild.store.versions import keep_configuration_version, keep_sla_versions, sla_versions

PREFIX = "prefix"  # Under this name the short commands find how a ticket key begins.


@dataclass(frozen=True, slots=True)
class House:
    """Everything that a process needs to take mail in and to decide on it."""

    db: Database
    journal: Journal
    office: Office
    actor: Actor
    configuration: Configuration  # with its secret, which may have been made just now

    def close(self) -> None:
        """Let go of the database; what waits for its commit is kept first."""
        self.journal.close()
        self.db.close()


_CHANCE = Random()  # noqa: S311 - entry ids have to differ and are no secret; asking the kernel for each costs more


def open_house(
    configuration: Configuration,
    now: Callable[[], datetime],
    *,
    check_pages: bool = False,
    random_bits: Callable[[int], int] = _CHANCE.getrandbits,
    durable: bool = True,
) -> House:
    """Open the database and everything above it. In an empty database the schema, and a missing secret, are made.

    `check_pages` has SQLite look for damage first, as the daemon does; `random_bits` makes entry ids;
    what is not `durable` waits for no disk. Raises ConfigurationError, SchemaMismatch, DatabaseUnavailable.
    """
    db = open_database(configuration.settings.store.url, configuration.path.parent, durable=durable)
    try:
        if check_pages:
            db.quick_check()
        if schema_state(db) is SchemaState.EMPTY:  # Before the tables: beside them a missing secret is a lost one.
            configuration = ensure_secret(configuration)
        prepare(db, now())
        office = publish(db, open_office(configuration, now()), now())
    except BaseException:
        db.close()
        raise
    journal = Journal(db, now, id_maker(now, random_bits))
    return House(db, journal, office, actor_of(db, journal), configuration)


def publish(db: Database, office: Office, now: datetime) -> Office:
    """Leave in the database what short commands need of the configuration, and keep what was edited of the SLAs.

    Returns the office with what its SLAs were before: an edit counts from `now` on, and no earlier.
    """
    for name in keep_sla_versions(db, {sla.name: sla_to_json(sla) for sla in office.slas.values()}, now):
        events.sla_edited(sla=name)
    with db.reading() as reader:
        versions = sla_versions(reader)
    slas = {spelling: read_versions(sla, versions[sla.name]) for spelling, sla in office.slas.items()}
    save_meta(db, PREFIX, office.settings.desk.prefix, now)
    save_sla_snapshot(db, to_json(slas), now)
    publish_logins(db, ends_of_logins(office.settings), now)
    keep_configuration_version(db, configuration_digest(office.path), now)
    return replace(office, slas=slas)


def database_folder(configuration: Configuration) -> Path | None:
    """Return the folder that the SQLite file lies in; None when the database is elsewhere."""
    place = read_place(configuration.settings.store.url, configuration.path.parent)
    return place.path.parent if place.path is not None else None
