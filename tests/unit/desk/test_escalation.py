"""A ticket goes up with all that is known of it, and comes down again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from maild.base.words import Direction, Purpose, Role, Status
from maild.desk.bench import Bench
from maild.desk.decide.escalation import team_above, team_below
from maild.desk.decide.message import decide_message
from maild.desk.dossier import ATTACHED_FIRST, ATTACHED_MAX, dossier_of
from maild.desk.model import Attached, Event, Load, Past, Person, Post, Snapshot
from maild.message.model import Address, Attachment
from maild.settings.catalogue import Service
from maild.settings.people import Team
from maild.sla.duty import Duty
from maild.thread.model import Rule

from . import bench
from .bench import ANA, BEN, EVA, LEAD, MARTA, MONDAY, after, notice, posts, settings, ticket, told, verbs

OLGA, MAX = "olga@example.com", "max@example.com"
TEAMS = (
    Team(name="first-line", level=1, members=(ANA, BEN), lead=LEAD, escalates_to="second-line", manager=OLGA),
    Team(name="second-line", level=2, members=(EVA,), lead=LEAD, escalates_to="third-line"),
    Team(name="third-line", level=3, members=(MAX,)),
    Team(name="network", level=2, members=(MAX,), lead=LEAD),
)
VPN = Service(name="vpn", escalates_to="network")
ABOVE = ticket(team="second-line", level=2, assignee=EVA)


def order(text, before, agent=ANA, teams=TEAMS, **snapshot):
    """What happens to an agent's answer to his notice."""
    mail = bench.mail(text, author=Address("", agent), rule=Rule.TOKEN, ticket=7, purpose=Purpose.INTERNAL, entry="e9")
    changed = settings().model_copy(update={"team": teams, "service": (VPN,)})
    taken = Snapshot(ticket=before, **snapshot)
    return decide_message(mail, taken, changed, bench.slas(), MONDAY)


@pytest.mark.parametrize(("level", "team", "holder"), [("", "second-line", EVA), ("3", "third-line", MAX)])
def test_it_goes_to_the_next_level_or_the_one_that_is_named(level, team, holder):
    decision = order(f"#escalate {level} tried: a restart", ticket())
    stands = after(decision, ticket())
    assert (stands.team, stands.assignee) == (team, holder)
    assert holder in told(decision)["escalated"]


def test_its_service_may_have_a_team_of_its_own_above():
    stands = after(order("#escalate tried: a restart", ticket(service="vpn")), ticket())
    assert (stands.team, stands.level, stands.assignee) == ("network", 2, MAX)


def test_a_service_never_sends_a_ticket_down_or_aside():
    stands = after(order("#escalate tried: logs", ticket(service="vpn", team="second-line", level=2)), ticket())
    assert stands.team == "third-line"


@pytest.mark.parametrize(("who", "address"), [("lead", LEAD), ("manager", OLGA), ("gerente", OLGA)])
def test_lead_and_manager_are_told_and_the_ticket_stays(who, address):
    decision = order(f"#escalate {who} tried: a restart", ticket())
    stands = after(decision, ticket())
    assert (stands.team, stands.assignee) == ("first-line", ANA)
    assert told(decision)["escalated"] == [address]
    assert {r.role for r in notice(decision, "escalated").recipients} == {Role.LEAD}


def test_without_a_manager_the_lead_hears_it():
    assert told(order("#escalate manager tried: logs", ABOVE, agent=EVA))["escalated"] == [LEAD]


@pytest.mark.parametrize("text", ["#escalate", "#escalate 2", "#escalate please", "#escalate board tried: x"])
def test_going_up_needs_what_was_tried_and_a_way_that_there_is(text):
    decision = order(text, ticket())
    assert told(decision) == {"transcript": [ANA]}
    assert after(decision, ticket()).team == "first-line"


@pytest.mark.parametrize(
    "text", ["#escalate 1", "#escalate 1 it is the printer after all", "#escalar 1 intentado: logs"]
)
def test_going_back_down_needs_no_words(text):
    decision = order(text, ABOVE, agent=EVA)
    stands = after(decision, ABOVE)
    assert (stands.team, stands.level, stands.status) == ("first-line", 1, Status.OPEN)
    assert stands.assignee in {ANA, BEN}
    assert "returned" in verbs(decision)
    sent = notice(decision, "escalated")
    assert [r.address.key for r in sent.recipients] == [stands.assignee]
    assert sent.facts.returned


HISTORY = (
    Event(MONDAY, "maild", "assigned", f"{ANA}: least loaded of its team (0 active)"),
    Event(MONDAY, "maild", "assigned", f"{BEN}: #assign"),
    Event(MONDAY, BEN, "escalated", "to second-line: tried: logs"),
    Event(MONDAY, "maild", "assigned", f"{EVA}: least loaded of its team (0 active)"),
)


@pytest.mark.parametrize(
    ("there", "holder"), [((ANA, BEN), BEN), ((ANA,), ANA)], ids=["he who had it", "he who is there, since he is not"]
)
def test_it_goes_back_to_whoever_had_it_when_he_is_on_duty(there, holder):
    busy = {BEN: Load(9), ANA: Load(0)}
    decision = order("#escalate 1", ABOVE, agent=EVA, events=HISTORY, loads=busy, duties={"first-line": Duty(there)})
    assert after(decision, ABOVE).assignee == holder
    assert told(decision)["escalated"] == [holder]


