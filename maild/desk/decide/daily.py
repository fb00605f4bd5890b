"""The day begins: each lead hears how his teams stand, what is late, and who is there."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from maild.base.words import Role
from maild.desk.bench import Bench
from maild.desk.duty_words import people_in_words, say
from maild.desk.effects import Decision
from maild.desk.model import Standing
from maild.desk.notices import InternalFacts
from maild.desk.people import duty_of, language_of, name_of, why_suspended
from maild.desk.telling import tell_apart

LISTED_MAX = 10  # of a kind; a longer list is for `#list`
_STATUSES = ("new", "open", "pending", "on-hold")

Line = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Yesterday:
    """What the teams had on the last day."""

    opened: int = 0
    resolved: int = 0
    mails_in: int = 0
    mails_out: int = 0
    rating: str = ""  # "4.50 (2)", "" when nobody rated


@dataclass(frozen=True, slots=True)
class Outline:
    """All that the daily mail to one lead says, beside who is there."""

    teams: tuple[str, ...]
    standing: tuple[Standing, ...]
    yesterday: Yesterday
    quarantined: int

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to say."""
        return not self.standing and not self.quarantined and self.yesterday == Yesterday()


@dataclass(frozen=True, slots=True)
class _Speaker:
    """Who is told, in his language and by his clock."""

    bench: Bench
    language: str
    zone: ZoneInfo

    def say(self, phrase: str, /, **values: object) -> str:
        """Return a phrase in his language."""
        return say(self.language, phrase, **values)

    def name(self, who: str) -> str:
        """Return how somebody is called."""
        return name_of(self.bench, who)

    def ticket(self, each: Standing, at: datetime | None = None) -> str:
        """Return a line about a ticket: key and subject, who has it, and an instant."""
        who = self.name(each.assignee) if each.assignee else self.say("nobody")
        when = f", {at.astimezone(self.zone).strftime('%Y-%m-%d %H:%M')}" if at is not None else ""
        return f"{self.bench.key(each.number)} {each.subject} ({who}{when})"


def decide_daily(bench: Bench, lead: str, outline: Outline) -> Decision | None:
    """Return the daily mail to a lead, or to his substitute while he is away; None while no mail may go there."""
    to = bench.snapshot.away.get(lead) or lead
    if why_suspended(bench, to) is not None:
        return None
    speaker = _Speaker(bench, language_of(bench, to), bench.settings.zone_for(to))
    facts = InternalFacts(reason=", ".join(outline.teams), lines=tuple(_lines(speaker, outline)))
    tell_apart(bench, "daily", to, Role.LEAD, facts)
    return bench.decision()


def _lines(speaker: _Speaker, outline: Outline) -> Iterator[Line]:
    counts = {status: sum(each.status == status for each in outline.standing) for status in _STATUSES}
    yield speaker.say("now"), speaker.say("counts", **{name.replace("-", "_"): n for name, n in counts.items()})
    day = outline.yesterday
    volumes = speaker.say(
        "volumes", opened=day.opened, resolved=day.resolved, mails_in=day.mails_in, mails_out=day.mails_out
    )
    yield speaker.say("yesterday"), volumes + (f"; {speaker.say('rating')} {day.rating}" if day.rating else "")
    yield from _lists(speaker, outline.standing)
    if outline.quarantined:
        yield speaker.say("quarantined"), str(outline.quarantined)
    yield from _people(speaker, outline.teams)


def _lists(speaker: _Speaker, standing: Sequence[Standing]) -> Iterator[Line]:
    now = speaker.bench.now
    midnight = (now.astimezone(speaker.zone) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    kinds: tuple[tuple[str, Callable[[Standing], datetime | None]], ...] = (
        ("unanswered", lambda each: each.unanswered_since),
        ("late", lambda each: each.due_at if each.due_at is not None and each.due_at <= now else None),
        ("soon", lambda each: each.due_at if each.due_at is not None and now < each.due_at < midnight else None),
    )
    for phrase, at in kinds:
        yield from _list(speaker, phrase, ((each, when) for each in standing if (when := at(each)) is not None))
    waiting = (
        ("unassigned", [each for each in standing if not each.assignee]),
        ("for-approval", [each for each in standing if each.for_approval]),
        ("for-supplier", [each for each in standing if each.for_supplier]),
    )
    for phrase, found in waiting:
        yield from _list(speaker, phrase, ((each, None) for each in found))


def _list(speaker: _Speaker, phrase: str, found: Iterable[tuple[Standing, datetime | None]]) -> Iterator[Line]:
    """Yield one line for tickets of a kind, those of the earliest instant first; none when there are none."""
    rows = sorted(found, key=lambda pair: (pair[1] or speaker.bench.now, pair[0].number))
    if rows:
        shown = [speaker.ticket(each, at) for each, at in rows[:LISTED_MAX]]
        more = [f"+ {len(rows) - LISTED_MAX}"] if len(rows) > LISTED_MAX else []
        yield f"{speaker.say(phrase)} ({len(rows)})", "\n".join((*shown, *more))


def _people(speaker: _Speaker, teams: Sequence[str]) -> Iterator[Line]:
    bench = speaker.bench
    for team in teams:
        people = people_in_words(duty_of(bench, team), speaker.language, speaker.name)
        yield speaker.say("on-duty", team=team), people
    theirs = {
        a.address for a in bench.settings.agents if {t.name for t in bench.settings.teams_of(a.address)} & {*teams}
    }
    away = [speaker.name(who) for who in bench.snapshot.away if who in theirs]
    if away:
        yield speaker.say("away"), ", ".join(away)
