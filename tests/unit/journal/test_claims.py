"""Who works on which entry: in order, once, and one bad entry stops no other."""

import threading
from datetime import timedelta

import pytest

from maild.base.words import EntryState
from maild.journal.journal import Journal
from maild.journal.model import Measured, NoSuchEntry

LEASE = timedelta(minutes=5)


def claimed(journal, limit=10, worker="w"):
    return [entry.id for entry in journal.claim(limit, worker, LEASE)]


def test_entries_are_claimed_in_the_order_of_their_arrival_and_once(journal, world):
    journal.append_now([world.mail(f"{n}") for n in range(5)])
    assert claimed(journal, 3) == ["e1", "e2", "e3"]
    assert claimed(journal, 3, "other") == ["e4", "e5"]
    assert claimed(journal) == []


def test_a_try_is_counted_before_the_mail_is_looked_into(journal, world):
    journal.append_now([world.mail()])
    (entry,) = journal.claim(1, "w", LEASE)
    assert entry.attempts == 1
    assert journal.get("e1").attempts == 1


def test_a_worker_that_died_loses_its_lease(journal, world):
    journal.append_now([world.mail()])
    claimed(journal)
    world.later(minutes=4)
    assert claimed(journal, worker="other") == []
    world.later(minutes=1)
    assert claimed(journal, worker="other") == ["e1"]


def test_a_mail_that_kills_its_process_is_set_aside_and_its_neighbours_are_not(journal, world):
    journal.append_now([world.mail("good"), world.mail("deadly"), world.mail("fine")])
    settled = set()
    for _ in range(15):
        for entry in journal.claim(50, "w", LEASE):
            if entry.id == "e2":
                break  # the process is gone, and what it had claimed with it
            settle(journal, entry.id)
            settled.add(entry.id)
        world.later(minutes=6)
    assert settled == {"e1", "e3"}
    assert journal.get("e2").state is EntryState.QUARANTINED
    assert "broke off" in journal.get("e2").reason
    assert journal.oldest_waiting() is None


def test_a_mail_that_was_in_hand_at_several_kills_is_worked_on_all_the_same(journal, world):
    journal.append_now([world.mail()])
    for _ in range(9):
        assert claimed(journal) == ["e1"]
        world.later(minutes=6)
    assert claimed(journal) == ["e1"]
    world.later(minutes=6)
    assert claimed(journal) == []
    assert journal.get("e1").state is EntryState.QUARANTINED


def settle(journal, entry, state=EntryState.APPLIED, ticket=None):
    from maild.journal import claims

    with journal._db.transaction() as transaction:
        claims.settle(transaction, entry, state, "", journal._now(), ticket)


def test_what_fails_is_tried_again_later_and_quarantined_after_the_third_time(journal, world):
    journal.append_now([world.mail()])
    for wait in (5, 60):
        assert claimed(journal) == ["e1"]
        assert journal.fail("e1", "no DNS") is EntryState.FAILED
        assert claimed(journal) == []
        world.later(seconds=wait)
    assert claimed(journal) == ["e1"]
    assert journal.fail("e1", "no DNS") is EntryState.QUARANTINED
    world.later(days=1)
    assert claimed(journal) == []
    assert journal.get("e1").reason == "no DNS"


def test_a_failing_entry_does_not_hold_up_the_others(journal, world):
    journal.append_now([world.mail("bad"), world.mail("good")])
    assert claimed(journal) == ["e1", "e2"]
    journal.fail("e1", "odd")
    settle(journal, "e2")
    journal.append_now([world.mail("more")])
    assert claimed(journal) == ["e3"]


def test_a_shutdown_gives_back_what_was_not_begun(journal, world):
    journal.append_now([world.mail("a"), world.mail("b")])
    entries = journal.claim(10, "w", LEASE)
    journal.give_back(entries, "w")
    assert [journal.get(e.id).attempts for e in entries] == [0, 0]
    assert claimed(journal) == ["e1", "e2"]


def test_an_administrator_releases_with_a_queue(journal, world):
    journal.append_now([world.mail()])
    claimed(journal)
    journal.quarantine("e1", "no-queue")
    assert journal.get("e1").reason == "no-queue"
    journal.wait(0)
    journal.release("e1", "support", confirmed=True)
    assert journal.wake.is_set()
    found = journal.get("e1")
    assert (found.state, found.attempts, found.envelope.queue) == (EntryState.RECEIVED, 0, "support")
    assert found.confirmed
    journal.quarantine("e1", "again")
    journal.retry("e1")
    assert journal.get("e1").confirmed
    assert journal.get("e1").envelope.queue == "support"


def test_what_was_applied_is_neither_released_nor_dropped(journal, world):
    journal.append_now([world.mail()])
    settle(journal, "e1", ticket=7)
    assert journal.get("e1").ticket == 7
    with pytest.raises(NoSuchEntry, match="applied already"):
        journal.release("e1")
    with pytest.raises(NoSuchEntry, match="applied already"):
        journal.drop("e1", "spam")
    with pytest.raises(NoSuchEntry):
        settle(journal, "nothing")


