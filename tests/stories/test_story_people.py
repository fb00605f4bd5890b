"""People around a ticket: suppliers, persons with several addresses, organisations, and those who leave."""

from collections.abc import Iterator

import pytest

from tests.stories.stage import Stage, smtp_stage
from tests.support.desk import eventually

PARTIES = """
[[supplier]]
name = "isp"
address = "noc@isp.example"
domains = ["isp.example"]
"""


@pytest.fixture(scope="module")
def stage(tmp_path_factory) -> Iterator[Stage]:
    """A desk that knows a supplier."""
    with smtp_stage(tmp_path_factory.mktemp("people"), "en", more=PARTIES) as stage:
        yield stage


def test_a_supplier_is_asked_and_his_colleague_answers_and_the_requester_hears_of_neither(stage):
    talk = stage.opened()
    talk.works("#supplier +isp\nIs the line of floor 2 down?")
    asked = eventually(lambda: talk.mails("noc@isp.example"), "the question")[0]
    assert "Is the line of floor 2 down?" in asked.text
    assert stage.words.hello not in asked.text + asked.html
    assert talk.requester not in asked.octets.decode()
    assert talk.ticket()["status"] == "on-hold"
    assert "noc@isp.example" in talk.ticket()["participants"]
    stage.arrive(stage.answer(asked, "It is; back at noon.", author="Joe <joe@isp.example>"))
    told = eventually(lambda: [m for m in talk.mails(talk.agent) if "back at noon" in m.text], "the answer")[0]
    assert "isp" in told.text
    assert talk.ticket()["status"] == "open"
    assert talk.ticket()["messages"][-1]["public"] is False
    talk.works("#supplier\nThank you.", told)
    assert eventually(lambda: talk.mails("noc@isp.example")[1:], "the thanks")[0].mail["In-Reply-To"]
    assert len(talk.mails(talk.requester)) == 1


def test_a_stranger_with_the_suppliers_mail_is_a_stranger(stage):
    talk = stage.opened()
    talk.works("#supplier +isp\nHello?")
    asked = eventually(lambda: talk.mails("noc@isp.example"), "the question")[0]
    stage.arrive(stage.answer(asked, "Let me in.", author="mallory@elsewhere.example"))
    assert "stranger-wrote" in [r["template"] for r in stage.rows("outbox", "list", "--ticket", talk.key)]
    assert talk.ticket()["status"] == "on-hold"
