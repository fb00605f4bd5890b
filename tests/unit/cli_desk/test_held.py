"""`maild outbox release` and `drop` of what a breaker held, by what holds it and not by hundreds of ids."""

import pytest

MAIL = (
    b"From: Person <person{n}@client.example>\nTo: {to}@example.com\nSubject: Printer {n}\n"
    b"Message-ID: <{n}@client.example>\n\nIt is stuck, for the {n}th time.\n"
)


def mail(n, to):
    return MAIL.replace(b"{n}", str(n).encode()).replace(b"{to}", to.encode())


@pytest.fixture
def storm(shell):
    """Two acknowledgements go out, then the breaker holds one of support and one of billing."""
    shell.path.write_text(shell.path.read_text() + "\n[limits]\nautomatic_per_minute = 3\n")
    for n, to in enumerate(("support", "support", "support", "billing")):
        shell.arrive(mail(n, to), to=f"{to}@example.com", mail_from=f"person{n}@client.example")
    held = shell.rows("outbox", "list", "--state", "held")
    assert [row["rcpt_to"] for row in held] == ["person2@client.example", "person3@client.example"]
    return shell


def still_held(shell):
    return [row["rcpt_to"] for row in shell.rows("outbox", "list", "--state", "held")]


def test_all_that_a_breaker_held_is_released_at_once_and_what_a_person_held_stays(storm):
    (kept, *_) = storm.rows("outbox", "list", "--state", "queued")
    storm.rows("outbox", "hold", kept["id"])
    rows = storm.rows("outbox", "release", "--breaker")
    assert [(row["rcpt_to"], row["state"]) for row in rows] == [
        ("person2@client.example", "queued"),
        ("person3@client.example", "queued"),
    ]
    assert still_held(storm) == [kept["rcpt_to"]]
    code, _, said = storm("outbox", "release", "--breaker")
    assert (code, said.strip()) == (0, "nothing of that is held")


def test_one_queue_of_what_is_held_is_released_and_the_rest_dropped(storm):
    assert len(storm.rows("outbox", "release", "--queue", "BILLING")) == 1
    assert still_held(storm) == ["person2@client.example"]
    assert storm.rows("outbox", "drop", "--breaker", "--queue", "support")[0]["state"] == "cancelled"
    assert still_held(storm) == []


def test_what_was_held_since_a_time_is_released(storm):
    assert storm.rows("outbox", "release", "--since", "2199-01-01T00:00:00Z") == []
    first = storm.rows("outbox", "list", "--state", "held")[0]["created_at"]
    assert len(storm.rows("outbox", "release", "--breaker", "--since", first)) == 2


def test_a_draft_is_never_released_with_the_rest(storm):
    (draft, _) = storm.rows("outbox", "list", "--state", "held")
    with storm.database() as db, db.transaction() as transaction:
        transaction.change("UPDATE outbox SET draft = TRUE WHERE id = ?", (draft["id"],))
    assert len(storm.rows("outbox", "release", "--breaker")) == 1
    assert still_held(storm) == [draft["rcpt_to"]]


@pytest.mark.parametrize("verb", ["release", "drop"])
def test_mails_are_named_by_their_ids_or_by_what_holds_them_and_never_by_both_or_neither(storm, verb):
    (held, _) = storm.rows("outbox", "list", "--state", "held")
    assert "--breaker" in storm.refused(64, "outbox", verb)
    assert "--breaker" in storm.refused(64, "outbox", verb, held["id"], "--breaker")
    assert "there is no queue lost" in storm.refused(65, "outbox", verb, "--queue", "lost")
    assert "later" in storm.refused(65, "outbox", verb, "--since", "later")
    assert len(still_held(storm)) == 2
