"""Which version the tables have, and what to do when it is not this program's; light enough for every command."""

from enum import StrEnum

from maild.database.dialect import Reader

LATEST = 20  # the number of migrations; a test holds the two together


class SchemaState(StrEnum):
    """How the tables found stand to the ones that this program wants."""

    EMPTY = "empty"
    CURRENT = "current"
    OLDER = "older"
    NEWER = "newer"


class SchemaMismatch(Exception):
    """The tables are another version's; the words say what to do. Exit code 78."""

    def __init__(self, state: SchemaState, found: int) -> None:
        super().__init__(f"the database has version {found} of the tables, this program {LATEST}; {_MENDS[state]}")
        self.state = state


_MENDS = {
    SchemaState.EMPTY: "start maild serve, or run maild migrate, to make them",
    SchemaState.CURRENT: "nothing is wrong",
    SchemaState.OLDER: "stop maild, keep a copy of the database, then run maild migrate",
    SchemaState.NEWER: "install the newer maild that made them, or put your copy of the database back",
}


def schema_version(reader: Reader) -> int:
    """Return the version of the tables found; 0 when there are none."""
    if not reader.execute(reader.dialect.table_exists, ("schema_version",)):
        return 0
    found = reader.execute("SELECT max(version) AS version FROM schema_version")[0]["version"]
    return int(found or 0)


def schema_state(reader: Reader) -> SchemaState:
    """Say whether the tables are there and fit this program."""
    found = schema_version(reader)
    if found == 0:
        return SchemaState.EMPTY
    if found == LATEST:
        return SchemaState.CURRENT
    return SchemaState.OLDER if found < LATEST else SchemaState.NEWER


def require_current(reader: Reader) -> None:
    """Raise SchemaMismatch unless the tables are this program's."""
    state = schema_state(reader)
    if state is not SchemaState.CURRENT:
        raise SchemaMismatch(state, schema_version(reader))
