"""What is kept of log-ins by OAuth2, and which entries fell between two stools, on both databases."""

from datetime import date, timedelta

from maild.store.auditing import entries_adrift
from maild.store.grants import SealedGrant, grant_is, publish_logins, read_grant, save_grant
from maild.store.logins import logins


def test_a_problem_keeps_its_beginning_and_ends_with_a_new_grant(desk):
    publish_logins(desk.db, {"outgoing": None, "mailbox.a": date(2027, 1, 31)}, desk.now)
    grant_is(desk.db, "outgoing", desk.now, "silent")
    first = desk.now
    grant_is(desk.db, "outgoing", desk.later(minutes=1), "still silent")
    there, out = logins(desk.db)
    assert (there.name, there.expires_on, there.problem) == ("mailbox.a", date(2027, 1, 31), "")
    assert (out.problem, out.since, out.renewed_at) == ("still silent", first, None)
    grant = SealedGrant("a:sealed", "seed", desk.now + timedelta(days=7))
    save_grant(desk.db, "outgoing", grant, desk.later(minutes=1))
    assert read_grant(desk.db, "outgoing") == grant
    assert logins(desk.db)[1].as_row() == {
        "name": "outgoing",
        "renewed_at": "2026-11-21T21:44:00Z",
        "expires_on": "2026-11-28",
        "problem": None,
        "since": None,
    }
    grant_is(desk.db, "outgoing", desk.later(hours=1))
    assert read_grant(desk.db, "outgoing") == grant
    publish_logins(desk.db, {}, desk.now)
    assert logins(desk.db) == []


def test_an_entry_that_nothing_became_of_is_named_and_many_are_counted(desk):
    first = desk.receive("first")
    assert entries_adrift(desk.db, desk.now) == []
    for n in range(24):
        desk.receive(f"more {n}")
    found = entries_adrift(desk.db, desk.later(hours=2))
    assert found[0] == (first, "it was never decided on")
    assert found[20] == ("", "and 5 more: it was never decided on")
    assert len(found) == 21
