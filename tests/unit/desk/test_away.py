"""An agent says by mail when he is away, and that he is back."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from maild.base.words import Purpose, Verdict
from maild.desk.commands.times import read_stay
from maild.desk.effects import KeepAbsence
from maild.desk.model import Load, Person, Snapshot
from maild.message.model import Address
from maild.sla.duty import Duty
from maild.sla.roster import Absence
from maild.thread.model import Rule
from tests.unit.desk.bench import ANA, BEN, EVA, LEAD, MONDAY, decide, mail, notice, ticket, told

MADRID = ZoneInfo("Europe/Madrid")
FRIDAY, TUESDAY = datetime(2026, 11, 26, 23, tzinfo=UTC), datetime(2026, 11, 30, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "start", "end"),
    [
        ("", "11-23 10:00", None),
        ("fri..mon", "11-27 00:00", "12-01 00:00"),
        ("vie..lun", "11-27 00:00", "12-01 00:00"),
        ("from fri to mon", "11-27 00:00", "12-01 00:00"),
        ("del viernes al lunes", "11-27 00:00", "12-01 00:00"),
        ("fri…mon", "11-27 00:00", "12-01 00:00"),
        ("2026-12-01..15", "12-01 00:00", "12-16 00:00"),
        ("2026-12-30..2", "12-30 00:00", "01-03 00:00"),
        ("2026-12-01..2026-12-15", "12-01 00:00", "12-16 00:00"),
        ("..fri", "11-23 10:00", "11-28 00:00"),
        ("hasta el viernes", "11-23 10:00", "11-28 00:00"),
        ("fri..", "11-27 00:00", None),
        ("3d", "11-23 10:00", "11-26 10:00"),
        ("fri..3d", "11-27 00:00", "11-30 00:00"),
        ("mañana", "11-24 00:00", "11-25 00:00"),
        ("today..fri", "11-23 00:00", "11-28 00:00"),
        ("fri 14:00", "11-27 14:00", "11-28 00:00"),
        ("fri 14:00..mon 9:00", "11-27 14:00", "11-30 09:00"),
        ("14:00..18:00", "11-23 14:00", "11-23 18:00"),
    ],
)
def test_a_stay_is_read_in_both_languages_and_its_last_day_is_whole(written, start, end):
    read = [at and at.astimezone(MADRID).strftime("%m-%d %H:%M") for at in read_stay(written, MADRID, MONDAY)]
    assert read == [start, end]


@pytest.mark.parametrize("written", ["soon", "2026-11-01..2026-11-05", "fri 14:00..9:00", "2026-12-01..32", "fri..x"])
def test_what_is_no_stay_is_refused(written):
    with pytest.raises(ValueError, match=r"."):
        read_stay(written, MADRID, MONDAY)


def commanded(text, **snapshot):
    """What an answer of Ben's to one of his mails does."""
    arrived = mail(
        text, author=Address("", BEN), rule=Rule.TOKEN, ticket=7, purpose=Purpose.INTERNAL, verdict=Verdict.PASS
    )
    return decide(arrived, Snapshot(ticket=ticket(assignee=BEN), **snapshot))


def kept(decision):
    return [effect.absence for effect in decision.effects if isinstance(effect, KeepAbsence)]


def said(decision):
    return notice(decision, "transcript").facts.lines[0][1]


def test_an_absence_is_kept_and_the_answer_says_what_becomes_of_his_tickets():
    decision = commanded("#away fri..mon sub=eva", loads={BEN: Load(3)})
    (absence,) = kept(decision)
    assert (absence.who, absence.start, absence.end, absence.substitute) == (BEN, FRIDAY, TUESDAY, EVA)
    assert said(decision) == (
        "you are away from 2026-11-27 00:00 to 2026-12-01 00:00; "
        "eva gets your new tickets and hears of your 3 open ones"
    )
    assert "nobody stands in for you: the team on duty hears of your 0 open" in said(commanded("#ausente vie..lun"))


def test_a_new_word_on_the_same_days_takes_the_old_one_back():
    old = Absence(BEN, FRIDAY, TUESDAY + timedelta(days=9), ANA, "e0.1")
    void, fresh = kept(commanded("#away fri..mon sub=eva", absences=(old,)))
    assert (void.id, void.start, void.end) == ("e0.1", FRIDAY, FRIDAY)
    assert fresh.end == TUESDAY


def test_back_ends_the_absence_that_one_is_in_or_takes_back_the_one_to_come():
    now = Absence(BEN, MONDAY - timedelta(days=1), None, "", "e0.1")
    later = Absence(BEN, FRIDAY, TUESDAY, "", "e0.2")
    (ended,) = kept(commanded("#back", absences=(now, later), away={BEN: ""}))
    assert (ended.id, ended.end) == ("e0.1", MONDAY)
    (void,) = kept(commanded("#vuelta", absences=(later,)))
    assert (void.id, void.end) == ("e0.2", FRIDAY)


@pytest.mark.parametrize(
    ("text", "more", "reason"),
    [
        ("#back", {}, "nothing says that you are away"),
        ("#back", {"away": {BEN: ""}}, "the roster file says that you are away"),
        ("#away soon", {}, "is no time to be away"),
        ("#away fri sub=ben", {}, "nobody is his own substitute"),
        ("#away fri sub=nobody", {}, "nobody is called nobody"),
    ],
)
def test_what_cannot_be_is_a_fault_and_keeps_nothing(text, more, reason):
    decision = commanded(text, **more)
    assert kept(decision) == []
    assert reason in str(notice(decision, "transcript").facts.lines)


def test_a_substitute_who_is_away_himself_is_named():
    others = (Absence(EVA, FRIDAY, TUESDAY, "", "e0.1"),)
    assert said(commanded("#away fri..mon sub=eva", absences=others)).endswith("eva is away himself then")


@pytest.mark.parametrize(
    ("away", "hears"), [({}, [ANA]), ({ANA: EVA}, [ANA, EVA]), ({ANA: ""}, [ANA, BEN]), ({BEN: EVA}, [ANA])]
)
def test_who_writes_to_a_ticket_of_somebody_away_is_heard_by_his_substitute_or_the_team_on_duty(away, hears):
    arrived = mail("It still burns.", rule=Rule.TOKEN, ticket=7, purpose=Purpose.REQUESTER)
    duties = {"first-line": Duty((BEN,))}
    assert told(decide(arrived, Snapshot(ticket=ticket(), away=away, duties=duties)))["requester-wrote"] == hears


def test_an_unassigned_ticket_is_heard_of_by_the_lead_while_nobody_is_there():
    arrived = mail("It still burns.", rule=Rule.TOKEN, ticket=7, purpose=Purpose.REQUESTER)
    taken = Snapshot(ticket=ticket(assignee=None), duties={"first-line": Duty()})
    assert told(decide(arrived, taken))["requester-wrote"] == [LEAD]


def test_assigning_to_somebody_away_says_so():
    decision = commanded("#assign ana", away={ANA: EVA})
    assert said(decision) == f"assigned to {ANA}; {ANA} is away; {EVA} stands in"


def test_assigning_to_somebody_whom_no_mail_reaches_says_so_and_is_done():
    lost = Person(ANA, suspended_until=MONDAY + timedelta(days=1), suspended_because="5.1.1")
    decision = commanded("#assign ana", people={ANA: lost})
    assert said(decision) == f"assigned to {ANA}; no mail reaches {ANA} now, who will not hear of it"
    assert "assigned" not in told(decision)