def test_it_does_not_go_back_to_one_whom_no_mail_reaches():
    lost = Person(BEN, suspended_until=MONDAY + timedelta(days=1), suspended_because="5.1.1")
    stands = after(order("#escalate 1", ABOVE, agent=EVA, events=HISTORY, people={BEN: lost}), ABOVE)
    assert (stands.team, stands.assignee) == ("first-line", ANA)


def test_it_goes_back_to_him_also_where_tickets_are_assigned_by_hand():
    teams = tuple(team.model_copy(update={"assign": "none"}) if team.name == "first-line" else team for team in TEAMS)
    assert after(order("#escalate 1", ABOVE, agent=EVA, teams=teams, events=HISTORY), ABOVE).assignee == BEN


def test_when_nobody_is_on_duty_below_it_is_nobodys_and_the_lead_hears_of_it():
    decision = order("#escalate 1", ABOVE, agent=EVA, events=HISTORY, duties={"first-line": Duty()})
    assert after(decision, ABOVE).assignee is None
    assert told(decision)["escalated"] == [LEAD]


def test_a_level_from_which_nobody_escalates_here_is_refused():
    before = ticket(team="network", level=2, assignee=MAX, queue="none")
    assert after(order("#escalate 1", before, agent=EVA), before).team == "network"


def test_from_the_third_level_it_goes_back_to_the_second():
    before = ticket(team="third-line", level=3, assignee=MAX)
    assert after(order("#escalate 2", before, agent=EVA), before).team == "second-line"


def test_teams_that_escalate_in_a_ring_end():
    ring = (
        Team(name="first-line", level=1, escalates_to="second-line"),
        Team(name="second-line", level=2, escalates_to="first-line"),
    )
    made = Bench("s", Snapshot(), settings().model_copy(update={"team": ring}), {}, MONDAY, MONDAY)
    assert team_above(made, ticket(), 3) is None
    assert team_below(made, ticket(team="third-line", queue="none"), 2) is None


def test_the_dossier_of_a_long_ticket_names_what_came_with_every_message():
    at = [MONDAY + timedelta(hours=hour) for hour in range(4)]
    plan, again, photo = (Attachment(name, "image/png", 12, inline=False, sha256=name[0]) for name in ("p", "p2", "x"))
    first = Post("e1.1", 7, Direction.IN, MARTA, at[0], attachments=(plan,))
    latest = Post("e9.1", 7, Direction.IN, MARTA, at[3], attachments=(again, photo))
    older = (Attached(at[1], BEN, "logs.txt", 7, "l"), Attached(at[2], ANA, "plan.png", 12, "p"))
    dossier = dossier_of(ticket(), Past((first, latest), older_files=lambda: older), Event(at[3], ANA, "escalated", ""))
    assert [(each.filename, each.who, each.at) for each in dossier.attachments] == [
        ("p", MARTA.key, at[0]),
        ("logs.txt", BEN, at[1]),
        ("x", MARTA.key, at[3]),
    ]
    assert dossier.attachments_between == 0


def test_of_very_many_files_the_dossier_names_the_first_and_the_latest_and_counts_the_others():
    files = tuple(Attached(MONDAY, ANA, f"{n}.png", n, str(n)) for n in range(ATTACHED_MAX + 7))
    escalated = Event(MONDAY, ANA, "escalated", "")
    dossier = dossier_of(ticket(), Past(older_files=lambda: files), escalated)
    assert dossier.attachments == (*files[:ATTACHED_FIRST], *files[ATTACHED_FIRST + 7 :])
    assert dossier.attachments_between == 7
    assert dossier_of(ticket(), Past(older_files=lambda: files[:-7]), escalated).attachments == files[:-7]


def test_the_dossier_says_what_was_asked_tried_and_done_and_by_whom():
    logs = Attachment("logs.txt", "text/plain", 12, inline=False, sha256="1" * 64)
    logo = Attachment("logo.png", "image/png", 9, inline=True, sha256="2" * 64)
    asked = Post("e1.1", 7, Direction.IN, MARTA, MONDAY, new_text="It burns.", attachments=(logs, logo), public=True)
    answer = Post("e2.1", 7, Direction.OUT, Address("Ana", ANA), MONDAY, new_text="Water?", attachments=(logs,))
    draft = replace(answer, id="e3.1", draft=True)
    story = (
        Event(MONDAY, MARTA.key, "opened", "a new mail"),
        Event(MONDAY, "maild", "assigned", f"{BEN}: least loaded of its team (0 active)"),
        Event(MONDAY, BEN, "escalated", "to first-line: tried: water"),
        Event(MONDAY, "maild", "assigned", f"{ANA}: least loaded of its team (0 active)"),
        Event(MONDAY, ANA, "priority", "normal to high: #priority high"),
    )
    now = Event(MONDAY + timedelta(hours=1), ANA, "escalated", "tried: foam")
    dossier = dossier_of(ticket(), Past((asked, answer, draft), story), now)
    assert dossier.asked == asked
    assert [(each.who, each.words) for each in dossier.tried] == [(BEN, "water"), (ANA, "foam")]
    assert dossier.said == (answer,)
    assert [event.verb for event in dossier.done] == ["assigned", "escalated", "assigned", "priority"]
    assert [(each.filename, each.who) for each in dossier.attachments] == [("logs.txt", MARTA.key)]
    assert dossier.holders == (BEN,)
    assert not posts(order("#escalate tried: x", ticket()))
