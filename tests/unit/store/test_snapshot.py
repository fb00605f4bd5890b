"""What a decision may look at, and the one query before it."""

import threading
from dataclasses import replace

from maild.base.words import Audience, DeliveryState, EntryState, LinkKind, Priority, Role, Status
from maild.database.connection import open_database
from maild.desk.effects import (
    AddEvent,
    AddLink,
    AddPost,
    ChangeTicket,
    Decision,
    OpenTicket,
    PutParticipant,
    RememberPerson,
    SettleEntry,
)
from maild.desk.model import Event, Load, Participant, Person, Sent, Traffic
from maild.message.model import Attachment
from maild.notice.catalogue import CATALOGUE
from maild.store.candidates import candidates, lives_at
from maild.store.model import Asked, Stale, Tally
from maild.store.numbers import reserve_numbers
from maild.store.snapshot import snapshot
from maild.store.traffic import TO_REQUESTERS, Counted
from maild.thread.model import Candidate, StoredMessage, Wanted

NOTHING_COUNTED = Tally()


def look(desk, tally=NOTHING_COUNTED, **asked):
    return snapshot(desk.db, Asked(**asked), desk.now, tally=tally)


def wanted(*message_ids, tickets=()):
    return Wanted(message_ids, tuple(tickets))


def test_numbers_are_given_once_and_start_where_the_administrator_says(desk):
    assert reserve_numbers(desk.db, 0, 5) == ()
    assert reserve_numbers(desk.db, 2, 1000) == (1000, 1001)
    assert reserve_numbers(desk.db, 1, 1000) == (1002,)
    assert reserve_numbers(desk.db, 1, 5000) == (5000,)
    assert look(desk, new_numbers=2).new_numbers == (5001, 5002)


def test_two_processes_never_get_the_same_number(desk, url):
    other = open_database(url)
    given = [number for _ in range(5) for db in (desk.db, other) for number in reserve_numbers(db, 2)]
    other.close()
    assert sorted(set(given)) == sorted(given)


def test_a_number_that_no_ticket_took_is_given_again(desk):
    assert look(desk, new_numbers=1).new_numbers == look(desk, new_numbers=1).new_numbers == (1,)
    assert look(desk, new_numbers=2).new_numbers == (1, 2)
    desk.open(1)
    assert look(desk, new_numbers=1).new_numbers == (2,)
    assert snapshot(desk.db, Asked(new_numbers=1), desk.now, 1000).new_numbers == (1000,)


def test_a_number_that_another_took_is_not_tried_again(desk):
    assert look(desk, new_numbers=1).new_numbers == (1,)
    thread = threading.Thread(target=desk.open, args=(1,))
    thread.start()
    thread.join()
    assert isinstance(desk.do("late", OpenTicket(desk.ticket(1))), Stale)
    assert look(desk, new_numbers=1).new_numbers == (2,)


def test_an_empty_desk_has_an_empty_snapshot(desk):
    seen = look(desk, ticket=7, tickets=(8,), people=("a@x",), code_hash="x", delivery="x", agent="a@x")
    assert (seen.ticket, seen.tickets, seen.people, seen.confirmation, seen.reported) == (None, {}, {}, None, None)
    assert (seen.loads, seen.sent, seen.automatic_in_a_minute, seen.confirms_in_an_hour) == ({}, {}, 0, 0)


def test_a_load_counts_new_and_open_tickets_and_remembers_the_last_assignment(desk):
    desk.open(1, assignee="ana@example.com")
    desk.open(2, assignee="ana@example.com", status=Status.CLOSED)
    first = desk.now
    desk.later(hours=1)
    desk.open(3, assignee="ben@example.com")
    desk.do("away", ChangeTicket(3, (("assignee", None),)))
    loads = look(desk).loads
    assert loads == {"ana@example.com": Load(1, first, {Priority.NORMAL: 1}), "ben@example.com": Load(0, desk.now)}


