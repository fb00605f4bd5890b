"""Problems: children, announcements in everybody's language, workarounds, and new tickets that they explain."""

from dataclasses import replace
from datetime import timedelta

import pytest

from maild.base.words import EntryState, LinkKind, Purpose, Status, TicketType
from maild.desk.effects import AddEvent, AddLink, ChangeTicket, RemoveLink
from maild.desk.model import KnownError, Person, Snapshot
from maild.desk.notices import PublicFacts
from maild.desk.problems import Incident, change_words, in_language, known_error_of, similar_groups
from maild.message.model import Address
from maild.sla.model import FactKind
from maild.thread.model import Rule

from . import rulebook
from .bench import ANA, MARTA, MONDAY, after, decide, facts, mail, notice, posts, settled, ticket, told, verbs

ANA_RUIZ = Address("Ana Ruiz", ANA)
LUIS, ROSA = "luis@example.org", "rosa@example.org"
PROBLEM = ticket(number=9, type=TicketType.PROBLEM, subject="Core switch", requester="monitor@example.org", sla="")
HERS = ticket(number=11)
HIS = ticket(Status.NEW, number=12, requester=LUIS, requester_name="Luis", language="es")
HERS_TOO = ticket(number=13)
DONE = ticket(Status.CLOSED, number=14, requester=ROSA)
TASK = ticket(number=15, requester=ROSA, type=TicketType.PROBLEM)
FAMILY = (HERS, HIS, HERS_TOO, DONE, TASK)
NEWS = "We found it, one hour more.\n[es]\nLo hemos encontrado, una hora más."


def order(text, *, children=FAMILY, problem=PROBLEM, confirmed=False, purpose=Purpose.PUBLIC, **more):
    arrived = mail(text, author=ANA_RUIZ, rule=Rule.TOKEN, ticket=9, purpose=purpose, entry="e2")
    return decide(replace(arrived, confirmed=confirmed), Snapshot(ticket=problem, children=children, **more))


def words_to(decision, template):
    return {
        n.recipients[0].address.key: (n.ticket, n.language, n.facts.words)
        for n in decision.notices
        if n.template == template and isinstance(n.facts, PublicFacts) and n.recipients
    }


def test_one_announcement_reaches_every_requester_once_in_his_language():
    decision = order(f"#announce\n{NEWS}")
    assert words_to(decision, "announcement") == {
        MARTA.key: (11, "en", "We found it, one hour more."),
        LUIS: (12, "es", "Lo hemos encontrado, una hora más."),
    }
    hers = next(n for n in decision.notices if n.template == "announcement" and n.ticket == 11)
    assert isinstance(hers.facts, PublicFacts)
    assert (hers.facts.others, hers.words_of, hers.automatic) == (("ACME-13J",), ANA, "")
    assert told(decision)["transcript"] == [ANA]


def test_an_announcement_is_an_answer_on_each_of_the_tickets_and_a_note_on_the_problem():
    decision = order(f"#announce\n{NEWS}")
    assert facts(decision).count(FactKind.RESPONSE) == 3
    assert after(decision, HIS).status is Status.OPEN
    assert [(p.ticket, p.public) for p in posts(decision)] == [(9, False), (11, True), (12, True)]
    assert after(decision, DONE) == DONE
    assert not [e for e in decision.effects if isinstance(e, AddEvent) and e.number in {14, 15}]


def many(count):
    return tuple(ticket(number=100 + n, requester=f"p{n}@example.org") for n in range(count))


def test_an_announcement_to_many_people_wants_a_code():
    assert told(order("#announce\nSoon.", children=many(20)))["announcement"]
    decision = order("#announce\nSoon.", children=many(21))
    assert (told(decision), settled(decision).state) == ({"confirm": [ANA]}, EntryState.QUARANTINED)
    confirmed = order("#announce\nSoon.", children=many(21), confirmed=True)
    assert len(told(confirmed)["announcement"]) == 21


def test_many_mails_leave_no_faster_than_automatic_mail_may():
    decision = order("#announce\nSoon.", children=many(1300), confirmed=True)
    times = [n.not_before for n in decision.notices if n.template == "announcement"]
    assert (times[0], times[599], times[600], times[1299]) == (
        None,
        None,
        MONDAY + timedelta(minutes=1),
        MONDAY + timedelta(minutes=2),
    )


