"""Which report an agent means, and which he may have."""

from dataclasses import replace
from datetime import date

import pytest

from maild.base.words import Purpose, Verdict
from maild.desk.model import Prepared, Snapshot, Table
from maild.desk.reporting import last_whole, wish_of
from maild.message.model import Address
from maild.settings.report import Report
from maild.thread.model import Rule

from .bench import ANA, EVA, LEAD, MONDAY, decide, mail, notice, settings, ticket, told

WITH_REPORT = settings().model_copy(
    update={"report": (Report(name="board", every="month", to=(LEAD,), teams=("second-line",)),)}
)
MADE = Prepared("a week", "Opened 7", (Table("T", ("a",), (("1",),)),), ("report.csv", "text/csv", b"a\r\n"))


@pytest.mark.parametrize(
    ("words", "days", "teams"),
    [
        ((), ("2026-11-16", "2026-11-22"), ()),
        (("day",), ("2026-11-22", "2026-11-22"), ()),
        (("semana", "first-line"), ("2026-11-16", "2026-11-22"), ("first-line",)),
        (("mes",), ("2026-10-01", "2026-10-31"), ()),
        (("Board",), ("2026-10-01", "2026-10-31"), ("second-line",)),
        (("board", "2026-11-01..2026-11-07"), ("2026-11-01", "2026-11-07"), ("second-line",)),
        (("2026-11-03",), ("2026-11-03", "2026-11-03"), ()),
    ],
)
def test_a_lead_asks_for_days_teams_and_reports_by_name(words, days, teams):
    wish = wish_of(words, LEAD, WITH_REPORT, MONDAY)
    assert (str(wish.first), str(wish.last)) == days
    assert wish.teams == teams


def test_an_agent_gets_the_figures_of_his_own_teams_alone():
    assert wish_of((), ANA, WITH_REPORT, MONDAY).teams == ("first-line",)
    assert wish_of((), EVA, WITH_REPORT, MONDAY).teams == ("second-line",)
    for words in (("second-line",), ("board",), ("nonsense",), ("2026-13-01",), ("2026-11-01..",)):
        with pytest.raises(ValueError, match=r"."):
            wish_of(words, ANA, WITH_REPORT, MONDAY)


def test_the_last_whole_month_before_new_year_is_december():
    assert last_whole("month", date(2027, 1, 1)) == (date(2026, 12, 1), date(2026, 12, 31))
    assert last_whole("week", date(2026, 11, 22)) == (date(2026, 11, 9), date(2026, 11, 15))


def _asked(text, **snapshot):
    answer = mail(
        text, author=Address("", ANA), rule=Rule.TOKEN, ticket=7, purpose=Purpose.PUBLIC, verdict=Verdict.PASS
    )
    return decide(replace(answer, own_token=True), Snapshot(ticket=ticket(), **snapshot))


def test_the_report_comes_beside_the_transcript_with_the_figures_attached():
    decision = _asked("#report week\n#informe day", reports={"report week": MADE, "report day": MADE})
    assert told(decision) == {"report": [ANA, ANA], "transcript": [ANA]}
    sent = next(each for each in decision.notices if each.template == "report")
    assert sent.files == (MADE.file,)
    assert sent.facts.tables == MADE.tables


def test_what_is_no_report_is_refused_with_the_names_that_are():
    (line,) = notice(_asked("#report everything"), "transcript").facts.lines
    assert "everything" in line[1]
    assert "week" in line[1]