def test_how_often_a_requester_was_asked_for_a_rating_is_known_where_it_matters(desk):
    desk.open(1, status=Status.CLOSED, survey="asked", surveyed_at=desk.now)
    desk.open(2, status=Status.CLOSED, survey="skipped", surveyed_at=desk.now)
    desk.open(3, status=Status.CLOSED, survey="asked", surveyed_at=desk.now, requester="luis@example.net")
    desk.open(4)
    desk.later(days=29)
    assert (look(desk, ticket=4, surveys=True).surveys, look(desk, ticket=4).surveys) == (1, 0)
    desk.later(days=1)
    assert look(desk, ticket=4, surveys=True).surveys == 0


def test_automatic_mail_is_counted_by_person_and_over_all(desk):
    desk.open(1)
    marta = "marta@example.net"
    desk.do("a", outgoing=[desk.mail(), desk.mail("ben@x"), desk.mail(automatic=False)])
    desk.later(minutes=11)
    desk.do("b", outgoing=[desk.mail(), desk.mail(template="resolved"), desk.mail(template="confirm")])
    desk.later(seconds=59)
    seen = look(desk, Tally(("ben@x", marta), in_a_minute=600), people=(marta, "ben@x", "nobody@x"), agent=marta)
    assert seen.sent == {marta: Sent(2, 3), "ben@x": Sent(0, 1)}
    assert (seen.automatic_in_a_minute, seen.notices) == (3, {marta: 3})
    assert look(desk, Tally(in_a_minute=2)).automatic_in_a_minute == 2, "no further than the limit"
    assert look(desk, Tally(("ben@x", marta), notices=False)).notices == {}
    assert seen.confirms_in_an_hour == 1
    desk.later(hours=25)
    assert look(desk, people=(marta,)).sent == {}


def test_automatic_mail_is_counted_by_domain_queue_ticket_and_subject_no_further_than_each_limit(desk):
    desk.open(1)
    tally = Tally(traffic=Counted(a_ticket=9, a_domain=9, a_queue=9, same_answers=1, shared=frozenset({"gmail.com"})))
    desk.do("a", outgoing=[desk.mail("old@x.example")])
    desk.later(minutes=11)
    desk.do("b", outgoing=[desk.mail("a@x.example"), desk.mail("B@X.example"), desk.mail("c@gmail.com")])
    desk.do("c", outgoing=[desk.mail("a@x.example", template="assigned"), desk.mail("a@x.example", automatic=False)])
    people = ("a@x.example", "c@gmail.com")
    seen = look(desk, tally, people=people, ticket=1).traffic
    assert (seen.ticket, seen.on_ticket, seen.on_ticket_in_a_day) == (1, 3, 4)
    assert (seen.by_domain, seen.by_queue) == ({"x.example": 2, "example.net": 0}, {"support": 3})
    assert seen.same_answers == {(who, "acknowledgement"): 1 for who in people}
    new = look(desk, tally, people=people, queue="support", canonical_subject="scanner").traffic
    assert (new.on_ticket, new.by_queue, new.same_answers) == (0, {"support": 3}, {})
    few = Tally(traffic=replace(tally.traffic, a_ticket=1, a_domain=1, a_queue=1))
    seen = look(desk, few, people=people, ticket=1).traffic
    assert (seen.on_ticket, seen.by_domain["x.example"], seen.by_queue["support"]) == (1, 1, 1)
    assert look(desk, people=people, ticket=1).traffic == Traffic(ticket=1)


def test_what_a_person_gets_as_an_agent_does_not_count_as_a_requesters_mail(desk):
    desk.open(1)
    desk.do("a", outgoing=[desk.mail("ana@x", template="assigned"), desk.mail("ana@x", template="transcript")])
    assert look(desk, people=("ana@x",)).sent == {}


def test_every_template_for_requesters_counts_towards_their_limits():
    assert set(TO_REQUESTERS) == {t for t, audience in CATALOGUE.items() if audience is Audience.REQUESTER}


def test_the_people_of_the_ticket_are_in_its_snapshot(desk):
    desk.open(1, assignee="ana@example.com", participants=(Participant("cc@x", "", Role.CC),))
    desk.do("a", outgoing=[desk.mail("cc@x"), desk.mail("ana@example.com")])
    assert look(desk, ticket=1).sent.keys() == {"cc@x", "ana@example.com"}


