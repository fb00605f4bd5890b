"""An agent finds in every mail about a ticket what he needs to work on it, without a link, in his language."""

import re

import pytest

from maild.base.words import Audience
from maild.notice.catalogue import CATALOGUE, is_outside
from maild.notice.check import preview
from maild.notice.samples import WITHOUT_TICKET, sample

from .desk import body, rendered, templates

AGENTS = [name for name, audience in CATALOGUE.items() if audience is Audience.AGENT and name not in WITHOUT_TICKET]
FIRST = {
    "en": ("it goes to the requester", "it becomes an internal note", "other words become a note"),
    "es": ("va al solicitante", "queda como nota interna", "lo demás queda como nota"),
}
THERE = {
    "en": ("pending", "priority high", "Assignee: ", "Requester: Marta Gil", "resolution: ", "opened, a new mail"),
    "es": ("pendiente", "prioridad alta", "Asignado a: ", "Solicitante: Marta Gil", "resolución: ", "un correo nuevo"),
}
ENGLISH = (
    "Clock",
    "Requester",
    "Assignee",
    "Queue",
    "opened",
    "assigned",
    "a new mail",
    "Commands",
    "pending",
    "level",
)


def text_of(name, language):
    return body(rendered(sample(name, language))[0])


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("name", AGENTS)
def test_the_first_line_says_where_an_answer_goes_and_the_foot_how_the_ticket_stands(name, language):
    text = text_of(name, language)
    assert any(words in text.splitlines()[0] for words in FIRST[language]), text.splitlines()[0]
    missing = [words for words in THERE[language] if words.lower() not in text.lower()]
    assert not missing, text
    foot = text[text.find("____") :]
    assert not re.search(r"https?://", foot)


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("name", sorted(set(AGENTS) - {"confirm", "transcript"}))
def test_every_mail_about_a_ticket_shows_the_commands(name, language):
    text = text_of(name, language)
    for verb in {"en": ("#assign", "#resolve", "#help"), "es": ("#asignar", "#resolver", "#ayuda")}[language]:
        assert verb in text


# How Spanish speaks to its reader: of agents as a colleague does, of everybody else with respect.
FAMILIAR = re.compile(r"\b(?:tu|tus|te|ti|contigo|tuy[oa]s?|escribe|puedes|pediste)\b", re.IGNORECASE)
RESPECTFUL = re.compile(r"\b(?:usted|le|les|escriba|responda|puede usted)\b", re.IGNORECASE)


@pytest.mark.parametrize("name", CATALOGUE)
def test_spanish_says_tu_to_agents_and_usted_to_everybody_else(name):
    for sparse in (False, True):
        page = preview(templates(), name, "es", sparse=sparse)
        unfit = FAMILIAR if is_outside(name) else RESPECTFUL
        assert unfit.findall(page.text) == []
        assert unfit.findall(re.sub(r"<[^>]*>", " ", page.html)) == []


@pytest.mark.parametrize("name", AGENTS)
def test_a_spanish_agent_reads_no_english_around_peoples_own_words(name):
    notice = sample(name, "es")
    text = body(rendered(notice)[0]).replace(notice.facts.words, "")
    foot = text[text.find("____") :]
    assert not [word for word in ENGLISH if re.search(rf"\b{word}\b", foot)], foot


@pytest.mark.parametrize("language", ["en", "es"])
def test_who_is_asked_for_fields_reads_of_the_known_fault_first(language):
    (composed,) = rendered(sample("fields-wanted", language))
    for kind in ("plain", "html"):
        text = body(composed, kind)
        assert 0 < text.find("Trouble with the VPN") < text.find("Use the phone meanwhile.") < text.find("Device")
