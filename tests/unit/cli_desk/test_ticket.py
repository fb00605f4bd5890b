"""`maild ticket`: the desk from a shell, by the same rules as by mail."""

import os
import pwd

import pytest

ME = f"cli:{pwd.getpwuid(os.getuid()).pw_name}"
LIST_FIELDS = {
    "key",
    "number",
    "subject",
    "status",
    "type",
    "priority",
    "queue",
    "team",
    "level",
    "requester",
    "assignee",
    "participants",
    "language",
    "tags",
    "category",
    "created_at",
    "updated_at",
    "first_response_due",
    "next_response_due",
    "resolution_due",
    "breached",
    "merged_into",
}
MESSAGE_FIELDS = {
    "id",
    "direction",
    "from",
    "to",
    "cc",
    "subject",
    "message_id",
    "at",
    "text",
    "new_text",
    "attachments",
    "kind",
    "authentication",
    "public",
    "delivery",
}
CLOCK_FIELDS = {
    "clock",
    "cycle",
    "state",
    "started_at",
    "due_at",
    "met_at",
    "target_seconds",
    "elapsed_seconds",
    "remaining_seconds",
}


def _new(shell, *more, given="It does not print.\n", subject="Printer", requester="leo@client.example"):
    arguments = ("--queue", "support", "--requester", requester, "--subject", subject)
    (row,) = shell.rows("ticket", "new", *arguments, *more, given=given)
    return row


def test_a_list_has_every_field_of_the_contract(shell, ticket):
    (row,) = shell.rows("ticket", "list")
    assert row.keys() >= LIST_FIELDS
    assert row["key"] == ticket == "ACME-100P"
    assert row["requester"] == "marta@client.example"
    assert (row["participants"], row["tags"], row["breached"]) == ([], [], [])
    assert (row["category"], row["merged_into"], row["next_response_due"]) == (None, None, None)
    assert row["created_at"].endswith("Z")
    assert row["first_response_due"] > row["created_at"]


def test_a_ticket_is_shown_with_its_whole_story(shell, ticket):
    (row,) = shell.rows("ticket", "show", "100")
    assert row.keys() >= LIST_FIELDS | {"messages", "events", "clocks", "links"}
    (message,) = row["messages"]
    assert message.keys() >= MESSAGE_FIELDS
    assert message["from"] == {"name": "Marta Vidal", "address": "marta@client.example"}
    assert message["to"] == [{"name": "", "address": "support@example.com"}]
    assert (message["direction"], message["public"], message["new_text"]) == (
        "in",
        True,
        "My certificate has run out.",
    )
    assert [set(clock) >= CLOCK_FIELDS for clock in row["clocks"]] == [True, True]
    assert {clock["clock"]: clock["state"] for clock in row["clocks"]} == {
        "first_response": "running",
        "resolution": "running",
    }
    assert all(event.keys() >= {"at", "actor", "verb", "detail"} for event in row["events"])


def test_people_read_the_story_in_order(shell, ticket):
    shell.rows("ticket", "reply", "100", "--as", "ana", given="Here is a new one.\n")
    shell.rows("ticket", "note", "100", given="She asked twice.\n")
    code, text, _ = shell("ticket", "show", ticket)
    assert code == 0
    told = [
        "VPN certificate",
        "Clocks",
        "first_response  met",
        "Marta Vidal <marta@client.example> wrote",
        "| My certificate",
        "Ana Ruiz <ana@example.com> answered",
        "to marta@client.example: queued",
        "| Here is a new one.",
        "noted (internal)",
        "| She asked twice.",
        "Timeline",
        "opened",
    ]
    places = [text.index(words) for words in told]
    assert places == sorted(places)


def test_a_message_is_shown_with_the_id_that_split_wants(shell, ticket):
    shell.rows("ticket", "note", "100", given="It is about the printer too.\n")
    (message, _) = shell.rows("ticket", "show", "100")[0]["messages"]
    assert f"{message['id']}  Marta Vidal" in shell("ticket", "show", "100")[1]


@pytest.mark.parametrize("written", ["100", "100P", "100p", "ACME-100P", "[acme-100p]", "#100"])
def test_a_ticket_is_named_by_number_letter_or_key(shell, ticket, written):
    assert shell.rows("ticket", "show", written)[0]["key"] == ticket


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("100D", "wrong check letter, 100 has P"),
        ("101", "there is no ticket ACME-101D"),
        ("HELP-100P", "another desk's"),
        ("printer", "is no ticket; write"),
        ("0", "is no ticket; write"),
    ],
)
@pytest.mark.parametrize("verb", [("show",), ("set", "priority=low"), ("note",)])
def test_a_ticket_that_is_not_there_is_65_with_the_reason(shell, ticket, written, reason, verb):
    assert reason in shell.refused(65, "ticket", verb[0], written, *verb[1:], given="words")


