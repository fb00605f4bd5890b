"""The tickets and mails of a period as figures are made of them: a few statements, whatever the number of tickets."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from maild.base.words import Kind
from maild.database.dialect import Reader, Row, known_instant, marks
from maild.reports.model import Period, Story, Traffic
from maild.store.facts import read_fact

_CHUNK = 500  # SQLite takes 32,766 parameters, older ones 999
_UNFINISHED = "('new', 'open', 'pending', 'on-hold')"
# Nothing happens to a ticket without its `updated_at`: what has been done for longer counts nowhere in the period.
_TICKETS = (
    "SELECT number, created_at, assignee, queue, team, organisation, category FROM ticket"  # noqa: S608 a constant
    f" WHERE created_at < ? AND (updated_at >= ? OR status IN {_UNFINISHED})"
)
_RATING = re.compile(r"[1-5]")


def load_stories(reader: Reader, period: Period, teams: Sequence[str] = ()) -> Iterator[Story]:
    """Yield every ticket that a figure of the period may count, by number; `teams`: theirs alone, else all."""
    chosen = f" AND team IN {marks(teams)}" if teams else ""
    rows = reader.execute(f"{_TICKETS}{chosen} ORDER BY number", (period.end, period.start, *teams))
    for start in range(0, len(rows), _CHUNK):
        chunk = rows[start : start + _CHUNK]
        events = _events(reader, [row["number"] for row in chunk])
        yield from (_story(row, events.get(row["number"], [])) for row in chunk)


def _events(reader: Reader, numbers: Sequence[int]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    told = (
        f"SELECT ticket, at, verb, detail, fact FROM event WHERE ticket IN {marks(numbers)}"  # noqa: S608 marks
        " AND (fact IS NOT NULL OR verb IN ('rated', 'replied')) ORDER BY seq"
    )
    for row in reader.execute(told, numbers):
        found.setdefault(row["ticket"], []).append(row)
    return found


def _story(row: Row, events: Sequence[Row]) -> Story:
    return Story(
        number=row["number"],
        created_at=known_instant(row["created_at"]),
        agent=row["assignee"] or "",
        queue=row["queue"],
        team=row["team"],
        organisation=row["organisation"] or "",
        category=row["category"],
        facts=tuple(read_fact(event["fact"]) for event in events if event["fact"]),
        answers=tuple(known_instant(event["at"]) for event in events if event["verb"] == "replied"),
        ratings=tuple(
            (known_instant(event["at"]), int(found[0]))
            for event in events
            if event["verb"] == "rated" and (found := _RATING.match(event["detail"]))
        ),
    )


def load_traffic(reader: Reader, period: Period, teams: Sequence[str] = ()) -> Traffic:
    """Return the mail of the period: that of the teams' tickets, and what machines wrote to the desk as a whole."""
    span = (period.start, period.end)
    chosen = f" AND t.team IN {marks(teams)}" if teams else ""
    posts = (
        "SELECT p.direction, p.at FROM post p JOIN ticket t ON t.number = p.ticket WHERE p.at >= ? AND p.at < ?"
        " AND ((p.direction = 'in' AND p.kind = 'human') OR (p.direction = 'out' AND p.public AND NOT p.draft))"
    )
    written: dict[str, list[datetime]] = {"in": [], "out": []}
    for row in reader.execute(f"{posts}{chosen} ORDER BY p.seq", (*span, *teams)):
        written[row["direction"]].append(known_instant(row["at"]))
    automatic = {}
    for kind in Kind:
        count = "SELECT count(*) AS n FROM entry WHERE received_at >= ? AND received_at < ? AND reason LIKE ?"
        if kind is not Kind.HUMAN and (n := int(reader.execute(count, (*span, f"{kind}: %"))[0]["n"])):
            automatic[str(kind)] = n
    held = "SELECT count(*) AS n FROM entry WHERE received_at >= ? AND received_at < ? AND state = 'quarantined'"
    return Traffic(
        written_in=tuple(written["in"]),
        written_out=tuple(written["out"]),
        automatic=automatic,
        quarantined=int(reader.execute(held, span)[0]["n"]),
    )
