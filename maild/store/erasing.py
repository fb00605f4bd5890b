"""Erases a person: every table forgets the addresses, and the desk's own copies of what was said to and by them."""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from maild.database.chain import Line, append, digest
from maild.database.connection import Transaction
from maild.database.dialect import Row, marks
from maild.desk.effects import AddEvent, RememberPerson
from maild.desk.model import SYSTEM, Event, Person
from maild.store.persons import tickets_of
from maild.store.verifying import STORY
from maild.store.work import Work
from maild.store.write_around import write_around
from maild.store.write_post import write_story

GONE = "[erased]"
OCTETS = b"Subject: [erased]\r\n\r\nThis mail was erased with the person it was about.\r\n"
_FOR_GOOD = timedelta(days=365 * 100)
_KEPT = frozenset({"audit", "schema_version"})  # The record cannot forget: it holds digests, ids and reasons.
_ABOUT_ONE = ("person", "assignment", "folded", "confirmation", "absence", "rhythm")
_COLUMNS = {
    "sqlite": "SELECT t.name AS its_table, c.name AS its_column FROM sqlite_master t JOIN pragma_table_info(t.name) c"
    " WHERE t.type = 'table' AND t.name NOT LIKE 'post_search%' AND t.name NOT LIKE 'sqlite%' AND c.type = 'TEXT'",
    "postgresql": "SELECT table_name AS its_table, column_name AS its_column FROM information_schema.columns"
    " WHERE table_schema = current_schema() AND data_type = 'text'",
}
_PLACE = {"sqlite": ("rowid", "?"), "postgresql": ("ctid", "CAST(? AS tid)")}


@dataclass(slots=True)
class Certificate:
    """What was erased: `rows` counts changed rows by table; `left` is what still names an address, by table."""

    erased_at: datetime
    pseudonym: str
    addresses: int
    tickets: tuple[int, ...] = ()
    rows: dict[str, int] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)

    def count(self, table: str, rows: int) -> None:
        """Add changed rows of a table."""
        if rows:
            self.rows[table] = self.rows.get(table, 0) + rows


def erase(
    transaction: Transaction, addresses: Sequence[str], pseudonym: str, by: str, stimulus: str, now: datetime
) -> Certificate:
    """Erase all that names these addresses, in lower case, and all that was said to and by them.

    Tickets, clocks and who worked on them stay, under `pseudonym`, to which no automatic mail goes. The audit record
    is told the new digests, so that it still verifies. `by` is who asked.
    """
    done = Certificate(now, pseudonym, len(addresses))
    done.tickets = tickets_of(transaction, addresses)
    names, before = _names(transaction, addresses), _digests(transaction)
    hers = _asked_by(transaction, addresses)
    _drop_lines_about(transaction, addresses, done)
    _erase_mails(transaction, addresses, hers, done)
    _erase_copies(transaction, addresses, hers, done)
    _erase_words(transaction, addresses, hers, names, done)
    _rename_everywhere(transaction, addresses, pseudonym, done)
    nobody = Person(pseudonym, suspended_until=now + _FOR_GOOD, suspended_because=GONE)
    write_around(Work(transaction, now), RememberPerson(nobody))
    if transaction.dialect.name == "sqlite":
        transaction.change("INSERT INTO post_search (post_search) VALUES ('rebuild')")
    _tell_the_record(transaction, done, before, by, stimulus)
    done.left = {
        table: len(list(_naming(transaction, table, columns, addresses))) for table, columns in _all(transaction)
    }
    done.left = {table: count for table, count in done.left.items() if count}
    return done


def _all(transaction: Transaction) -> Iterator[tuple[str, list[str]]]:
    tables: dict[str, list[str]] = {}
    for row in transaction.execute(_COLUMNS[transaction.dialect.name]):
        tables.setdefault(row["its_table"], []).append(row["its_column"])
    yield from sorted(tables.items())


def _naming(transaction: Transaction, table: str, columns: Sequence[str], addresses: Sequence[str]) -> Iterator[Row]:
    """Yield the rows of a table that name an address, with their place in it."""
    place, _ = _PLACE[transaction.dialect.name]
    found = " OR ".join(f"lower({column}) LIKE ? ESCAPE '!'" for column in columns for _ in addresses)
    patterns = ["%" + re.sub("([!%_])", r"!\1", address) + "%" for _ in columns for address in addresses]
    named = ", ".join(columns)
    ask = f"SELECT CAST({place} AS TEXT) AS its_place, {named} FROM {table} WHERE {found}"  # noqa: S608 our own names
    whole = _pattern(addresses)
    for row in transaction.execute(ask, patterns):
        if any(isinstance(row[column], str) and whole.search(row[column]) for column in columns):
            yield row


