"""The one table of statuses, as the manual prints it."""

import pytest

from maild.base.words import Status
from maild.desk.lifecycle import TRANSITIONS, Act, Refusal, after

N, Q, P, H, R, C = Status.NEW, Status.OPEN, Status.PENDING, Status.ON_HOLD, Status.RESOLVED, Status.CLOSED
F, L = Refusal.FAULT, Refusal.LINKED
ACTS = (Act.AGENT_WORDS, Act.REQUESTER_WROTE, Act.OPEN, Act.PENDING, Act.HOLD, Act.RESOLVE, Act.CLOSE, Act.REOPEN)
TABLE = {
    N: (Q, N, Q, P, H, R, C, F),
    Q: (Q, Q, Q, P, H, R, C, F),
    P: (P, Q, Q, P, H, R, C, Q),
    H: (H, Q, Q, P, H, R, C, Q),
    R: (R, Q, Q, P, H, R, C, Q),
    C: (C, L, F, F, F, F, C, Q),
    Status.SPAM: (F, Status.SPAM, Q, F, F, F, C, Q),
}


@pytest.mark.parametrize(("status", "act"), [(s, a) for s in TABLE for a in ACTS])
def test_each_act_has_the_one_outcome_of_the_table(status, act):
    assert after(status, act) is TABLE[status][ACTS.index(act)]


def test_nothing_happens_to_a_merged_ticket():
    assert set(TRANSITIONS[Status.MERGED].values()) == {Refusal.FAULT}


def test_after_grace_the_requesters_mail_makes_a_linked_ticket():
    assert after(R, Act.REQUESTER_WROTE, within_grace=False) is L


def test_the_requester_herself_reopens_only_within_grace():
    assert after(R, Act.REOPEN, by_agent=False) is Q
    assert after(R, Act.REOPEN, by_agent=False, within_grace=False) is L
    assert after(C, Act.REOPEN, by_agent=False) is L


def test_every_status_but_merged_can_be_reached():
    reached = {after for acts in TRANSITIONS.values() for after in acts.values() if isinstance(after, Status)}
    assert reached | {Status.MERGED} == set(Status)
