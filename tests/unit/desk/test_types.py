"""What types of tickets differ in: what they may become, approvals, tasks, and the codes they are resolved with."""

from dataclasses import replace

import pytest

from maild.base.words import Purpose, Status, TicketType
from maild.desk.decide.admin import WorkTicket, decide_work
from maild.desk.decide.message import decide_message
from maild.desk.lifecycle import TYPES
from maild.desk.model import Snapshot
from maild.sla.compile import slas_from
from maild.thread.model import Rule

from . import bench
from .bench import BEN, MONDAY, after, notice, ticket
from .rulebook import desk, events


def work(values: tuple[tuple[str, str], ...] = (), commands: str = "", extra: str = "", **of_ticket):
    before, settings = ticket(**of_ticket), desk(extra)
    order = WorkTicket(values, commands=commands)
    taken = Snapshot(ticket=before, new_numbers=(101,))
    laid = bench.bench(taken, desk=settings, levels=slas_from(settings, MONDAY))
    decision, faults = decide_work(laid, "cli:root", order)
    return (after(decision, before) if decision else None), [f.reason for f in faults], decision


def test_every_type_stands_in_the_table_and_may_stay_what_it_is():
    assert set(TYPES) == set(TicketType)


@pytest.mark.parametrize("before", TicketType)
@pytest.mark.parametrize("wanted", TicketType)
def test_a_ticket_turns_out_to_be_of_any_other_type(before, wanted):
    left, faults, _ = work((("type", str(wanted)),), type=before)
    assert left is not None, faults
    assert left.type is wanted


@pytest.mark.parametrize(
    ("word", "meant"),
    [("incidencia", "incident"), ("petición", "request"), ("Solicitud", "request"), ("consulta", "question")],
)
def test_types_have_more_than_one_word_in_spanish(word, meant):
    left, faults, _ = work(commands=f"#tipo {word}", type=TicketType.CHANGE)
    assert left is not None, faults
    assert left.type == meant


def test_a_question_has_no_approval_and_no_task():
    assert work(commands="#ask-approval eva", type=TicketType.QUESTION)[1] == [
        "a question has no #ask-approval; #type first"
    ]
    assert work(commands='#child "buy one"', type=TicketType.QUESTION)[1] == ["a question has no #child; #type first"]


def test_a_ticket_keeps_the_code_that_it_was_resolved_with():
    left, _, decision = work(commands="#resolve fixed")
    assert left is not None
    assert (left.status, left.resolution_code) == (Status.RESOLVED, "fixed")
    assert [e.detail for e in events(decision, "resolution-code")] == ["fixed"]


def test_codes_are_written_in_spanish_too():
    left, _, _ = work(commands="#resolver Arreglado")
    assert left is not None
    assert left.resolution_code == "fixed"


@pytest.mark.parametrize(("kind", "code"), [("question", "rolled-back"), ("incident", "fulfilled")])
def test_a_code_of_another_type_is_refused_with_those_that_are_known(kind, code):
    left, (reason,), _ = work(commands=f"#resolve {code}", type=TicketType(kind))
    assert left is None
    assert reason.startswith(f"{code} is no resolution code of this type; solved, ")


def test_the_codes_are_the_administrators_and_an_empty_list_takes_any_word():
    extra = '[resolution]\nincident = []\nquestion = ["told"]\n'
    left, _, _ = work(commands="#resolve by magic", extra=extra)
    assert left is not None
    assert left.resolution_code == "by magic"
    assert work(commands="#resolve answered", extra=extra, type=TicketType.QUESTION)[0] is None


CAB = """
[[approval]]
name = "cab"
steps = [{ approvers = ["boss@example.org"] }]
types = ["change"]
"""


def test_who_makes_a_ticket_a_change_is_told_what_it_needs():
    before, settings = ticket(), desk(CAB)
    arrived = bench.mail("#type change", author=bench.MARTA, rule=Rule.TOKEN, ticket=7, purpose=Purpose.INTERNAL)
    arrived = replace(arrived, agent=BEN, agent_proved=True)
    decision = decide_message(arrived, Snapshot(ticket=before), settings, slas_from(settings, MONDAY), MONDAY)
    said = [text for _, text in notice(decision, "transcript").facts.lines]
    assert said == ["the type is change; before it is resolved it needs the approval cab: #ask-approval cab"]


@pytest.mark.parametrize("kind", [TicketType.CHANGE, TicketType.PROBLEM])
def test_work_of_its_own_below_a_problem_does_not_wait_for_it(kind):
    assert not TYPES[kind].waits


def test_only_a_problem_is_what_others_wait_for():
    assert [kind for kind in TicketType if TYPES[kind].is_cause] == [TicketType.PROBLEM]
