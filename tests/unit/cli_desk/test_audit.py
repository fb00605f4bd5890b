"""The record at the shell."""

import pytest

NEW = ("ticket", "new", "--queue", "support", "--requester", "eve@client.example", "--subject", "x")


@pytest.mark.parametrize("desk", ["shell", "elsewhere"])
def test_an_administrator_verifies_what_was_done(desk, request):
    shell = request.getfixturevalue(desk)
    key = shell.rows(*NEW, given="It is broken.")[0]["key"]
    (found,) = shell.rows("audit", "verify")
    assert (found["state"], found["faults"]) == ("whole", [])
    assert found["events"] > 0
    assert shell.rows("audit", "show") == [{"rows": found["rows"], "head": found["head"]}]
    assert shell.rows("audit", "verify", "--head", found["head"])[0]["state"] == "whole"
    newest = shell.rows("audit", "list", "--ticket", key, "--limit", "1")[0]
    assert (newest["ticket"], newest["lines"][0][0]) == (key, "event")
    assert key in shell("audit", "list", "--limit", "2")[1]


def test_a_record_that_was_changed_is_told_with_65_and_the_place(shell, ticket):
    with shell.database() as database, database.transaction() as transaction:
        transaction.change("UPDATE event SET detail = 'nothing' WHERE seq = 1")
    code, told, _ = shell("audit", "verify")
    assert code == 65
    assert f"ticket {ticket}" in told
    assert "line 1 was changed" in told
    assert shell("audit", "verify", "--json")[1][0]["state"] == "broken"
    assert "cut off" not in told
