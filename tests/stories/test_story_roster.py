"""The roster in the life of a desk: who gets the work, who is told when nobody is there, and what the lead reads."""

from datetime import UTC, datetime

import pytest

from tests.stories.stage import Stage, steady
from tests.support.desk import Clock, Desk, run_maild

MONDAY = datetime(2026, 11, 23, 7, 50, tzinfo=UTC)  # ten to nine in Madrid: the office opens soon
ROSTER = """
[[shift]]
name = "morning"
team = "first-line"
who = ["ben@example.com"]
hours = "08:00-14:00"

[[shift]]
name = "afternoon"
team = "first-line"
who = ["ana@example.com"]
hours = "14:00-18:00"
days = ["mon", "tue", "wed", "thu"]
"""


def change(text: str) -> str:
    """The example with a roster."""
    return steady("en")(text).replace("secret_file =", 'roster_file = "roster.toml"\nsecret_file =', 1)


@pytest.fixture
def stage(tmp_path):
    (tmp_path / "roster.toml").write_text(ROSTER, "utf-8")
    desk = Desk(tmp_path, change, clock=Clock(MONDAY))
    try:
        desk.start()
        yield Stage(desk)
    finally:
        desk.close()


def test_a_ticket_goes_to_whoever_is_on_duty_then(stage):
    assert stage.opened().agent == "ben@example.com"
    stage.desk.clock.advance(hours=6)
    assert stage.opened().agent == "ana@example.com"


def test_while_nobody_is_on_duty_the_lead_is_told_and_nobody_gets_it(stage):
    stage.desk.clock.advance(hours=12)
    mail = stage.compose("Hello, the printer burns.", author="Marta Gil <marta@example.org>")
    key = stage.arrive(mail)["ticket"]
    told = stage.desk.mail_to("lead@example.com", having="the printer burns")
    assert told.mail["Auto-Submitted"] == "auto-generated"
    ticket = stage.rows("ticket", "show", key)[0]
    assert ticket["assignee"] is None
    assert [e["detail"] for e in ticket["events"] if e["verb"] == "unassigned"] == ["nobody of its team is on duty"]
    assert not [m for m in stage.desk.sink.to("ana@example.com") if "the printer burns" in m.text]


def test_who_says_that_he_is_away_gets_no_new_tickets_and_his_substitute_hears_of_the_old_ones(stage):
    talk = stage.opened()
    talk.works("#away today..fri sub=ana")
    said = stage.desk.mail_to("ben@example.com", having="#away today..fri sub=ana")
    assert "Ana Ruiz gets your new tickets and hears of your 1 open ones" in said.text
    other = stage.opened()
    assert other.agent == "ana@example.com"
    (why,) = [e["detail"] for e in other.ticket()["events"] if e["verb"] == "assigned"]
    assert "stands in for ben@example.com" in why
    talk.says(talk.ack, "It still burns, is anybody there?")
    assert stage.desk.mail_to("ana@example.com", having="is anybody there")
    code, out, _ = run_maild(stage.desk.config, "roster", "show", "--at", "2026-11-24T09:00:00Z")
    assert (code, "ana@example.com for ben@example.com" in out) == (0, True)
    talk.works("#who-is-on")
    assert "Ana Ruiz (for ben)" in stage.desk.mail_to("ben@example.com", having="#who-is-on").text
    talk.works("#back")
    assert "you are back" in stage.desk.mail_to("ben@example.com", having="#back").text
    assert stage.opened().agent == "ben@example.com"


def test_out_of_office_mail_of_an_agent_is_no_absence(stage):
    talk = stage.opened()
    away = stage.answer(talk.told, "I am out of the office until Thursday.", author="ben@example.com")
    away["Auto-Submitted"] = "auto-replied"
    stage.arrive(away)
    assert stage.opened().agent == "ben@example.com"


def test_the_lead_reads_the_roster_and_its_gaps_each_monday_once(stage):
    assert not stage.desk.sink.to("lead@example.com")
    stage.desk.stop()
    for at in ("2026-11-23T08:01:00Z", "2026-11-23T08:05:00Z", "2026-11-24T08:05:00Z"):
        assert run_maild(stage.desk.config, "sweep", "--at", at)[0] == 0
    assert [r["template"] for r in stage.rows("outbox", "list") if r["rcpt_to"] == "lead@example.com"] == ["roster"]
    stage.desk.clock.advance(days=2)
    stage.desk.start()
    weekly = stage.desk.mail_to("lead@example.com")
    assert "2026-11-27 14:00 – 15:00: service hours, and nobody of first-line is on duty" in weekly.text
    assert "2026-11-23 09:01 – 14:00: first-line: ben" in weekly.text
    code, out, _ = run_maild(stage.desk.config, "roster", "check", "--at", "2026-11-23T08:00:00Z", "--weeks", "1")
    assert (code, out.count("gap ")) == (65, 1)


def test_a_new_roster_holds_after_a_reload_and_a_broken_one_does_not(stage):
    file = stage.desk.config.with_name("roster.toml")
    file.write_text(ROSTER.replace("ben@", "eva@"), "utf-8")
    stage.desk.reload()
    stage.desk.clock.advance(minutes=1)
    assert stage.opened().agent == "eva@example.com"
    file.write_text(ROSTER.replace("hours", "ours"), "utf-8")
    stage.desk.reload()
    assert stage.opened().agent == "eva@example.com"
    code, out, _ = run_maild(stage.desk.config, "check")
    assert code == 78
    assert f"{file}:6: roster.shift.morning.ours: there is no such key; did you mean hours?" in out
