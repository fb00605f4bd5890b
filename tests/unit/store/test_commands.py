"""What commands by mail leave in the database, and find there."""

from dataclasses import replace

from maild.base.words import Direction, LinkKind, Priority, Role, Status
from maild.desk.effects import (
    AddEvent,
    AddLink,
    AddPost,
    ChangeTicket,
    KeepUndo,
    MarkPost,
    MovePost,
    RemoveLink,
)
from maild.desk.model import Event, Participant, Query, Undo
from maild.sla.roster import Absence
from maild.store.model import Asked
from maild.store.showing import show_ticket
from maild.store.snapshot import snapshot


def look(desk, **asked):
    return snapshot(desk.db, Asked(**asked), desk.now)


def merge(desk, old, new):
    desk.do(
        f"m{old}",
        ChangeTicket(old, (("merged_into", new), ("status", Status.MERGED), ("status_since", desk.later(minutes=1)))),
    )


def test_what_was_said_on_merged_tickets_is_found_where_they_live(desk):
    for number in (1, 2, 3):
        desk.open(number)
    merge(desk, 1, 2)
    merge(desk, 2, 3)
    seen = look(desk, ticket=3, tickets=(1,))
    assert [t.number for t in seen.merged] == [2]
    assert seen.tickets[1].number == 3
    assert {p.ticket for p in seen.posts} == {1, 2, 3}
    assert {p.ticket for p in seen.pasts[2].posts} == {1, 2}
    assert len(show_ticket(desk.db, "ACME", 3)["messages"]) == 3


def test_the_past_of_another_ticket_is_in_the_snapshot(desk):
    desk.open(1)
    desk.open(2)
    desk.do("e", AddEvent(2, Event(desk.now, "ana@example.com", "time", "900 seconds: #time 15m")))
    past = look(desk, ticket=1, tickets=(2,)).pasts[2]
    assert past.events[-1].verb == "time"
    assert show_ticket(desk.db, "ACME", 2)["time_seconds"] == 900


def test_a_message_goes_over_to_another_ticket(desk):
    desk.open(1)
    desk.open(2)
    desk.do("p", AddPost(desk.post("p.1", 1, message_id="<p@x>", public=False)))
    desk.do("s", MovePost("p.1", 2, public=True))
    (moved,) = [p for p in look(desk, ticket=2).posts if p.id == "p.1"]
    assert moved.public
    assert "<p@x>" in look(desk, ticket=2).ticket.public_ids


def test_a_released_draft_is_known_by_the_message_id_that_left(desk):
    desk.open(1)
    desk.do("p", AddPost(desk.post("p.1", 1, direction=Direction.OUT, public=False, draft=True)))
    desk.do("r", MarkPost("p.1", public=True, draft=False, message_id="<ours@x>"))
    (post,) = [p for p in look(desk, ticket=1).posts if p.id == "p.1"]
    assert (post.public, post.draft, post.message_id) == (True, False, "<ours@x>")
    assert "<ours@x>" in look(desk, ticket=1).ticket.public_ids


def test_a_tie_is_taken_back(desk):
    desk.open(1)
    desk.open(2)
    desk.do("l", AddLink(1, LinkKind.BLOCKS, 2))
    assert show_ticket(desk.db, "ACME", 2)["links"][0]["kind"] == "blocked-by"
    desk.do("u", RemoveLink(1, LinkKind.BLOCKS, 2))
    assert show_ticket(desk.db, "ACME", 2)["links"] == []


def test_a_parent_is_known_and_untied_whichever_of_the_two_it_was_tied_from(desk):
    for number in (1, 2, 3, 4):
        desk.open(number)
    desk.do("l", AddLink(4, LinkKind.PARENT, 2), AddLink(1, LinkKind.CHILD, 4), AddLink(4, LinkKind.RELATED, 3))
    assert look(desk, ticket=4, parents=True).parents == (1, 2)
    desk.do("u", RemoveLink(4, LinkKind.PARENT, 1))
    assert look(desk, ticket=4, parents=True).parents == (2,)
    assert show_ticket(desk.db, "ACME", 1)["links"] == []


def test_a_ticket_keeps_its_own_fields(desk):
    desk.open(1)
    desk.do("f", ChangeTicket(1, (("fields", (("room", "14 b"), ("serial", "ñ"))),)))
    assert look(desk, ticket=1).ticket.fields == (("room", "14 b"), ("serial", "ñ"))
    assert show_ticket(desk.db, "ACME", 1)["fields"] == {"room": "14 b", "serial": "ñ"}


def test_the_way_back_is_the_agents_latest_and_comes_back_as_it_was(desk):
    desk.open(1)
    changes = (
        ("status", Status.OPEN, Status.ON_HOLD),
        ("priority", Priority.LOW, Priority.HIGH),
        ("until", None, desk.now),
        ("tags", ("a",), ("a", "b")),
        ("fields", (), (("room", "12"),)),
        ("assignee", None, "eva@example.com"),
        ("level", 1, 2),
    )
    people = (Participant("luis@x", "Luis", Role.CC, active=False),)
    undo = Undo(
        "u.1",
        1,
        "ana@example.com",
        desk.now,
        ("#hold",),
        changes,
        people,
        links=((LinkKind.RELATED, 9),),
        untied=((LinkKind.PARENT, 8),),
        admitted=("e0.1",),
        persons=(("luis@x", "blocked", False, True),),
        absences=(
            (Absence("ana@example.com", desk.now, desk.now, "", "a"), Absence("ana@example.com", desk.now, id="a")),
        ),
        rhythm=("", "hourly"),
        booked=900,
    )
    desk.do("u", KeepUndo(undo), KeepUndo(replace(undo, id="u.2", agent="ben@example.com")))
    desk.do("v", KeepUndo(replace(undo, id="v.1", refusal="undo-sent")), KeepUndo(replace(undo, id="v.1", used=True)))
    assert look(desk, ticket=1, agent="ana@example.com").undo == undo
    assert look(desk, ticket=1, agent="").undo is None
    assert look(desk, ticket=1, agent="eva@example.com").undo is None


def test_lists_hold_the_tickets_that_are_asked_for(desk):
    desk.open(1, assignee="ana@example.com", tags=("vpn",))
    desk.open(2, assignee="ana@example.com", status=Status.CLOSED)
    desk.open(3, subject="Chair", first_subject="Chair")
    mine = Query((("assignee", ("ana@example.com",)), ("status", ("new", "open"))))
    tagged = Query((("tag", ("vpn", "lan")),))
    words = Query((("status", ("new",)),), ("broken",))
    found = look(desk, lists=(("mine", mine), ("tagged", tagged), ("words", words))).lists
    assert {name: [each.number for each in rows] for name, rows in found.items()} == {
        "mine": [1],
        "tagged": [1],
        "words": [1, 3],
    }
