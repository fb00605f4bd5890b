"""`maild person`: what is kept of somebody."""

import json
import sqlite3

MARTA, HOME = "marta@client.example", "marta@home.example"


def test_a_person_is_shown_with_her_tickets(shell):
    shell.arrive()
    (row,) = shell.rows("person", "show", MARTA)
    assert (row["address"], row["name"], row["vip"], row["blocked"]) == (MARTA, "Marta Vidal", False, False)
    assert len(row["tickets"]) == 1
    code, text, _ = shell("person", "show", MARTA)
    assert code == 0
    assert "Marta Vidal" in text


def test_linked_addresses_are_one_person_until_they_are_unlinked(shell):
    shell.arrive()
    (row,) = shell.rows("person", "link", MARTA, HOME, "m@work.example")
    assert row["addresses"] == [MARTA, "m@work.example", HOME]
    assert shell.rows("person", "show", HOME)[0]["name"] == "Marta Vidal"
    assert shell.rows("person", "unlink", MARTA)[0]["addresses"] == [MARTA]
    assert set(shell.rows("person", "show", HOME)[0]["addresses"]) == {HOME, "m@work.example"}
    assert "linked to no other" in shell.refused(65, "person", "unlink", MARTA)


def test_mail_from_a_linked_address_joins_her_ticket(shell):
    shell.arrive()
    shell.rows("person", "link", MARTA, HOME)
    (ticket,) = shell.rows("ticket", "list")
    again = (
        f"From: {HOME}\nTo: support@example.com\nSubject: [{ticket['key']}] again\nMessage-ID: <two@home.example>\n"
        "Date: Sat, 21 Nov 2026 22:00:00 +0000\n\nFrom home.\n"
    )
    shell.arrive(again.encode(), mail_from=HOME)
    (ticket,) = shell.rows("ticket", "list")
    assert ticket["requester"] == HOME


def test_a_person_is_blocked_and_let_in_again_at_the_shell(shell):
    shell.arrive()
    assert shell.rows("person", "set", MARTA, "blocked=yes", "language=es", "vip=yes")[0]["blocked"] is True
    other = shell.arrive(b"From: marta@client.example\nTo: support@example.com\nSubject: more\n\nHello again.\n")
    (row,) = [r for r in shell.rows("inbound", "list") if r["entry"] == str(other)]
    assert row["state"] == "quarantined"
    (row,) = shell.rows("person", "set", MARTA, "blocked=no")
    assert (row["blocked"], row["language"], row["vip"]) == (False, "es", True)


def test_all_that_is_kept_of_her_is_exported_with_her_words(shell):
    shell.arrive()
    code, text, said = shell("person", "export", MARTA)
    assert code == 0, said
    person, ticket = (json.loads(line) for line in text.splitlines())
    assert shell.rows("person", "export", MARTA)[0] == person  # `--json` is no mistake
    assert person["person"]["address"] == MARTA
    assert "certificate" in ticket["ticket"]["messages"][0]["new_text"]


def test_what_cannot_be_set_is_named(shell):
    assert "no [[organisation]]" in shell.refused(65, "person", "set", MARTA, "organisation=nowhere")
    assert "cannot be set" in shell.refused(65, "person", "set", MARTA, "shoes=red")
    assert "vip=yes" in shell.refused(65, "person", "set", MARTA, "vip=perhaps")


# --- erased -------------------------------------------------------------------------------------------------------


def _everything(shell):
    """All text and octets of the database but the audit record, in lower case."""
    with sqlite3.connect(shell.folder / "maild.db") as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        kept = [t for t in tables if t != "audit"]
        return "\n".join(str(row) for t in kept for row in db.execute(f'SELECT * FROM "{t}"')).lower()


def test_an_erased_person_is_nowhere_and_her_ticket_and_the_record_stay(shell):
    shell.arrive()
    shell.rows("person", "link", MARTA, HOME)
    (ticket,) = shell.rows("ticket", "list")
    before = _everything(shell)
    assert MARTA in before
    (done,) = shell.rows("person", "erase", HOME, "--yes")
    after = _everything(shell)
    for trace in (MARTA, HOME, "vidal", ticket["subject"].lower()):
        assert trace in before
        assert trace not in after
    assert (done["addresses"], done["tickets"], done["left"]) == (2, [ticket["key"]], {})
    (left,) = shell.rows("ticket", "list")
    assert (left["requester"], left["status"]) == (done["pseudonym"], ticket["status"])
    assert shell.rows("ticket", "show", ticket["key"])[0]["events"][-1]["verb"] == "erased"
    assert shell.rows("audit", "verify")[0]["state"] == "whole"
    assert shell.rows("ticket", "search", "burns") == []


def test_a_fetched_mail_of_hers_that_waits_for_a_person_is_erased_too(shell):
    shell.arrive()
    lost = b"From: Marta <marta@client.example>\nTo: nobody@elsewhere.example\nSubject: lost\n\nThe cellar burns.\n"
    shell.arrive(lost, to="nobody@elsewhere.example", mail_from=None)
    assert len(shell.rows("inbound", "list", "--state", "quarantined")) == 1
    assert "cellar" in _everything(shell)
    shell.rows("person", "erase", MARTA, "--yes")
    assert "cellar" not in _everything(shell)


def test_a_dry_run_tells_what_would_go_and_changes_nothing(shell):
    shell.arrive()
    told = "SELECT author, subject, text, octets FROM post JOIN entry_octets o ON o.entry = post.entry"
    before = shell.select(told)
    (row,) = shell.rows("person", "erase", MARTA, "--dry-run")
    assert row["dry_run"]
    assert row["rows"]["post"]
    assert shell.select(told) == before
    assert shell.rows("person", "show", MARTA)[0]["tickets"]
    shell.refused(64, "person", "erase", MARTA)


def test_somebody_whose_address_only_ends_like_hers_is_left_alone(shell):
    shell.arrive()
    other = b"From: Ana <ana.marta@client.example>\nTo: support@example.com\nSubject: other\n\nThe second floor.\n"
    shell.arrive(other, mail_from="ana.marta@client.example")
    shell.rows("person", "erase", MARTA, "--yes")
    assert [row["requester"] for row in shell.rows("ticket", "list")][-1] == "ana.marta@client.example"
    assert shell.rows("audit", "verify")[0]["state"] == "whole"


def test_an_agent_is_not_erased_while_he_works_here(shell):
    shell.arrive()
    assert "agent" in shell.refused(65, "person", "erase", "ana@example.com", "--yes")


def test_a_person_is_erased_from_a_server_too(elsewhere):
    elsewhere.arrive()
    (done,) = elsewhere.rows("person", "erase", MARTA, "--yes")
    assert done["left"] == {}
    assert elsewhere.rows("ticket", "list")[0]["requester"] == done["pseudonym"]
    assert elsewhere.rows("audit", "verify")[0]["state"] == "whole"
