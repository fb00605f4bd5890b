"""The figures agree with a slow count by hand, minute by minute, over a week of a made-up desk."""

import random
from collections import Counter
from datetime import date, datetime, timedelta
from statistics import median_low
from zoneinfo import ZoneInfo

import pytest

from maild.base.words import Status
from maild.reports.figures import nearest_rank, report
from maild.reports.model import Figures, Story, Traffic, period_of
from tests.unit.sla.tickets import SLAS, answered, became, opened, wrote

MADRID = ZoneInfo("Europe/Madrid")
MONDAY = datetime(2026, 11, 23, tzinfo=MADRID)
MINUTES = 7 * 24 * 60
NOW = MONDAY + timedelta(minutes=MINUTES)
TARGETS = {"first": 4 * 60, "next": 8 * 60, "resolution": 24 * 60}
PERIOD = period_of(date(2026, 11, 24), date(2026, 11, 27), MADRID, NOW)
FROM, TO = 24 * 60, 5 * 24 * 60


def works(minute):
    day, rest = divmod(minute, 24 * 60)
    spans = ((540, 840), (900, 1080)) if day < 4 else ((540, 900),) if day == 4 else ()
    return any(begin <= rest < end for begin, end in spans)


def at(minute):
    return (MONDAY + timedelta(minutes=minute)).strftime("%Y-%m-%d %H:%M")


def desk(seed):
    """Return tickets as lists of (minute, what happened), with the agent who has each."""
    rng = random.Random(seed)
    tickets = []
    for _ in range(40):
        minutes = sorted(rng.sample(range(MINUTES), rng.randint(1, 9)))
        happenings = [(minutes[0], "opened")]
        happenings += [
            (m, rng.choice(["answer", "answer", "wrote", "open", "pending", "resolved"])) for m in minutes[1:]
        ]
        tickets.append((rng.choice(["ana", "ben", ""]), happenings, [(m, rng.randint(1, 5)) for m in minutes[2:4]]))
    return tickets


def story(number, agent, happenings, ratings):
    made = {"opened": opened, "answer": lambda when: answered(when, when), "wrote": wrote}
    facts = [
        made[what](at(minute)) if what in made else became(at(minute), Status(what)) for minute, what in happenings
    ]
    begun = MONDAY + timedelta(minutes=happenings[0][0])
    rated = tuple((MONDAY + timedelta(minutes=m), r) for m, r in ratings)
    answers = tuple(MONDAY + timedelta(minutes=m) for m, what in happenings if what == "answer")
    return Story(number, begun, agent=agent, facts=tuple(facts), answers=answers, ratings=rated)


class Count:
    """What a patient person with a pencil would write down."""

    def __init__(self):
        self.opened = self.resolved = self.backlog = self.met = self.missed = self.reopened = self.first_contact = 0
        self.times = {"first": [], "next": [], "resolution": []}
        self.ratings = []

    def ticket(self, happenings, ratings):
        todo, status, waits, used, done_used, late = dict(happenings), None, None, 0, 0, {}
        solved_at, solution, reopened, answers, ends = None, None, False, 0, []
        for minute in range(happenings[0][0], TO):
            what = todo.get(minute)
            if what == "opened":
                status, waits = "new", "first"
            elif what == "answer":
                answers += 1
                if waits:
                    ends.append((waits, used, minute, late.get(waits, minute)))
                    late.pop(waits, None)
                waits, used = None, 0
            elif what == "wrote":
                waits, used = waits or "next", used if waits else 0
            elif what is not None:
                if what == "resolved" and status != "resolved":
                    solution = (done_used, minute, late.get("resolution", minute))
                    if solved_at is None and minute >= FROM:
                        solved_at = minute
                elif what != "resolved" and status == "resolved":
                    solution, reopened = None, reopened or solved_at is not None
                status = what
            if works(minute) and status in {"new", "open"}:
                used += waits is not None
                done_used += 1
                for clock, spent in ((waits, used), ("resolution", done_used)):
                    if clock and spent == TARGETS[clock]:
                        late[clock] = minute + 1  # what ends after this instant ends late
        if status is None:
            return
        self._close(status, waits, used, done_used, solution, ends)
        self.opened += happenings[0][0] >= FROM
        self.backlog += status != "resolved"
        if solved_at is not None:
            self.resolved += 1
            self.reopened += reopened
            self.first_contact += answers == 1 and not reopened
        self.ratings += [r for m, r in ratings if FROM <= m < TO]

    def _close(self, status, waits, used, done_used, solution, ends):
        if solution is not None:
            ends = [*ends, ("resolution", *solution)]
        elif status in {"new", "open"}:
            self.missed += done_used >= TARGETS["resolution"]
        if waits and status in {"new", "open"}:
            self.missed += used >= TARGETS[waits]
        for clock, minutes, minute, late in ends:
            if minute >= FROM:
                self.times[clock].append(minutes * 60)
                self.met += late >= minute
                self.missed += late < minute


