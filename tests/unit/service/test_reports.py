"""Reports that the clock sends: each once, when its time is over, in the readers' languages."""

from dataclasses import replace

from maild.service.reporting import send_reports
from maild.settings.report import Report

ANA, LEAD = "ana@example.com", "lead@example.com"


def _reports(work, *reports):
    settings = work.office.settings.model_copy(update={"report": reports})
    work.office = replace(work.office, settings=settings)


def test_a_daily_report_is_sent_once_a_day_from_its_hour_on(work):
    _reports(work, Report(name="daily", every="day", hour=12, to=(ANA, LEAD)))
    work.ticket("Printer")
    send_reports(work.actor, work.office, work.later(hours=25))  # 11:00 in Madrid
    assert not work.outbox(template="report")
    for _ in range(3):
        send_reports(work.actor, work.office, work.later(hours=1))
    mails = {row["rcpt_to"]: work.text(row) for row in work.outbox(template="report")}
    assert mails.keys() == {ANA, LEAD}
    assert "daily, 2026-11-23" in mails[LEAD]
    assert "Abiertos" in mails[ANA]
    assert "Opened" in mails[LEAD]
    send_reports(work.actor, work.office, work.later(days=1))
    assert len(work.outbox(template="report")) == 4


def test_a_weekly_report_that_was_missed_on_its_day_comes_later_in_the_week(work):
    _reports(work, Report(name="weekly", every="week", to=(LEAD,), teams=("first-line",)))
    send_reports(work.actor, work.office, work.later(days=3))
    (row,) = work.outbox(template="report")
    assert "first-line" in work.text(row)
    assert "2026-11-16 – 2026-11-22" in work.text(row)
