"""The versions of the tables."""

import pytest

from maild.database.connection import open_database
from maild.database.light import connect
from maild.database.migrate import migrate, prepare
from maild.database.migrations import MIGRATIONS
from maild.database.schema import LATEST, SchemaMismatch, SchemaState, require_current, schema_state


def tables(db):
    kind = {
        "sqlite": "SELECT name || ' ' || coalesce(sql, '') AS t FROM sqlite_master ORDER BY 1",
        "postgresql": "SELECT table_name || '.' || column_name || ' ' || data_type AS t FROM information_schema.columns"
        " WHERE table_schema = 'public' UNION SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
    }
    return [row["t"] for row in db.execute(kind[db.dialect.name])]


@pytest.fixture
def bare(url):
    db = open_database(url)
    yield db
    db.close()


def test_the_latest_version_is_the_number_of_migrations():
    assert len(MIGRATIONS) == LATEST


def test_an_empty_database_gets_its_tables_once(bare, url, begin):
    with connect(url) as light:
        assert schema_state(light) is SchemaState.EMPTY
    assert prepare(bare, begin) is True
    assert prepare(bare, begin) is False
    with connect(url) as light:
        require_current(light)


def test_every_step_down_undoes_its_step_up(bare, begin):
    seen = []
    for version in range(LATEST + 1):
        assert migrate(bare, begin, version)[1] == version
        seen.append(tables(bare))
    for version in reversed(range(LATEST)):
        migrate(bare, begin, version)
        assert tables(bare) == seen[version]


def test_a_large_mail_is_whole_again_one_version_back(bare, begin):
    migrate(bare, begin, 10)
    with bare.transaction() as transaction:
        transaction.change("INSERT INTO entry_octets (entry, octets) VALUES ('e1', ?)", (b"one, ",))
        for part, octets in ((2, b"three"), (1, b"two, ")):
            transaction.change("INSERT INTO entry_rest (entry, part, octets) VALUES ('e1', ?, ?)", (part, octets))
    migrate(bare, begin, 9)
    assert bytes(bare.execute("SELECT octets FROM entry_octets")[0]["octets"]) == b"one, two, three"


def test_an_older_database_is_refused_with_the_mend(bare, begin):
    migrate(bare, begin, LATEST - 1)
    with pytest.raises(SchemaMismatch, match="run maild migrate") as refused:
        prepare(bare, begin)
    assert refused.value.state is SchemaState.OLDER
    with pytest.raises(SchemaMismatch):
        require_current(bare)
    assert migrate(bare, begin) == (LATEST - 1, LATEST)
    require_current(bare)


def test_a_newer_database_is_refused_with_the_mend(bare, begin):
    migrate(bare, begin)
    with bare.transaction() as transaction:
        transaction.change("INSERT INTO schema_version (version, at) VALUES (?, '')", (LATEST + 1,))
    assert schema_state(bare) is SchemaState.NEWER
    with pytest.raises(SchemaMismatch, match="newer maild"):
        prepare(bare, begin)
    with pytest.raises(SchemaMismatch, match="newer maild"):
        migrate(bare, begin)


def test_a_step_that_fails_leaves_the_version_before(bare, begin, monkeypatch):
    migrate(bare, begin, LATEST - 1)
    before = tables(bare)

    def break_off(db):
        MIGRATIONS[-2].down(db)
        raise KeyError

    monkeypatch.setattr(MIGRATIONS[-1], "up", break_off)
    with pytest.raises(KeyError):
        migrate(bare, begin)
    assert tables(bare) == before
