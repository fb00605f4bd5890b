"""An agent chooses how often he is written to; what cannot wait comes at once all the same."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from maild.base.rhythm import last_due, read_rhythm
from maild.base.words import Priority, Purpose, Verdict
from maild.desk.effects import FoldNotice, KeepRhythm
from maild.desk.folding import AT_ONCE, can_wait
from maild.desk.merging import GRAVITY
from maild.desk.model import Snapshot
from maild.message.model import Address
from maild.notice.catalogue import CATALOGUE
from maild.thread.model import Rule

from .bench import ANA, BEN, decide, mail, notice, ticket, told, verbs

MADRID = ZoneInfo("Europe/Madrid")
NEWS = mail("It still burns.", rule=Rule.TOKEN, ticket=7, purpose=Purpose.REQUESTER, entry="e2")


def commanded(text):
    """What an agent's answer says became of its one command, and what is kept."""
    answer = mail(
        text, author=Address("", BEN), rule=Rule.TOKEN, ticket=7, purpose=Purpose.INTERNAL, verdict=Verdict.PASS
    )
    decision = decide(replace(answer, own_token=True), Snapshot(ticket=ticket()))
    kept = [effect for effect in decision.effects if isinstance(effect, KeepRhythm)]
    return kept, notice(decision, "transcript").facts.lines[0][1]


def test_news_wait_for_the_digest_of_one_who_wants_it_so():
    decision = decide(NEWS, Snapshot(ticket=ticket(assignee=ANA), rhythms={ANA: "daily 08:00"}))
    assert told(decision) == {}
    assert FoldNotice(ANA, 7, "requester-wrote") in decision.effects
    assert verbs(decision)[-1] == "folded"


def test_who_turned_it_off_gets_no_news_and_the_timeline_says_so():
    decision = decide(NEWS, Snapshot(ticket=ticket(assignee=ANA), rhythms={ANA: "off"}))
    assert told(decision) == {}
    assert not [effect for effect in decision.effects if isinstance(effect, FoldNotice)]
    assert verbs(decision)[-1] == "not-sent"


@pytest.mark.parametrize("rhythm", ["hourly", "daily 08:00", "off"])
def test_new_work_and_urgent_tickets_and_those_of_nobody_do_not_wait(rhythm):
    wants = dict.fromkeys((ANA, BEN), rhythm)
    assert told(decide(mail(), Snapshot(rhythms=wants)))["assigned"] == [ANA]
    urgent = ticket(assignee=ANA, priority=Priority.URGENT)
    assert told(decide(NEWS, Snapshot(ticket=urgent, rhythms=wants))) == {"requester-wrote": [ANA]}
    nobodys = ticket(assignee=None)
    assert told(decide(NEWS, Snapshot(ticket=nobodys, rhythms=wants))) == {"requester-wrote": [ANA, BEN]}


def test_every_template_that_never_waits_is_one_that_agents_get():
    assert CATALOGUE.keys() >= AT_ONCE
    waits = {name for name in GRAVITY if name not in AT_ONCE}
    assert {"requester-wrote", "note-added", "sla-warning", "agent-replied-copy"} <= waits
    outside = decide(mail(), Snapshot()).notices
    assert not any(can_wait(each, ANA) for each in outside)


@pytest.mark.parametrize(
    ("line", "rhythm"),
    [
        ("#digest hourly", "hourly"),
        ("#digest daily", "daily 08:00"),
        ("#digest daily 17:30", "daily 17:30"),
        ("#resumen diario a las 17", "daily 17:00"),
        ("#resumen cada-hora", "hourly"),
        ("#resumen nunca", "off"),
        ("#digest now", "now"),
        ("#digest default", ""),
    ],
)
def test_an_agent_says_it_by_mail_in_either_language(line, rhythm):
    kept, said = commanded(line)
    assert kept == [KeepRhythm(BEN, rhythm)]
    assert said


def test_what_is_no_digest_is_refused_and_an_empty_one_says_what_holds():
    kept, said = commanded("#digest sometimes")
    assert not kept
    assert "sometimes" in said
    kept, said = commanded("#digest")
    assert not kept
    assert "at once" in said


@pytest.mark.parametrize("text", ["", "daily 25:00", "weekly", "daily 9:99", "off 3"])
def test_a_rhythm_that_means_nothing_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        read_rhythm(text)


@pytest.mark.parametrize(
    ("rhythm", "now", "due"),
    [
        ("hourly", "2026-11-23 10:20", "2026-11-23 10:00"),
        ("daily 08:00", "2026-11-23 07:00", "2026-11-23 07:00"),  # 08:00 in Madrid
        ("daily 08:00", "2026-11-23 06:59", "2026-11-22 07:00"),
        ("daily 08:00", "2026-07-23 06:00", "2026-07-23 06:00"),
        ("now", "2026-11-23 10:20", "2026-11-23 10:20"),
    ],
)
def test_a_digest_is_due_by_the_agents_own_clock(rhythm, now, due):
    instants = [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (now, due)]
    assert last_due(rhythm, MADRID, instants[0]) == instants[1]