def test_what_is_dropped_is_kept_aside_with_its_octets(journal, world):
    journal.append_now([world.mail()])
    journal.drop("e1", "cli:root: spam")
    assert claimed(journal) == []
    assert journal.get("e1").state is EntryState.DROPPED
    assert journal.octets("e1")


def test_what_was_measured_once_is_kept_with_the_entry(journal, world):
    journal.append_now([world.mail()])
    assert journal.get("e1").results is None
    journal.measure("e1", Measured('{"spf": "pass"}', "abc", "<parsed@x>", ("support", "sales")))
    assert journal.get("e1").results == '{"spf": "pass"}'
    assert journal.get("e1").message_id == "<parsed@x>"


def test_the_oldest_waiting_entry_is_known(journal, world):
    assert journal.oldest_waiting() is None
    journal.append_now([world.mail()])
    arrived = world.now
    world.later(minutes=3)
    journal.append_now([world.mail()])
    assert journal.oldest_waiting() == arrived


def test_two_workers_never_get_the_same_entry(db, url, world):
    from maild.database.connection import open_database

    journal = Journal(db, world.clock, world.new_id)
    journal.append_now([world.mail(f"{n}") for n in range(40)])
    got, databases = [], [open_database(url) for _ in range(4)]

    def work(database, name):
        own = Journal(database, world.clock, world.new_id)
        while entries := own.claim(3, name, LEASE):
            got.extend(entry.id for entry in entries)

    threads = [threading.Thread(target=work, args=(d, f"w{n}")) for n, d in enumerate(databases)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for database in databases:
        database.close()
    journal.close()
    assert sorted(got) == sorted(f"e{n}" for n in range(1, 41))


def flood(journal, world, sender, count):
    journal.append_now([world.mail(f"{sender}{n}", mail_from=sender) for n in range(count)])


def test_whoever_sends_a_thousand_mails_makes_nobody_wait_behind_them(journal, world):
    flood(journal, world, "bomb@x", 1000)
    journal.append_now([world.mail("marta", mail_from="marta@y"), world.mail("luis", mail_from="luis@y")])
    taken = claimed(journal, 16)
    assert {"e1001", "e1002"} <= set(taken)
    assert len(taken) == 16
    assert [each for each in taken if each not in {"e1001", "e1002"}] == [f"e{n}" for n in range(1, 15)]


def test_several_who_flood_us_at_once_make_nobody_wait(journal, world):
    for sender in ("a@x", "b@x", "c@x"):
        flood(journal, world, sender, 300)
    journal.append_now([world.mail("marta", mail_from="marta@y")])
    assert "e901" in claimed(journal, 16)


def test_the_mails_of_one_sender_keep_their_order_whoever_else_writes(journal, world):
    flood(journal, world, "bomb@x", 60)
    flood(journal, world, "marta@y", 20)
    taken = [entry for _ in range(5) for entry in claimed(journal, 16)]
    numbers = [int(entry[1:]) for entry in taken]
    assert len(numbers) == 80
    assert [n for n in numbers if n <= 60] == list(range(1, 61))
    assert [n for n in numbers if n > 60] == list(range(61, 81))


def test_a_flood_in_a_fetched_mailbox_is_its_authors_and_makes_nobody_wait(journal, world):
    journal.append_now([world.mail(f"bomb{n}", author="Bomb <bomb@x.example>") for n in range(200)])
    journal.append_now([world.mail("marta", author="marta@y.example"), world.mail("unreadable")])
    assert {"e201", "e202"} <= set(claimed(journal, 16))


def test_a_flood_in_a_thousand_names_of_one_domain_makes_nobody_else_wait(journal, world):
    journal.append_now([world.mail(f"{n}", mail_from=f"bomb{n}@x.example") for n in range(1000)])
    journal.append_now([world.mail("marta", mail_from="marta@y.example")])
    assert "e1001" in claimed(journal, 16)


def test_a_flood_of_one_sender_makes_nobody_wait_at_his_own_provider(journal, world):
    flood(journal, world, "bomb@mail.example", 300)
    people = [world.mail(f"{n}", mail_from=f"person{n}@mail.example") for n in range(8)]
    journal.append_now([*people, world.mail("luis", mail_from="luis@y.example")])
    taken = claimed(journal, 16)
    assert {f"e{n}" for n in range(301, 310)} <= set(taken)
    assert taken.index("e309") < 8  # nor does his whole provider make others wait


def test_a_flood_of_reports_from_the_null_reverse_path_makes_nobody_wait(journal, world):
    flood(journal, world, "", 200)
    journal.append_now([world.mail("marta", mail_from="marta@y")])
    assert "e201" in claimed(journal, 16)