def test_deliveries_are_those_that_wait_or_carry_an_agents_words(desk):
    desk.open(1)
    sent = desk.mail(state=DeliveryState.SENT)
    desk.do("a", outgoing=[sent, replace(sent, words_of="ana@x"), desk.mail(), desk.mail(ticket=2)])
    assert [d.id for d in look(desk, ticket=1).deliveries] == ["a.o2", "a.o3"]


def test_a_report_finds_the_copy_that_went_to_its_recipient(desk):
    desk.open(1)
    desk.do("a", outgoing=[desk.mail(), desk.mail("CC@x")])
    assert look(desk, reported_ref="ours", reported_rcpt_to="cc@x").reported.id == "a.o2"
    assert look(desk, reported_ref="ours").reported.id == "a.o1"
    assert look(desk, reported_ref="ours", reported_rcpt_to="forwarded@y").reported.id == "a.o1"
    assert look(desk, delivery="a.o2").reported.rcpt_to == "CC@x"
    assert look(desk, reported_ref="theirs").reported is None


def test_an_older_open_ticket_with_the_same_subject_is_seen(desk):
    desk.open(1)
    desk.open(2, status=Status.CLOSED)
    desk.open(3, requester="other@x")
    seen = look(desk, requester="marta@example.net", canonical_subject="vpn broken")
    assert [t.number for t in seen.same_subject] == [1]
    assert look(desk, requester="marta@example.net", canonical_subject="else").same_subject == ()


def test_the_tickets_that_the_same_mail_opened_elsewhere_are_siblings(desk):
    entry = desk.receive()
    desk.apply(desk.opening(entry, 1), measured=desk.measured(entry))
    seen = look(desk, content_hash="abc", message_id=f"<{entry}@x>")
    assert [t.number for t in seen.siblings] == [1]
    assert look(desk, ticket=1, content_hash="abc", message_id=f"<{entry}@x>").siblings == ()


def test_a_stored_message_is_found_by_its_own_id_and_by_that_of_the_mail_that_brought_it(desk):
    entry = desk.open(1)
    agents = desk.receive("agents-own")
    settle = SettleEntry(agents, EntryState.APPLIED, "", 1)
    post = desk.post("s.1", 1, entry=agents, message_id="<agents-own@x>")
    desk.do("s", AddPost(post), settle, outgoing=[desk.mail(post="s.1")])
    ids = ("<unknown@x>", "<agents-own@x>", f"<{entry}@x>", "<ours@desk.example.com>")
    found = candidates(desk.db, wanted(*ids)).stored
    assert found == tuple(StoredMessage(message_id, 1, "vpn broken") for message_id in ids[1:])


def test_a_candidate_is_where_the_ticket_lives_with_the_people_from_outside(desk):
    desk.open(1)
    desk.open(2)
    desk.open(3, requester="else@x", assignee="ana@example.com")
    desk.do("m", ChangeTicket(1, (("merged_into", 2),)), ChangeTicket(2, (("merged_into", 3),)))
    joins = [("cc@x", Role.CC, True), ("left@x", Role.CC, False), ("w@x", Role.WATCHER, True)]
    people = [PutParticipant(3, Participant(a, "", role, active)) for a, role, active in joins]
    desk.do("p", *people, PutParticipant(3, Participant("boss@x", "", Role.APPROVER)))
    found = candidates(desk.db, wanted(tickets=(1, 3, 99))).tickets
    outside = frozenset({"else@x", "cc@x", "boss@x"})
    assert found == (Candidate(3, 1, outside), Candidate(3, 3, outside))
    assert (lives_at(desk.db, 1), lives_at(desk.db, 99)) == (3, None)


def test_tickets_merged_in_a_ring_do_not_go_round_for_ever(lite):
    lite.open(1)
    lite.open(2)
    lite.do("m", ChangeTicket(1, (("merged_into", 2),)), ChangeTicket(2, (("merged_into", 1),)))
    assert lives_at(lite.db, 1) in (1, 2)