@pytest.mark.parametrize("text", ["#announce", "#announce now\nWords.", "#announce\n#resolve\nWords."])
def test_an_announcement_that_cannot_be_meant_is_a_fault(text):
    assert set(told(order(text))) == {"transcript"}


@pytest.mark.parametrize("wanted", ["question", "incident", "change"])
def test_a_problem_stays_one_while_open_requests_wait_for_it(wanted):
    assert after(order(f"#type {wanted}"), PROBLEM).type is TicketType.PROBLEM
    assert after(order(f"#type {wanted}", children=(DONE, TASK)), PROBLEM).type == wanted


def test_without_children_nobody_is_told():
    assert set(told(order("#announce\nWords.", children=(DONE, TASK)))) == {"transcript"}


def test_solving_the_problem_resolves_its_children_with_the_same_words():
    decision = order("#resolve\nThe switch is new.\n[es]\nEl conmutador es nuevo.")
    assert words_to(decision, "resolved") == {
        "monitor@example.org": (9, "en", "The switch is new."),
        MARTA.key: (13, "en", "The switch is new."),
        LUIS: (12, "es", "El conmutador es nuevo."),
    }
    assert sorted(n.ticket for n in decision.notices if n.template == "resolved") == [9, 11, 12, 13]
    assert [after(decision, t).status for t in FAMILY] == ["resolved"] * 3 + ["closed", "open"]


POLICY = """
[[approval]]
name = "purchase"
steps = [{ approvers = ["boss@example.org"] }]
types = ["request"]
"""


def test_solving_the_problem_leaves_a_request_open_that_nobody_has_approved():
    wish = ticket(number=16, requester=ROSA, type=TicketType.REQUEST)
    taken = Snapshot(ticket=PROBLEM, children=(HERS, wish))
    arrived = mail("#resolve\nDone.", author=ANA_RUIZ, rule=Rule.TOKEN, ticket=9, purpose=Purpose.PUBLIC, entry="e2")
    decision = rulebook.decide(POLICY, arrived, taken)
    assert [after(decision, each).status for each in (PROBLEM, HERS, wish)] == ["resolved", "resolved", "open"]
    (left,) = rulebook.events(decision, "not-resolved")
    assert left.detail == "with ACME-9D: it needs the approval purchase first"


def test_a_note_beside_the_resolution_stays_inside():
    decision = order("#note\n#resolve\nIt was Juan who pulled the plug.")
    assert all(words == "" for _, _, words in words_to(decision, "resolved").values())
    assert after(decision, HERS).status is Status.RESOLVED


def test_resolving_for_many_people_wants_a_code():
    assert told(order("#resolve\nDone.", children=many(21))) == {"confirm": [ANA]}


def test_an_incident_that_is_a_parent_resolves_itself_alone():
    decision = order("#resolve\nDone.", problem=replace(PROBLEM, type=TicketType.INCIDENT))
    assert after(decision, HERS) == HERS


def test_a_workaround_is_kept_from_the_line_or_from_the_words_below():
    said = order('#workaround "Use the phone."')
    assert after(said, PROBLEM).workaround == "Use the phone."
    below = order("#rodeo\nUse the phone.\n[es]\nUse el teléfono.")
    assert after(below, PROBLEM).workaround == "Use the phone.\n[es]\nUse el teléfono."
    assert told(below) == {"transcript": [ANA]}
    assert after(order("#workaround -", problem=replace(PROBLEM, workaround="x")), PROBLEM).workaround == ""


def test_the_other_languages_of_a_workaround_on_the_line_stand_below_it_and_go_to_nobody():
    decision = order("#workaround Use the phone.\n[es]\nUse el teléfono.")
    assert after(decision, PROBLEM).workaround == "Use the phone.\n[es]\nUse el teléfono."
    assert told(decision) == {"transcript": [ANA]}
    assert verbs(decision).count("workaround") == 1


@pytest.mark.parametrize("below", ["We are on it.", "[x]\nWe are on it.", "[fr]\nWe are on it."])
def test_any_other_words_below_a_workaround_go_where_words_go(below):
    decision = order(f"#workaround Use the phone.\n{below}")
    assert after(decision, PROBLEM).workaround == "Use the phone."
    assert told(decision)["agent-replied"] == [PROBLEM.requester]


@pytest.mark.parametrize("verb", ["#reply", "#note"])
def test_who_says_where_the_words_go_is_obeyed_below_a_workaround_too(verb):
    decision = order(f"{verb}\n#workaround Use the phone.\n[es]\nUse el teléfono.")
    assert after(decision, PROBLEM).workaround == "Use the phone."


