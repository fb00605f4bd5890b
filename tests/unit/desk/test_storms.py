"""Two machines that answer each other, and people who write a lot: what no more automatic mail is sent to."""

from dataclasses import replace
from datetime import timedelta

import pytest

from maild.base.words import Kind, Purpose, Status
from maild.desk.answering import BREAKERS
from maild.desk.decide.message import decide_message
from maild.desk.equals import fingerprint
from maild.desk.model import Snapshot, Traffic
from maild.message.model import Attachment
from maild.settings.desk import Limits
from maild.sla.model import Fact, FactKind
from maild.thread.model import Rule

from .bench import ANA, MARTA, MONDAY, after, decide, facts, mail, opened, posts, settings, slas, ticket, told, verbs
from .bench import notice as notice_of

ACK = (MARTA.key, "acknowledgement")


def acknowledged(**traffic):
    return "acknowledgement" in told(decide(mail(), Snapshot(traffic=Traffic(**traffic))))


@pytest.mark.parametrize(
    ("below", "reached"),
    [
        ({"same_answers": {ACK: 9}}, {"same_answers": {ACK: 10}}),
        ({"by_domain": {"example.org": 2999}}, {"by_domain": {"example.org": 3000}}),
    ],
)
def test_up_to_a_limit_she_is_answered_and_from_it_on_she_is_not(below, reached):
    assert acknowledged(**below)
    assert not acknowledged(**reached)


def test_who_is_not_answered_has_a_ticket_an_agent_and_a_line_that_says_why():
    decision = decide(mail(), Snapshot(traffic=Traffic(same_answers={ACK: 10})))
    assert told(decision) == {"assigned": [ANA]}
    assert "not-sent" in verbs(decision)
    assert any("10 of these under the same subject" in line for line in decision.would)


def test_what_another_domain_another_queue_or_another_template_had_counts_for_nobody_else():
    assert acknowledged(by_domain={"other.example": 9000})
    assert acknowledged(same_answers={(MARTA.key, "resolved"): 50, ("luis@example.org", "acknowledgement"): 50})


@pytest.mark.parametrize("count", ["on_ticket", "on_ticket_in_a_day"])
def test_a_ticket_that_has_had_its_share_sends_its_people_nothing_automatic(count):
    most = {"on_ticket": 20, "on_ticket_in_a_day": 60}[count]
    before = ticket(Status.OPEN)
    for sent, is_told in ((most - 1, True), (most, False)):
        snapshot = Snapshot(ticket=before, traffic=Traffic(ticket=7, **{count: sent}))
        decision = decide(
            replace(mail("#status", rule=Rule.TOKEN, ticket=7, purpose=Purpose.REQUESTER), own_token=True), snapshot
        )
        assert ("status" in told(decision)) is is_told


def test_what_goes_out_from_a_queue_beyond_its_limit_is_held_for_a_person_and_agents_are_told():
    held = decide(mail(), Snapshot(traffic=Traffic(by_queue={"support": 5000})))
    assert notice_of(held, "acknowledgement").hold == f"{BREAKERS} in queue support is reached"
    assert not notice_of(held, "assigned").hold
    assert not notice_of(decide(mail(), Snapshot(traffic=Traffic(by_queue={"support": 4999}))), "acknowledgement").hold
    assert not notice_of(decide(mail(), Snapshot(traffic=Traffic(by_queue={"sales": 50000}))), "acknowledgement").hold


def equal(count=0, ago=timedelta(minutes=5), **values):
    """The ticket of an equal mail, of which so many came."""
    return ticket(Status.NEW, created_at=MONDAY - ago, equal_mails=count, **values)


def folding(arrived, there):
    """What a desk does that folds equal mails of an hour."""
    changed = settings()
    limits = changed.limits.model_copy(update={"equal_mails_within": timedelta(hours=1)})
    changed = changed.model_copy(update={"limits": limits})
    return decide_message(arrived, Snapshot(new_numbers=(101,), equal=there), changed, slas(), MONDAY)


def test_each_mail_is_a_ticket_of_its_own_unless_the_desk_folds_equal_ones():
    assert opened(decide(mail(), Snapshot(equal=equal())))


