"""An agent finds in every mail about a ticket what he needs to work on it, without a link, in his language."""

import re

import pytest

from maild.base.words import Audience
from maild.notice.catalogue import CATALOGUE
from maild.notice.samples import WITHOUT_TICKET, sample

from .desk import body, rendered

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
    for verb in {"en": ("#take", "#resolve", "#help"), "es": ("#tomar", "#resolver", "#ayuda")}[language]:
        assert verb in text


@pytest.mark.parametrize("name", AGENTS)
def test_a_spanish_agent_reads_no_english_around_peoples_own_words(name):
    notice = sample(name, "es")
    text = body(rendered(notice)[0]).replace(notice.facts.words, "")
    foot = text[text.find("____") :]
    assert not [word for word in ENGLISH if re.search(rf"\b{word}\b", foot)], foot
