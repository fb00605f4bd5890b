"""A sweep that is tried first says all that it would do, also what belongs to no ticket, and does none of it."""

from dataclasses import replace
from datetime import timedelta

from maild.service.sweeping import sweep, would_sweep
from maild.settings.report import Report

LEAD = "lead@example.com"


def _beside(work):
    """What a sweep would do now beside the tickets."""
    before = _rows(work)
    found = would_sweep(work.actor, work.office, work.now)
    assert _rows(work) == before, "a rehearsal writes nothing"
    return [action for each in found if each.ticket is None for action in each.would]


def _rows(work):
    tables = ("outbox", "event", "folded")
    return [work.db.execute(f"SELECT count(*) AS n FROM {table}")[0]["n"] for table in tables]


def _sent(work):
    """What a sweep really sends beside the tickets, as a rehearsal says it."""
    before = {row["id"] for row in work.outbox()}
    sweep(work.actor, work.office, work.now)
    return [f"send {row['template']} to {row['rcpt_to']}" for row in work.outbox() if row["id"] not in before]


def test_what_waits_for_the_clock_and_belongs_to_no_ticket_is_all_said(work):
    settings = work.office.settings.model_copy(update={"report": (Report(name="daily", every="day", to=(LEAD,)),)})
    work.office = replace(work.office, settings=settings)
    work.settle("limits", notices_per_agent_10min=1)
    for n in range(4):
        work.ticket(f"Printer {n}")
        work.later(seconds=1)
    work.run("UPDATE ticket SET next_threshold_at = NULL")
    said = _beside(work)
    assert f"send roster to {LEAD}" in said
    assert _sent(work) == said
    assert _beside(work) == []
    work.later(hours=2)
    digests = _beside(work)
    assert digests
    assert all(action.startswith("send digest to ") for action in digests)
    assert _sent(work) == digests
    work.later(hours=22)
    said = _beside(work)
    assert {f"send {template} to {LEAD}" for template in ("report", "daily")} <= {*said}
    assert _sent(work) == said
    assert _beside(work) == []


def test_a_draft_and_a_held_mail_that_expire_are_said(work):
    work.ticket()
    work.settle("limits", held_mail_life=timedelta(hours=24))
    work.run("UPDATE outbox SET state = 'held', draft = TRUE WHERE template = 'assigned'")
    (draft,) = work.outbox(template="assigned")
    work.later(days=15)
    said = [action for action in _beside(work) if action.startswith("cancel")]
    assert said == [f"cancel the mail {draft['id']}: nobody released it within 14 days"]
    sweep(work.actor, work.office, work.now)
    assert work.outbox(template="assigned")[0]["state"] == "cancelled"


def test_a_digest_of_what_this_very_sweep_folds_is_said(work):
    work.settle("limits", sla_notices_per_sweep=2, notices_per_agent_10min=0)
    for n in range(6):
        work.ticket(f"Printer {n}")
        work.later(seconds=1)
    work.later(hours=5, minutes=1)
    said = [action for action in _beside(work) if "digest" in action]
    assert f"send digest to {LEAD}" in said
    assert said == [action for action in _sent(work) if "digest" in action]
