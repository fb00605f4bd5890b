"""Every word that a requester may answer with, in both languages: alone in a mail it means one thing."""

from dataclasses import replace

import pytest

from maild.base.words import Purpose, Role, Status
from maild.desk.effects import PutParticipant
from maild.desk.model import Participant, Snapshot
from maild.message.model import Address
from maild.thread.model import Rule

from .bench import ANA, MARTA, after, decide, mail, notice, ticket, told, verbs

LUIS = Participant("luis@example.org", "Luis", Role.CC)
WAYS = ["{}", "{}.", "{}!", "#{}", " {} \n", "{}\r\n"]


def said(text, status=Status.OPEN, author=MARTA, **more):
    """What the desk does about a mail of nothing but this; her ticket stands before it."""
    before = ticket(status, participants=(LUIS,))
    words = mail(text, rule=Rule.TOKEN, ticket=7, purpose=Purpose.REQUESTER, entry="e2", author=author, **more)
    words = replace(words, own_token=True)
    return before, decide(words, Snapshot(ticket=before))


def stands(text, status=Status.OPEN):
    """The status that her ticket has after a mail of nothing but this."""
    before, decision = said(text, status)
    return after(decision, before).status


def spoken(*words):
    """Each word as people write it: as it is, with a capital, in capitals."""
    return sorted({form for word in words for form in (word, word.capitalize(), word.upper())})


SOLVED = spoken("yes", "sí", "si", "solved", "resuelto", "solucionado", "yes, solved", "sí, resuelto", "yes solved")
NOT_SOLVED = spoken("no", "not solved", "no resuelto", "no, not solved", "no, no resuelto", "no solucionado")


@pytest.mark.parametrize("text", SOLVED)
@pytest.mark.parametrize("way", WAYS)
def test_that_it_is_solved_leaves_it_resolved(text, way):
    before, decision = said(way.format(text), Status.RESOLVED)
    assert after(decision, before).status is Status.RESOLVED
    assert "confirmed" in verbs(decision)


@pytest.mark.parametrize("text", NOT_SOLVED)
@pytest.mark.parametrize("way", WAYS)
def test_that_it_is_not_solved_opens_it_again(text, way):
    before, decision = said(way.format(text), Status.RESOLVED)
    assert after(decision, before).status is Status.OPEN
    assert told(decision) == {"reopened": [ANA]}


@pytest.mark.parametrize("text", [*NOT_SOLVED, "3", "yes", "sí"])
def test_of_an_open_ticket_they_are_words_for_the_agent(text):
    before, decision = said(text)
    assert after(decision, before).status is Status.OPEN
    assert told(decision) == {"requester-wrote": [ANA]}
    assert {"rated", "confirmed"}.isdisjoint(verbs(decision))


@pytest.mark.parametrize("figure", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("way", [*WAYS, "{}/5", "{} / 5", "{}\nThank you all."])
@pytest.mark.parametrize("status", [Status.RESOLVED, Status.CLOSED])
def test_a_figure_from_one_to_five_rates(figure, way, status):
    before, decision = said(way.format(figure), status)
    assert (after(decision, before).rating, after(decision, before).status) == (figure, status)


@pytest.mark.parametrize("text", ["0", "6", "10", "55", "1.5", "4 of them are broken", "-3"])
def test_other_figures_are_words(text):
    before, decision = said(text, Status.RESOLVED)
    assert (after(decision, before).rating, after(decision, before).status) == (None, Status.OPEN)


@pytest.mark.parametrize("text", spoken("close", "cerrar"))
@pytest.mark.parametrize("way", WAYS)
def test_close_closes(text, way):
    assert stands(way.format(text)) is Status.CLOSED


@pytest.mark.parametrize("text", spoken("reopen", "reabrir"))
@pytest.mark.parametrize("way", WAYS)
def test_reopen_opens_again(text, way):
    assert stands(way.format(text), Status.RESOLVED) is Status.OPEN


@pytest.mark.parametrize("text", spoken("status", "estado"))
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("status", [Status.OPEN, Status.PENDING, Status.RESOLVED])
def test_status_is_answered_and_changes_nothing(text, way, status):
    before, decision = said(way.format(text), status)
    assert told(decision) == {"status": [MARTA.key]}
    assert after(decision, before).status is status


@pytest.mark.parametrize("text", spoken("human", "persona"))
@pytest.mark.parametrize("way", WAYS)
def test_human_brings_a_person(text, way):
    before, decision = said(way.format(text), Status.PENDING)
    assert after(decision, before).status is Status.OPEN
    assert notice(decision, "requester-wrote").facts.reason == "she asks for a person"


@pytest.mark.parametrize("text", spoken("unsubscribe", "baja"))
@pytest.mark.parametrize("way", WAYS)
def test_unsubscribe_takes_out_who_is_on_copy_and_sets_no_priority(text, way):
    before, decision = said(way.format(text), author=Address(LUIS.name, LUIS.address))
    assert PutParticipant(7, replace(LUIS, active=False)) in decision.effects
    assert after(decision, before).priority is before.priority
    assert told(decision) == {}


@pytest.mark.parametrize("text", ["close", "estado", "persona", "baja", "yes", "5"])
def test_a_word_above_more_words_is_part_of_them(text):
    before, decision = said(f"{text} it is not, I am afraid; the printer still burns.", Status.PENDING)
    assert after(decision, before).status is Status.OPEN
    assert told(decision) == {"requester-wrote": [ANA]}
