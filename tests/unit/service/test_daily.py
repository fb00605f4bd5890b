"""Each working day the lead gets one mail that says how his teams stand."""

from dataclasses import replace

import pytest

from maild.service.dailies import daily_mails
from maild.service.sweeping import sweep

LEAD = "lead@example.com"


def _mails(work):
    return [work.text(row) for row in work.outbox(template="daily")]


def _send(work):
    daily_mails(work.actor, work.office, work.now)


def test_it_comes_once_a_working_day_when_the_team_opens(work):
    work.ticket("Printer")
    work.later(hours=22, minutes=59)  # Tuesday, 8:59 in Madrid
    _send(work)
    assert not _mails(work)
    work.later(minutes=1)
    for _ in range(2):
        sweep(work.actor, work.office, work.now)
    (row,) = work.outbox(template="daily")
    assert row["rcpt_to"] == LEAD
    assert work.later(days=3, hours=8).weekday() == 4
    _send(work)
    assert len(_mails(work)) == 2
    for _ in range(2):  # the weekend
        work.later(days=1)
        _send(work)
    assert len(_mails(work)) == 2


def test_it_names_what_waits_what_is_late_and_who_is_there(work):
    work.ticket("Printer")
    work.ticket("Screen")
    work.run("UPDATE ticket SET assignee = NULL WHERE subject = 'Screen'")
    work.later(days=1)
    _send(work)
    (said,) = _mails(work)
    for words in (
        "Tickets: 2 new, 0 open",
        "Yesterday: 2 opened, 0 resolved, 2 mails in, 0 out",
        "Unanswered, oldest first (2)",
        "ACME-1R Printer (Ana Ruiz, 2026-11-23 10:00)",
        "Past their target (2)",
        "Nobody has them (1)",
        "ACME-2W Screen (nobody)",
        "On duty in first-line: Ana Ruiz, ben",
    ):
        assert words in said, said


def test_the_substitute_of_a_lead_who_is_away_gets_it(work):
    work.ticket("Printer")
    away = "INSERT INTO absence (id, address, start_at, substitute, said_at) VALUES ('a', ?, ?, ?, ?)"
    work.run(away, LEAD, work.now, "eva@example.com", work.now)
    work.later(days=1)
    _send(work)
    (row,) = work.outbox(template="daily")
    assert row["rcpt_to"] == "eva@example.com"
    assert "Away: lead" in work.text(row)


@pytest.mark.parametrize("daily", [True, False])
def test_a_team_may_go_without_and_a_desk_with_nothing_to_say_is_silent(work, daily):
    work.later(days=1)
    _send(work)
    assert not _mails(work)
    teams = tuple(team.model_copy(update={"daily": daily}) for team in work.office.settings.team)
    work.office = replace(work.office, settings=work.office.settings.model_copy(update={"team": teams}))
    work.ticket("Printer")
    _send(work)
    assert len(_mails(work)) == daily
