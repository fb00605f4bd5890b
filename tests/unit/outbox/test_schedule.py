"""When a delivery is tried again, when it is given up, and when its author hears of it."""

from datetime import UTC, datetime, timedelta

import pytest

from maild.base.words import DeliveryState
from maild.outbox.schedule import Reply, Schedule, judge, judge_away

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
SCHEDULE = Schedule()
GREY = Reply(451, "4.7.1", "come back later")
MINUTE = timedelta(minutes=1)


def judged(reply, tries=1, age=timedelta(0), row="r1"):
    return judge(reply, tries, age, NOW, SCHEDULE, row=row)


@pytest.mark.parametrize("code", [250, 251, 252])
def test_a_mail_that_was_taken_is_sent(code):
    assert judged(Reply(code)).state is DeliveryState.SENT


@pytest.mark.parametrize("code", [500, 550, 554, 599])
def test_a_permanent_refusal_is_final_at_once(code):
    assert judged(Reply(code)).state is DeliveryState.FAILED


@pytest.mark.parametrize("reply", [GREY, Reply(0, "", "the connection broke"), Reply(354), Reply(421)])
def test_a_temporary_refusal_is_tried_again_within_minutes(reply):
    verdict = judged(reply)
    assert verdict.state is DeliveryState.DEFERRED
    assert NOW + MINUTE <= verdict.next_attempt_at <= NOW + 1.1 * MINUTE


def test_the_waits_grow_from_a_minute_to_an_hour():
    waits = [SCHEDULE.wait(tries, "r1") / MINUTE for tries in range(1, 12)]
    assert waits == sorted(waits[:7]) + waits[7:]
    assert all(60 <= wait <= 66 for wait in waits[6:])


def test_rows_that_failed_together_come_back_apart_and_each_always_alike():
    waits = {SCHEDULE.wait(3, f"row {n}") for n in range(20)}
    assert len(waits) > 10
    assert SCHEDULE.wait(3, "row 1") == SCHEDULE.wait(3, "row 1")


def test_after_five_days_it_is_given_up_and_not_before():
    assert judged(GREY, 200, timedelta(days=5, seconds=-1)).state is DeliveryState.DEFERRED
    assert judged(GREY, 200, timedelta(days=5)).state is DeliveryState.FAILED
    assert judge_away(1000, timedelta(days=5), NOW, SCHEDULE).state is DeliveryState.FAILED


@pytest.mark.parametrize("judging", [judge, lambda _, *rest, **more: judge_away(*rest, **more)])
def test_a_mail_that_nobody_takes_is_tried_for_five_days_and_hardly_longer(judging):
    age = timedelta(0)
    for tries in range(1, 2000):
        verdict = judging(GREY, tries, age, NOW, SCHEDULE, row="r1")
        if verdict.state is DeliveryState.FAILED:
            break
        age += verdict.next_attempt_at - NOW
    assert timedelta(days=5) <= age < timedelta(days=5.6)


def test_a_mail_that_was_written_for_next_week_is_not_given_up_at_its_first_try():
    assert judged(GREY, 1, timedelta(days=7)).state is DeliveryState.DEFERRED
    assert judge_away(3, timedelta(days=7), NOW, SCHEDULE).state is DeliveryState.DEFERRED


def test_the_author_hears_once_that_his_mail_is_a_quarter_of_an_hour_late():
    age, told = timedelta(0), []
    for tries in range(1, 30):
        verdict = judged(GREY, tries, age)
        if verdict.first_delay:
            told.append(age)
        age += verdict.next_attempt_at - NOW
    assert len(told) == 1
    assert 15 * MINUTE <= told[0] < 20 * MINUTE


def test_while_no_smarthost_answers_nothing_waits_long():
    assert judge_away(50, timedelta(days=1), NOW, SCHEDULE).next_attempt_at == NOW + 10 * MINUTE
    assert judge_away(1, timedelta(0), NOW, SCHEDULE, row="r1").next_attempt_at <= NOW + 1.1 * MINUTE
    assert judge_away(5, timedelta(0), NOW, SCHEDULE).first_delay


def test_a_reply_reads_as_one_line():
    assert str(GREY) == "451 4.7.1 come back later"
    assert str(Reply(0, "", "the connection broke")) == "the connection broke"
