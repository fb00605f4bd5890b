"""The row of a ticket: changed where it stands, and of a new one written once, when the decision has filled it."""

import json

from maild.store.facts import write_texts
from maild.store.numbers import take_number
from maild.store.work import NumberTaken, Work, insert

_PUBLIC_IDS_MAX = 10  # the root and the latest: what a References field carries


def open_row(work: Work, number: int, values: dict[str, object]) -> None:
    """Begin the row of a new ticket; raises NumberTaken when there is a ticket of that number."""
    if work.transaction.execute("SELECT 1 AS one FROM ticket WHERE number = ?", (number,)):
        raise NumberTaken(f"ticket number {number} is taken")
    work.opened[number] = values


def change_row(work: Work, number: int, values: dict[str, object]) -> None:
    """Give columns of a ticket's row, named by us, new values."""
    if number in work.opened:
        work.opened[number] |= values
        return
    fresh = ", ".join(f"{name} = ?" for name in values)
    work.transaction.change(f"UPDATE ticket SET {fresh} WHERE number = ?", (*values.values(), number))  # noqa: S608 our names


def name_subject(work: Work, number: int, canonical: str) -> None:
    """Have a ticket that has no canonical subject yet found by this one."""
    if number in work.opened:
        work.opened[number]["canonical_subject"] = work.opened[number]["canonical_subject"] or canonical
        return
    first = "UPDATE ticket SET canonical_subject = ? WHERE number = ? AND canonical_subject = ''"
    work.transaction.change(first, (canonical, number))


def add_public_id(work: Work, number: int, message_id: str) -> None:
    """Remember the Message-ID of a public mail for the References of later ones: the first 4 and the last 6."""
    ids = _public_ids(work, number)
    if message_id in ids:
        return
    ids.append(message_id)
    if len(ids) > _PUBLIC_IDS_MAX:
        ids = [*ids[:4], *ids[-6:]]
    change_row(work, number, {"public_ids": write_texts(ids)})


def _public_ids(work: Work, number: int) -> list[str]:
    if number in work.opened:
        rows = [work.opened[number]]
    else:
        rows = work.transaction.execute("SELECT public_ids FROM ticket WHERE number = ?", (number,))
    return list(json.loads(str(rows[0]["public_ids"]))) if rows else []


def write_opened(work: Work) -> None:
    """Write the rows of the new tickets; from here on they are changed where they stand."""
    for number, values in work.opened.items():
        if not work.transaction.change(*insert("ticket", values, "ON CONFLICT (number) DO NOTHING")):
            raise NumberTaken(f"ticket number {number} is taken")
        if work.transaction.dialect.name == "sqlite":
            take_number(work.transaction, number)
    work.opened.clear()
