"""The service catalogue: a request gets its service, and what is missing is asked for once and read from the answer."""

from dataclasses import replace

import pytest

from maild.base.words import Kind, Priority, Purpose, Status, TicketType, Verdict
from maild.desk.commands.listing import query_of
from maild.desk.commands.parse import parse_block
from maild.desk.decide.admin import NewTicket, WorkTicket, decide_new, decide_work
from maild.desk.forms import read_answers
from maild.desk.model import KnownError, Person, Snapshot
from maild.desk.notices import PublicFacts
from maild.message.model import Address, Span
from maild.sla.compile import slas_from
from maild.sla.model import FactKind
from maild.thread.model import Rule

from .bench import ANA, EVA, LEAD, MARTA, MONDAY, after, bench, facts, mail, notice, opened, ticket, told
from .rulebook import decide, desk, events

VPN = """
[[service]]
name = "vpn"
title = { en = "VPN access", es = "Acceso VPN" }
team = "second-line"
type = "request"
category = "access/vpn"
priority = "high"
match = { subject = "*vpn*" }
[[service.fields]]
name = "device"
label = { en = "Device", es = "Equipo" }
choices = ["laptop", "phone"]
[[service.fields]]
name = "room"
label = { en = "Room number", es = "Número de sala" }
pattern = "/^[0-9]{3}$/"
hint = { en = "three digits", es = "tres cifras" }
[[service.fields]]
name = "why"
label = "Why"
required = false
"""
WAITING = ticket(
    Status.PENDING, service="vpn", fields_asked=1, fields=(), type=TicketType.REQUEST, team="second-line", assignee=EVA
)


def answer(text: str, before=WAITING, quoted: str = ""):
    arrived = mail(text, rule=Rule.TOKEN, ticket=7, purpose=Purpose.REQUESTER)
    if quoted:
        whole = f"{text}\n{quoted}"
        spans = (Span(0, len(text) + 1, "new"), Span(len(text) + 1, len(whole), "quoted"))
        arrived = replace(arrived, message=replace(arrived.message, text=whole, spans=spans))
    decision = decide(VPN, arrived, Snapshot(ticket=before))
    return decision, after(decision, before)


def test_a_request_gets_its_service_with_team_type_category_and_priority():
    decision = decide(VPN, mail(subject="VPN please"))
    (new,) = opened(decision)
    assert (new.service, new.team, new.assignee) == ("vpn", "second-line", EVA)
    assert (new.type, new.category, new.priority) == (TicketType.REQUEST, "access/vpn", Priority.HIGH)
    (said,) = events(decision, "service")
    assert (said.actor, said.detail) == ("maild", "vpn: subject is VPN please")


def test_what_is_missing_is_asked_for_in_place_of_the_acknowledgement_and_the_clocks_wait():
    decision = decide(VPN, mail(subject="VPN please"))
    (new,) = opened(decision)
    assert told(decision) == {"fields-wanted": [MARTA.key], "assigned": [EVA]}
    assert (new.status, new.fields_asked) == (Status.PENDING, 1)
    assert FactKind.STATUS in facts(decision)
    public = notice(decision, "fields-wanted").facts
    assert isinstance(public, PublicFacts)
    assert public.service == "VPN access"
    assert [(w.label, w.hint, w.choices) for w in public.wanted] == [
        ("Device", "", ("laptop", "phone")),
        ("Room number", "three digits", ()),
    ]


def test_she_is_asked_in_her_language():
    public = notice(decide(VPN, mail(subject="VPN", language="es")), "fields-wanted").facts
    assert isinstance(public, PublicFacts)
    assert [w.label for w in public.wanted] == ["Equipo", "Número de sala"]


def test_what_stands_in_the_first_mail_is_not_asked_for():
    decision = decide(VPN, mail("Device: Laptop\nRoom number: 101", subject="VPN"))
    (new,) = opened(decision)
    assert dict(new.fields) == {"device": "laptop", "room": "101"}
    assert (new.status, told(decision)) == (Status.NEW, {"acknowledgement": [MARTA.key], "assigned": [EVA]})