def test_the_same_mail_to_the_same_queue_is_a_duplicate(desk):
    def of(entry, queues, content_hash="abc"):
        hints = {"content_hash": content_hash, "message_id": "<first@x>", "queues": queues}
        return candidates(desk.db, wanted(), entry=entry, **hints).duplicate_of

    first = desk.receive("first")
    measured = replace(desk.measured(first, ("support", "sales")), message_id="<first@x>")
    desk.apply(desk.opening(first, 1), measured=measured)
    assert of("other", ("support",)) == of("other", ("sales", "support")) == first
    assert of("other", ("support",), "else") == of("other", ("billing",)) == of("other", ("support",), "") == ""
    assert of(first, ("support",)) == ""


def test_a_mail_that_was_only_quarantined_is_no_reason_to_call_another_a_duplicate(desk):
    first = desk.receive("first")
    held = Decision(first, (SettleEntry(first, EntryState.QUARANTINED, "x"),))
    desk.apply(held, measured=desk.measured(first))
    hints = {"content_hash": "abc", "message_id": f"<{first}@x>", "queues": ("support",)}
    assert candidates(desk.db, wanted(), entry="other", **hints).duplicate_of == ""


def test_a_link_is_written_once(desk):
    desk.open(1)
    desk.open(2)
    desk.do("a", AddLink(1, LinkKind.RELATED, 2))
    desk.do("b", AddLink(1, LinkKind.RELATED, 2))
    assert desk.count("link") == 1


def test_a_snapshot_is_of_one_moment(desk):
    desk.open(1)
    with desk.db.reading() as reader:
        reader.execute("SELECT 1 AS one FROM ticket")
        desk.open(2)
        assert candidates(reader, wanted(tickets=(1, 2))).tickets == (
            Candidate(1, 1, frozenset({"marta@example.net"})),
        )


def test_of_a_long_ticket_the_first_words_and_who_had_it_are_seen_beside_the_latest(desk):
    entry = desk.open(1)
    desk.do("up", of_ana(desk, "assigned", "ana@example.com: least loaded"), of_ana(desk, "escalated", "tried: logs"))
    for n in range(9):
        desk.do(f"n{n}", AddPost(desk.post(f"n{n}.1", 1)), of_ana(desk, "noted", f"line {n}"))
    seen = look(desk, ticket=1, posts=3, events=4)
    assert [post.id for post in seen.posts] == [f"{entry}.1", "n6.1", "n7.1", "n8.1"]
    assert [event.verb for event in seen.events] == ["assigned", "escalated", *["noted"] * 4]
    whole = look(desk, ticket=1, posts=10, events=12)
    assert [len(whole.posts), len({post.id for post in whole.posts}), len(whole.events)] == [10, 10, 12]


def test_what_came_with_the_older_messages_of_a_long_ticket_is_seen_without_their_words(desk):
    photo, logo = (Attachment(name, "image/png", 9, name == "logo.png", name) for name in ("photo.png", "logo.png"))
    desk.open(1)
    desk.open(2)
    desk.do("in", AddPost(desk.post("in.1", 2, attachments=(photo, replace(photo, filename="other.png")))))
    desk.do("merged", ChangeTicket(2, (("merged_into", 1),)))
    desk.do("draft", AddPost(desk.post("draft.1", 1, attachments=(photo,), draft=True)))
    desk.do("signed", AddPost(desk.post("signed.1", 1, attachments=(logo,))))
    desk.do("late", AddPost(desk.post("late.1", 1, attachments=(photo,))))
    for n in range(2):
        desk.do(f"n{n}", AddPost(desk.post(f"n{n}.1", 1)))
    seen = look(desk, ticket=1, posts=2)
    assert [(file.who, file.filename, file.size) for file in seen.older_files()] == [
        ("marta@example.net", name, 9) for name in ("photo.png", "other.png", "photo.png")
    ]
    assert look(desk, ticket=9, tickets=(1,), posts=2).pasts[1].older_files() == seen.older_files()
    assert look(desk, ticket=1, posts=9).older_files() == (), "they stand with their messages"


def of_ana(desk, verb, detail):
    return AddEvent(1, Event(desk.now, "ana@example.com", verb, detail))


def test_what_is_known_of_the_agents_is_always_seen(desk):
    ben = Person("ben@x", suspended_until=desk.now, suspended_because="5.1.1")
    desk.do("a", RememberPerson(ben), RememberPerson(Person("luis@x")))
    assert look(desk, Tally(("ana@x", "ben@x"))).people == {"ben@x": ben}
