"""Two machines that answer each other, and people who write a lot: what no more automatic mail is sent to."""

from dataclasses import replace

import pytest

from maild.base.words import Purpose, Status
from maild.desk.answering import BREAKERS
from maild.desk.model import Snapshot, Traffic
from maild.thread.model import Rule

from .bench import ANA, MARTA, decide, mail, ticket, told, verbs
from .bench import notice as notice_of

ACK = (MARTA.key, "acknowledgement")


def acknowledged(**traffic):
    return "acknowledgement" in told(decide(mail(), Snapshot(traffic=Traffic(**traffic))))


@pytest.mark.parametrize(
    ("below", "reached"),
    [
        ({"same_answers": {ACK: 1}}, {"same_answers": {ACK: 2}}),
        ({"by_domain": {"example.org": 99}}, {"by_domain": {"example.org": 100}}),
    ],
)
def test_up_to_a_limit_she_is_answered_and_from_it_on_she_is_not(below, reached):
    assert acknowledged(**below)
    assert not acknowledged(**reached)


def test_who_is_not_answered_has_a_ticket_an_agent_and_a_line_that_says_why():
    decision = decide(mail(), Snapshot(traffic=Traffic(same_answers={ACK: 2})))
    assert told(decision) == {"assigned": [ANA]}
    assert "not-sent" in verbs(decision)
    assert any("2 of these under the same subject" in line for line in decision.would)


def test_what_another_domain_another_queue_or_another_template_had_counts_for_nobody_else():
    assert acknowledged(by_domain={"other.example": 1000})
    assert acknowledged(same_answers={(MARTA.key, "resolved"): 50, ("luis@example.org", "acknowledgement"): 50})


@pytest.mark.parametrize("count", ["on_ticket", "on_ticket_in_a_day"])
def test_a_ticket_that_has_had_its_share_sends_its_people_nothing_automatic(count):
    most = {"on_ticket": 20, "on_ticket_in_a_day": 60}[count]
    before = ticket(Status.OPEN)
    for sent, is_told in ((most - 1, True), (most, False)):
        snapshot = Snapshot(ticket=before, traffic=Traffic(ticket=7, **{count: sent}))
        decision = decide(
            replace(mail("#status", rule=Rule.TOKEN, ticket=7, purpose=Purpose.REQUESTER), own_token=True), snapshot
        )
        assert ("status" in told(decision)) is is_told


def test_what_goes_out_from_a_queue_beyond_its_limit_is_held_for_a_person_and_agents_are_told():
    held = decide(mail(), Snapshot(traffic=Traffic(by_queue={"support": 1000})))
    assert notice_of(held, "acknowledgement").hold == f"{BREAKERS} in queue support is reached"
    assert not notice_of(held, "assigned").hold
    assert not notice_of(decide(mail(), Snapshot(traffic=Traffic(by_queue={"support": 999}))), "acknowledgement").hold
    assert not notice_of(decide(mail(), Snapshot(traffic=Traffic(by_queue={"sales": 5000}))), "acknowledgement").hold
