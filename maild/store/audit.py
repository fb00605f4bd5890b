"""The audit record as short commands read it; light."""

import json

from maild.database.dialect import Reader, Row

NO_RECORD: Row = {"rows": 0, "head": ""}


def audit_head(reader: Reader) -> Row:
    """Return the `rows` and the `head` of the record: the hash of its last row, "" when there is none."""
    last = reader.execute("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")
    return {"rows": last[0]["seq"], "head": last[0]["hash"]} if last else NO_RECORD


def audit_rows(reader: Reader, ticket: int | None, limit: int | None) -> list[Row]:
    """Return the newest rows of the record, of one ticket or of all, newest last; `lines` as lists."""
    about = "" if ticket is None else "WHERE ticket = ?"
    newest = f"SELECT * FROM audit {about} ORDER BY seq DESC" + (" LIMIT ?" if limit is not None else "")  # noqa: S608 constants
    rows = reader.execute(newest, tuple(value for value in (ticket, limit) if value is not None))
    return [row | {"lines": json.loads(row["lines"])} for row in reversed(rows)]
