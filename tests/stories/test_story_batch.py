"""Many tickets in one mail, words that wait, and commands that are taken back, on a running desk."""

import re
from collections.abc import Iterator

import pytest

from tests.stories.stage import HALF_PAST_NINE, LANGUAGES, Stage, steady
from tests.support.desk import Clock, Desk

PASSED = "mx.example.com; dmarc=pass header.from=example.com; dkim=pass header.d=example.com"
CONTROL = "control@desk.example.com"
BEN = "ben@example.com"


@pytest.fixture(scope="module")
def stage(tmp_path_factory) -> Iterator[Stage]:
    desk = Desk(tmp_path_factory.mktemp("batch"), steady("en"), clock=Clock(HALF_PAST_NINE))
    try:
        desk.start()
        yield Stage(desk, LANGUAGES["en"])
    finally:
        desk.close()


def batch(stage: Stage, text: str, *, author: str = BEN, proved: bool = True):
    fields = {"Authentication_Results": PASSED} if proved else {}
    return stage.arrive(stage.compose(text, author=author, To=CONTROL, subject="batch", **fields))


def last_to(stage: Stage, address: str) -> str:
    return stage.desk.sink.to(address)[-1].text


def code_in(text: str) -> str:
    found = re.search(r"^([A-Z2-9]{4}-[A-Z2-9]{4})\r?$", text, re.MULTILINE)
    assert found is not None, text
    return found[1]


def test_a_batch_is_answered_with_what_failed(stage):
    one, two = stage.opened(), stage.opened()
    row = batch(
        stage, f"{one.key} priority high\n{two.key} xyzzy\n{two.key} tag +vpn\nlimit queue=billing\n{one.key} close"
    )
    assert row["state"] == "applied"
    assert "2 of 4 failed" in last_to(stage, BEN)
    assert (one.ticket()["priority"], one.ticket()["status"]) == ("high", "new")
    assert two.ticket()["tags"] == ["vpn"]


def test_a_batch_without_proof_runs_after_its_code(stage):
    talk = stage.opened()
    assert batch(stage, f"{talk.key} priority low", proved=False)["state"] == "quarantined"
    confirm = stage.desk.sink.to(BEN)[-1]
    stage.arrive(stage.answer(confirm, code_in(confirm.text), author=BEN))
    stage.until(lambda: talk.ticket()["priority"] == "low", "the batch")


def test_a_batch_that_merges_wants_a_code_though_its_sender_is_believed(stage):
    one, two = stage.opened(), stage.opened()
    assert batch(stage, f"{one.key} merge {two.key}")["reason"] == "wants-code"
    confirm = stage.desk.sink.to(BEN)[-1]
    assert "cannot easily be taken back" in confirm.text
    answer = stage.answer(confirm, f"#ok {code_in(confirm.text)}", author=BEN)
    stage.arrive(answer)
    stage.until(lambda: one.ticket()["merged_into"] == two.key, "the merge")
    assert [m["direction"] for m in two.ticket()["messages"]] == ["in", "in"]
    again = stage.answer(confirm, code_in(confirm.text), author=BEN)
    stage.arrive(again)
    assert "was used" in last_to(stage, BEN)


def test_what_a_requester_writes_to_the_batch_mailbox_is_not_answered(stage):
    talk = stage.opened()
    row = batch(stage, f"{talk.key} close", author=talk.requester, proved=False)
    assert (row["state"], row["reason"]) == ("quarantined", "control-not-agent")
    assert len(stage.desk.sink.to(talk.requester)) == 1


def test_lists_come_by_mail(stage):
    talk = stage.opened(subject="Broken window")
    talk.works(f"#list requester={talk.requester}\n#list status=closed requester={talk.requester}\n#who-is-on")
    text = last_to(stage, talk.agent)
    assert f"{talk.key} new, normal" in text
    assert "there is none" in text
    assert "second-line (2)" in text


def held(stage: Stage, talk):
    return [r for r in stage.rows("outbox", "list", "--state", "held") if r["ticket"] == talk.key]


