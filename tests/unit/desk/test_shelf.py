"""Prepared words: canned texts and articles."""

from dataclasses import replace

import pytest

from maild.base.words import Purpose, Status
from maild.desk.canned import expand, find_canned, unknown_placeholders
from maild.desk.commands.run import HANDLERS
from maild.desk.commands.verbs import VERBS
from maild.desk.knowledge import Knowledge, know, read_article
from maild.desk.model import Event, Snapshot
from maild.desk.notices import InternalFacts, PublicFacts
from maild.sla.model import Fact, FactKind
from maild.thread.model import Rule

from .bench import ANA, MARTA, MONDAY, after, decide, mail, notice, posts, ticket, told, verbs
from .test_agent import answer, lines

CANNED = {
    "thanks": {"en": "Thank you, {requester}. This is {key}.\n{agent}", "es": "Gracias, {requester}."},
    "firma": {"es": "Un saludo"},
}
VPN = "# The VPN does not connect\n\nTags: remote, tunnel\n\nRestart the client. Then sign in again with the token.\n"
VPN_ES = "# La VPN no conecta\n\nEtiquetas: remoto\n\nReinicie el cliente y vuelva a iniciar sesión.\n"
PRINTER = "# Printers and paper\n\nOpen the printer and take the paper out.\n"
ARTICLES = [("vpn", "en", VPN), ("vpn", "es", VPN_ES), ("paper", "en", PRINTER)]


def known() -> Knowledge:
    return know(read_article(*each) for each in ARTICLES)


def shelves(**more):
    return Snapshot(ticket=replace(ticket(), **more), canned=CANNED, knowledge=known())


def said(text, **more):
    return posts(decide(answer(text), shelves(**more)))[0].new_text


def test_a_canned_text_goes_below_his_words_in_her_language():
    assert said("#canned thanks\nHello.") == "Hello.\n\nThank you, Marta Gil. This is ACME-7F.\nAna Ruiz"
    assert said("#plantilla THANKS\nHola.", language="es") == "Hola.\n\nGracias, Marta Gil."


def test_a_canned_text_goes_above_his_words_when_he_says_so():
    assert said("#canned thanks above\nBye.", language="es") == "Gracias, Marta Gil.\n\nBye."


def test_a_canned_text_alone_is_an_answer():
    decision = decide(answer("#canned thanks\n#resolve"), shelves())
    assert told(decision)["resolved"] == [MARTA.key]
    assert posts(decision)[0].new_text.startswith("Thank you")


def test_a_text_that_is_not_in_her_language_comes_in_the_desks_or_in_any():
    assert find_canned(CANNED, "thanks", ("de", "es")) == "Gracias, {requester}."
    assert find_canned(CANNED, "firma", ("en",)) == "Un saludo"


def test_an_unknown_canned_text_is_a_fault_with_the_nearest_and_nothing_is_sent():
    decision = decide(answer("#canned thank\nHello."), shelves())
    assert list(told(decision)) == ["transcript"]
    assert "thanks" in lines(decision)["#canned thank"]


@pytest.mark.parametrize("question", ["#canned", "#help"])
def test_canned_texts_are_listed(question):
    assert "firma, thanks" in lines(decide(answer(question), shelves()))[question]


def test_what_a_value_holds_is_never_a_placeholder():
    assert expand("{requester} {key} {x}", {"requester": "{key}", "key": "K"}) == "{key} K {x}"
    assert unknown_placeholders("{requester} {password} {a b}") == ["password"]


def test_articles_are_found_by_any_form_of_their_words_the_best_first():
    found = [hit.article.name for hit in known().search("printer papers connecting", ("en",))]
    assert found[0] == "paper"
    assert [hit.article.title for hit in known().search("conectar", ("es", "en"))] == ["La VPN no conecta"]
    assert known().search("holiday", ("en",)) == []
    assert Knowledge().search("vpn", ("en",)) == []


def test_titles_and_tags_count_more_than_the_text():
    more = know(
        read_article(f"a{n}", "en", f"# {t}\n\n{body}")
        for n, (t, body) in enumerate([("Tunnel", "x yes"), ("Other", "tunnel")])
    )
    assert [hit.article.name for hit in more.search("tunnel", ("en",))] == ["a0", "a1"]


def test_an_agent_asks_the_knowledge_base_in_his_language():
    facts = notice(decide(answer("#ayudas vpn", purpose=Purpose.INTERNAL), shelves()), "transcript").facts
    assert isinstance(facts, InternalFacts)
    assert "La VPN no conecta (vpn): Reinicie el cliente" in dict(facts.lines)["#ayudas vpn"]
    assert "hay" in lines(decide(answer("#kb holiday"), shelves()))["#kb holiday"]


def test_every_verb_of_the_contract_is_served_but_for_those_that_are_being_made():
    missing = {verb.word for verb in VERBS} - set(HANDLERS) - {"end"}
    assert missing <= {"digest", "report"}


HELP = "# I forgot my password\n\nOpen the sign-in page and follow the mail that you get.\n"


def helped() -> Knowledge:
    return know(read_article(*each) for each in (*ARTICLES, ("password", "en", HELP)))


def test_what_may_help_is_offered_with_the_acknowledgement_and_noted():
    decision = decide(mail("Hello, I forgot my password again."), Snapshot(knowledge=helped()))
    facts = notice(decision, "acknowledgement").facts
    assert isinstance(facts, PublicFacts)
    assert [title for title, _ in facts.articles] == ["I forgot my password"]
    assert "offered" in verbs(decision)


@pytest.mark.parametrize("words", ["My screen is black.", "The password policy is a joke.", "I need a token."])
def test_what_only_brushes_an_article_offers_nothing(words):
    decision = decide(mail(words), Snapshot(knowledge=helped()))
    assert "offered" not in verbs(decision)


def she_says(text, *more, offered=True):
    told_of = (Event(MONDAY, "maild", "offered", "password"),) if offered else ()
    hers = ticket(Status.NEW, **dict(more))
    said_ = mail(text, rule=Rule.TOKEN, ticket=7, purpose=Purpose.REQUESTER)
    return decide(replace(said_, own_token=True), Snapshot(ticket=hers, events=told_of)), hers


@pytest.mark.parametrize("text", ["yes", "Sí.", "Yes!"])
def test_her_yes_closes_and_credits_the_article(text):
    decision, hers = she_says(text)
    assert after(decision, hers).status is Status.CLOSED
    assert (
        next(e.event.detail for e in decision.effects if getattr(e, "event", None) and e.event.verb == "self-resolved")
        == "password"
    )
    assert told(decision)["requester-wrote"] == [ANA]


def test_her_no_and_any_other_word_goes_to_a_person():
    for text in ("no", "Yes, but not at home."):
        decision, hers = she_says(text)
        assert after(decision, hers).status in {Status.NEW, Status.OPEN}
        assert told(decision)["requester-wrote"] == [ANA]
    assert "not-helped" in verbs(she_says("no")[0])


def test_a_yes_to_nothing_and_one_after_an_answer_close_nothing():
    answered = Fact(MONDAY, FactKind.RESPONSE, response="r")
    opening = ticket().facts
    for decision, hers in (she_says("yes", offered=False), she_says("yes", ("facts", (*opening, answered)))):
        assert after(decision, hers).status is not Status.CLOSED
