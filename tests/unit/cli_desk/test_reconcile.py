"""`maild inbound reconcile`: asked by hand, with an exit code for a monitor."""

import pytest

from tests.support.imap_script import ScriptedImap

MAILBOX = """
[[mailbox]]
name = "support"
host = "127.0.0.1"
port = {server.port}
tls = "none"
username = "{server.user}"
password = "{server.password}"
"""


@pytest.fixture
def server(shell):
    with ScriptedImap() as server:
        shell.path.write_text(shell.path.read_text() + MAILBOX.format(server=server))
        yield server


def test_what_was_never_taken_is_printed_and_leaves_with_65(shell, server):
    server.put(b"Subject: lost\r\n\r\nhello\r\n")
    code, [row], said = shell("inbound", "reconcile", "--patience", "0", "--json")
    assert (code, said) == (65, "1 difference\n")
    assert (row["mailbox"], row["uidvalidity"], row["uid"], row["entry"]) == ("support", 7, 1, None)
    assert row["came_at"] == "2026-11-21T19:00:00Z"
    _, [status], _ = shell("status", "--json")
    assert any("UID 1 lies on the server" in problem for problem in status["problems"])
    server.inbox.take_out(1)
    assert shell("inbound", "reconcile")[0] == 0
    _, [status], _ = shell("status", "--json")
    assert not any("lies on the server" in problem for problem in status["problems"])


def test_a_mailbox_out_of_reach_leaves_with_69(shell, server):
    server.on("EXAMINE", b"TAG NO not today\r\n")
    code, [row], _ = shell("inbound", "reconcile", "--mailbox", "support", "--json")
    assert (code, row["uid"]) == (69, None)
    assert "not today" in row["problem"]
    shell.refused(65, "inbound", "reconcile", "--mailbox", "nobody")
