"""Lanes: each domain has its turn, none has more than it may, and a talk keeps its order."""

from dataclasses import dataclass

from maild.outbox.lanes import Lanes, Pace


@dataclass(frozen=True)
class Row:
    id: str
    rcpt_to: str
    ticket: int = 7


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def taken(lanes):
    rows = []
    while (row := lanes.take()) is not None:
        rows.append(row)
    return rows


def test_domains_take_turns_so_that_a_long_queue_lets_others_pass():
    lanes = Lanes(Pace(10, 10))
    lanes.add([Row(f"b{n}", f"p{n}@big.example") for n in range(4)])
    lanes.add([Row("s1", "a@small.example"), Row("s2", "b@small.example")])
    assert [row.id for row in taken(lanes)] == ["b0", "s1", "b1", "s2", "b2", "b3"]


def test_one_domain_has_no_more_connections_than_it_may_whatever_its_letters():
    lanes = Lanes(Pace(10, 2))
    lanes.add([Row("r1", "a@Big.example"), Row("r2", "b@big.example"), Row("r3", "c@BIG.example")])
    first, second = taken(lanes)
    lanes.done(first)
    assert [row.id for row in taken(lanes)] == ["r3"]
    assert (first.id, second.id) == ("r1", "r2")


def test_mails_of_one_ticket_to_one_person_go_one_after_the_other():
    lanes = Lanes(Pace(10, 10))
    lanes.add([Row("r1", "a@x.example"), Row("r2", "A@x.example"), Row("r3", "a@x.example", ticket=8)])
    first, other = taken(lanes)
    assert (first.id, other.id) == ("r1", "r3")
    lanes.done(first)
    assert [row.id for row in taken(lanes)] == ["r2"]


def test_a_domain_with_a_pace_gets_its_mails_evenly():
    clock = Clock()
    lanes = Lanes(Pace(10, 10, 30), clock)
    lanes.add([Row("r1", "a@x.example"), Row("r2", "b@x.example"), Row("r3", "a@y.example")])
    assert [row.id for row in taken(lanes)] == ["r1", "r3"]
    assert lanes.ready_in() == 2.0
    clock.now += 2.0
    assert [row.id for row in taken(lanes)] == ["r2"]
    assert lanes.ready_in() is None


def test_a_domain_with_enough_waiting_is_named_so_that_others_are_claimed():
    lanes = Lanes(Pace(4, 1, 5))
    lanes.add([Row(f"r{n}", f"p{n}@x.example") for n in range(5)])
    assert lanes.room() == (5, frozenset({"x.example"}))
    assert len(lanes.drain()) == 5
    assert lanes.room() == (5, frozenset())
    assert lanes.take() is None