def test_filters_repeat_and_join(shell, ticket):
    for subject, more in [("Printer", ["--priority", "urgent"]), ("Screen", [])]:
        _new(shell, *more, subject=subject)
    shell.rows("ticket", "set", "102", "status=pending")

    def found(*filters):
        return [row["number"] for row in shell.rows("ticket", "list", *filters)]

    assert found() == [100, 101, 102]
    assert found("--limit", "2") == [101, 102]
    assert found("--status", "new") == [100, 101]
    assert found("--status", "new", "--status", "PENDING") == [100, 101, 102]
    assert found("--status", "new", "--priority", "urgent") == [101]
    assert found("--requester", "Leo@client.example") == [101, 102]
    assert found("--queue", "billing") == []
    assert found("--assignee", "ana@example.com") != found("--assignee", "ben@example.com")
    assert "none of new, open" in shell.refused(65, "ticket", "list", "--status", "asleep")
    shell.refused(64, "ticket", "list", "--limit", "none")


def test_people_see_fifty_and_programs_all(shell, ticket):
    row = shell.select("SELECT * FROM ticket")[0]
    names = ", ".join(row)
    with shell.database() as database, database.transaction() as transaction:
        for number in range(200, 260):
            values = tuple((row | {"number": number, "first_subject": "VPN"}).values())
            marks = ", ".join("?" for _ in values)
            transaction.change(f"INSERT INTO ticket ({names}) VALUES ({marks})", values)
    assert len(shell("ticket", "list")[1].splitlines()) == 1 + 50
    assert len(shell("ticket", "search", "certificate")[1].splitlines()) == 1 + 50
    rows = shell.rows("ticket", "list")
    assert len(rows) == 61
    assert rows[-1]["number"] == 259
    assert len(shell.rows("ticket", "search", "certificate")) == 61
    assert [row["number"] for row in shell.rows("ticket", "search", "certificate", "--limit", "2")] == [258, 259]


def test_words_are_searched_in_subjects_and_messages(shell, ticket):
    _new(shell)
    assert [row["key"] for row in shell.rows("ticket", "search", "certificate", "run")] == [ticket]
    assert shell.rows("ticket", "search", "certificate", "print") == []
    assert shell.rows("ticket", "search", 'AND "OR* NEAR(') == []


def test_a_new_ticket_is_acknowledged_and_handed_out(shell):
    row = _new(shell, "--priority", "Urgent", "--type", "request", "--lang", "es", requester="Leo <leo@client.example>")
    assert (row["key"], row["status"], row["priority"], row["type"]) == ("ACME-100P", "new", "urgent", "request")
    assert (row["language"], row["assignee"]) == ("es", "ana@example.com")
    assert row["messages"][0]["new_text"] == "It does not print."
    assert row["messages"][0]["entry"] is None
    assert row["events"][0]["actor"] == ME
    sent = {(mail["template"], mail["rcpt_to"]) for mail in shell.rows("outbox", "list")}
    assert sent == {("acknowledgement", "leo@client.example"), ("assigned", "ana@example.com")}


def test_a_new_ticket_can_be_kept_from_its_requester(shell, tmp_path):
    file = tmp_path / "words.txt"
    file.write_bytes("\ufeffÑandú\r\nzwei\r\n".encode())
    row = _new(shell, "--no-notify", file)
    assert row["messages"][0]["new_text"] == "Ñandú\nzwei"
    assert [mail["template"] for mail in shell.rows("outbox", "list")] == ["assigned"]


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (("--queue", "none"), "there is no queue none; there are support, billing"),
        (("--requester", "leo"), "leo is no address"),
        (("--requester", "a@example.com, b@example.com"), "is no address"),
        (("--requester", "support@example.com"), "an address of the desk itself"),
        (("--priority", "huge"), "huge is none of low, normal, high, urgent"),
        (("--type", "joke"), "joke is none of incident"),
        (("--lang", "fr"), "fr is none of the desk's languages"),
    ],
)
def test_a_wrong_value_of_a_new_ticket_is_65(shell, wrong, reason):
    given = ("--queue", "support", "--requester", "leo@client.example", "--subject", "x")
    assert reason in shell.refused(65, "ticket", "new", *given, *wrong, given="words")
    assert shell.rows("ticket", "list") == []


