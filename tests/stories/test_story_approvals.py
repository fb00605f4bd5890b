"""Approvals on a running desk: asked by mail, decided with a button or a first word, and by nobody else."""

import html
import re
from collections.abc import Iterator
from urllib.parse import unquote

import pytest

from tests.stories.stage import HALF_PAST_NINE, LANGUAGES, Stage, Talk, steady
from tests.support.desk import Clock, Desk, Received, run_maild
from tests.support.waiting import eventually

BOSS, CFO = "boss@example.org", "cfo@example.org"
POLICIES = f"""
[[approval]]
name = "change"
steps = [{{ approvers = ["{BOSS}"] }}, {{ approvers = ["{CFO}", "lead"], need = "all" }}]
types = ["change"]
"""
WORDS = {
    "en": ("#ask-approval", "Approve", "approve", "Reject"),
    "es": ("#pedir-aprobacion", "Aprobar", "aprobar", "Rechazar"),
}


@pytest.fixture(scope="module", params=["en", "es"])
def stage(tmp_path_factory, request) -> Iterator[Stage]:
    desk = Desk(tmp_path_factory.mktemp("approvals"), steady(request.param, POLICIES), clock=Clock(HALF_PAST_NINE))
    try:
        desk.start()
        yield Stage(desk, LANGUAGES[request.param])
    finally:
        desk.close()


def asked(stage: Stage, who: str, line: str = "") -> tuple[Talk, Received]:
    """A ticket on which somebody was asked, and the mail that asks him."""
    talk = stage.opened()
    talk.works(line or f"{WORDS[stage.words.language][0]} {who}: Two licences, 200 euros")
    return talk, eventually(lambda: talk.mails(who), "the request")[0]


def pressed(request: Received, label: str) -> tuple[str, str]:
    """Where the button leads: the address, and the body that a mail program puts in."""
    found = re.search(rf'href="mailto:([^"?]+)\?([^"]*)"[^>]*>{label}<', request.html)
    assert found is not None, request.html
    fields = dict(pair.partition("=")[::2] for pair in html.unescape(found[2]).split("&"))
    return unquote(html.unescape(found[1])), unquote(fields["body"])


def votes(talk: Talk) -> list[tuple[str, str]]:
    return [(v["approver"], v["state"]) for a in talk.ticket()["approvals"] for s in a["steps"] for v in s["votes"]]


def test_a_button_decides_and_everybody_hears_of_it(stage):
    talk, request = asked(stage, BOSS)
    language = stage.words.language
    assert talk.ticket()["status"] == "on-hold"
    assert "Two licences, 200 euros" in request.text
    assert stage.words.hello[:40] in request.text.replace("\n> ", " ")
    address, body = pressed(request, WORDS[language][1])
    assert body == WORDS[language][2]
    stage.arrive(stage.compose(body, author=BOSS, To=address, subject="Re"), to=address)
    ticket = talk.ticket()
    assert (ticket["status"], ticket["approvals"][0]["state"], votes(talk)) == ("open", "granted", [(BOSS, "approved")])
    assert {"en": "approved", "es": "aprobada"}[language] in talk.mails(talk.requester)[-1].text
    assert BOSS in talk.mails(talk.agent)[-1].text
    assert [m["public"] for m in ticket["messages"]] == [True, False]


def test_a_rejection_by_button_waits_for_its_reason(stage):
    talk, request = asked(stage, BOSS)
    address, body = pressed(request, WORDS[stage.words.language][3])
    stage.arrive(stage.compose(body, author=BOSS, To=address, subject="Re"), to=address)
    assert votes(talk) == [(BOSS, "asked")]
    again = talk.mails(BOSS)[-1]
    stage.arrive(stage.answer(again, "Too dear this year.", author=BOSS))
    assert votes(talk) == [(BOSS, "rejected")]
    assert "Too dear this year." in talk.mails(talk.requester)[-1].text


def test_a_forwarded_request_decides_nothing_in_other_hands(stage):
    talk, request = asked(stage, BOSS)
    row = stage.arrive(stage.answer(request, WORDS[stage.words.language][2], author="colleague@example.org"))
    assert (row["state"], votes(talk)) == ("applied", [(BOSS, "asked")])
    assert "stranger-wrote" in [e["verb"] for e in talk.ticket()["events"]]


def test_the_approvers_words_without_his_token_are_a_comment(stage):
    talk, _ = asked(stage, BOSS)
    mail = stage.compose(WORDS[stage.words.language][2], author=BOSS, subject=f"Re: [{talk.key}] Printer")
    stage.arrive(mail)
    ticket = talk.ticket()
    assert (votes(talk), ticket["status"]) == ([(BOSS, "asked")], "on-hold")
    assert "vote-not-counted" in [e["verb"] for e in ticket["events"]]


def test_a_change_goes_through_its_steps_and_is_resolved_only_then(stage):
    talk = stage.opened()
    talk.works("#type change")
    talk.works("#resolve\nDone.")
    assert talk.ticket()["status"] == "new"
    talk.works("#ask-approval change")
    first = eventually(lambda: talk.mails(BOSS), "the first request")[0]
    assert not talk.mails(CFO)
    stage.arrive(stage.answer(first, "approve", author=BOSS))
    stage.arrive(stage.answer(talk.mails(CFO)[0], "delegate eva@example.com", author=CFO))
    stage.arrive(stage.answer(talk.mails("eva@example.com")[0], "aprobar", author="eva@example.com"))
    asked_lead = next(m for m in talk.mails("lead@example.com") if "approve" in m.text or "aprobar" in m.text)
    stage.arrive(stage.answer(asked_lead, "Approve.", author="lead@example.com"))
    assert votes(talk) == [
        (BOSS, "approved"),
        (CFO, "delegated"),
        ("lead@example.com", "approved"),
        ("eva@example.com", "approved"),
    ]
    talk.works("#resolve\nDone.")
    assert talk.ticket()["status"] == "resolved"


def test_the_shell_asks_and_shows_it(stage):
    talk = stage.opened()
    stage.rows("ticket", "set", talk.key, f"approval={BOSS}")
    assert eventually(lambda: talk.mails(BOSS), "the request")
    assert votes(talk) == [(BOSS, "asked")]


def test_who_does_not_decide_is_reminded_and_in_the_end_it_is_not_approved(tmp_path):
    desk = Desk(tmp_path, steady("en", POLICIES), clock=Clock(HALF_PAST_NINE))
    try:
        desk.start()
        stage = Stage(desk, LANGUAGES["en"])
        talk, _ = asked(stage, BOSS)
        desk.clock.advance(days=2, minutes=1)
        stage.sweep()
        assert len(talk.mails(BOSS)) == 2
        desk.clock.advance(days=5)
        stage.sweep()
        assert len(talk.mails(BOSS)) == 2
        assert "nobody decided in time" in talk.mails(talk.requester)[-1].text
        assert (talk.ticket()["approvals"][0]["state"], talk.ticket()["status"]) == ("expired", "open")
    finally:
        desk.close()


def test_a_person_reads_the_votes_at_the_shell(stage):
    talk, _ = asked(stage, BOSS)
    code, out, _ = run_maild(stage.desk.config, "ticket", "show", talk.key)
    assert (code, "Approvals" in out, "by hand: asked" in out, BOSS in out) == (0, True, True, True)
