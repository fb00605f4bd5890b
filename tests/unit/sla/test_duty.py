"""Who is on duty: shifts over midnight and over the change of the clocks, turns, absences, the order on call."""

from datetime import UTC, date, datetime, timedelta

import pytest

from maild.sla.duty import Duty, away, on_duty, turns_between
from maild.sla.roster import Absence, OnCall, Roster, Rotation, Shift

ANA, BEN, EVA = "ana@example.com", "ben@example.com", "eva@example.com"
DAYS = {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6}
MEMBERS = {"first": (ANA, BEN)}


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def shift(*who, hours=(540, 1020), days="mon tue wed thu fri", team="first", **more):
    week = tuple((hours,) if day in {DAYS[d] for d in days.split()} else () for day in range(7))
    return Shift("shift", team, who, "Europe/Madrid", week, **more)


def on(roster, text, team="first"):
    return on_duty(roster, team, at(text)).on


def test_without_shifts_all_members_are_on_duty_at_all_hours():
    assert on(Roster(MEMBERS), "2026-11-22T03:00") == (ANA, BEN)
    others = Roster(MEMBERS | {"second": (EVA,)}, (shift(EVA, team="second"),))
    assert on(others, "2026-11-22T03:00") == (ANA, BEN)


@pytest.mark.parametrize(
    ("when", "there"),
    [
        ("2026-11-23T07:59:59", ()),
        ("2026-11-23T08:00", (BEN,)),
        ("2026-11-23T15:59:59", (BEN,)),
        ("2026-11-23T16:00", ()),
        ("2026-11-22T12:00", ()),
        ("2026-07-20T07:00", (BEN,)),
        ("2026-07-20T15:00", ()),
    ],
)
def test_a_shift_has_the_hours_of_its_zone_in_winter_and_in_summer(when, there):
    assert on(Roster(MEMBERS, (shift(BEN),)), when) == there


def test_a_night_belongs_to_the_day_on_which_it_begins():
    night = Roster(MEMBERS, (shift(ANA, hours=(1320, 1800), days="fri", last_day=date(2026, 11, 27)),))
    assert on(night, "2026-11-27T20:59") == ()
    assert on(night, "2026-11-27T21:00") == (ANA,)
    assert on(night, "2026-11-28T04:59") == (ANA,)
    assert on(night, "2026-11-28T05:00") == ()
    assert on(night, "2026-12-04T22:00") == ()


@pytest.mark.parametrize(
    ("day", "hours"),
    [("2026-03-28", 7), ("2026-10-24", 9), ("2026-11-07", 8)],
    ids=["spring", "autumn", "any other"],
)
def test_a_night_ends_at_its_hour_on_the_wall_when_the_clocks_change(day, hours):
    night = Roster(MEMBERS, (shift(ANA, hours=(1320, 1800), days="sat"),))
    (turn,) = turns_between(night, at(f"{day}T12:00"), at(f"{day}T23:30"))
    assert turn.end - turn.start == timedelta(hours=hours)


def test_an_hour_that_the_clocks_skip_is_nobodys_and_breaks_nothing():
    lost = Roster(MEMBERS, (shift(ANA, hours=(120, 180), days="sun"),))
    assert list(turns_between(lost, at("2026-03-29T00:00"), at("2026-03-29T12:00"))) == []
    (twice,) = turns_between(lost, at("2026-10-25T00:00"), at("2026-10-25T12:00"))
    assert twice.end - twice.start == timedelta(hours=2)


def test_people_take_turns_from_the_first_day_on_and_over_the_year():
    turns = Roster(MEMBERS, (shift(BEN, ANA, first_day=date(2026, 11, 16), rotation=Rotation(date(2026, 11, 16), 7)),))
    days = ["2026-11-13", "2026-11-16", "2026-11-20", "2026-11-23", "2026-11-30", "2027-01-04"]
    assert [on(turns, f"{day}T12:00") for day in days] == [(), (BEN,), (BEN,), (ANA,), (BEN,), (ANA,)]


def test_on_holidays_nobody_begins():
    free = Roster(MEMBERS, (shift(BEN, free=frozenset({date(2026, 12, 8)}), free_yearly=frozenset({(12, 25)})),))
    assert [on(free, f"2026-12-{day}T12:00") for day in ("07", "08", "25")] == [(BEN,), (), ()]


def test_whoever_is_away_is_replaced_by_his_substitute_or_by_nobody():
    gone = Absence(BEN, at("2026-11-23T00:00"), at("2026-11-25T00:00"), EVA)
    roster = Roster(MEMBERS, (shift(BEN),), absences=(gone,))
    assert on_duty(roster, "first", at("2026-11-24T12:00")) == Duty((EVA,), ((BEN, EVA),))
    assert on(roster, "2026-11-25T12:00") == (BEN,)
    alone = Roster(MEMBERS, (shift(BEN),), absences=(Absence(BEN, at("2026-11-23T00:00")),))
    assert on_duty(alone, "first", at("2027-11-24T12:00")) == Duty((), (), (BEN,))


def test_a_substitute_who_is_away_has_his_own_and_a_ring_of_them_has_nobody():
    since = at("2026-11-23T00:00")
    chain = Roster(MEMBERS, absences=(Absence(BEN, since, None, EVA), Absence(EVA, since, None, ANA)))
    assert on(chain, "2026-11-23T12:00") == (ANA,)
    ring = Roster(MEMBERS, absences=(Absence(BEN, since, None, EVA), Absence(EVA, since, None, BEN)))
    assert on_duty(ring, "first", at("2026-11-23T12:00")) == Duty((ANA,), (), (BEN,))
    assert away(ring, at("2026-11-23T12:00")) == {BEN: "", EVA: ""}


def test_what_was_said_later_names_the_substitute():
    since = at("2026-11-23T00:00")
    roster = Roster(MEMBERS, absences=(Absence(BEN, since, None, ANA),)).with_absences(
        (Absence(BEN, since, None, EVA),)
    )
    assert away(roster, since) == {BEN: EVA}


def test_the_order_on_call_moves_on_and_leaves_out_who_is_away():
    order = OnCall("first", (ANA, BEN, EVA), "Europe/Madrid", Rotation(date(2026, 11, 23), 7))
    roster = Roster(MEMBERS, (shift(BEN),), on_call=(order,))
    assert on_duty(roster, "first", at("2026-11-24T22:00")).on_call == (ANA, BEN, EVA)
    assert on_duty(roster, "first", at("2026-12-01T22:00")).on_call == (BEN, EVA, ANA)
    gone = roster.with_absences((Absence(BEN, at("2026-11-30T00:00")),))
    assert on_duty(gone, "first", at("2026-12-01T22:00")).on_call == (EVA, ANA)