def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(map(re.escape, words), key=len, reverse=True)
    return re.compile(rf"(?<![\w.+-])(?:{'|'.join(longest_first)})(?![\w-]|\.\w)", re.IGNORECASE)


def _names(transaction: Transaction, addresses: Sequence[str]) -> list[str]:
    """Return what the person is called, whole and word by word, where that is no more than a letter or two."""
    among = marks(addresses)
    rows = transaction.execute(
        f"SELECT name FROM person WHERE address IN {among} UNION SELECT requester_name FROM ticket WHERE requester"  # noqa: S608 marks
        f" IN {among} UNION SELECT author_name FROM post WHERE lower(author) IN {among}"
        f" UNION SELECT name FROM participant WHERE address IN {among}",
        (*addresses, *addresses, *addresses, *addresses),
    )
    whole = {row["name"].strip() for row in rows} - {""}
    return sorted(whole | {word for name in whole for word in re.findall(r"\w{3,}", name)})


def _asked_by(transaction: Transaction, addresses: Sequence[str]) -> tuple[int, ...]:
    ask = f"SELECT number FROM ticket WHERE requester IN {marks(addresses)} ORDER BY number"  # noqa: S608 marks
    return tuple(int(row["number"]) for row in transaction.execute(ask, addresses))


def _drop_lines_about(transaction: Transaction, addresses: Sequence[str], done: Certificate) -> None:
    """Delete what is kept of a person alone, and the twins that renaming two addresses alike would make."""
    among = marks(addresses)
    for table in _ABOUT_ONE:
        done.count(table, transaction.change(f"DELETE FROM {table} WHERE lower(address) IN {among}", addresses))  # noqa: S608 our names
    twice = (*addresses, *addresses)
    done.count("alias", transaction.change(f"DELETE FROM alias WHERE address IN {among} OR person IN {among}", twice))  # noqa: S608 marks
    done.count("undo", transaction.change(f"DELETE FROM undo WHERE lower(agent) IN {among}", addresses))  # noqa: S608 marks
    twins = (
        f"DELETE FROM participant WHERE address IN {among} AND EXISTS (SELECT 1 FROM participant o WHERE"  # noqa: S608 marks
        f" o.ticket = participant.ticket AND o.address IN {among} AND o.address < participant.address)"
    )
    done.count("participant", transaction.change(twins, twice))
    blank = f"UPDATE participant SET name = '' WHERE address IN {among}"  # noqa: S608 marks
    done.count("participant", transaction.change(blank, addresses))


def _erase_mails(transaction: Transaction, addresses: Sequence[str], hers: Sequence[int], done: Certificate) -> None:
    """Replace the mails that she sent, or that stand on her tickets."""
    among, numbers = marks(addresses), marks(hers or (0,))
    facts = (*addresses, *addresses, *addresses, *(hers or (0,)))
    entries = transaction.execute(
        f"SELECT id FROM entry WHERE lower(mail_from) IN {among} OR sender IN {among} OR id IN"  # noqa: S608 marks
        f" (SELECT entry FROM post WHERE lower(author) IN {among} OR ticket IN {numbers})",
        facts,
    )
    known, size = hashlib.sha256(OCTETS).hexdigest(), len(OCTETS)
    for row in entries:
        transaction.change("UPDATE entry_octets SET octets = ? WHERE entry = ?", (OCTETS, row["id"]))
        transaction.change("DELETE FROM entry_rest WHERE entry = ?", (row["id"],))
        blank = "client = '', helo = '', message_id = '', content_hash = '', results = NULL, sha256 = ?, size = ?"
        transaction.change(f"UPDATE entry SET {blank} WHERE id = ?", (known, size, row["id"]))  # noqa: S608 a constant
    done.count("entry", len(entries))


def _erase_copies(transaction: Transaction, addresses: Sequence[str], hers: Sequence[int], done: Certificate) -> None:
    """Replace our copies of what we sent her, on her tickets, and in lists of tickets; what still waited stays here."""
    among, numbers = marks(addresses), marks(hers or (0,))
    rows = transaction.execute(
        f"SELECT id FROM outbox WHERE lower(rcpt_to) IN {among} OR ticket IN {numbers}"  # noqa: S608 marks
        " OR (ticket = 0 AND state NOT IN ('queued', 'held', 'deferred'))",
        (*addresses, *(hers or (0,))),
    )
    for row in rows:
        transaction.change("UPDATE outbox_octets SET octets = ? WHERE delivery = ?", (OCTETS, row["id"]))
        transaction.change(
            "UPDATE outbox SET mail_from = '', last_reply = '', next_attempt_at = NULL, state = CASE WHEN state IN"
            " ('queued', 'held', 'deferred') THEN 'cancelled' ELSE state END WHERE id = ?",
            (row["id"],),
        )
    done.count("outbox", len(rows))


