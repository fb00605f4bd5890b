"""Merging and splitting at the shell."""

MORE = b"""From: Luis <luis@client.example>
To: support@example.com
Subject: Printer
Message-ID: <two@client.example>
Date: Sat, 21 Nov 2026 21:05:00 +0000

The printer is on fire.
"""


def test_a_merged_ticket_is_found_where_it_lives_with_its_messages_and_people(shell, ticket):
    shell.arrive(MORE, mail_from="luis@client.example")
    (row,) = shell.rows("ticket", "merge", "101", "--into", ticket)
    assert (row["key"], row["participants"]) == (ticket, ["luis@client.example"])
    assert [m["new_text"].strip() for m in row["messages"]] == [
        "My certificate has run out.",
        "The printer is on fire.",
    ]
    old = shell.rows("ticket", "list", "--status", "merged")[0]
    assert (old["number"], old["merged_into"], old["resolution_due"]) == (101, ticket, None)
    assert shell.rows("ticket", "show", "101")[0]["links"] == [{"kind": "merged", "ticket": ticket}]


def test_a_ticket_is_not_merged_into_itself_nor_into_one_that_is_not_there(shell, ticket):
    assert "nothing was done" in shell.refused(65, "ticket", "merge", ticket, "--into", ticket)
    shell.refused(65, "ticket", "merge", ticket, "--into", "999")


def test_a_message_is_split_off_as_a_ticket_of_its_sender(shell, ticket):
    shell.arrive(MORE, mail_from="luis@client.example")
    shell.rows("ticket", "merge", "101", "--into", ticket)
    message = shell.rows("ticket", "show", ticket)[0]["messages"][1]
    (row,) = shell.rows("ticket", "split", ticket, message["id"])
    assert (row["number"], row["requester"], row["subject"]) == (102, "luis@client.example", "Printer")
    assert [m["id"] for m in row["messages"]] == [message["id"]]
    assert {"kind": "split", "ticket": ticket} in row["links"]
    assert len(shell.rows("ticket", "show", ticket)[0]["messages"]) == 1


def test_the_first_message_and_a_foreign_one_are_not_split_off(shell, ticket):
    first = shell.rows("ticket", "show", ticket)[0]["messages"][0]["id"]
    assert "nothing was done" in shell.refused(65, "ticket", "split", ticket, first)
    shell.refused(65, "ticket", "split", ticket, "<one-of-nobody@x>")
