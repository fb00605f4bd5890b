"""The priority: from impact and urgency, words and VIPs, each step with its reason; a person's own choice stays."""

import pytest

from maild.base.words import Priority, Purpose
from maild.desk.model import Person, Snapshot
from maild.message.model import Address, Field
from maild.settings.catalogue import PriorityTable
from maild.sla.model import FactKind
from maild.thread.model import Rule

from .bench import ANA, after, facts, mail, opened, ticket
from .rulebook import decide, events

VIP = '[[person]]\naddress = "marta@example.org"\nvip = true\n'
WORDS = """
[[priority.keyword]]
words = ["production is down", "fuego"]
priority = "urgent"
[[priority.keyword]]
words = ["mañana"]
language = "es"
"""


def commanded(text: str, extra: str = "", before=None):
    said = mail(text, author=Address("Ana", ANA), rule=Rule.TOKEN, ticket=7, purpose=Purpose.INTERNAL)
    before = before or ticket()
    decision = decide(extra, said, Snapshot(ticket=before))
    return decision, after(decision, before)


@pytest.mark.parametrize(
    ("impact", "urgency", "priority"),
    [
        ("low", "low", "low"),
        ("low", "high", "normal"),
        ("medium", "medium", "normal"),
        ("high", "low", "normal"),
        ("high", "medium", "high"),
        ("high", "high", "urgent"),
    ],
)
def test_impact_and_urgency_give_the_priority(impact, urgency, priority):
    decision, left = commanded(f"#field impact={impact}\n#field urgency={urgency}")
    assert left.priority == priority
    if priority != "normal":
        assert f"impact {impact} and urgency {urgency}" in events(decision, "priority")[-1].detail


def test_one_of_the_two_gives_nothing():
    assert commanded("#field impact=high")[1].priority is Priority.NORMAL


def test_they_are_written_in_spanish_too():
    assert commanded("#campo impacto=alto\n#campo urgencia=alta")[1].priority is Priority.URGENT


def test_a_degree_that_is_none_is_a_fault():
    decision, left = commanded("#field impact=huge")
    assert left.fields == ()
    assert "commands-refused" in [e.verb for e in events(decision)]


def test_the_matrix_is_the_administrators():
    extra = '[priority.matrix]\nhigh = { high = "high" }\n'
    assert commanded("#field impact=high\n#field urgency=high", extra)[1].priority is Priority.HIGH
    assert PriorityTable().of("high", "high") is Priority.URGENT


def test_a_new_priority_counts_the_clocks_anew():
    assert FactKind.TARGETS in facts(commanded("#field impact=high\n#field urgency=high")[0])


def test_a_priority_that_an_agent_set_wins_for_good():
    _, left = commanded("#priority low\n#field impact=high\n#field urgency=high")
    assert (left.priority, left.priority_by) == (Priority.LOW, ANA)
    rule = '[[rule]]\nname = "up"\non = "reply"\nwhen = { subject = "*" }\ndo = ["#priority urgent"]\n'
    answer = mail("and now?", rule=Rule.TOKEN, ticket=7, purpose=Purpose.REQUESTER)
    decision = decide(rule, answer, Snapshot(ticket=left))
    assert after(decision, left).priority is Priority.LOW


def test_a_vip_is_raised_by_a_step_and_the_timeline_says_so():
    decision = decide(VIP, mail())
    (new,) = opened(decision)
    assert new.priority is Priority.HIGH
    assert events(decision, "priority")[0].detail == "normal to high: marta@example.org is a VIP"


@pytest.mark.parametrize("known", [{"vip": True}, {"organisation": "globex"}])
def test_who_was_made_a_vip_at_the_shell_is_raised_like_one_of_the_configuration(known):
    extra = '[[organisation]]\nname = "globex"\ndomains = ["globex.example"]\nvip = true\n'
    marta = Person("marta@example.org", **known)
    (new,) = opened(decide(extra, mail(), Snapshot(people={marta.address: marta})))
    assert new.priority is Priority.HIGH


def test_a_vip_who_writes_from_another_address_of_hers_is_raised_too():
    linked = Snapshot(aliases={"marta@home.example": "marta@example.org"})
    (new,) = opened(decide(VIP, mail(author=Address("Marta", "marta@home.example")), linked))
    assert new.priority is Priority.HIGH


def test_a_vip_is_raised_by_as_many_steps_as_the_administrator_says():
    assert opened(decide(VIP + "[priority]\nvip_raises = 0\n", mail()))[0].priority is Priority.NORMAL
    assert opened(decide(VIP + "[priority]\nvip_raises = 3\n", mail()))[0].priority is Priority.URGENT


def test_words_raise_a_new_ticket():
    decision = decide(WORDS, mail("Help! Production is DOWN."))
    (new,) = opened(decision)
    assert new.priority is Priority.URGENT
    assert "“production is down”" in events(decision, "priority")[0].detail


def test_words_count_whole_and_in_their_language():
    assert opened(decide(WORDS, mail("refuegos")))[0].priority is Priority.NORMAL
    assert opened(decide(WORDS, mail("para manana", language="es")))[0].priority is Priority.HIGH
    assert opened(decide(WORDS, mail("para manana", language="en")))[0].priority is Priority.NORMAL


def test_what_a_sender_claims_of_his_mail_counts_only_where_the_administrator_says():
    claimed = mail(fields=(Field("X-Priority", "1 (Highest)"),))
    assert opened(decide("", claimed))[0].priority is Priority.NORMAL
    decision = decide("[priority]\nheaders = true\n", claimed)
    assert opened(decision)[0].priority is Priority.URGENT
    assert events(decision, "priority")[0].detail == "normal to urgent: its X-Priority is 1"
