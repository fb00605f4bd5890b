"""What digests, the lead's daily mail and reports are made of, on every database."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from maild.base.words import Clock, ClockState, Direction, Role, Status
from maild.desk.effects import AddEvent, AddPost, KeepRhythm, PutParticipant, SetClocks
from maild.desk.model import Event, Participant
from maild.reports.model import Period
from maild.reports.reading import read_report
from maild.sla.model import Reading
from maild.store.standing import load_standing
from tests.unit.store.test_snapshot import look

ANA = "ana@example.com"


def test_what_an_agent_said_of_his_digest_is_in_the_snapshot_until_he_takes_it_back(desk):
    desk.do("e1", KeepRhythm(ANA, "hourly"))
    assert look(desk).rhythms == {ANA: "hourly"}
    desk.do("e2", KeepRhythm(ANA, ""))
    assert look(desk).rhythms == {}


def test_unfinished_tickets_of_the_teams_stand_as_they_are(desk):
    desk.open(1, team="first", assignee=ANA)
    desk.open(2, team="first", status=Status.ON_HOLD)
    desk.open(3, team="second")
    desk.open(4, team="first", status=Status.CLOSED)
    asked = desk.post("p1", 1)
    desk.do("p", AddPost(asked), PutParticipant(2, Participant("noc@isp.example", "", Role.SUPPLIER)))
    due = desk.now + timedelta(hours=1)
    reading = Reading(Clock.RESOLUTION, 1, ClockState.RUNNING, desk.now, due, None, 10, 5, breached=False)
    desk.do("c", SetClocks(1, (reading,), due))
    with desk.db.reading() as reader:
        one, two = load_standing(reader, ("first",))
        assert load_standing(reader, ()) == ()
    assert (one.number, one.assignee, one.due_at, one.unanswered_since) == (1, ANA, due, asked.at)
    assert (two.number, two.for_supplier, two.for_approval, two.unanswered_since) == (2, True, False, None)
    answer = desk.post("p2", 1, direction=Direction.OUT)
    desk.do("a", AddPost(answer))
    with desk.db.reading() as reader:
        assert load_standing(reader, ("first",))[0].unanswered_since is None


def test_a_report_is_read_with_its_mails_ratings_and_machines(desk):
    start = desk.now - timedelta(hours=1)
    desk.open(1, team="first")
    desk.open(2, team="second")
    rated = AddEvent(1, Event(desk.now, "marta@example.net", "rated", "5\nThank you!"))
    desk.do("s", rated, AddPost(desk.post("p2", 1, direction=Direction.OUT)))
    entry = desk.receive()
    held = "UPDATE entry SET state = 'quarantined', reason = 'loop: it is ours' WHERE id = ?"
    with desk.db.transaction() as transaction:
        transaction.change(held, (entry,))
    period = Period(start, desk.now + timedelta(hours=1), ZoneInfo("UTC"))
    with desk.db.reading() as reader:
        whole, first = read_report(reader, {}, period), read_report(reader, {}, period, ("first",))
    assert (whole.total.opened, first.total.opened) == (2, 1)
    assert (first.total.ratings, first.total.rating_mean) == (1, 5.0)
    assert sum(day.mails_in for day in whole.days) == 2  # each ticket's first
    assert sum(day.mails_out for day in whole.days) == 1
    assert (whole.automatic, whole.quarantined) == ((("loop", 1),), 1)