@pytest.mark.parametrize("seed", range(12))
def test_the_figures_are_those_of_a_slow_count_by_hand(seed):
    tickets = [ticket for ticket in desk(seed) if ticket[1][0][0] < TO]
    stories = [story(number, *ticket) for number, ticket in enumerate(tickets, 1)]
    found = report(stories, Traffic(), SLAS, PERIOD)
    for agent, figures in ((None, found.total), *found.groups["agent"]):
        count = Count()
        for holder, happenings, ratings in tickets:
            if agent in {None, holder}:
                count.ticket(happenings, ratings)
        assert figures.opened == count.opened
        assert (figures.resolved, figures.backlog) == (count.resolved, count.backlog)
        assert (figures.reopened, figures.first_contact) == (count.reopened, count.first_contact)
        assert (figures.targets_met, figures.targets_missed) == (count.met, count.missed)
        assert (figures.ratings, figures.rating_sum) == (len(count.ratings), sum(count.ratings))
        times = {"first": figures.first_response, "next": figures.next_response, "resolution": figures.resolution}
        for clock, seconds in count.times.items():
            assert times[clock].count == len(seconds), clock
            assert times[clock].median == (median_low(seconds) if seconds else None), clock
            assert times[clock].p90 == nearest_rank(sorted(seconds), 90), clock


def test_the_order_in_which_tickets_come_changes_nothing():
    stories = [story(number, *ticket) for number, ticket in enumerate(desk(1), 1)]
    assert report(stories, Traffic(), SLAS, PERIOD) == report(stories[::-1], Traffic(), SLAS, PERIOD)


def test_volumes_are_counted_by_the_days_of_the_desks_zone():
    late = MONDAY + timedelta(days=1, hours=23, minutes=30)  # 22:30 in UTC
    tickets = [Story(1, late, facts=(opened("2026-11-24 23:30"), became("2026-11-26 00:10", Status.RESOLVED)))]
    found = report(tickets, Traffic((late, late), (late + timedelta(hours=1),)), SLAS, PERIOD)
    days = {str(day.day): (day.opened, day.resolved, day.mails_in, day.mails_out) for day in found.days}
    assert days == {
        "2026-11-24": (1, 0, 2, 0),
        "2026-11-25": (0, 0, 0, 1),
        "2026-11-26": (0, 1, 0, 0),
        "2026-11-27": (0, 0, 0, 0),
    }
    assert Counter(day.opened for day in found.days)[1] == found.total.opened


def test_what_is_spam_or_merged_at_the_end_counts_nowhere():
    gone = [became("2026-11-25 10:00", status) for status in (Status.SPAM, Status.MERGED)]
    start = MONDAY + timedelta(days=1, hours=9)
    stories = [Story(n, start, facts=(opened("2026-11-24 09:00"), fact)) for n, fact in enumerate(gone)]
    assert report(stories, Traffic(), SLAS, PERIOD).total == Figures()


def test_a_period_ends_now_at_the_latest_and_holds_some_time():
    noon = MONDAY + timedelta(hours=12)
    assert period_of(date(2026, 11, 23), date(2026, 11, 30), MADRID, noon).end == noon
    for first, last in ((date(2026, 11, 24), date(2026, 11, 24)), (date(2026, 11, 20), date(2026, 11, 19))):
        with pytest.raises(ValueError, match="no time"):
            period_of(first, last, MADRID, noon)


def test_a_percentile_is_a_value_that_was_there():
    assert nearest_rank([], 50) is None
    assert nearest_rank([7], 90) == 7
    assert [nearest_rank(range(1, 11), percent) for percent in (50, 90, 100)] == [5, 9, 10]
