"""Every piece of an agent's work is there at the shell, too."""

import pytest

NEW = ("ticket", "new", "--queue", "support", "--requester", "eve@client.example", "--subject", "Printer")


@pytest.fixture
def other(shell, ticket):
    """The key of a second ticket."""
    return shell.rows(*NEW, given="It burns.")[0]["key"]


def test_an_agent_takes_watches_and_mutes_from_the_shell(shell, ticket):
    (row,) = shell.rows("ticket", "take", ticket, "--as", "ben@example.com")
    assert (row["status"], row["assignee"]) == ("open", "ben@example.com")
    assert {"ben@example.com", "acted"} <= {e["verb"] for e in row["events"]} | {e["actor"] for e in row["events"]}
    assert "ana@example.com" in shell.rows("ticket", "watch", ticket, "--as", "ana")[0]["participants"]
    assert "ana@example.com" not in shell.rows("ticket", "mute", ticket, "--as", "ana")[0]["participants"]
    shell.refused(64, "ticket", "take", ticket)


def test_time_is_booked_and_a_ticket_put_off(shell, ticket):
    (row,) = shell.rows("ticket", "time", ticket, "1h30m")
    assert row["events"][-1]["verb"] == "time"
    assert shell.rows("ticket", "snooze", ticket, "2h")[0]["events"][-1]["verb"] == "snoozed"
    assert "nothing was done" in shell.refused(65, "ticket", "snooze", ticket, "yesterday-ish")


def test_tickets_are_tied_and_untied(shell, ticket, other):
    assert {"kind": "blocks", "ticket": other} in shell.rows("ticket", "link", ticket, other, "blocks")[0]["links"]
    assert {"kind": "parent", "ticket": other} in shell.rows("ticket", "parent", ticket, other)[0]["links"]
    assert {"kind": "parent", "ticket": other} not in shell.rows("ticket", "parent", ticket, f"-{other}")[0]["links"]


def test_a_child_is_opened(shell, ticket):
    shell.rows("ticket", "set", ticket, "type=problem")
    (row,) = shell.rows("ticket", "child", ticket, 'Look at\n#close the "switch"')
    assert row["status"] == "new"
    child = shell.rows("ticket", "list")[-1]
    assert child["subject"] == "Look at #close the 'switch'"


def test_a_merge_is_taken_back(shell, ticket, other):
    shell.rows("ticket", "merge", other, "--into", ticket)
    shell.rows("ticket", "unmerge", ticket, other)
    assert shell.rows("ticket", "show", other)[0]["status"] == "new"


@pytest.mark.parametrize("how", [("duplicate",), ("set",)])
def test_a_duplicate_is_closed_and_linked(shell, ticket, other, how):
    order = ("duplicate", other, ticket) if how == ("duplicate",) else ("set", other, f"duplicate={ticket}")
    (row,) = shell.rows("ticket", *order)
    assert row["status"] == "closed"
    assert {"kind": "duplicate", "ticket": ticket} in row["links"]
    assert "duplicate=TICKET" in shell.refused(65, "ticket", "set", ticket, "status=duplicate")
