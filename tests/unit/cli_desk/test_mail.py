"""`maild inbound` and `maild outbox`: what came in, what goes out, and what an administrator may do about it."""

import hashlib

import pytest

from tests.unit.cli_desk.conftest import MAIL

INBOUND_FIELDS = {
    "entry",
    "received_at",
    "door",
    "mailbox",
    "client",
    "mail_from",
    "rcpt_to",
    "message_id",
    "sha256",
    "size",
    "state",
    "reason",
    "ticket",
    "attempts",
}
OUTBOX_FIELDS = {
    "id",
    "ticket",
    "template",
    "mail_from",
    "rcpt_to",
    "message_id",
    "state",
    "attempts",
    "next_attempt_at",
    "last_reply",
    "created_at",
}
FORGED = b"From: ana@example.com\nTo: support@example.com\nSubject: [ACME-100P] x\n\n#close\n"


def test_the_journal_has_every_field_of_the_contract(shell):
    entry = shell.arrive()
    (row,) = shell.rows("inbound", "list")
    assert row.keys() >= INBOUND_FIELDS
    assert (row["entry"], row["state"], row["ticket"], row["attempts"]) == (entry, "applied", "ACME-100P", 1)
    assert (row["rcpt_to"], row["mailbox"], row["client"]) == (["support@example.com"], None, "192.0.2.1")
    assert (row["size"], row["sha256"]) == (len(MAIL), hashlib.sha256(MAIL).hexdigest())
    assert row["received_at"].endswith("Z")
    (shown,) = shell.rows("inbound", "show", entry)
    assert shown.items() >= row.items()
    code, text, _ = shell("inbound", "show", entry)
    assert code == 0
    assert ["entry", entry] in [line.split() for line in text.splitlines()]


def test_raw_is_exactly_what_came(shell):
    octets = MAIL.replace(b"\n", b"\r\n") + b"\xff\x00\r\n"
    entry = shell.arrive(octets)
    assert shell("inbound", "show", entry, "--raw") == (0, octets, "")


def test_entries_are_filtered(shell):
    first = shell.arrive()
    second = shell.arrive(MAIL.replace(b"one@", b"two@"), to="nobody@example.com")
    third = shell.arrive(MAIL.replace(b"one@", b"three@").replace(b"support", b"elsewhere"), to="nobody@example.com")

    def found(*filters):
        return [row["entry"] for row in shell.rows("inbound", "list", *filters)]

    assert found() == [first, second, third]
    assert found("--limit", "1") == [third]
    assert found("--state", "quarantined") == [third]
    assert found("--state", "quarantined", "--state", "Applied") == [first, second, third]
    assert found("--ticket", "ACME-100P") == [first]
    assert found("--door", "lmtp") == []
    assert "none of received" in shell.refused(65, "inbound", "list", "--state", "lost")
    assert "no ticket" in shell.refused(65, "inbound", "list", "--ticket", "x")
    assert len(shell("inbound", "list")[1].splitlines()) == 1 + 3


def test_a_mail_that_came_before_is_explained_as_one_that_opens_no_ticket(shell, ticket, tmp_path):
    (tmp_path / "again.eml").write_bytes(MAIL)
    (tmp_path / "new.eml").write_bytes(MAIL.replace(b"one@", b"two@").replace(b"run out", b"run away"))
    _, again, _ = shell("explain", str(tmp_path / "again.eml"))
    assert "ticket     none (rule: duplicate)" in again
    _, new, _ = shell("explain", str(tmp_path / "new.eml"))
    assert "ticket     a new one (rule: new)" in new


@pytest.mark.parametrize("verb", ["show", "retry", "release", "drop", "replay"])
def test_an_entry_that_is_not_there_is_65(shell, verb):
    assert "there is no entry nothing" in shell.refused(65, "inbound", verb, "nothing")


def test_a_mail_for_no_queue_is_released_to_one(shell):
    entry = shell.arrive(MAIL.replace(b"support@", b"elsewhere@"), to="elsewhere@example.com")
    assert "there is no queue lost; there are" in shell.refused(65, "inbound", "release", entry, "--queue", "lost")
    (row,) = shell.rows("inbound", "release", entry, "--queue", "billing")
    assert (row["state"], row["reason"]) == ("received", None)
    with shell.house() as house:
        shell.work_off(house)
    (row,) = shell.rows("inbound", "list")
    assert row["state"] == "applied"
    assert [(t["key"], t["queue"]) for t in shell.rows("ticket", "list")] == [(row["ticket"], "billing")]


def test_a_mail_for_no_queue_that_is_released_to_none_is_said_to_come_back(shell):
    entry = shell.arrive(MAIL.replace(b"support@", b"elsewhere@"), to="elsewhere@example.com")
    code, _, err = shell("inbound", "release", entry)
    assert code == 0
    assert "none of our queues: without --queue" in err


def test_an_entry_is_tried_once_more_but_never_twice_applied(shell):
    aside = shell.arrive(MAIL.replace(b"support@", b"elsewhere@"), to="elsewhere@example.com")
    assert shell.rows("inbound", "retry", aside, aside)[0]["state"] == "received"
    assert "would have to be failed or quarantined" in shell.refused(65, "inbound", "retry", aside)
    done = shell.arrive()
    for verb in ("retry", "release", "drop"):
        assert f"entry {done} is applied" in shell.refused(65, "inbound", verb, done)


def test_a_dropped_entry_keeps_its_octets_and_may_come_back(shell):
    octets = MAIL.replace(b"support@", b"elsewhere@")
    entry = shell.arrive(octets, to="elsewhere@example.com")
    (row,) = shell.rows("inbound", "drop", entry)
    assert row["state"] == "dropped"
    assert "dropped by cli:" in row["reason"]
    assert shell("inbound", "show", entry, "--raw")[1] == octets
    assert shell.rows("inbound", "release", entry)[0]["state"] == "received"


