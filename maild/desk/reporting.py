"""Reports by mail: which one is meant, and the notice that brings it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from maild.base.text import plain
from maild.base.words import Role
from maild.desk.bench import Bench
from maild.desk.effects import Decision
from maild.desk.model import Prepared
from maild.desk.notices import InternalFacts
from maild.desk.people import language_of, why_suspended
from maild.desk.telling import tell_apart
from maild.settings.model import Settings

TEMPLATE = "report"
_EVERY = {"day": "day", "week": "week", "month": "month", "dia": "day", "semana": "week", "mes": "month"}


@dataclass(frozen=True, slots=True)
class ReportWish:
    """Whole local days, and of which teams' tickets; no team: of all."""

    first: date
    last: date
    teams: tuple[str, ...] = ()
    title: str = ""


def last_whole(every: str, today: date) -> tuple[date, date]:
    """Return the first and last day of the latest whole day, week (from Monday) or month before `today`."""
    if every == "day":
        return today - timedelta(days=1), today - timedelta(days=1)
    if every == "week":
        monday = today - timedelta(days=today.weekday())
        return monday - timedelta(days=7), monday - timedelta(days=1)
    last = today.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


def wish_of(words: Sequence[str], agent: str, settings: Settings, now: datetime) -> ReportWish:
    """Return the report that an agent asks for: `[[report]]` names, day, week or month, days, and teams, in any order.

    Without days it is the latest whole week. A lead may have all teams, an agent his own. Raises ValueError with the
    word that means nothing, or names what he may not have.
    """
    today = now.astimezone(settings.zone).date()
    days, teams, title = last_whole("week", today), list[str](), ""
    for word in words:
        named, team = settings.report_named(word), settings.team_named(word)
        if named is not None:
            days, title = last_whole(named.every, today), named.name
            teams += named.teams
        elif plain(word) in _EVERY:
            days = last_whole(_EVERY[plain(word)], today)
        elif team is not None:
            teams.append(team.name)
        else:
            days = _days(word)
    return ReportWish(*days, teams=_allowed(tuple(dict.fromkeys(teams)), agent, settings), title=title)


def _days(word: str) -> tuple[date, date]:
    first, dots, last = word.replace("\N{HORIZONTAL ELLIPSIS}", "..").partition("..")
    try:
        begin = date.fromisoformat(first)
        return begin, date.fromisoformat(last) if dots else begin
    except ValueError:
        raise ValueError(word) from None


def _allowed(teams: tuple[str, ...], agent: str, settings: Settings) -> tuple[str, ...]:
    if settings.is_lead(agent):
        return teams
    own = tuple(team.name for team in settings.teams_of(agent))
    denied = [team for team in teams if team not in own]
    if denied or not own:
        raise ValueError(", ".join(denied) or agent)
    return teams or own


def facts_of(prepared: Prepared) -> InternalFacts:
    """Return what the mail `report` shows."""
    return InternalFacts(words=prepared.text, reason=prepared.title, tables=prepared.tables)


def tell_report(bench: Bench, address: str, prepared: Prepared) -> None:
    """Send somebody a report, with the figures as CSV beside it; nobody to whom no mail may go."""
    if why_suspended(bench, address) is None:
        tell_apart(bench, TEMPLATE, address, Role.LEAD, facts_of(prepared), files=(prepared.file,))


def decide_report(bench: Bench, to: Iterable[str], prepared: Mapping[str, Prepared]) -> Decision:
    """Return the mails of a report that the clock sends; `prepared` is there in every language of the desk."""
    for address in dict.fromkeys(to):
        tell_report(bench, address, prepared[language_of(bench, address)])
    return bench.decision()
