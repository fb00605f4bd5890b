"""What was folded for an agent comes in one mail when the window allows it, and nothing of it is lost."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from maild.desk.decide.admin import WorkTicket, decide_work
from maild.service.sweeping import digests, sweep, would_sweep
from maild.sla.model import Targets
from maild.sla.snapshot import sla_to_json
from maild.store.model import Asked
from maild.store.versions import keep_sla_versions


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


def _breached_desk(work, most):
    work.settle("limits", sla_notices_per_sweep=most, notices_per_agent_10min=0)
    for n in range(6):
        work.ticket(f"Printer {n}")
        work.later(seconds=1)
    work.later(hours=5, minutes=1)


def test_after_a_downtime_many_breaches_come_as_one_digest_an_agent(work):
    _breached_desk(work, most=2)
    rehearsed = would_sweep(work.actor, work.office, work.now)
    assert sum("folded" in line for found in rehearsed for line in found.would) == 12  # each breach, and for the lead
    found = sweep(work.actor, work.office, work.now)
    assert len(found) == 6
    assert not work.outbox(template="sla-breach")
    assert not work.outbox(template="escalated")
    mails = {row["rcpt_to"]: work.text(row) for row in _digests(work)}
    assert set(mails) == {"ana@example.com", "ben@example.com", "lead@example.com"}
    assert all(f"Printer {n}" in mails["lead@example.com"] for n in range(6))
    sweep(work.actor, work.office, work.later(minutes=11))
    assert len(_digests(work)) == 3


def test_few_breaches_come_by_themselves(work):
    _breached_desk(work, most=6)
    sweep(work.actor, work.office, work.now)
    assert len(work.outbox(template="sla-breach")) == 6
    assert not _digests(work)


def test_a_sweep_ends_when_another_process_has_the_right_to_it(work):
    _breached_desk(work, most=0)
    assert len(sweep(work.actor, work.office, work.now, keep=lambda: False)) == 6  # asked every so many tickets
    assert sweep(work.actor, work.office, work.now) == []


def test_an_edit_of_the_targets_is_swept_into_resolved_tickets_whose_answer_is_owed_but_into_none_that_is_over(work):
    work.ticket()
    keep_sla_versions(work.db, {"standard": sla_to_json(work.office.slas["standard"])}, work.now)
    quick = replace(work.office.slas["standard"], targets={"normal": Targets(first_response=3600)})
    for content, status, is_read in ((quick, "closed", False), (work.office.slas["standard"], "resolved", True)):
        work.run("UPDATE ticket SET status = ?, next_threshold_at = NULL", status)
        keep_sla_versions(work.db, {"standard": sla_to_json(content)}, work.later(minutes=1))
        assert (work.db.execute("SELECT next_threshold_at AS at FROM ticket")[0]["at"] is not None) == is_read


def test_an_edit_of_the_targets_is_swept_into_open_tickets_and_is_no_news_of_them(work):
    work.ticket()
    work.later(minutes=90)
    before = work.db.execute("SELECT updated_at, next_threshold_at FROM ticket")[0]
    standard = work.office.slas["standard"]
    quick = replace(standard, targets={"normal": Targets(first_response=3600)})
    keep_sla_versions(work.db, {"standard": sla_to_json(quick)}, work.now)
    work.office = replace(work.office, slas={"standard": quick})
    sweep(work.actor, work.office, work.now)
    assert len(work.outbox(template="sla-breach")) == 1
    always = replace(work.office, slas={"standard": standard})
    work.run("UPDATE ticket SET next_threshold_at = ?", work.later(seconds=1))
    work.office = always
    sweep(work.actor, work.office, work.now)
    after = work.db.execute("SELECT updated_at, next_threshold_at FROM ticket")[0]
    assert after["next_threshold_at"] > work.now.isoformat()
    assert before["updated_at"] < after["updated_at"] < work.now.isoformat()  # told of the breach, and no more since


def _note(work, ticket, text):
    order = WorkTicket(text=text)
    stimulus, asked = f"cli:{text}:{work.now.timestamp()}", Asked(ticket=ticket)
    return work.actor.act(
        stimulus, asked, work.office, work.now, lambda bench: decide_work(bench, "cli:root", order)[0]
    )


def _with_rhythm(work, rhythm):
    """A desk with one ticket, whose holder wants his news so; returns holder and number."""
    work.ticket()
    (row,) = work.db.execute("SELECT number, assignee FROM ticket")
    work.run("INSERT INTO rhythm (address, rhythm, said_at) VALUES (?, ?, ?)", row["assignee"], rhythm, work.now)
    return row["assignee"], row["number"]


def test_news_come_in_one_mail_when_the_agents_hour_has_come_and_an_empty_digest_never(work):
    holder, number = _with_rhythm(work, "hourly")
    assert work.outbox(template="assigned", rcpt_to=holder)
    for text in ("First thing.", "Second thing."):
        _note(work, number, text)
        work.later(minutes=20)
        digests(work.actor, work.office, work.now)
    assert not work.outbox(template="note-added")
    assert not _digests(work)
    work.later(minutes=21)  # the hour is full
    for _ in range(2):
        digests(work.actor, work.office, work.now)
    (mail,) = _digests(work)
    assert mail["rcpt_to"] == holder
    assert "Printer (2\u00d7): hay una nota nueva" in work.text(mail)
    work.later(hours=3)
    digests(work.actor, work.office, work.now)
    assert len(_digests(work)) == 1


def test_a_daily_digest_comes_at_the_agents_own_hour(work):
    _, number = _with_rhythm(work, "daily 17:00")  # 16:00 in UTC
    _note(work, number, "A thing.")
    digests(work.actor, work.office, work.later(hours=6, minutes=59))
    assert not _digests(work)
    digests(work.actor, work.office, work.later(minutes=2))
    assert len(_digests(work)) == 1


def test_who_goes_back_to_now_gets_at_once_what_still_waited(work):
    holder, number = _with_rhythm(work, "daily 17:00")
    _note(work, number, "A thing.")
    work.run("UPDATE rhythm SET rhythm = '' WHERE address = ?", holder)
    digests(work.actor, work.office, work.later(minutes=1))
    assert len(_digests(work)) == 1