def test_releasing_an_unproved_agents_mail_counts_as_confirmed(shell, ticket):
    shell.arrive(FORGED, mail_from="ana@example.com")
    row = shell.rows("inbound", "list")[-1]
    assert (row["state"], row["reason"]) == ("quarantined", "agent-unproved")
    shell.rows("inbound", "release", row["entry"])
    with shell.house() as house:
        shell.work_off(house)
    assert shell.rows("inbound", "list")[-1]["state"] == "applied"


def test_a_replay_proves_that_nothing_changes(shell, ticket):
    (row,) = shell.rows("inbound", "list")
    before = [shell.select(f"SELECT * FROM {table}") for table in ("ticket", "post", "event", "outbox", "entry")]
    code, _, said = shell("inbound", "replay", row["entry"])
    assert code == 0
    assert "nothing changed" in said
    assert shell.rows("inbound", "replay", row["entry"])[0].items() >= row.items()
    after = [shell.select(f"SELECT * FROM {table}") for table in ("ticket", "post", "event", "outbox", "entry")]
    assert after == before


def test_what_was_not_applied_is_not_replayed(shell):
    entry = shell.arrive(MAIL.replace(b"support@", b"elsewhere@"), to="elsewhere@example.com")
    assert "would have to be applied or duplicate" in shell.refused(65, "inbound", "replay", entry)


def test_the_outbox_has_every_field_of_the_contract(shell, ticket):
    rows = shell.rows("outbox", "list")
    assert {row["template"] for row in rows} == {"acknowledgement", "assigned"}
    for row in rows:
        assert row.keys() >= OUTBOX_FIELDS
        assert (row["ticket"], row["state"], row["attempts"], row["last_reply"]) == (ticket, "queued", 0, None)
        assert isinstance(row["rcpt_to"], str)
        assert shell.rows("outbox", "show", row["id"])[0].items() >= row.items()
        raw = shell("outbox", "show", row["id"], "--raw")[1]
        assert row["message_id"].encode() in raw
    assert len(shell("outbox", "list")[1].splitlines()) == 1 + 2
    assert rows[0]["id"] in shell("outbox", "show", rows[0]["id"])[1]


def test_the_outbox_is_filtered(shell, ticket):
    rows = shell.rows("outbox", "list")
    assert shell.rows("outbox", "list", "--template", "assigned") == [r for r in rows if r["template"] == "assigned"]
    assert shell.rows("outbox", "list", "--ticket", "100", "--state", "queued") == rows
    assert shell.rows("outbox", "list", "--state", "sent") == []
    assert shell.rows("outbox", "list", "--limit", "1") == rows[-1:]
    assert "none of queued" in shell.refused(65, "outbox", "list", "--state", "lost")


@pytest.mark.parametrize("verb", ["show", "retry", "hold", "release", "drop"])
def test_a_mail_that_is_not_there_is_65(shell, verb):
    assert "there is no mail nothing" in shell.refused(65, "outbox", verb, "nothing")


def test_a_mail_is_held_released_and_dropped(shell, ticket):
    mail = shell.rows("outbox", "list")[0]["id"]
    (row,) = shell.rows("outbox", "hold", mail)
    assert (row["state"], row["next_attempt_at"]) == ("held", None)
    assert "hold by cli:" in row["reason"]
    assert "is held: there is nothing to hold" in shell.refused(65, "outbox", "hold", mail)
    (row,) = shell.rows("outbox", "release", mail)
    assert row["state"] == "queued"
    assert row["next_attempt_at"]
    (row,) = shell.rows("outbox", "drop", mail)
    assert (row["state"], row["next_attempt_at"]) == ("cancelled", None)
    assert "is cancelled: there is nothing to drop" in shell.refused(65, "outbox", "drop", mail)
    shell.refused(65, "outbox", "release", mail)
    assert shell.rows("ticket", "show", "100")[0]["events"][-1]["verb"] == "cancelled"


def test_dropping_an_agents_words_takes_the_response_back(shell, ticket):
    (row,) = shell.rows("ticket", "reply", "100", "--as", "ana", given="Soon.\n")
    assert row["clocks"][0]["state"] == "met"
    mail = shell.rows("outbox", "list")[-1]
    assert mail["template"] == "agent-replied"
    shell.rows("outbox", "drop", mail["id"])
    (row,) = shell.rows("ticket", "show", "100")
    assert (row["clocks"][0]["clock"], row["clocks"][0]["state"]) == ("first_response", "running")
    assert row["first_response_due"] == shell.rows("ticket", "list")[0]["first_response_due"] is not None
    assert row["messages"][-1]["delivery"][0]["state"] == "cancelled"
    assert row["events"][-1]["verb"] == "response-withdrawn"


def test_deferred_and_failed_mails_are_tried_again(shell, ticket):
    first, second = (row["id"] for row in shell.rows("outbox", "list"))
    with shell.database() as database, database.transaction() as transaction:
        late = "UPDATE outbox SET state = 'deferred', next_attempt_at = '2099-01-01T00:00:00.000000Z'"
        transaction.change(late)
        transaction.change("UPDATE outbox SET state = 'failed' WHERE id = ?", (second,))
    assert shell.rows("outbox", "flush") == [{"flushed": 1}]
    assert shell.rows("outbox", "show", first)[0]["next_attempt_at"] < "2099"
    assert shell.rows("outbox", "retry", first, second)[1]["state"] == "queued"
    assert "0 deferred mails" in shell("outbox", "flush")[1]
