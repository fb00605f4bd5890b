"""`maild report` over a real database."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta


def _worked(shell):
    (ticket,) = shell.rows(
        "ticket", "new", "--queue", "support", "--requester", "marta@client.example", "--subject", "VPN"
    )
    shell.rows("ticket", "reply", ticket["key"], "--as", "ana@example.com", given="It is renewed.\n")
    shell.rows("ticket", "set", ticket["key"], "category==danger()", "status=resolved")
    (other,) = shell.rows(
        "ticket", "new", "--queue", "billing", "--requester", "luis@client.example", "--subject", "Bill"
    )
    return ticket, other


def test_the_figures_of_a_desk_in_every_format(shell):
    _worked(shell)
    code, text, _ = shell("report")
    assert code == 0
    assert "Opened" in text
    assert "Targets met: Of the targets" in text
    code, page, _ = shell("report", "--format", "html", "--lang", "es")
    assert code == 0
    assert page.startswith("<!DOCTYPE html>")
    assert "Plazos cumplidos" in page
    code, sheet, _ = shell("report", "--format", "csv")
    assert code == 0
    rows = list(csv.DictReader(io.StringIO(sheet)))
    assert "'=danger()" in {row["name"] for row in rows if row["scope"] == "category"}
    code, printed, _ = shell("report", "--format", "json")
    total = json.loads(printed)["total"]
    assert (total["opened"], total["resolved"], total["backlog"], total["first_contact"]) == (2, 1, 1, 1)
    assert total["targets_met"] == 2


def test_a_report_of_a_team_and_of_days_past(shell):
    _worked(shell)
    day = (datetime.now(UTC) - timedelta(days=7)).date().isoformat()
    (found,) = shell.rows("report", "--from", day, "--to", day, "--team", "first-line")
    assert (found["total"]["opened"], found["teams"]) == (0, ["first-line"])


def test_what_cannot_be_reported_is_said(shell):
    assert "no time" in shell.refused(65, "report", "--from", "2999-01-01")
    assert "there is no team" in shell.refused(65, "report", "--team", "nobody")
    shell.refused(64, "report", "--format", "pdf")
