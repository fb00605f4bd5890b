"""Who gets a ticket: on duty, with the skill, by the requester's last agent, in her language, least loaded."""

from dataclasses import replace
from datetime import timedelta

import pytest

from maild.base.words import Priority, Purpose
from maild.desk.assignment import Wish, choose_member, narrow
from maild.desk.decide.message import decide_message
from maild.desk.model import Load, Person, Snapshot
from maild.settings.people import Agent, Skill
from maild.sla.duty import Duty
from maild.thread.model import Rule
from tests.unit.desk.bench import ANA, BEN, EVA, LEAD, MONDAY, mail, opened, settings, slas, ticket, told
from tests.unit.desk.rulebook import events

AGENTS = {
    ANA: Agent(address=ANA, skills=("vpn",), languages=("es",)),
    BEN: Agent(address=BEN, languages=("en",)),
    EVA: Agent(address=EVA, skills=("VPN", "sap")),
}


def decided(snapshot, arrived=None, **changes):
    changed = settings().model_copy(update=changes)
    taken = replace(snapshot, new_numbers=(101, 102, 103))
    return decide_message(arrived or mail(), taken, changed, slas(), MONDAY)


def team(**changes):
    first, *others = settings().team
    return (first.model_copy(update=changes), *others)


def narrowed(**wish):
    return narrow((ANA, BEN, EVA), Wish(**wish), AGENTS.get)


def test_a_skill_is_a_must_and_a_language_is_not():
    assert narrowed(skills=frozenset({"vpn"})) == ((ANA, EVA), "has vpn")
    assert narrowed(skills=frozenset({"vpn", "sap"})) == ((EVA,), "has sap, vpn")
    assert narrowed(skills=frozenset({"mac"})) == ((), "nobody on duty has mac")
    assert narrowed(language="en") == ((BEN, EVA), "answers in en")
    assert narrowed(language="fr") == ((EVA,), "answers in fr")
    assert narrow((ANA,), Wish(language="en"), AGENTS.get) == ((ANA,), "")


def test_the_last_agent_goes_before_the_language_but_not_before_the_skill():
    assert narrowed(language="en", last_agents=(ANA,)) == ((ANA,), "had the requester's last ticket")
    assert narrowed(skills=frozenset({"vpn"}), last_agents=(BEN, EVA))[0] == (EVA,)
    assert narrowed(last_agents=(LEAD,))[0] == (ANA, BEN, EVA)


def test_an_urgent_ticket_weighs_more_where_the_team_says_so():
    loads = {ANA: Load(1, None, {Priority.URGENT: 1}), BEN: Load(2, None, {Priority.LOW: 2})}
    weights = {Priority.URGENT: 4}
    assert choose_member((ANA, BEN), "least-loaded", loads, never=frozenset())[0] == ANA
    chosen = choose_member((ANA, BEN), "least-loaded", loads, never=frozenset(), weights=weights)
    assert chosen == (BEN, "least loaded of its team (2 active)")
    assert choose_member((ANA,), "least-loaded", loads, never=frozenset(), weights=weights)[1].endswith("weight 4)")


def test_only_those_on_duty_get_a_ticket():
    taken = Snapshot(duties={"first-line": Duty((BEN,))})
    (new,) = opened(decided(taken))
    assert new.assignee == BEN


def test_a_substitute_from_another_team_gets_it_and_the_timeline_says_for_whom():
    decision = decided(Snapshot(duties={"first-line": Duty((EVA,), ((BEN, EVA),))}))
    assert opened(decision)[0].assignee == EVA
    assert any(f"stands in for {BEN}" in line for line in decision.would)


@pytest.mark.parametrize(("on_call", "hears"), [((), LEAD), ((EVA, BEN), EVA)])
def test_while_nobody_is_on_duty_the_first_on_call_is_told_else_the_lead(on_call, hears):
    decision = decided(Snapshot(duties={"first-line": Duty(on_call=on_call)}))
    assert opened(decision)[0].assignee is None
    assert told(decision)["new-ticket"] == [hears]


def test_a_lead_who_is_away_is_told_through_his_substitute():
    taken = Snapshot(duties={"first-line": Duty()}, away={LEAD: EVA})
    assert told(decided(taken))["new-ticket"] == [EVA]


def test_without_the_skill_on_duty_the_ticket_waits_and_the_lead_hears_of_it_with_the_team():
    decision = decided(Snapshot(), skill=(Skill(name="vpn", queues=("support",)),))
    assert opened(decision)[0].assignee is None
    assert set(told(decision)["new-ticket"]) == {ANA, BEN, LEAD}


def test_a_sticky_team_gives_the_ticket_to_who_had_her_last_one():
    taken = Snapshot(loads={BEN: Load(9)}, last_agents=(BEN,))
    assert opened(decided(taken))[0].assignee == ANA
    assert opened(decided(taken, team=team(sticky=True)))[0].assignee == BEN
    gone = replace(taken, duties={"first-line": Duty((ANA,))})
    assert opened(decided(gone, team=team(sticky=True)))[0].assignee == ANA


def test_the_example_has_no_weights_skills_or_stickiness():
    assert not any(t.weights or t.sticky for t in settings().team)
    assert not settings().skill


LOST = {who: Person(who, suspended_until=MONDAY + timedelta(days=1), suspended_because="5.1.1") for who in (ANA, BEN)}


@pytest.mark.parametrize("changes", [{}, {"assign": "round-robin"}, {"sticky": True}])
def test_an_agent_whom_no_mail_reaches_gets_no_ticket_and_the_timeline_says_why(changes):
    decision = decided(
        Snapshot(people={ANA: LOST[ANA]}, last_agents=(ANA,), loads={BEN: Load(9)}), team=team(**changes)
    )
    assert opened(decision)[0].assignee == BEN
    assert told(decision)["assigned"] == [BEN]
    (assigned,) = events(decision, "assigned")
    assert assigned.detail.endswith(f"; mail to {ANA} is suspended: 5.1.1")


def test_a_suspension_that_is_over_keeps_nobody_from_a_ticket():
    over = replace(LOST[ANA], suspended_until=MONDAY)
    assert opened(decided(Snapshot(people={ANA: over})))[0].assignee == ANA


def test_where_mail_reaches_nobody_on_duty_the_lead_hears_of_the_ticket_and_why():
    duties = {"first-line": Duty((ANA, BEN), on_call=(EVA,))}
    decision = decided(Snapshot(people=LOST, duties=duties))
    assert opened(decision)[0].assignee is None
    assert told(decision)["new-ticket"] == [EVA, LEAD]
    (unassigned,) = events(decision, "unassigned")
    assert unassigned.detail.startswith(f"mail reaches nobody of its team on duty; mail to {ANA} is suspended: 5.1.1")
    assert {n.facts.reason for n in decision.notices if n.template == "new-ticket"} == {
        f"mail to {ANA} is suspended: 5.1.1; mail to {BEN} is suspended: 5.1.1"
    }


def test_what_she_writes_to_an_agent_whom_no_mail_reaches_the_others_on_duty_hear():
    arrived = mail("It still burns.", rule=Rule.TOKEN, ticket=7, purpose=Purpose.REQUESTER)
    decision = decided(Snapshot(ticket=ticket(assignee=ANA), people={ANA: LOST[ANA]}), arrived)
    assert told(decision)["requester-wrote"] == [BEN]
