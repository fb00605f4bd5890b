"""Quiet hours: what nobody waits for leaves in the morning."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from maild.base.words import Priority
from maild.notice.catalogue import CATALOGUE
from maild.notice.quiet import CAN_WAIT, end_of_quiet, leaves_at
from maild.notice.render import render
from maild.notice.samples import sample
from maild.settings.desk import Outgoing
from tests.unit.notice.desk import KEYRING, nothing_to_fetch, settings, templates

MADRID = ZoneInfo("Europe/Madrid")
NIGHT = datetime(2026, 11, 20, 22, 30, tzinfo=UTC)  # 23:30 in Madrid


@pytest.mark.parametrize(
    ("hours", "now", "until"),
    [
        ("22:00-07:00", (20, 22, 30), (21, 6, 0)),
        ("22:00-07:00", (21, 5, 59), (21, 6, 0)),
        ("22:00-07:00", (21, 6, 0), None),
        ("22:00-07:00", (21, 20, 59), None),
        ("22:00-07:00", (21, 21, 0), (22, 6, 0)),
        ("13:00-15:00", (21, 12, 30), (21, 14, 0)),
        ("13:00-15:00", (21, 22, 30), None),
    ],
)
def test_quiet_hours_end_by_the_readers_clock_also_over_midnight(hours, now, until):
    found = end_of_quiet(hours, MADRID, datetime(2026, 11, *now, tzinfo=UTC))
    assert found == (until and datetime(2026, 11, *until, tzinfo=UTC))


def test_the_night_in_which_the_clocks_change_ends_at_its_hour():
    found = end_of_quiet("22:00-07:00", MADRID, datetime(2026, 10, 24, 21, 0, tzinfo=UTC))
    assert found == datetime(2026, 10, 25, 6, 0, tzinfo=UTC)


def test_answers_and_alarms_leave_at_night_and_reminders_in_the_morning():
    assert CATALOGUE.keys() >= CAN_WAIT
    waiting = {name for name in CATALOGUE if leaves_at(sample(name, "en"), "22:00-07:00", MADRID, NIGHT)}
    assert {"pending-reminder", "survey"} <= waiting
    assert not waiting & {"acknowledgement", "agent-replied", "resolved", "sla-breach", "alert", "assigned", "confirm"}


def test_news_of_an_urgent_ticket_wait_for_no_morning():
    copy = sample("agent-replied-copy", "en")
    urgent = replace(copy, facts=replace(copy.facts, ticket=replace(copy.facts.ticket, priority=Priority.URGENT)))
    assert leaves_at(urgent, "22:00-07:00", MADRID, NIGHT) is None


def test_a_reminder_of_the_night_stands_in_the_outbox_until_the_morning():
    outgoing = Outgoing.model_validate({"quiet_hours": "22:00-07:00"})
    quiet = settings().model_copy(update={"outgoing": outgoing})
    what = {"stimulus": "s", "settings": quiet, "keyring": KEYRING, "templates": templates(), "now": NIGHT}
    (mail,) = render(sample("pending-reminder", "en"), 0, fetch=nothing_to_fetch, **what)
    assert mail.next_attempt_at == datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
    (mail,) = render(sample("acknowledgement", "en"), 0, fetch=nothing_to_fetch, **what)
    assert mail.next_attempt_at == NIGHT


@pytest.mark.parametrize("wrong", ["22:00", "22-", "25:00-07:00", "22:00-22:00", 7])
def test_hours_that_are_none_are_refused(wrong):
    with pytest.raises(ValidationError, match="22:00-07:00"):
        Outgoing.model_validate({"quiet_hours": wrong})
