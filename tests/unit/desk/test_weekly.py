"""The weekly mail to a lead."""

import pytest

from maild.desk.decide.roster import Week, decide_roster
from maild.desk.notices import InternalFacts
from maild.desk.problems import Incident

from . import rulebook
from .bench import LEAD, bench, notice, told

GROUP = tuple(Incident(number, "VPN does not connect", "network") for number in range(1, 13))


@pytest.mark.parametrize(
    ("language", "said"), [("en", "Perhaps one problem (12)"), ("es", "Quizá un mismo problema (12)")]
)
def test_incidents_that_sound_alike_are_proposed_as_a_problem(language, said):
    desk = rulebook.desk(f'[[agent]]\naddress = "{LEAD}"\nlanguage = "{language}"\n')
    decision = decide_roster(bench(desk=desk), LEAD, Week(recurring=(GROUP,)))
    assert decision is not None
    facts = notice(decision, "roster").facts
    assert isinstance(facts, InternalFacts)
    what, words = facts.lines[1]
    assert what == said
    assert words.startswith("VPN does not connect: ACME-1R, ACME-2W, ")
    assert words.endswith(", + 2")


def test_a_desk_without_a_roster_is_told_nothing_when_there_is_nothing_to_say():
    decision = decide_roster(bench(), LEAD, Week())
    assert decision is not None
    assert told(decision) == {}
