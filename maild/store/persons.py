"""Which addresses are one person's, and which signatures have spoken for one, as far as the database knows."""

from collections.abc import Iterable, Mapping

from maild.database.connection import Transaction
from maild.database.dialect import Reader, marks
from maild.store.work import upsert


def used_before(reader: Reader, signature: str, entry: str) -> bool:
    """Tell whether another entry was believed for this very signature."""
    counted = "SELECT 1 AS one FROM confirmation WHERE code_hash = ? AND entry <> ?"
    return bool(reader.execute(counted, (f"signed:{signature}", entry)))


def load_aliases(reader: Reader, addresses: Iterable[str]) -> Mapping[str, str]:
    """Return every address of the persons to whom these belong, with the one that each is known by.

    An address that nobody linked to another is left out.
    """
    wanted = sorted({a for a in addresses if a})
    if not wanted:
        return {}
    among = marks(wanted)
    known = f"SELECT person FROM alias WHERE address IN {among} OR person IN {among}"  # noqa: S608 marks
    persons = sorted({row["person"] for row in reader.execute(known, (*wanted, *wanted))})
    if not persons:
        return {}
    theirs = f"SELECT address, person FROM alias WHERE person IN {marks(persons)} ORDER BY address"  # noqa: S608 marks
    found = {row["address"]: row["person"] for row in reader.execute(theirs, persons)}
    return found | {person: person for person in persons}


def link_addresses(transaction: Transaction, person: str, others: Iterable[str]) -> None:
    """Make other addresses, with all that were linked to them, those of a person."""
    known = load_aliases(transaction, [person]).get(person, person)
    for other in others:
        theirs = {*load_aliases(transaction, [other]), other} - {known}
        for address in sorted(theirs):
            transaction.change(*upsert("alias", ("address",), {"address": address, "person": known}))


def unlink_address(transaction: Transaction, address: str) -> bool:
    """Make an address a person of its own again; False when it was linked to none.

    Where others are known by it, the first of them takes its place.
    """
    group = load_aliases(transaction, [address])
    if not group:
        return False
    transaction.change("DELETE FROM alias WHERE address = ?", (address,))
    left = sorted(a for a in group if a != address)
    if group[address] == address:
        transaction.change("DELETE FROM alias WHERE address = ?", (left[0],))
        transaction.change("UPDATE alias SET person = ? WHERE person = ?", (left[0], address))
    return True


def tickets_of(reader: Reader, addresses: Iterable[str]) -> tuple[int, ...]:
    """Return the tickets in which these addresses ask or take part, oldest first."""
    wanted = sorted(addresses)
    among = marks(wanted)
    rows = reader.execute(
        f"SELECT number FROM ticket WHERE requester IN {among} UNION SELECT ticket FROM participant"  # noqa: S608 marks
        f" WHERE address IN {among} UNION SELECT ticket FROM post WHERE lower(author) IN {among} ORDER BY 1",
        (*wanted, *wanted, *wanted),
    )
    return tuple(int(row["number"]) for row in rows)
