"""Addresses that are one person's."""

from maild.database.connection import Database
from maild.store.persons import load_aliases


def test_all_addresses_of_a_person_are_found_by_any_of_them(db: Database):
    with db.transaction() as transaction:
        for address in ("marta@home.example", "marta@work.example"):
            transaction.change("INSERT INTO alias (address, person) VALUES (?, ?)", (address, "marta@example.org"))
    everything = {
        "marta@home.example": "marta@example.org",
        "marta@work.example": "marta@example.org",
        "marta@example.org": "marta@example.org",
    }
    with db.reading() as reader:
        assert load_aliases(reader, ["marta@work.example"]) == everything
        assert load_aliases(reader, ["marta@example.org"]) == everything
        assert load_aliases(reader, ["else@example.org", ""]) == {}