def test_refused_words_wait_in_the_outbox_until_ok(stage):
    talk = stage.opened()
    talk.works("#xyzzy\nPlease restart it.")
    (row,) = held(stage, talk)
    assert (row["template"], row["draft"], row["rcpt_to"]) == ("agent-replied", True, talk.requester)
    assert [c["state"] for c in talk.ticket()["clocks"] if c["clock"] == "first_response"] == ["running"]
    talk.works("#ok", talk.mails(talk.agent)[-1])
    assert "Please restart it." in stage.desk.mail_to(talk.requester, having="Please restart it.").text
    assert held(stage, talk) == []
    assert [c["state"] for c in talk.ticket()["clocks"] if c["clock"] == "first_response"] == ["met"]


def test_a_draft_that_the_administrator_releases_counts_as_the_response(stage):
    talk = stage.opened()
    talk.works("#xyzzy\nPlease wait a moment.")
    (row,) = held(stage, talk)
    stage.rows("outbox", "release", row["id"])
    sent = stage.desk.mail_to(talk.requester, having="Please wait a moment.")
    ticket = talk.ticket()
    assert (ticket["status"], ticket["messages"][-1]["public"], ticket["messages"][-1]["draft"]) == (
        "open",
        True,
        False,
    )
    assert [c["state"] for c in ticket["clocks"] if c["clock"] == "first_response"] == ["met"]
    assert ticket["messages"][-1]["message_id"] == sent.mail["Message-ID"]
    assert talk.says(sent, "Thank you, but it still burns, what now?")["ticket"] == talk.key


def test_the_last_commands_are_taken_back(stage):
    talk = stage.opened()
    before = talk.ticket()
    talk.works("#priority urgent\n#tag +fire\n#assign eva\n#field room=12")
    talk.works("#undo")
    after = talk.ticket()
    names = ("priority", "tags", "assignee", "fields", "status")
    assert {n: after[n] for n in names} == {n: before[n] for n in names}
    assert "taken back" in last_to(stage, talk.agent)
    talk.works("#undo")
    assert "no commands of yours" in last_to(stage, talk.agent)


def test_a_merge_is_taken_back(stage):
    kept, gone = stage.opened(), stage.opened()
    gone.works(f"#merge {kept.key}")
    confirm = stage.desk.sink.to(gone.agent)[-1]
    gone.works(code_in(confirm.text), confirm)
    stage.until(lambda: gone.ticket()["status"] == "merged", "the merge")
    assert gone.requester in kept.ticket()["participants"]
    kept.works("#unmerge")
    assert (gone.ticket()["status"], gone.ticket()["merged_into"]) == ("new", None)
    assert gone.requester not in kept.ticket()["participants"]
    assert gone.says(gone.ack, stage.words.more)["ticket"] == gone.key


def test_a_message_becomes_a_ticket_of_its_own(stage):
    talk = stage.opened()
    talk.says(talk.ack, "By the way, my chair is broken. Could somebody come?")
    told = talk.mails(talk.agent)[-1]
    talk.works("#split", told)
    new = stage.desk.mail_to(talk.requester, number=2)
    key = re.search(r"ACME-\d+[A-Z]", str(new.mail["Subject"]))[0]
    ticket = stage.rows("ticket", "show", key)[0]
    assert ticket["requester"] == talk.requester
    assert "chair" in ticket["messages"][0]["text"]
    assert {"kind": "split", "ticket": talk.key} in ticket["links"]
    assert talk.says(new, "Tomorrow, please.")["ticket"] == key


def test_a_forward_opens_the_ticket_of_whoever_wrote(stage):
    who = stage.somebody()
    text = (
        "#forwarded\n#priority high\nHe phoned me, too.\n\n---------- Forwarded message ---------\n"
        f"From: Luis <{who}>\nDate: Mon, 23 Nov 2026 at 09:00\nSubject: No network\nTo: <ben@example.com>\n\n"
        "The network is down.\n"
    )
    mail = stage.compose(text, author=BEN, subject="Fwd: No network", Authentication_Results=PASSED)
    row = stage.arrive(mail)
    ticket = stage.rows("ticket", "show", row["ticket"])[0]
    assert (ticket["requester"], ticket["subject"], ticket["priority"]) == (who, "No network", "high")
    assert ticket["messages"][0]["text"].strip() == "The network is down."
    assert (ticket["messages"][1]["direction"], ticket["messages"][1]["new_text"]) == ("note", "He phoned me, too.")
    assert len(stage.desk.sink.to(who)) == 1
