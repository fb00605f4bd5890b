"""People around a ticket: suppliers, persons with several addresses, organisations, and those who leave."""

import re
from collections.abc import Iterator

import pytest

from tests.stories.stage import Stage, smtp_stage
from tests.support.waiting import eventually

PARTIES = """
[[supplier]]
name = "isp"
address = "noc@isp.example"
domains = ["isp.example"]

[[organisation]]
name = "globex"
domains = ["globex.example"]
vip = true

[[person]]
address = "marta@globex.example"
addresses = ["marta@home.example"]
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


def test_a_person_with_two_addresses_goes_on_from_the_other_one_and_is_answered_there(stage):
    talk = stage.opened("marta@globex.example")
    key = f"[{talk.key}]"
    row = stage.arrive(stage.compose("From home now.", author="Marta Gil <marta@home.example>", subject=f"Re: {key}"))
    assert row["ticket"] == talk.key
    assert talk.ticket()["requester"] == "marta@home.example"
    talk.works("Call me, please.")
    assert eventually(lambda: [m for m in talk.mails("marta@home.example") if "Call me" in m.text], "the answer")
    assert len(talk.mails("marta@globex.example")) == 1


def test_somebody_elses_key_opens_nothing_for_a_person_with_two_addresses(stage):
    talk = stage.opened()
    mail = stage.compose("Let me in.", author="marta@home.example", subject=f"Re: [{talk.key}]")
    assert stage.arrive(mail)["ticket"] != talk.key


def test_agents_are_shown_the_organisation_and_that_she_is_a_vip(stage):
    talk = stage.opened("cio@globex.example")
    assert "VIP · globex" in talk.told.text
    assert "VIP" not in talk.ack.text
    assert talk.ticket()["organisation"] == "globex"
    assert talk.key in [t["key"] for t in stage.rows("ticket", "list", "--organisation", "globex")]
    assert talk.key not in [t["key"] for t in stage.rows("ticket", "list", "--organisation", "initech")]


def test_agents_are_called_by_their_names(stage):
    talk = stage.opened()
    while talk.agent != "ana@example.com":  # the other one has no name
        talk = stage.opened()
    assert "Assignee: Ana Ruiz" in talk.told.text


def test_a_blocked_person_is_put_aside_without_an_answer_until_he_is_let_in_again(stage):
    talk = stage.opened("noisy@example.org")
    talk.works("#block noisy@example.org")
    code = eventually(lambda: [m for m in talk.mails(talk.agent) if "#block" in m.text], "the code")[-1]
    stage.arrive(stage.answer(code, code_in(code), author=talk.agent))
    quarantined = stage.arrive(stage.compose("And another thing!", author="noisy@example.org"))
    assert (quarantined["state"], quarantined["ticket"]) == ("quarantined", None)
    assert quarantined["reason"] == "blocked"
    assert len(stage.desk.sink.to("noisy@example.org")) == 1
    talk.works("#block -noisy@example.org")
    code = eventually(lambda: [m for m in talk.mails(talk.agent) if "#block -" in m.text], "the code")[-1]
    stage.arrive(stage.answer(code, code_in(code), author=talk.agent))
    assert stage.arrive(stage.compose("Sorry for that.", author="noisy@example.org"))["state"] == "applied"


def code_in(received) -> str:
    found = re.search(r"^([A-Z2-9]{4}-[A-Z2-9]{4})\r?$", received.text, re.MULTILINE)
    assert found is not None, received.text
    return found[1]
