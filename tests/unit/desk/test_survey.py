"""How a requester rates what was done for her: asked once, kept once, and a low figure is heard of."""

from dataclasses import replace
from datetime import timedelta

import pytest

from maild.base.words import Purpose, Status
from maild.desk.decide.clock import decide_clock
from maild.desk.decide.survey import rating_in
from maild.desk.model import Snapshot
from maild.thread.model import Rule

from .bench import ANA, LEAD, MARTA, MONDAY, after, bench, decide, mail, settings, ticket, told, verbs

DAY = timedelta(hours=24)


def with_survey(**limits):
    base = settings()
    (queue, *others) = base.queue
    return base.model_copy(
        update={
            "queue": (queue.model_copy(update={"survey_after": DAY}), *others),
            "limits": base.limits.model_copy(update=limits),
        }
    )


def sweep(before, at=MONDAY, *, surveys=0, **limits):
    return decide_clock(bench(Snapshot(ticket=before, surveys=surveys), at, with_survey(**limits)))


def resolved(**values):
    return ticket(Status.RESOLVED, **({"resolved_at": MONDAY - DAY} | values))


def test_a_day_after_it_was_resolved_she_is_asked_once():
    before = resolved()
    decision = sweep(before)
    assert told(decision) == {"survey": [MARTA.key]}
    asked = after(decision, before)
    assert (asked.survey, asked.surveyed_at, asked.status) == ("asked", MONDAY, Status.RESOLVED)
    assert told(sweep(asked, MONDAY + DAY)) == {}


def test_before_its_time_and_of_a_reopened_ticket_nothing_is_asked():
    assert told(sweep(resolved(), MONDAY - timedelta(seconds=1))) == {}
    assert told(sweep(ticket(Status.OPEN, resolved_at=MONDAY - DAY))) == {}


def test_she_is_asked_about_a_ticket_that_was_closed_meanwhile():
    assert told(sweep(ticket(Status.CLOSED, resolved_at=MONDAY - DAY))) == {"survey": [MARTA.key]}


@pytest.mark.parametrize("status", [Status.SPAM, Status.MERGED])
def test_nobody_is_asked_about_spam_or_what_was_merged(status):
    assert told(sweep(ticket(status, resolved_at=MONDAY - DAY))) == {}


@pytest.mark.parametrize(
    ("values", "surveys"),
    [({"by_machine": True}, 0), ({"rating": 4}, 0), ({"requester": "noreply@example.org"}, 0), ({}, 1)],
)
def test_who_is_not_asked_is_let_be_for_good_and_the_timeline_says_why(values, surveys):
    before = resolved(**values)
    decision = sweep(before, surveys=surveys)
    assert told(decision) == {}
    assert "not-sent" in verbs(decision)
    assert after(decision, before).survey == "skipped"


def test_the_cap_is_the_administrators():
    assert told(sweep(resolved(), surveys=2, surveys_per_person=3)) == {"survey": [MARTA.key]}
    assert told(sweep(resolved(), surveys=2, surveys_per_person=0)) == {"survey": [MARTA.key]}


def rated(text, before):
    hers = replace(mail(text, ticket=7, rule=Rule.TOKEN, purpose=Purpose.REQUESTER), own_token=True)
    return decide(hers, Snapshot(ticket=before))


def test_figure_and_comment_stand_on_the_ticket_and_the_lead_hears_of_a_low_one():
    before = ticket(Status.RESOLVED)
    decision = rated("2\nIt took a week.", before)
    now = after(decision, before)
    assert (now.rating, now.rating_comment, now.rated_at) == (2, "It took a week.", MONDAY)
    assert now.status is Status.RESOLVED
    assert told(decision) == {"requester-wrote": [ANA, LEAD]}


def test_a_second_rating_changes_nothing_and_is_recorded_with_its_reason():
    before = ticket(Status.RESOLVED, rating=5)
    decision = rated("1", before)
    assert after(decision, before).rating == 5
    assert "recorded" in verbs(decision)
    assert "rated" not in verbs(decision)
    assert told(decision) == {}
    assert told(rated("1\nIt is broken again.", before)) == {"requester-wrote": [ANA]}


@pytest.mark.parametrize(
    ("text", "figure"),
    [("5", 5), ("3.", 3), ("4/5", 4), ("Very well!", 5), ("muy bien", 5), ("Mal.", 1), ("1\n\nSlow", 1)],
)
def test_a_figure_or_a_word_rates(text, figure):
    found = rating_in(text)
    assert found is not None
    assert found[0] == figure


@pytest.mark.parametrize("text", ["", "5 users cannot log in", "6", "55", "good that you write; it is broken", "no"])
def test_what_only_looks_like_a_rating_is_words(text):
    assert rating_in(text) is None