def _erase_words(
    transaction: Transaction, addresses: Sequence[str], hers: Sequence[int], names: Sequence[str], done: Certificate
) -> None:
    """Take away her words, quotes of them, her subjects and fields, and her name out of the words of others."""
    among = marks(addresses)
    said = "text = ?, new_text = ?, subject = ?, attachments = '[]', author_name = '', message_id = ''"
    gone = f"UPDATE post SET {said}, canonical_subject = '', content_hash = '' WHERE lower(author) IN {among}"  # noqa: S608 marks
    done.count("post", transaction.change(gone, (GONE, GONE, GONE, *addresses)))
    if not hers:
        return
    numbers = marks(hers)
    rest = f"subject = ?, text = new_text, attachments = '[]', canonical_subject = '' WHERE ticket IN {numbers}"
    done.count("post", transaction.change(f"UPDATE post SET {rest}", (GONE, *hers)))  # noqa: S608 marks
    plain = (
        "subject = ?, first_subject = ?, canonical_subject = '', requester_name = '', fields = '{}', public_ids = '[]'"
    )
    change = f"UPDATE ticket SET {plain} WHERE number IN {numbers}"  # noqa: S608 marks
    done.count("ticket", transaction.change(change, (GONE, GONE, *hers)))
    done.count("undo", transaction.change(f"DELETE FROM undo WHERE ticket IN {numbers}", hers))  # noqa: S608 marks
    if names:
        without = _pattern(names)
        for table, key, columns in (("post", "id", ("new_text", "text")), ("event", "seq", ("detail",))):
            _rewrite(transaction, table, key, columns, hers, lambda text: without.sub(GONE, text))


def _rewrite(
    transaction: Transaction,
    table: str,
    key: str,
    columns: Sequence[str],
    tickets: Sequence[int],
    change: Callable[[str], str],
) -> None:
    """Give the texts of these tickets' rows other words."""
    ask = f"SELECT {key} AS its_key, {', '.join(columns)} FROM {table} WHERE ticket IN {marks(tickets)}"  # noqa: S608 our names
    put = f"UPDATE {table} SET {', '.join(f'{column} = ?' for column in columns)} WHERE {key} = ?"  # noqa: S608 our names
    for row in transaction.execute(ask, tickets):
        new = [change(row[column]) for column in columns]
        if new != [row[column] for column in columns]:
            transaction.change(put, (*new, row["its_key"]))


def _rename_everywhere(transaction: Transaction, addresses: Sequence[str], pseudonym: str, done: Certificate) -> None:
    """Write the pseudonym wherever an address stands, in every column of text of every table but the record."""
    whole = _pattern(addresses)
    place, mark = _PLACE[transaction.dialect.name]
    for table, columns in _all(transaction):
        if table in _KEPT:
            continue
        for row in list(_naming(transaction, table, columns, addresses)):
            new = {c: whole.sub(pseudonym, row[c]) for c in columns if isinstance(row[c], str)}
            pairs = ", ".join(f"{column} = ?" for column in new)
            put = f"UPDATE {table} SET {pairs} WHERE {place} = {mark}"  # noqa: S608 our own names
            done.count(table, transaction.change(put, (*new.values(), row["its_place"])))


def _tell_the_record(
    transaction: Transaction, done: Certificate, before: dict[tuple[str, object], str], by: str, stimulus: str
) -> None:
    """Add a line to each timeline, and the digests of what is other now to the audit record."""
    now = _digests(transaction)
    lines: list[Line] = [("person-erased", by, len(done.tickets))]
    lines += [("erased", *line, now[line]) for line, said in before.items() if now[line] != said]
    work = Work(transaction, done.erased_at)
    for number in done.tickets:
        transaction.change("UPDATE ticket SET version = version + 1 WHERE number = ?", (number,))
        write_story(work, AddEvent(number, Event(done.erased_at, by or SYSTEM, "erased", done.pseudonym)))
    append(transaction, done.erased_at, stimulus, None, [*lines, *work.lines])


def _digests(transaction: Transaction) -> dict[tuple[str, object], str]:
    """Return the digest of every line and message, by its kind and key."""
    found: dict[tuple[str, object], str] = {}
    for kind, (table, key, columns) in STORY.items():
        rows = transaction.execute(f"SELECT {key} AS its_key, {', '.join(columns)} FROM {table}")  # noqa: S608 our names
        found |= {(kind, row["its_key"]): digest(row[column] for column in columns) for row in rows}
    return found