@pytest.mark.parametrize(
    "text",
    [
        "Device: laptop\nRoom number: 101",
        "Hello,\n\nEquipo: LAPTOP\nnumero de SALA: 101\n\nThanks",
        "device = laptop\nroom = 101",
        " - *Device:* laptop.\n - Room number : 101",
        "Device:\nlaptop\nRoom number:\n101\n",
    ],
)
def test_the_answer_is_read_by_label_in_any_language_or_by_name(text):
    decision, left = answer(text)
    assert dict(left.fields) == {"device": "laptop", "room": "101"}
    assert left.status is Status.OPEN
    assert events(decision, "fields-complete")


def test_a_block_that_was_filled_in_where_it_is_quoted_is_read_too():
    _, left = answer("Here you are", quoted="> Device: phone\n> Room number: 203\n")
    assert dict(left.fields) == {"device": "phone", "room": "203"}


def test_a_wrong_value_is_named_once_more_and_the_ticket_goes_on_waiting():
    decision, left = answer("Device: laptop\nRoom number: the big one")
    assert (left.status, left.fields_asked, dict(left.fields)) == (Status.PENDING, 2, {"device": "laptop"})
    public = notice(decision, "fields-wanted").facts
    assert isinstance(public, PublicFacts)
    assert [(w.label, w.given) for w in public.wanted] == [("Room number", "the big one")]


def test_after_that_a_person_reads_it():
    again = replace(WAITING, fields_asked=2, fields=(("device", "laptop"),))
    decision, left = answer("Room number: really the big one", again)
    assert (left.status, told(decision)) == (Status.OPEN, {"requester-wrote": [EVA]})
    assert events(decision, "fields-missing")[0].detail == "room"


def test_words_in_place_of_values_open_the_ticket_for_a_person():
    decision, left = answer("I do not know what a VPN is, please call me")
    assert (left.status, told(decision)) == (Status.OPEN, {"requester-wrote": [EVA]})


def test_a_machine_is_asked_nothing():
    decision = decide(VPN, mail(subject="VPN", kind=Kind.AUTO_GENERATED))
    (new,) = opened(decision)
    assert (new.status, new.service) == (Status.NEW, "vpn")
    assert "fields-wanted" not in told(decision)
    assert "machine" in events(decision, "fields-missing")[0].detail


@pytest.mark.parametrize(
    "arrived",
    [
        mail(subject="VPN", verdict=Verdict.FAIL),
        mail(subject="VPN", author=Address("", "noreply@example.org")),
    ],
)
def test_whoever_may_get_no_mail_is_asked_nothing(arrived):
    decision = decide(VPN, arrived)
    assert "fields-wanted" not in told(decision)
    assert opened(decision)[0].status is Status.NEW


def test_an_agent_gives_a_service_and_the_requester_is_asked():
    said = mail("#field service=vpn", author=Address("Ana", ANA), rule=Rule.TOKEN, ticket=7, purpose=Purpose.INTERNAL)
    decision = decide(VPN, said, Snapshot(ticket=ticket()))
    left = after(decision, ticket())
    assert (left.service, left.status, left.assignee) == ("vpn", Status.PENDING, EVA)
    assert told(decision)["fields-wanted"] == [MARTA.key]


def test_words_of_the_agent_go_out_beside_the_question():
    said = mail(
        "#campo servicio=vpn\nHello, one moment.",
        author=Address("Ana", ANA),
        rule=Rule.TOKEN,
        ticket=7,
        purpose=Purpose.PUBLIC,
    )
    decision = decide(VPN, said, Snapshot(ticket=ticket()))
    assert told(decision)["fields-wanted"] == told(decision)["agent-replied"] == [MARTA.key]


def test_the_shell_sets_service_impact_and_urgency_by_their_own_names():
    order = WorkTicket((("service", "vpn"), ("impact", "high"), ("urgency", "alta")))
    settings = desk(VPN)
    before = ticket()
    decision, wrong = decide_work(bench(Snapshot(ticket=before), MONDAY, settings, slas(VPN)), "cli:root", order)
    assert wrong == ()
    assert decision is not None
    left = after(decision, before)
    assert (left.service, left.priority) == ("vpn", Priority.URGENT)
    assert dict(left.fields) == {"impact": "high", "urgency": "high"}


def test_without_notices_nobody_is_asked_and_nothing_waits():
    order = NewTicket("support", MARTA, "VPN", "please", notify=False)
    decision = decide_new(bench(Snapshot(new_numbers=(101,)), MONDAY, desk(VPN), slas(VPN)), "cli:root", order)
    (new,) = opened(decision)
    assert (new.status, new.service, "fields-wanted" in told(decision)) == (Status.NEW, "vpn", False)


