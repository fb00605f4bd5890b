"""Databases for tests: a SQLite file each, and one PostgreSQL server for all where its programs are installed."""

from datetime import UTC, datetime

import pytest

BEGIN = datetime(2026, 11, 21, 21, 42, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """The url of an empty database, of one kind after the other."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/maild.db"
    from maild.database.connection import open_database

    url = request.getfixturevalue("postgresql_url")
    db = open_database(url)
    with db.transaction() as transaction:
        transaction.change("DROP SCHEMA public CASCADE")
        transaction.change("CREATE SCHEMA public")
    db.close()
    return url


@pytest.fixture
def db(url):
    """A database with the tables of today, of one kind after the other."""
    from maild.database.connection import open_database
    from maild.database.migrate import prepare

    db = open_database(url)
    prepare(db, BEGIN)
    yield db
    db.close()


@pytest.fixture
def begin():
    """The instant at which the tests' world begins."""
    return BEGIN
