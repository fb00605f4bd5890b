"""What the service figures are computed from, and what they are: values alone."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from maild.sla.model import Fact

GROUPS = ("agent", "queue", "team", "organisation", "category")


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` until just before `end`, both local midnights of `zone` unless `end` is now."""

    start: datetime
    end: datetime
    zone: ZoneInfo

    def covers(self, at: datetime) -> bool:
        """Tell whether an instant lies in it."""
        return self.start <= at < self.end

    def day_of(self, at: datetime) -> date:
        """Return the local day of an instant."""
        return at.astimezone(self.zone).date()

    def days(self) -> Iterator[date]:
        """Yield its local days in order."""
        day, last = self.day_of(self.start), self.day_of(self.end - timedelta(microseconds=1))
        while day <= last:
            yield day
            day += timedelta(days=1)


def period_of(first: date, last: date, zone: ZoneInfo, now: datetime) -> Period:
    """Return the period of whole local days from `first` to `last`; it ends no later than `now`.

    Raises ValueError when the last day is before the first, or the first is still to come.
    """
    start = datetime.combine(first, time(), zone)
    end = min(datetime.combine(last + timedelta(days=1), time(), zone), now)
    if last < first or end <= start:
        raise ValueError(f"{first} to {last} holds no time that has been")
    return Period(start, end, zone)


@dataclass(frozen=True, slots=True)
class Story:
    """One ticket, as far as figures are made of it; names are "" where there is none."""

    number: int
    created_at: datetime
    agent: str = ""
    queue: str = ""
    team: str = ""
    organisation: str = ""
    category: str = ""
    facts: tuple[Fact, ...] = ()
    answers: tuple[datetime, ...] = ()  # words of agents that were sent to the requester
    ratings: tuple[tuple[datetime, int], ...] = ()  # 1 to 5, oldest first

    def group(self, name: str) -> str:
        """Return to what it belongs by one of GROUPS."""
        return {
            "agent": self.agent,
            "queue": self.queue,
            "team": self.team,
            "organisation": self.organisation,
            "category": self.category,
        }[name]


@dataclass(frozen=True, slots=True)
class Traffic:
    """The mail of a period: what was said on the chosen tickets, and what the journal settled over all of them."""

    written_in: tuple[datetime, ...] = ()  # people's mails that joined a ticket
    written_out: tuple[datetime, ...] = ()  # agents' public answers
    automatic: dict[str, int] = field(default_factory=dict)  # machine's mails by kind
    quarantined: int = 0


@dataclass(frozen=True, slots=True)
class Times:
    """Working seconds: how many values, their median and 90th percentile by nearest rank; None of no value."""

    count: int = 0
    median: int | None = None
    p90: int | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of some tickets in a period; `wording.DEFINITIONS` says what each one is."""

    opened: int = 0
    resolved: int = 0
    backlog: int = 0
    backlog_median_seconds: int | None = None
    backlog_oldest_seconds: int | None = None
    first_response: Times = Times()
    next_response: Times = Times()
    resolution: Times = Times()
    targets_met: int = 0
    targets_missed: int = 0
    reopened: int = 0
    first_contact: int = 0
    ratings: int = 0
    rating_sum: int = 0
    satisfied: int = 0

    @property
    def met_percent(self) -> float | None:
        """The share of targets that were met."""
        return percent(self.targets_met, self.targets_met + self.targets_missed)

    @property
    def reopened_percent(self) -> float | None:
        """The share of resolved tickets that were opened again."""
        return percent(self.reopened, self.resolved)

    @property
    def first_contact_percent(self) -> float | None:
        """The share of resolved tickets that one answer was enough for."""
        return percent(self.first_contact, self.resolved)

    @property
    def rating_mean(self) -> float | None:
        """The mean rating from 1 to 5, two decimals."""
        return round(self.rating_sum / self.ratings, 2) if self.ratings else None

    @property
    def satisfied_percent(self) -> float | None:
        """The share of ratings of 4 and 5."""
        return percent(self.satisfied, self.ratings)


def percent(part: int, whole: int) -> float | None:
    """Return a share in percent with one decimal; None of nothing."""
    return round(100 * part / whole, 1) if whole else None


@dataclass(frozen=True, slots=True)
class Day:
    """The volumes of one local day."""

    day: date
    opened: int
    resolved: int
    mails_in: int
    mails_out: int


@dataclass(frozen=True, slots=True)
class Report:
    """All figures of a period."""

    period: Period
    total: Figures
    days: tuple[Day, ...]
    groups: dict[str, tuple[tuple[str, Figures], ...]]  # by the names of GROUPS, each in order of name
    automatic: tuple[tuple[str, int], ...]  # machine's mails by kind, in order of kind
    quarantined: int
    teams: tuple[str, ...] = ()  # empty: all of them
