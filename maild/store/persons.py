"""Which addresses are one person's, and which signatures have spoken for one, as far as the database knows."""

from collections.abc import Iterable, Mapping

from maild.database.dialect import Reader, marks


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
