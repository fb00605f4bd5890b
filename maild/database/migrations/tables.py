"""What every migration needs: a base for its frozen models, and how to make and drop them."""

from collections.abc import Sequence
from typing import Any

import peewee


class Table(peewee.Model):
    """A table as one version had it, on purpose apart from everything that the program uses today."""

    class Meta:
        """Names as they are written: snake_case."""

        legacy_table_names = False


def create(db: peewee.Database, tables: Sequence[type[Table]]) -> None:
    """Make these tables with their indexes."""
    for table in tables:
        with table.bind_ctx(db, bind_refs=False, bind_backrefs=False):
            table.create_table(safe=False)


def drop(db: peewee.Database, tables: Sequence[type[Table]]) -> None:
    """Drop these tables, the last one first."""
    for table in reversed(tables):
        with table.bind_ctx(db, bind_refs=False, bind_backrefs=False):
            table.drop_table(safe=True)


def partial(table: type[Table], name: str, *fields: Any, where: Any) -> None:
    """Declare an index over the few rows that `where` keeps; the planner uses it when a query repeats `where`."""
    table.add_index(peewee.ModelIndex(table, fields, name=name, where=where))


def run(db: peewee.Database, statement: str) -> None:
    """Run a statement that no model can say."""
    raw: Any = db
    raw.execute_sql(statement)
