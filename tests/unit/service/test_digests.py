"""What was folded for an agent comes in one mail when the window allows it, and nothing of it is lost."""

from datetime import datetime, timedelta
from itertools import pairwise

from maild.service.sweeping import digests, sweep


def _digests(work):
    return work.outbox(template="digest")


def test_beyond_the_limit_an_agent_gets_one_digest_once_the_window_allows(work):
    work.settle("limits", notices_per_agent_10min=2)
    for n in range(10):
        work.ticket(f"Printer {n}")
        work.later(seconds=1)
    assigned = work.outbox(template="assigned")
    assert len(assigned) == 4  # two agents, two mails each
    folded = work.db.execute("SELECT count(*) AS n FROM event WHERE verb = 'folded'")[0]["n"]
    assert folded == 6
    digests(work.actor, work.office, work.now)
    assert not _digests(work)
    work.later(minutes=10)
    digests(work.actor, work.office, work.now)
    mails = _digests(work)
    assert {row["rcpt_to"] for row in mails} == {row["rcpt_to"] for row in assigned}
    said = "".join(work.text(row) for row in mails)
    told = {row["ticket"] for row in assigned}
    assert all((f"Printer {n}" in said) is (n + work.office.settings.desk.first_number not in told) for n in range(10))
    assert work.db.execute("SELECT count(*) AS n FROM folded")[0]["n"] == 0


def test_a_second_digest_waits_ten_minutes_even_when_one_notice_may_go(work):
    work.settle("limits", notices_per_agent_10min=1)
    for n in range(8):
        work.ticket(f"Printer {n}")
        work.later(minutes=4)
        digests(work.actor, work.office, work.now)
    for agent in {row["rcpt_to"] for row in _digests(work)}:
        at = [datetime.fromisoformat(row["created_at"]) for row in _digests(work) if row["rcpt_to"] == agent]
        assert all(later - sooner >= timedelta(minutes=10) for sooner, later in pairwise(at))


def test_a_sweep_sends_digests_and_a_second_one_of_the_instant_sends_none(work):
    work.settle("limits", notices_per_agent_10min=1)
    for n in range(4):
        work.ticket(f"Printer {n}")
        work.later(seconds=1)
    work.later(minutes=11)
    for _ in range(2):
        sweep(work.actor, work.office, work.now)
    assert len(_digests(work)) == 2


def test_nobody_is_folded_when_there_is_no_limit(work):
    work.settle("limits", notices_per_agent_10min=0)
    for n in range(100):
        work.ticket(f"Printer {n}")
    assert len(work.outbox(template="assigned")) == 100
