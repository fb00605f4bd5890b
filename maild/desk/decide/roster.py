"""A new week begins: each lead gets the roster of his teams, and what is to be mended in it."""

from collections.abc import Iterable, Sequence
from functools import partial

from maild.base.words import Role
from maild.desk.answering import why_suspended
from maild.desk.bench import Bench
from maild.desk.duty_words import finding_in_words, say, stretch_in_words, when_in_words
from maild.desk.effects import Decision
from maild.desk.notices import InternalFacts
from maild.desk.people import language_of, name_of, teams_led
from maild.desk.telling import tell_apart
from maild.sla.coverage import Finding, Stretch


def decide_roster(bench: Bench, lead: str, findings: Sequence[Finding], week: Iterable[Stretch]) -> Decision | None:
    """Return the weekly mail to a lead, or to his substitute while he is away; None while no mail may go there."""
    to = bench.snapshot.away.get(lead) or lead
    if why_suspended(bench, to) is not None:
        return None
    zone, language, name = bench.settings.zone_for(to), language_of(bench, to), partial(name_of, bench)
    wrong = [(when_in_words(f.start, f.end, zone), finding_in_words(f, language, name)) for f in findings]
    plan = [stretch_in_words(each, language, name, zone) for each in week]
    facts = InternalFacts(
        reason=", ".join(team.name for team in teams_led(bench.settings, lead)),
        lines=(*(wrong or [("", say(language, "well"))]), *plan),
    )
    tell_apart(bench, "roster", to, Role.LEAD, facts)
    return bench.decision()