@pytest.mark.parametrize("text", ["#workaround x", "#known-error +vpn", "#workaround"])
def test_only_a_problem_has_a_workaround_or_explains_others(text):
    decision = order(text, problem=replace(PROBLEM, type=TicketType.INCIDENT))
    assert verbs(decision) == ["commands-refused"]


def test_a_known_error_has_words_and_a_title_for_requesters():
    decision = order('#known-error +VPN +certificate|certificado title="Trouble with the VPN"')
    stands = after(decision, PROBLEM)
    assert (stands.known_error, stands.public_title) == (("vpn", "certificate|certificado"), "Trouble with the VPN")
    less = order("#error-conocido -certificate|certificado", problem=stands)
    assert after(less, stands).known_error == ("vpn",)
    assert after(order("#known-error off", problem=stands), stands).known_error == ()


KNOWN = KnownError(9, ("printer", "fire|fuego"), "Printers on fire", "Use water.\n[es]\nUse agua.")


def test_a_new_ticket_that_it_explains_is_its_child_and_reads_what_helps():
    decision = decide(mail(), Snapshot(known_errors=(KNOWN,)))
    assert AddLink(101, LinkKind.PARENT, 9) in decision.effects
    assert "known-error" in verbs(decision)
    ack = notice(decision, "acknowledgement").facts
    assert isinstance(ack, PublicFacts)
    assert (ack.is_known, ack.known, ack.workaround) == (True, "Printers on fire", "Use water.")


def test_she_reads_it_in_her_language():
    taken = Snapshot(known_errors=(KNOWN,), people={MARTA.key: Person(MARTA.key, language="es")})
    ack = notice(decide(mail(), taken), "acknowledgement").facts
    assert isinstance(ack, PublicFacts)
    assert ack.workaround == "Use agua."


@pytest.mark.parametrize("words", [("printer", "smoke"), ("print",), (), ("printer", "category=hardware")])
def test_any_other_ticket_is_nobodys_child(words):
    decision = decide(mail(), Snapshot(known_errors=(replace(KNOWN, words=words),)))
    assert not [e for e in decision.effects if isinstance(e, AddLink)]


def test_words_are_met_whole_without_accents_and_by_category():
    errors = (KnownError(9, ("tunel", "category=red"), "", ""),)
    assert known_error_of(errors, "El TÚNEL no va", "Red") is errors[0]
    assert known_error_of(errors, "El TÚNEL no va", "") is None
    assert known_error_of(errors, "Los túneles", "red") is None


def test_a_child_can_be_untied():
    arrived = mail("#parent -9", author=ANA_RUIZ, rule=Rule.TOKEN, ticket=11, purpose=Purpose.PUBLIC, entry="e2")
    decision = decide(arrived, Snapshot(ticket=HERS, parents=(9,)))
    assert RemoveLink(11, LinkKind.PARENT, 9) in decision.effects
    assert not [e for e in decision.effects if isinstance(e, ChangeTicket)]


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("Hello", "es", "Hello"),
        ("[es]\nHola\n[en]\nHello", "en", "Hello"),
        ("[es]\nHola\n[en]\nHello", "es", "Hola"),
        ("Hello\n[es]\nHola", "en", "Hello"),
        ("[es]\nHola", "en", "Hola"),
        ("[fr]\nBonjour", "en", "[fr]\nBonjour"),
        ("[ES]\nHola\n\n  [x] no block", "es", "Hola\n\n  [x] no block"),
    ],
)
def test_everybody_reads_the_block_of_her_language(text, language, said):
    assert in_language(text, language, ("en", "es")) == said


def test_words_are_added_once_and_taken_away():
    assert change_words(("a",), "t", ["+a", "+B", "-c", "título=New"]).words == ("a", "b")


def test_tickets_that_sound_alike_may_have_one_cause():
    incidents = [
        Incident(1, "The VPN does not connect", "net"),
        Incident(2, "VPN does not connect!", "net"),
        Incident(3, "printer on fire", "net"),
        Incident(4, "VPN: cannot connect", "net"),
        Incident(5, "VPN does not connect", "sales"),
        Incident(6, "La vpn does not connect today", "net"),
    ]
    (found,) = similar_groups(incidents)
    assert [incident.number for incident in found] == [1, 2, 6]
    assert len(similar_groups(incidents, least=1)) == 4
    assert similar_groups([]) == []
