"""Absences said by mail, and the loads, agents and tickets that assignment looks at."""

from datetime import timedelta

from maild.base.words import Priority
from maild.desk.effects import KeepAbsence
from maild.sla.roster import Absence
from maild.store.absences import open_tickets
from maild.store.model import Tally
from tests.unit.store.test_snapshot import look

ANA, BEN = "ana@example.com", "ben@example.com"


def test_an_absence_is_in_the_snapshot_until_it_is_over_and_changes_by_its_id(desk):
    open_end = Absence(ANA, desk.now, None, BEN, "e1.1")
    short = Absence(BEN, desk.now, desk.now + timedelta(hours=1), "", "e1.2")
    desk.do("e1", KeepAbsence(open_end), KeepAbsence(short))
    assert look(desk).absences == (open_end, short)
    desk.later(hours=1)
    assert look(desk).absences == (open_end,)
    desk.do("e2", KeepAbsence(Absence(ANA, open_end.start, desk.now, BEN, "e1.1")))
    assert look(desk).absences == ()


def test_loads_are_counted_by_priority_and_tickets_by_team(desk):
    desk.open(1, assignee=ANA, priority=Priority.URGENT, team="first")
    desk.open(2, assignee=ANA, team="second")
    desk.open(3, team="first")
    assert look(desk).loads[ANA].by_priority == {Priority.URGENT: 1, Priority.NORMAL: 1}
    with desk.db.reading() as reader:
        assert open_tickets(reader) == ({ANA: 2}, {"first": 2, "second": 1})


def test_the_agents_of_a_requesters_latest_tickets_are_known(desk):
    desk.open(1, assignee=ANA, requester="marta@example.org")
    desk.open(2, assignee=BEN, requester="marta@example.org")
    desk.open(3, assignee=ANA, requester="luis@example.org")
    assert look(desk, requester="marta@example.org").last_agents == (BEN, ANA)
    assert look(desk, ticket=2).last_agents == (ANA,)
    assert look(desk, Tally(last_agents=False), ticket=2).last_agents == (), "no team is sticky"
