"""Leads whom their teams name by an alias: they are the same people, and hear of each thing once."""

from dataclasses import replace

from maild.base.words import ApprovalState, Purpose
from maild.desk.decide.alert import Held, decide_alert, decide_quarantine
from maild.desk.effects import KeepApproval
from maild.desk.model import Snapshot
from maild.message.model import Address
from maild.thread.model import Rule

from .bench import ANA, LEAD, after, bench, mail, ticket, told
from .rulebook import decide, desk

BOSS = "boss@example.com"
ALIAS = f'[[agent]]\naddress = "{BOSS}"\naliases = ["{LEAD}"]\n'
THIRD = f"""
[[team]]
name = "third-line"
level = 3
lead = "{BOSS}"
members = ["zoe@example.com"]
[[queue]]
name = "labs"
address = "labs@example.com"
team = "third-line"
sla = "standard"
"""


def commanded(text, who, taken):
    said = mail(text, author=Address("", who), rule=Rule.TOKEN, ticket=7, purpose=Purpose.INTERNAL)
    return decide(ALIAS, replace(said, agent=who, agent_proved=True), taken)


def test_a_lead_hears_of_an_alarm_once_by_whatever_addresses_his_teams_name_him():
    settings = desk(ALIAS + THIRD)
    decision = decide_alert(bench(desk=settings), "breaker", [])
    assert told(decision) == {"alert": [settings.postmaster, BOSS]}


def test_a_lead_gets_one_list_of_what_is_held_for_his_teams():
    held = [Held("e1", "a@example.org", "spam", ("support",)), Held("e2", "b@example.org", "spam", ("labs",))]
    decision = decide_quarantine(bench(desk=desk(ALIAS + THIRD)), held)
    assert [n.facts.reason for n in decision.notices] == ["2"]
    assert told(decision) == {"quarantine": [BOSS]}


def test_a_lead_decides_what_he_was_asked_as_lead_though_his_team_names_him_by_an_alias():
    asked = commanded("#ask-approval lead", ANA, Snapshot(ticket=ticket()))
    assert told(asked)["approval-request"] == [BOSS]
    (approval,) = [e.approval for e in asked.effects if isinstance(e, KeepApproval)]
    voted = commanded("#approve", BOSS, Snapshot(ticket=after(asked, ticket()), approvals=(approval,)))
    assert [e.approval.state for e in voted.effects if isinstance(e, KeepApproval)] == [ApprovalState.GRANTED]