def test_a_service_that_is_not_in_the_catalogue_is_refused_with_those_that_are():
    order = WorkTicket((("service", "wpn"),))
    _, (fault,) = decide_work(bench(Snapshot(ticket=ticket()), MONDAY, desk(VPN), slas(VPN)), "cli:root", order)
    assert fault.reason == "there is no service wpn; vpn"


APPROVED = (
    VPN.replace('priority = "high"', 'priority = "high"\napproval = "boss"')
    + """
[[approval]]
name = "boss"
steps = [ { approvers = ["lead"] } ]
"""
)


def test_a_service_that_needs_an_approval_asks_for_it_when_all_is_known():
    decision = decide(APPROVED, mail("Device: phone\nRoom number: 101", subject="VPN"))
    assert told(decision)["approval-request"] == [LEAD]
    assert opened(decision)[0].status is Status.ON_HOLD
    waiting = decide(APPROVED, mail(subject="VPN"))
    assert "approval-request" not in told(waiting)


def test_the_approval_is_asked_for_when_the_answer_is_complete():
    arrived = mail("Device: phone\nRoom number: 101", rule=Rule.TOKEN, ticket=7, purpose=Purpose.REQUESTER)
    decision = decide(APPROVED, arrived, Snapshot(ticket=WAITING))
    assert told(decision)["approval-request"] == [LEAD]
    assert after(decision, WAITING).status is Status.ON_HOLD
    shown = notice(decision, "approval-request").facts
    assert isinstance(shown, PublicFacts)
    assert [(field.label, field.given) for field in shown.wanted] == [("Device", "phone"), ("Room number", "101")]


def test_values_go_on_over_lines_until_a_label_or_a_blank_line():
    (service,) = desk(VPN).service
    text = "Why: because I work\nfrom home\nDevice: phone\n\nBest regards\nMarta"
    assert read_answers(service.fields, text) == {"why": "because I work\nfrom home", "device": "phone"}


def test_an_empty_line_of_the_form_is_no_answer():
    (service,) = desk(VPN).service
    assert read_answers(service.fields, "Device: \nRoom number: \n\nSorry, later.") == {}


def slas(extra: str):
    return slas_from(desk(extra), MONDAY)


def test_her_stored_language_names_the_fields():
    known = Snapshot(people={MARTA.key: Person(MARTA.key, language="es")})
    public = notice(decide(VPN, mail(subject="VPN"), known), "fields-wanted").facts
    assert isinstance(public, PublicFacts)
    assert public.service == "Acceso VPN"


def test_an_agent_asks_for_the_tickets_of_a_service_and_sees_it_on_one():
    command = parse_block("#lista servicio=VPN").commands[0]
    assert dict(query_of(command, ANA, desk(VPN)).filters)["service"] == ("vpn",)
    asks = mail("#show", author=Address("Ana", ANA), rule=Rule.TOKEN, ticket=7, purpose=Purpose.INTERNAL)
    lines = notice(decide(VPN, asks, Snapshot(ticket=WAITING)), "transcript").facts.lines
    assert lines[0][1].ticket.service == "vpn"


@pytest.mark.parametrize(("language", "helps"), [("en", "Use water."), ("es", "Use agua.")])
def test_who_is_asked_for_fields_reads_there_what_is_known_of_the_fault_behind_her_request(language, helps):
    known = KnownError(9, ("vpn",), "Trouble with the VPN", "Use water.\n[es]\nUse agua.")
    taken = Snapshot(known_errors=(known,), people={MARTA.key: Person(MARTA.key, language=language)})
    decision = decide(VPN, mail(subject="VPN please"), taken)
    assert MARTA.key in told(decision)["fields-wanted"]
    asked = notice(decision, "fields-wanted")
    assert isinstance(asked.facts, PublicFacts)
    said = (asked.language, asked.facts.is_known, asked.facts.known, asked.facts.workaround)
    assert said == (language, True, "Trouble with the VPN", helps)
    assert len(events(decision, "known-error")) == 1


def test_what_was_wrong_is_asked_for_again_without_the_fault():
    decision, _ = answer("Device: laptop\nRoom number: big")
    asked = notice(decision, "fields-wanted").facts
    assert isinstance(asked, PublicFacts)
    assert not asked.is_known
