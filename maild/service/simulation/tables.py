"""What a simulated desk has done, as rows: tickets, routing, rules, clocks, notices, load, mail without effect."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from maild.base.keys import format_key
from maild.base.words import Kind
from maild.database.dialect import Reader, known_instant
from maild.desk.model import RULE
from maild.journal.model import code_and_words
from maild.service.simulation.simulate import Played
from maild.store.mail_queries import list_inbound
from maild.store.queries import list_tickets

TableRow = Mapping[str, Any]
# What is kept of each ticket, and how people's table is called and cut.
TICKET_COLUMNS = ("key", "subject", "queue", "team", "assignee", "status", "priority", "type", "service", "breached")
COLUMNS: Mapping[str, Sequence[str]] = {
    "tickets": TICKET_COLUMNS,
    "routing": ("queue", "team", "assignee", "tickets"),
    "rules": ("rule", "tickets"),
    "clocks": ("queue", "clock", "cycles", "met", "breached", "open", "median_seconds", "p90_seconds", "max_seconds"),
    "notices": ("template", "recipients", "mails", "most_to_one", "most_in_an_hour"),
    "recipients": ("recipient", "agent", "mails", "most_in_an_hour"),
    "load": ("hour", "mails_in", "tickets", "mails_out"),
    "mail": ("state", "kind", "mails"),
    "aside": ("file", "state", "reason"),
}
_CLOCKS = (
    "SELECT t.queue, c.clock, c.state, c.breached, c.elapsed_seconds FROM clock c JOIN ticket t ON t.number = c.ticket"
    " WHERE c.state <> 'void' ORDER BY t.queue, c.clock, c.ticket, c.cycle"
)
_ENTRIES = (
    "SELECT e.id, e.state, e.reason, coalesce(p.kind, '') AS kind FROM entry e LEFT JOIN post p ON p.entry = e.id"
)


def tables(played: Played) -> dict[str, list[TableRow]]:
    """Return the rows of every table of COLUMNS, in its order; durations are seconds of working time."""
    settings, prefix = played.world.office.settings, played.world.office.settings.desk.prefix
    with played.world.house.db.reading() as reader:
        tickets = list_tickets(reader, prefix, now=played.world.clock.now)
        return {
            "tickets": [{**row, "rules": rules} for row, rules in _with_rules(reader, prefix, tickets)],
            "routing": _counted(((t["queue"], t["team"], t["assignee"]) for t in tickets), COLUMNS["routing"]),
            "rules": _rules(reader),
            "clocks": list(_clocks(reader)),
            "notices": list(_notices(reader)),
            "recipients": list(_recipients(reader, {agent.address for agent in settings.agents})),
            "load": _load(reader, settings.zone),
            "mail": _counted(((r["state"], _kind(r)) for r in _entries(reader)), COLUMNS["mail"]),
            "aside": list(_aside(reader, prefix, played.files)),
        }


def _counted(keys: Iterable[tuple[object, ...]], columns: Sequence[str]) -> list[TableRow]:
    """Return how often each combination is there, under the last of the columns; the most frequent first."""
    counts = Counter(keys)
    order = sorted(counts.items(), key=lambda item: (-item[1], [str(part or "") for part in item[0]]))
    return [dict(zip(columns, (*key, count), strict=True)) for key, count in order]


def _with_rules(reader: Reader, prefix: str, tickets: Sequence[TableRow]) -> Iterator[tuple[TableRow, list[str]]]:
    fired: dict[str, list[str]] = defaultdict(list)
    for ticket, rule in _fired(reader):
        fired[format_key(prefix, ticket)].append(rule)
    for row in tickets:
        yield row, fired[row["key"]]


def _fired(reader: Reader) -> Iterator[tuple[int, str]]:
    """Yield each ticket with each rule that did something on it."""
    sql = "SELECT DISTINCT ticket, actor FROM event WHERE actor LIKE ? ORDER BY ticket, actor"
    for row in reader.execute(sql, (f"{RULE}%",)):
        yield int(row["ticket"]), str(row["actor"]).removeprefix(RULE)


def _rules(reader: Reader) -> list[TableRow]:
    return _counted(((rule,) for _, rule in _fired(reader)), COLUMNS["rules"])


def _clocks(reader: Reader) -> Iterator[TableRow]:
    cycles: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for row in reader.execute(_CLOCKS):
        cycles[row["queue"], row["clock"]].append(row)
    for (queue, clock), each in cycles.items():
        met = sorted(int(row["elapsed_seconds"]) for row in each if row["state"] == "met")
        yield {
            "queue": queue,
            "clock": clock,
            "cycles": len(each),
            "met": sum(row["state"] == "met" and not row["breached"] for row in each),
            "breached": sum(bool(row["breached"]) for row in each),
            "open": sum(row["state"] != "met" for row in each),
            "median_seconds": percentile(met, 50),
            "p90_seconds": percentile(met, 90),
            "max_seconds": percentile(met, 100),
        }


def percentile(ordered: Sequence[int], percent: int) -> int | None:
    """Return the smallest value that so many percent of all do not exceed (nearest rank); None of nothing."""
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)] if ordered else None


def _outbox(reader: Reader) -> Iterator[tuple[str, str, datetime]]:
    """Yield template, recipient and instant of each mail that would have left."""
    for row in reader.execute(
        "SELECT template, rcpt_to, created_at FROM outbox WHERE state <> 'cancelled' ORDER BY seq"
    ):
        yield str(row["template"]), str(row["rcpt_to"]).lower(), known_instant(row["created_at"])


def _notices(reader: Reader) -> Iterator[TableRow]:
    mails: dict[str, list[tuple[str, datetime]]] = defaultdict(list)
    for template, recipient, at in _outbox(reader):
        mails[template].append((recipient, at))
    for template, each in sorted(mails.items()):
        to = Counter(recipient for recipient, _ in each)
        yield {
            "template": template,
            "recipients": len(to),
            "mails": len(each),
            "most_to_one": max(to.values()),
            "most_in_an_hour": _most_in_an_hour(at for _, at in each),
        }


def _recipients(reader: Reader, agents: set[str]) -> Iterator[TableRow]:
    mails: dict[str, list[datetime]] = defaultdict(list)
    for _, recipient, at in _outbox(reader):
        mails[recipient].append(at)
    for recipient, each in sorted(mails.items(), key=lambda item: (-len(item[1]), item[0])):
        most = _most_in_an_hour(each)
        yield {"recipient": recipient, "agent": recipient in agents, "mails": len(each), "most_in_an_hour": most}


def _most_in_an_hour(instants: Iterable[datetime]) -> int:
    """Return how many fall into the busiest hour of the clock."""
    return max(Counter(int(at.timestamp()) // 3600 for at in instants).values(), default=0)


def _load(reader: Reader, zone: ZoneInfo) -> list[TableRow]:
    """Return how much there is by hour of the desk's day."""
    columns = COLUMNS["load"][1:]
    sources = ("SELECT received_at AS at FROM entry", "SELECT created_at AS at FROM ticket")
    hours = [Counter(_hour(row["at"], zone) for row in reader.execute(sql)) for sql in sources]
    hours.append(Counter(at.astimezone(zone).hour for _, _, at in _outbox(reader)))
    busy = sorted(set().union(*hours))
    return [{"hour": hour, **{name: each[hour] for name, each in zip(columns, hours, strict=True)}} for hour in busy]


def _hour(stored: str, zone: ZoneInfo) -> int:
    return known_instant(stored).astimezone(zone).hour


def _entries(reader: Reader) -> Iterator[Mapping[str, Any]]:
    """Yield each entry once, with the kind of the mail where a ticket has it."""
    seen: set[str] = set()
    for row in reader.execute(f"{_ENTRIES} ORDER BY e.seq, p.seq"):
        if row["id"] not in seen:
            seen.add(row["id"])
            yield row


def _kind(entry: Mapping[str, Any]) -> str | None:
    """Return the kind of an entry's mail; None when nothing was said of it. Reports say it in their reason."""
    said = str(entry["kind"] or code_and_words(entry["reason"])[0])
    return said if said in set(Kind) else None


def _aside(reader: Reader, prefix: str, files: Mapping[str, str]) -> Iterator[TableRow]:
    """Yield the mails that had no effect on a ticket, and why: quarantined, duplicates, reports that name none."""
    for row in list_inbound(reader, prefix):
        if row["state"] != "applied" or row["ticket"] is None:
            yield {"file": files.get(row["entry"]), **row}
