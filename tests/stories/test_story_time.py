"""What time does to a ticket: clocks in the office's hours, pauses, warnings, breaches, reminders, closes."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from maild.service.daemon import ROLES
from tests.stories.stage import HALF_PAST_NINE, LANGUAGES, Stage, Talk, steady
from tests.support.desk import Clock, Desk


@pytest.fixture
def stage(tmp_path) -> Iterator[Stage]:
    """A desk on Monday at half past nine, whose clock the test puts forward."""
    desk = Desk(tmp_path, steady("en"), clock=Clock(HALF_PAST_NINE))
    try:
        desk.start()
        yield Stage(desk, LANGUAGES["en"])
    finally:
        desk.close()


def clock_of(talk: Talk, name: str) -> dict:
    return next(c for c in talk.ticket()["clocks"] if c["clock"] == name)


def templates(talk: Talk, address: str = "") -> list[str]:
    """Which mails went out about a ticket, oldest first."""
    rows = talk.stage.rows("outbox", "list", "--ticket", talk.key)
    return [row["template"] for row in rows if address in {"", row["rcpt_to"]}]


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_the_first_response_is_due_after_four_hours_of_the_office(stage):
    talk = stage.opened()
    shown = talk.ticket()
    assert instant(shown["first_response_due"]) - instant(shown["created_at"]) == timedelta(hours=4)
    stage.desk.clock.advance(hours=3)  # 12:30: an hour and a half are left before lunch
    late = stage.opened()
    shown = late.ticket()
    assert instant(shown["first_response_due"]) - instant(shown["created_at"]) == timedelta(hours=5)


def test_three_working_days_of_resolution_end_on_thursday(stage):
    talk = stage.opened()
    assert instant(talk.ticket()["resolution_due"]).strftime("%a %H:%M") == "Thu 08:30"


def test_the_clocks_stand_still_at_night(stage):
    talk = stage.opened()
    rows = stage.rows("sla", "explain", talk.key, "--at", "2026-11-24T02:00:00Z")
    worked = sum(row["worked_seconds"] for row in rows if row["clock"] == "resolution")
    opened = instant(talk.ticket()["created_at"])
    assert worked == (instant("2026-11-23T17:00:00Z") - opened).total_seconds() - 3600  # and an hour of lunch


def test_the_clocks_pause_while_she_is_waited_for(stage):
    talk = stage.opened()
    due = instant(talk.ticket()["resolution_due"])
    ends = [stage.desk.clock()]
    talk.works(f"#pending\n{stage.words.advice}")
    ends.append(stage.desk.clock())
    answer = stage.desk.mail_to(talk.requester, number=2)
    assert clock_of(talk, "resolution")["state"] == "paused"
    assert talk.ticket()["resolution_due"] is None
    stage.desk.clock.advance(hours=1)
    ends.append(stage.desk.clock())
    talk.says(answer, stage.words.more)
    ends.append(stage.desk.clock())
    put_off, second = instant(talk.ticket()["resolution_due"]) - due, timedelta(seconds=1)
    assert ends[2] - ends[1] - second <= put_off <= ends[3] - ends[0] + second  # the pause is all that was added


def test_the_clocks_pause_while_a_third_party_is_waited_for(stage):
    talk = stage.opened()
    talk.works("#hold fri 9:00")
    shown = talk.ticket()
    assert shown["status"] == "on-hold"
    assert {c["state"] for c in shown["clocks"]} == {"paused"}
    assert (shown["first_response_due"], shown["resolution_due"]) == (None, None)
    stage.desk.clock.advance(days=4)
    stage.sweep()
    assert talk.ticket()["status"] == "open"
    assert templates(talk, talk.agent)[-1] == "reminder"


def test_the_sweep_warns_at_half_and_at_three_quarters_once_each(stage):
    talk = stage.opened()
    stage.desk.clock.advance(hours=2, minutes=1)
    stage.sweep()
    assert templates(talk, talk.agent) == ["assigned", "sla-warning"]
    stage.desk.clock.advance(hours=1)
    stage.sweep()
    assert templates(talk, talk.agent) == ["assigned", "sla-warning", "sla-warning"]
    assert "75 %" in talk.mails(talk.agent)[-1].text
    stage.sweep()
    assert templates(talk, talk.agent) == ["assigned", "sla-warning", "sla-warning"]
    assert talk.ticket()["breached"] == []


def test_a_breach_is_reported_once_and_the_lead_has_it_escalated(stage):
    talk = stage.opened()
    stage.desk.clock.advance(hours=4, minutes=40)
    stage.sweep()
    stage.sweep()
    assert talk.ticket()["breached"] == ["first_response"]
    assert templates(talk, talk.agent) == ["assigned", "sla-breach"]
    assert templates(talk, "lead@example.com") == ["escalated"]
    dossier = talk.mails("lead@example.com")[0]
    assert stage.words.hello[:40] in dossier.text
    shown = talk.ticket()
    assert (shown["team"], shown["assignee"], shown["status"]) == ("first-line", talk.agent, "new")
    assert "escalated" in [e["verb"] for e in shown["events"]]


def test_a_breached_resolution_hands_it_to_the_next_level(stage):
    talk = stage.opened()
    talk.gets_answer()
    stage.desk.clock.advance(days=3, hours=2)
    stage.sweep()
    shown = talk.ticket()
    assert (shown["team"], shown["level"], shown["assignee"]) == ("second-line", 2, "eva@example.com")
    assert (shown["status"], shown["queue"]) == ("open", "support")
    assert shown["breached"] == ["resolution"]
    assert templates(talk, "eva@example.com") == ["escalated"]
    assert stage.words.advice in talk.mails("eva@example.com")[0].text
    assert talk.requester not in {r.rcpt_to for r in stage.desk.sink.mails if "escalat" in r.text}


def test_a_late_answer_is_told_as_breached_and_met(stage):
    talk = stage.opened()
    stage.desk.clock.advance(hours=5)
    talk.gets_answer()
    first = clock_of(talk, "first_response")
    assert first["met_at"] is not None
    assert talk.ticket()["breached"] == ["first_response"]


def test_a_reply_after_the_grace_period_makes_a_linked_new_ticket(stage):
    talk = stage.opened()
    talk.works(f"#resolve\n{stage.words.advice}")
    resolved = stage.desk.mail_to(talk.requester, number=2)
    stage.desk.clock.advance(days=7, hours=1)
    row = talk.says(resolved, stage.words.more)
    assert row["ticket"] != talk.key
    new = stage.rows("ticket", "show", row["ticket"])[0]
    assert {"kind": "follows", "ticket": talk.key} in new["links"]
    assert talk.key in [link["ticket"] for link in new["links"]]
    assert talk.ticket()["status"] == "resolved"
    assert talk.key in stage.desk.mail_to(talk.requester, number=3).text


def test_a_resolved_ticket_is_closed_by_the_clock_without_a_word_to_her(stage):
    talk = stage.opened()
    talk.works(f"#resolve\n{stage.words.advice}")
    stage.desk.clock.advance(days=7, minutes=1)
    stage.sweep()
    assert talk.ticket()["status"] == "closed"
    assert len(talk.mails(talk.requester)) == 2


def test_a_reply_to_a_closed_ticket_makes_a_linked_new_one(stage):
    talk = stage.opened()
    talk.works(f"#close\n{stage.words.advice}")
    closed = stage.desk.mail_to(talk.requester, number=2)
    row = talk.says(closed, stage.words.more)
    new = stage.rows("ticket", "show", row["ticket"])[0]
    assert row["ticket"] != talk.key
    assert [link["kind"] for link in new["links"]] == ["follows"]
    assert talk.ticket()["status"] == "closed"


def test_she_is_reminded_once_of_a_pending_question_and_then_it_is_closed(stage):
    talk = stage.opened()
    talk.works(f"#pending\n{stage.words.advice}")
    stage.desk.clock.advance(days=3, minutes=1)
    stage.sweep()
    stage.sweep()
    assert templates(talk, talk.requester) == ["acknowledgement", "agent-replied", "pending-reminder"]
    stage.desk.clock.advance(days=11, minutes=1)
    stage.sweep()
    assert talk.ticket()["status"] == "closed"
    assert len(talk.mails(talk.requester)) == 3


def test_the_running_service_sweeps_by_itself(tmp_path):
    desk = Desk(tmp_path, steady("en"), clock=Clock(HALF_PAST_NINE))
    try:
        desk.start()
        stage = Stage(desk, LANGUAGES["en"])
        talk = stage.opened()
        desk.clock.advance(hours=3, minutes=5)
        desk.stop()
        desk.start(ROLES)  # its timetable runs every job at once
        warned = desk.mail_to(talk.agent, number=2)
        assert "75 %" in warned.text
    finally:
        desk.close()


def test_every_segment_of_every_clock_is_explained(stage):
    talk = stage.opened()
    talk.works(f"#pending\n{stage.words.advice}")
    answer = stage.desk.mail_to(talk.requester, number=2)
    stage.desk.clock.advance(hours=1)
    talk.says(answer, stage.words.more)
    rows = stage.rows("sla", "explain", talk.key, "--at", stage.desk.clock().strftime("%Y-%m-%dT%H:%M:%SZ"))
    told = json.dumps(rows)
    assert "pending" in told
    assert {"first_response", "next_response", "resolution"} <= {row["clock"] for row in rows}
