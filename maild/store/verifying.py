"""The audit record held against itself and against the timelines; what is not as it was is named."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from maild.database.chain import FIRST, digest, row_hash
from maild.database.dialect import Reader, Row, marks
from maild.store.write_post import SAID

BATCH = 500
NAMED_MAX = 20  # faults that are named; behind a broken link every row would be one
STORY = {  # kind -> its table, the key that the record names, and what its digest covers
    "event": ("event", "seq", ("ticket", "at", "actor", "verb", "detail", "fact")),
    "post": ("post", "id", SAID),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One place where the record and the desk are not as they were written."""

    seq: int | None  # the row of the record; None: a line that no row knows
    at: str
    ticket: int | None
    problem: str


@dataclass(slots=True)
class Verdict:
    """What was found; the record is whole when there is no fault. `head` is the last row's hash."""

    rows: int = 0
    head: str = ""
    checked: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STORY, 0))
    faults: list[Fault] = field(default_factory=list)


def verify(reader: Reader, head: str = "") -> Verdict:
    """Check the chain from its first row, and every line of a timeline and every message against it.

    `head` is a hash that was noted before: it has to be one of the chain's, else what stood behind it was cut off or
    written anew. Read it all in one moment (see `begin_reading`).
    """
    since: dict[str, int] = {}
    verdict, seen_head = Verdict(), not head
    erased = _erased(reader)
    for batch in _batches(reader):
        seen_head = seen_head or any(row["hash"] == head for row in batch)
        if not _chained(verdict, batch):
            break
        since = since or _since(batch[0])
        _held_against(reader, verdict, batch, erased)
    if not verdict.faults:
        if not seen_head:
            problem = f"no row has the hash {head}: the end of the record was cut off, or the record written anew"
            verdict.faults.append(Fault(verdict.rows, "", None, problem))
        _strangers(reader, verdict, since)
    return verdict


def _batches(reader: Reader) -> Iterator[list[Row]]:
    last = 0
    while rows := reader.execute("SELECT * FROM audit WHERE seq > ? ORDER BY seq LIMIT ?", (last, BATCH)):
        yield rows
        last = rows[-1]["seq"]


def _chained(verdict: Verdict, batch: Sequence[Row]) -> bool:
    for row in batch:
        problem = ""
        if row["seq"] != verdict.rows + 1:
            problem = f"row {verdict.rows + 1} is missing"
        elif row_hash(verdict.head or FIRST, row) != row["hash"]:
            problem = "the row was changed, moved or put in"
        if problem:
            verdict.faults.append(Fault(row["seq"], row["at"], row["ticket"], problem))
            return False
        verdict.rows, verdict.head = row["seq"], row["hash"]
    return True


def _since(first: Row) -> dict[str, int]:
    """Return the last line and message that were there before the record began."""
    lines = json.loads(first["lines"])
    if not lines or lines[0][0] != "since":
        return dict.fromkeys(STORY, 0)
    return {"event": int(lines[0][1]), "post": int(lines[0][2])}


def _erased(reader: Reader) -> dict[tuple[str, Any], str]:
    """Return the digests of what is left of lines and messages since a person was erased, the latest of each."""
    rows = reader.execute("SELECT lines FROM audit WHERE lines LIKE ? ORDER BY seq", ('%["erased",%',))
    lines = [line for row in rows for line in json.loads(row["lines"]) if line[0] == "erased"]
    return {(line[1], line[2]): line[3] for line in lines}


def _held_against(reader: Reader, verdict: Verdict, batch: Sequence[Row], erased: dict[tuple[str, Any], str]) -> None:
    """Look whether what the rows tell of stands in the timelines as it did then, or as an erasure left it."""
    told: dict[str, dict[Any, tuple[Row, str]]] = {kind: {} for kind in STORY}
    for row in batch:
        for line in json.loads(row["lines"]):
            if line[0] in told:
                told[line[0]][line[1]] = (row, erased.get((line[0], line[1]), line[3]))
    for kind, lines in told.items():
        verdict.checked[kind] += len(lines)
        there = _digests(reader, kind, list(lines))
        for name, (row, said) in lines.items():
            if there.get(name) != said and len(verdict.faults) < NAMED_MAX:
                problem = f"{_NAMES[kind]} {name} " + ("was changed" if name in there else "is gone")
                verdict.faults.append(Fault(row["seq"], row["at"], row["ticket"], problem))


_NAMES = {"event": "line", "post": "message"}


def _digests(reader: Reader, kind: str, names: Sequence[object]) -> dict[Any, str]:
    table, key, columns = STORY[kind]
    found: dict[Any, str] = {}
    for start in range(0, len(names), BATCH):
        some = names[start : start + BATCH]
        ask = f"SELECT {key} AS its_key, {', '.join(columns)} FROM {table} WHERE {key} IN {marks(some)}"  # noqa: S608 constants
        for row in reader.execute(ask, some):
            found[row["its_key"]] = digest(row[column] for column in columns)
    return found


def _strangers(reader: Reader, verdict: Verdict, since: dict[str, int]) -> None:
    """Name what stands in the timelines and no row tells of."""
    for kind, (table, key, _) in STORY.items():
        behind = since.get(kind, 0)
        count = reader.execute(f"SELECT count(*) AS n FROM {table} WHERE seq > ?", (behind,))  # noqa: S608 constants
        if int(count[0]["n"]) == verdict.checked[kind]:
            continue
        told = {
            line[1] for rows in _batches(reader) for row in rows for line in json.loads(row["lines"]) if line[0] == kind
        }
        every = f"SELECT {key} AS its_key, ticket, at FROM {table} WHERE seq > ? ORDER BY seq"  # noqa: S608 constants
        there = reader.execute(every, (behind,))
        strangers = [row for row in there if row["its_key"] not in told]
        verdict.faults += [
            Fault(None, row["at"], row["ticket"], f"{_NAMES[kind]} {row['its_key']} was put in past the record")
            for row in strangers[:NAMED_MAX]
        ]
