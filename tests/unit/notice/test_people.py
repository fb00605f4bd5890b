"""How the mails of agents call people."""

from dataclasses import replace

import pytest

from maild.base.words import Status
from maild.desk.notices import InternalFacts, PublicFacts
from maild.notice.samples import sample

from .desk import body, rendered


@pytest.mark.parametrize("language", ["en", "es"])
def test_colleagues_are_called_by_their_names_and_vips_are_marked(language):
    notice = sample("requester-wrote", language)
    assert isinstance(notice.facts, InternalFacts)
    assert notice.facts.ticket is not None
    ticket = replace(notice.facts.ticket, assignee="ben@example.com", organisation="globex")
    (composed,) = rendered(replace(notice, facts=replace(notice.facts, ticket=ticket, vip=True)))
    said = composed.octets.decode()
    assert ": Ben\r\n" in said
    assert "VIP" in said
    assert "globex" in said
    assert "ben@example.com" not in said


@pytest.mark.parametrize(
    ("language", "hers", "known"),
    [
        (
            "en",
            "the same matter as request ACME-9D. How that stands: we are waiting for your answer.",
            "found out first",
        ),
        ("es", "el mismo asunto que la solicitud ACME-9D. Cómo va: esperamos su respuesta.", "hay que averiguar algo"),
    ],
)
def test_who_is_told_of_a_duplicate_reads_how_the_matter_stands_and_nothing_of_somebody_elses(language, hers, known):
    notice = sample("closed", language)
    assert isinstance(notice.facts, PublicFacts)
    for key, said in (("ACME-9D", hers), ("", known)):
        facts = replace(notice.facts, same_as=key, same_status=Status.PENDING)
        (composed,) = rendered(replace(notice, facts=facts))
        assert said in body(composed)
        assert said in body(composed, "html")
