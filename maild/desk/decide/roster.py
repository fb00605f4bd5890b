"""A new week begins: each lead gets the roster of his teams, what is to be mended in it, and incidents that recur."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from maild.base.words import Role
from maild.desk.bench import Bench
from maild.desk.duty_words import finding_in_words, say, stretch_in_words, when_in_words
from maild.desk.effects import Decision
from maild.desk.notices import InternalFacts
from maild.desk.people import language_of, name_of, teams_led, why_suspended
from maild.desk.problems import Incident
from maild.desk.telling import tell_apart
from maild.sla.coverage import Finding, Stretch

NAMED_MAX = 10  # tickets of one group; the others are counted


@dataclass(frozen=True, slots=True)
class Week:
    """What the weekly mail to one lead says of his teams."""

    findings: Sequence[Finding] = ()
    plan: Sequence[Stretch] = ()
    recurring: Sequence[Sequence[Incident]] = ()  # groups that may have one cause each


def decide_roster(bench: Bench, lead: str, week: Week) -> Decision | None:
    """Return the weekly mail to a lead, or to his substitute while he is away; None while no mail may go there.

    A desk without a roster is told only of what is to be mended, and of what recurs: the decision may say nothing.
    """
    to = bench.snapshot.away.get(lead) or lead
    if why_suspended(bench, to) is not None:
        return None
    zone, language, name = bench.settings.zone_for(to), language_of(bench, to), partial(name_of, bench)
    wrong = [(when_in_words(f.start, f.end, zone), finding_in_words(f, language, name)) for f in week.findings]
    plan = [stretch_in_words(each, language, name, zone) for each in week.plan]
    recurring = [_recurring(bench, language, group) for group in week.recurring]
    if bench.settings.roster is None and not wrong and not recurring:
        return bench.decision()
    facts = InternalFacts(
        reason=", ".join(team.name for team in teams_led(bench.settings, lead)),
        lines=(*(wrong or [("", say(language, "well"))]), *recurring, *plan),
    )
    tell_apart(bench, "roster", to, Role.LEAD, facts)
    return bench.decision()


def _recurring(bench: Bench, language: str, group: Sequence[Incident]) -> tuple[str, str]:
    named = [bench.key(incident.number) for incident in group[:NAMED_MAX]]
    more = [f"+ {len(group) - NAMED_MAX}"] if len(group) > NAMED_MAX else []
    return say(language, "recurring", count=len(group)), f"{group[-1].subject}: {', '.join((*named, *more))}"
