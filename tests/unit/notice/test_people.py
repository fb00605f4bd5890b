"""How the mails of agents call people."""

from dataclasses import replace

import pytest

from maild.desk.notices import InternalFacts
from maild.notice.samples import sample

from .desk import rendered


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
