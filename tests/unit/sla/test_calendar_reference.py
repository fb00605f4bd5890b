"""The fast calendar says what a slow look at the wall clock, minute by minute for years, says."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from random import Random

from maild.sla.calendar import (
    Calendar,
    NoWorkingTime,
    advance,
    in_force,
    instant_of,
    is_open,
    next_opening,
    pieces,
    seconds_of,
    working_seconds,
)

from .calendars import open_by_the_wall_clock
from .minutes import Notes
from .offices import PLACES, drawn, office, plain_office

DAY = 86_400


@dataclass
class Stretch:
    """An office, the notes of its place, and two instants in order: hours, months or years apart."""

    notes: Notes
    office: Calendar
    first: int
    last: int


def a_stretch(dice: Random) -> Stretch:
    place = dice.choice(PLACES)
    first = place.instant(dice)
    last = first + dice.randrange(dice.choice([2 * DAY, 100 * DAY, 1400 * DAY]))
    return Stretch(place.notes, office(dice, place), first, min(last, place.notes.end))


@drawn(200)
def test_years_of_working_time_are_what_the_wall_clock_shows(dice: Random) -> None:
    it = a_stretch(dice)
    quick = working_seconds(it.office, instant_of(it.first), instant_of(it.last))
    assert quick == it.notes.worked(it.office, it.first, it.last), it


@drawn(200)
def test_time_advanced_is_time_worked_and_not_a_second_more(dice: Random) -> None:
    it, seconds = a_stretch(dice), dice.randrange(1, dice.choice([90_000, 4_000_000]))
    slow = it.notes.reached(it.office, it.first, seconds)
    try:
        quick = seconds_of(advance(it.office, instant_of(it.first), seconds))
    except NoWorkingTime:
        quick = it.notes.end
    assert quick == slow or (slow is None and quick >= it.notes.end), (it, seconds)


@drawn(200)
def test_the_next_opening_is_the_second_in_which_work_begins(dice: Random) -> None:
    it = a_stretch(dice)
    slow = it.notes.reached(it.office, it.first, 1)
    opening = seconds_of(next_opening(it.office, instant_of(it.first)))
    assert opening + 1 == slow or (slow is None and opening >= it.notes.end), it
    assert is_open(it.office, instant_of(it.first)) == (opening == it.first), it


@drawn(100)
def test_pieces_leave_no_gap_and_each_is_all_work_or_none(dice: Random) -> None:
    it = a_stretch(dice)
    first, last = it.first, min(it.last, it.first + 40 * DAY)
    whole = instant_of(first), instant_of(last)
    found = [(seconds_of(start), seconds_of(end), is_work) for start, end, is_work in pieces(it.office, *whole)]
    assert [first, *(end for _, end, _ in found)] == [*(start for start, _, _ in found), last], it
    assert all(one[2] != other[2] for one, other in pairwise(found)), it
    assert all(it.notes.worked(it.office, start, end) == (end - start) * is_work for start, end, is_work in found), it
    reigns = sum(working_seconds(version, start, end) for start, end, version in in_force(it.office, *whole))
    assert reigns == it.notes.worked(it.office, first, last), it


@drawn(200)
def test_the_notes_are_right_wherever_one_looks(dice: Random) -> None:
    place = dice.choice(PLACES)
    hours, at = plain_office(dice, place), place.instant(dice)
    minute = instant_of(at // 60 * 60)
    is_work = place.notes.worked(hours, at, at + 1) == 1
    assert is_work == open_by_the_wall_clock(hours, minute), (hours, at)
    assert is_work == is_open(hours, minute + timedelta(seconds=at % 60)), (hours, at)
