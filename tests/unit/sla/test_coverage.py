"""What a roster leaves open."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from maild.sla.calendar import Calendar
from maild.sla.coverage import Bounds, FindingKind, find, loaded, week_opens
from maild.sla.roster import Absence, Roster
from tests.unit.sla.test_duty import ANA, BEN, EVA, shift

MADRID = ZoneInfo("Europe/Madrid")
MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
OFFICE = Calendar("Europe/Madrid", (*((((540, 1080),),) * 5), (), ()))
HOURS = {"first": (OFFICE,)}
MEMBERS = {"first": (ANA, BEN), "second": (EVA,)}


def found(roster, *, weeks=1, bounds=Bounds(), at=MONDAY, kind=None):  # noqa: B008 a frozen value
    everything = find(roster, HOURS, bounds, at, weeks, MADRID)
    return [f for f in everything if kind in {None, f.kind}]


def test_service_hours_with_nobody_on_duty_are_gaps_and_other_hours_are_none():
    gaps = found(Roster(MEMBERS, (shift(BEN),)))
    assert [(g.kind, g.start.hour, g.end - g.start) for g in gaps] == [(FindingKind.GAP, 16, timedelta(hours=1))] * 5
    assert found(Roster(MEMBERS, (shift(BEN, hours=(480, 1140)),))) == []


def test_a_gap_that_is_over_is_not_told_and_each_week_ahead_has_its_own():
    roster = Roster(MEMBERS, (shift(BEN, hours=(540, 1080), days="tue wed thu fri"),))
    assert len(found(roster, weeks=3)) == 3
    assert len(found(roster, weeks=3, at=MONDAY + timedelta(days=1))) == 2
    (now, *_) = found(roster, at=MONDAY + timedelta(hours=2))
    assert now.start == MONDAY + timedelta(hours=2)


def test_a_team_without_shifts_has_a_gap_only_while_all_are_away():
    one = Absence(ANA, MONDAY, MONDAY + timedelta(hours=2), EVA)
    both = (Absence(ANA, MONDAY, MONDAY + timedelta(hours=2)), Absence(BEN, MONDAY, MONDAY + timedelta(hours=1)))
    assert found(Roster(MEMBERS, absences=(one,))) == []
    gap, *absent = found(Roster(MEMBERS, absences=both))
    assert (gap.kind, gap.end - gap.start) == (FindingKind.GAP, timedelta(hours=1))
    assert {(f.kind, f.who) for f in absent} == {(FindingKind.ABSENT, ANA), (FindingKind.ABSENT, BEN)}


def test_an_absence_is_told_once_however_many_shifts_it_takes():
    away = Absence(BEN, MONDAY, MONDAY + timedelta(days=3))
    roster = Roster(MEMBERS, (shift(ANA, BEN, hours=(540, 1080)),), absences=(away,))
    (absent,) = found(roster)
    assert (absent.kind, absent.who, absent.start) == (FindingKind.ABSENT, BEN, MONDAY)
    quiet = Roster(MEMBERS, (shift(ANA, BEN, hours=(540, 1080)),), absences=(Absence(BEN, MONDAY, None, EVA),))
    assert found(quiet) == []


def test_a_substitute_with_a_shift_of_his_own_is_booked_twice():
    away = Absence(BEN, MONDAY, MONDAY + timedelta(hours=4), EVA)
    roster = Roster(MEMBERS, (shift(BEN, hours=(540, 1080)), shift(EVA, team="second")), absences=(away,))
    (double,) = found(roster, kind=FindingKind.DOUBLE)
    assert (double.who, double.start, double.end) == (EVA, MONDAY, MONDAY + timedelta(hours=4))
    assert double.shifts == ("shift", "shift")


def test_more_hours_a_week_than_allowed_are_an_overload_and_hours_in_two_shifts_count_once():
    roster = Roster(MEMBERS, (shift(BEN, hours=(540, 1080)), shift(BEN, team="second", hours=(540, 1080))))
    (heavy,) = found(roster, kind=FindingKind.OVERLOAD, bounds=Bounds(timedelta(hours=40)))
    assert (heavy.who, heavy.seconds) == (BEN, 45 * 3600)
    assert found(roster, kind=FindingKind.OVERLOAD, bounds=Bounds(timedelta(hours=45))) == []


def test_too_many_open_tickets_a_person_or_for_those_on_duty_are_an_overload():
    roster, bounds = Roster(MEMBERS, (shift(ANA, BEN, hours=(540, 1080)),)), Bounds(open_tickets=10)
    seen = loaded(roster, HOURS, bounds, {ANA: 11, BEN: 10}, {"first": 21, "second": 10}, MONDAY)
    assert [(f.who, f.team, f.tickets) for f in seen] == [(ANA, "", 11), ("", "first", 21)]
    assert loaded(roster, HOURS, Bounds(), {ANA: 99}, {}, MONDAY) == ()


def test_a_week_opens_with_its_first_working_hour():
    assert week_opens([OFFICE], MONDAY + timedelta(days=3), MADRID) == MONDAY
    holiday = Calendar("Europe/Madrid", OFFICE.hours, frozenset({MONDAY.date()}))
    assert week_opens([holiday], MONDAY, MADRID) == MONDAY + timedelta(days=1)
    assert week_opens([], MONDAY, MADRID) == MONDAY