def test_a_file_that_is_not_there_is_no_ticket(shell, tmp_path):
    arguments = ("--queue", "support", "--requester", "leo@client.example", "--subject", "x")
    shell.refused(74, "ticket", "new", *arguments, tmp_path / "none.txt")
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe\xff")
    shell.refused(65, "ticket", "new", *arguments, binary)
    assert shell.rows("ticket", "list") == []


def test_values_are_set_on_many_tickets(shell, ticket):
    _new(shell)
    rows = shell.rows("ticket", "set", "100", "101D", "100", "priority=high", "tags=+vpn,+home", 'subject=A = "b"')
    assert [row["key"] for row in rows] == [ticket, "ACME-101D"]
    assert {(row["priority"], tuple(row["tags"])) for row in rows} == {("high", ("vpn", "home"))}
    (row,) = shell.rows(
        "ticket",
        "set",
        "100",
        "assignee=ben",
        "type=request",
        "category=net/vpn",
        "language=es",
        "requester=eva@client.example",
        "queue=billing",
    )
    assert (row["type"], row["category"], row["language"]) == ("request", "net/vpn", "es")
    assert (row["requester"], row["queue"]) == ("eva@client.example", "billing")
    assert {event["actor"] for event in row["events"] if event["verb"] == "priority"} == {ME}


def test_a_status_waits_until_its_date(shell, ticket):
    (row,) = shell.rows("ticket", "set", "100", "status=pending", "until=2099-12-01")
    assert (row["status"], row["until"][:10], row["snoozed_until"]) == ("pending", "2099-12-01", None)
    assert {clock["state"] for clock in row["clocks"]} == {"paused"}
    assert (row["first_response_due"], row["resolution_due"]) == (None, None)
    assert shell.rows("ticket", "list")[0]["resolution_due"] is None


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (["status=reopened"], "not possible while the ticket is new"),
        (["status=asleep"], "asleep is no status"),
        (["priority=huge"], "huge is no priority"),
        (["shoe=42"], "shoe cannot be set"),
        (["priority=low", "queue=none"], "there is no queue none"),
        (["Priority=low"], "is no NAME=VALUE"),
    ],
)
def test_one_wrong_value_changes_nothing(shell, ticket, values, reason):
    assert reason in shell.refused(65, "ticket", "set", "100", *values)
    assert shell.rows("ticket", "list")[0]["priority"] == "normal"


@pytest.mark.parametrize("arguments", [["100"], ["priority=low"], []])
def test_set_wants_a_ticket_and_a_value(shell, ticket, arguments):
    shell.refused(64, "ticket", "set", *arguments)


def test_a_reply_goes_to_the_requester_at_once_and_meets_the_clock(shell, ticket):
    (row,) = shell.rows("ticket", "reply", "100", "--as", "ANA", "--set", "status=resolved", given="Sign in again.\n")
    assert row["status"] == "resolved"
    assert {clock["clock"]: clock["state"] for clock in row["clocks"]} == {
        "first_response": "met",
        "resolution": "met",
    }
    message = row["messages"][-1]
    assert (message["direction"], message["public"], message["from"]["address"]) == ("out", True, "ana@example.com")
    assert [d["rcpt_to"] for d in message["delivery"]] == ["marta@client.example"]
    mail = shell.rows("outbox", "list")[-1]
    assert (mail["template"], mail["state"]) == ("resolved", "queued")
    assert mail["next_attempt_at"] <= row["updated_at"]  # no undo window from the shell
    assert b"Sign in again." in shell("outbox", "show", mail["id"], "--raw")[1]
    assert any(event["actor"] == ME and "ana@example.com" in event["detail"] for event in row["events"])


def test_a_reply_is_the_callers_own_unless_told_otherwise(shell, ticket):
    (row,) = shell.rows("ticket", "reply", "100", given="Hello.\n")
    assert row["messages"][-1]["from"]["address"] == ME
    assert row["assignee"] == "ana@example.com"


def test_a_note_stays_inside(shell, ticket):
    before = len(shell.rows("outbox", "list"))
    (row,) = shell.rows("ticket", "note", "100", "--as", "ben@example.com", given="Her third time.\n")
    assert (row["status"], row["messages"][-1]["public"], row["messages"][-1]["direction"]) == ("new", False, "note")
    told = shell.rows("outbox", "list")[before:]
    assert [(mail["template"], mail["rcpt_to"]) for mail in told] == [("note-added", "ana@example.com")]