@pytest.mark.parametrize("limit", ["automatic_per_minute", "automatic_per_person_day"])
def test_who_lifts_a_limit_lifts_the_narrower_ones_below_it(limit):
    limits = Limits.model_validate({limit: 0})
    below = {"automatic_per_minute": (limits.per_domain, limits.per_queue)}.get(limit, (limits.same_answers,))
    assert set(below) == {0}
    assert 0 not in (Limits().per_domain, Limits().per_queue, Limits().same_answers)


def test_the_same_mail_once_more_is_recorded_on_the_ticket_that_is_there_and_its_agent_is_told_once():
    decision = folding(mail(), equal())
    assert opened(decision) == []
    assert [post.ticket for post in posts(decision)] == [7]
    assert verbs(decision) == ["folded-in"]
    assert facts(decision) == []
    assert after(decision, equal()).equal_mails == 2
    assert told(decision) == {"requester-wrote": [ANA]}
    assert "came 2 times" in notice_of(decision, "requester-wrote").facts.reason


@pytest.mark.parametrize(("before", "is_told"), [(2, False), (8, False), (9, True), (10, False), (99, True)])
def test_of_many_equal_mails_the_agent_hears_a_few_times_with_their_count(before, is_told):
    assert bool(told(folding(mail(), equal(before)))) is is_told


@pytest.mark.parametrize(("ago", "is_new"), [(timedelta(minutes=59), False), (timedelta(minutes=60), True)])
def test_after_the_window_the_same_mail_opens_a_ticket_again(ago, is_new):
    assert bool(opened(folding(mail(), equal(ago=ago)))) is is_new


def test_the_same_alarm_of_a_monitor_stays_one_ticket():
    decision = folding(mail(kind=Kind.AUTO_GENERATED), equal())
    assert opened(decision) == []
    assert not posts(decision)[0].public


def test_what_makes_two_mails_equal_is_sender_subject_words_attachments_and_queue():
    def prints(**how):
        return fingerprint(replace(mail(**how), canonical_subject=how.get("subject", "Printer")))

    same = prints()
    assert same == prints(text="Hello,  the printer\nis on fire.", entry="e9", at=MONDAY + timedelta(minutes=3))
    assert same != prints(author=replace(MARTA, address="luis@example.org"))
    assert same != prints(subject="Scanner")
    assert same != prints(text="Hello, the printer is still on fire.")
    assert same != prints(queues=("sales",))
    assert same != prints(attachments=(Attachment("a.png", "image/png", 1, inline=False, sha256="ff"),))
    assert opened(decide(mail()))[0].fingerprint
    assert prints(unread="its reader died") == ""


@pytest.mark.parametrize(("reopenings", "status"), [(9, Status.OPEN), (10, Status.RESOLVED)])
def test_a_ticket_that_is_reopened_all_day_long_stays_resolved_and_its_agent_reads_what_was_written(reopenings, status):
    steps = [s for _ in range(reopenings) for s in (Status.RESOLVED, Status.OPEN)] + [Status.RESOLVED]
    stood = [Fact(MONDAY - timedelta(hours=2), FactKind.STATUS, status=each) for each in steps]
    before = ticket(Status.RESOLVED)
    before = replace(before, facts=(before.facts[0], *stood))
    decision = decide(mail(rule=Rule.TOKEN, ticket=7, purpose=Purpose.REQUESTER), Snapshot(ticket=before))
    assert after(decision, before).status is status
    assert posts(decision)
    assert len(told(decision)) == 1
    assert ("not-reopened" in verbs(decision)) is (status is Status.RESOLVED)


def test_what_was_reopened_yesterday_counts_no_more_today():
    stood = [Fact(MONDAY - timedelta(hours=25), FactKind.STATUS, status=s) for s in (Status.RESOLVED, Status.OPEN) * 20]
    before = ticket(Status.RESOLVED)
    last = Fact(MONDAY - timedelta(hours=1), FactKind.STATUS, status=Status.RESOLVED)
    before = replace(before, facts=(before.facts[0], *stood, last))
    decision = decide(mail(rule=Rule.TOKEN, ticket=7, purpose=Purpose.REQUESTER), Snapshot(ticket=before))
    assert after(decision, before).status is Status.OPEN
