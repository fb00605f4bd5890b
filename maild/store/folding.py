"""Notices that wait for an agent's digest."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import assert_never

from maild.database.dialect import Reader, known_instant, marks
from maild.desk.effects import FoldNotice, KeepRhythm, Unfold
from maild.desk.model import Folded
from maild.store.work import Work, insert, upsert

WINDOW = timedelta(minutes=10)
_LATELY = (
    "SELECT rcpt_to, count(*) AS n FROM outbox%s WHERE automatic AND rcpt_to IN %s AND created_at > ? GROUP BY rcpt_to"
)


def write_folded(work: Work, effect: FoldNotice | Unfold | KeepRhythm) -> None:
    """Keep a notice for a digest, forget those that a digest contains, keep how often somebody wants one."""
    match effect:
        case FoldNotice(address, ticket, template):
            values: dict[str, object] = {"address": address, "ticket": ticket, "template": template, "at": work.now}
            work.transaction.change(*insert("folded", values))
        case Unfold(address, seq):
            work.transaction.change("DELETE FROM folded WHERE address = ? AND seq <= ?", (address, seq))
        case KeepRhythm(address, rhythm):
            values = {"address": address, "rhythm": rhythm, "said_at": work.now}
            work.transaction.change(*upsert("rhythm", ("address",), values))
        case _:
            assert_never(effect)


def load_rhythms(reader: Reader) -> dict[str, str]:
    """Return how often agents said that they want to be written to, by address."""
    rows = reader.execute("SELECT address, rhythm FROM rhythm WHERE rhythm <> ''")
    return {row["address"]: row["rhythm"] for row in rows}


def notices_lately(reader: Reader, addresses: Sequence[str], now: datetime) -> dict[str, int]:
    """Return how many automatic mails were composed for each of these addresses in the last 10 minutes."""
    if not addresses:
        return {}
    count = _LATELY % (reader.dialect.by_index("outbox_automatic"), marks(addresses))
    return {row["rcpt_to"]: int(row["n"]) for row in reader.execute(count, (*addresses, now - WINDOW))}


def folded_for(reader: Reader) -> dict[str, tuple[Folded, ...]]:
    """Return all that waits for a digest, by address, oldest first."""
    rows = reader.execute(
        "SELECT f.seq, f.address, f.ticket, f.template, f.at, t.subject FROM folded f"
        " JOIN ticket t ON t.number = f.ticket ORDER BY f.seq"
    )
    found: dict[str, list[Folded]] = {}
    for row in rows:
        folded = Folded(row["seq"], row["ticket"], row["template"], known_instant(row["at"]), row["subject"])
        found.setdefault(row["address"], []).append(folded)
    return {address: tuple(each) for address, each in found.items()}


def had_digest(reader: Reader, address: str, now: datetime) -> bool:
    """Tell whether an address got a digest in the last 10 minutes."""
    look = "SELECT 1 AS one FROM outbox WHERE automatic AND rcpt_to = ? AND created_at > ? AND template = 'digest'"
    return bool(reader.execute(f"{look} LIMIT 1", (address, now - WINDOW)))