def test_words_are_wanted_and_an_agent_who_exists(shell, ticket):
    assert "no words" in shell.refused(65, "ticket", "reply", "100", given=" \n")
    assert "no agent" in shell.refused(65, "ticket", "reply", "100", "--as", "zoe", given="Hi")
    assert "NAME=VALUE" in shell.refused(65, "ticket", "reply", "100", "--set", "priority", given="Hi")
    shell.rows("ticket", "set", "100", "status=spam")
    shell.refused(65, "ticket", "reply", "100", given="Hi")
    assert len(shell.rows("ticket", "show", "100")[0]["messages"]) == 1


def test_values_alone_need_no_words(shell, ticket):
    (row,) = shell.rows("ticket", "note", "100", "--set", "priority=high")
    assert (row["priority"], len(row["messages"])) == ("high", 1)


def test_work_on_a_merged_ticket_goes_where_it_lives(shell, ticket):
    _new(shell)
    with shell.database() as database, database.transaction() as transaction:
        transaction.change("UPDATE ticket SET status = 'merged', merged_into = 101 WHERE number = 100")
    (row,) = shell.rows("ticket", "note", "100", given="Over there.")
    assert row["key"] == "ACME-101D"
    assert shell.rows("ticket", "show", "100")[0]["merged_into"] == "ACME-101D"


def test_the_caller_behind_sudo_stands_in_the_timeline(shell, ticket, monkeypatch):
    if os.getuid() != 0:
        pytest.skip("only root can be somebody else")
    monkeypatch.setenv("SUDO_USER", "nora")
    (row,) = shell.rows("ticket", "set", "100", "priority=low")
    assert row["events"][-1]["actor"] == "cli:nora"


def test_people_see_how_a_ticket_stands_after_a_change(shell, ticket):
    code, text, _ = shell("ticket", "set", "100", "priority=high")
    assert code == 0
    assert "priority high" in text
    assert "Timeline" not in text


ANSWER = b"""From: Marta Vidal <marta@client.example>
To: support@example.com
Subject: Re: [ACME-100P] VPN certificate
Message-ID: <two@client.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=cut

--cut

Here it is.
--cut
Content-Type: text/plain; name=log.txt
Content-Disposition: attachment; filename=log.txt

error
--cut--
"""
OUT_OF_OFFICE = b"""From: marta@client.example
To: support@example.com
Subject: Automatic reply: [ACME-100P] VPN certificate
Auto-Submitted: auto-replied
References: <one@client.example>
In-Reply-To: <one@client.example>

I am away.
"""


def test_attachments_machines_and_links_are_told_to_people(shell, ticket):
    shell.arrive(ANSWER)
    shell.arrive(OUT_OF_OFFICE)
    _new(shell)
    with shell.database() as database, database.transaction() as transaction:
        transaction.change("INSERT INTO link (ticket, kind, other) VALUES (100, 'related', 101)")
        transaction.change("UPDATE outbox SET last_reply = '250 taken', state = 'sent'")
    shell.rows("ticket", "reply", "100", "--as", "ana", given="Thanks.\n")
    with shell.database() as database, database.transaction() as transaction:
        transaction.change("UPDATE outbox SET last_reply = '451 later' WHERE template = 'agent-replied'")
        transaction.change("UPDATE post SET draft = TRUE WHERE direction = 'out'")
    text = shell("ticket", "show", ticket)[1]
    for words in (
        "attached: log.txt (text/plain",
        "(internal) [auto-reply]",
        "Links",
        "related",
        "drafted (not sent)",
        "to marta@client.example: queued: 451 later",
    ):
        assert words in text, text


def test_a_note_may_resolve_without_a_word_to_the_requester(shell, ticket):
    before = len(shell.rows("outbox", "list"))
    words = ("note", "100", "--as", "ana", "--set", "status=resolved", "--no-notify")
    assert shell.rows("ticket", *words, given="She called: it works.")[0]["status"] == "resolved"
    assert [mail["template"] for mail in shell.rows("outbox", "list")[before:]] == []
    shell.refused(64, "ticket", "reply", "100", "--no-notify", given="Never sent?")


def test_a_closed_ticket_is_reopened_by_the_one_table(shell, ticket):
    shell.rows("ticket", "set", "100", "status=closed")
    assert "not possible while the ticket is closed" in shell.refused(65, "ticket", "set", "100", "status=open")
    assert shell.rows("ticket", "set", "100", "status=reopened")[0]["status"] == "open"
