"""Commands by mail on a running desk: both languages do the same, questions are answered, and harm wants a code."""

import re
from collections.abc import Iterator

import pytest

from tests.stories.stage import HALF_PAST_NINE, LANGUAGES, Stage, Talk, steady
from tests.support.desk import Clock, Desk
from tests.support.waiting import eventually

ENGLISH = """#priority high
#type request
#category net/vpn
#tag +vpn -new
#subject "The tunnel"
#assign eva
#cc +luis@example.org
#hold 2026-12-01
"""
SPANISH = """#prioridad alta
#TIPO solicitud
#categoría net/vpn
#etiqueta +vpn -new
#asunto "The tunnel"
#asignar eva
#copia +luis@example.org
#pausar 2026-12-01
"""


@pytest.fixture(scope="module")
def stage(tmp_path_factory) -> Iterator[Stage]:
    desk = Desk(tmp_path_factory.mktemp("commands"), steady("en"), clock=Clock(HALF_PAST_NINE))
    try:
        desk.start()
        yield Stage(desk, LANGUAGES["en"])
    finally:
        desk.close()


def transcript(talk: Talk) -> str:
    """What the agent was answered last."""
    return talk.mails(talk.agent)[-1].text


@pytest.mark.parametrize("block", [ENGLISH, SPANISH], ids=["english", "spanish"])
def test_a_block_of_commands_does_the_same_in_both_languages(stage, block):
    talk = stage.opened()
    talk.works(block)
    ticket = talk.ticket()
    wanted = ("status", "priority", "type", "category", "tags", "subject", "assignee")
    assert [ticket[name] for name in wanted] == [
        "on-hold",
        "high",
        "request",
        "net/vpn",
        ["vpn"],
        "The tunnel",
        "eva@example.com",
    ]
    assert "luis@example.org" in ticket["participants"]
    assert len(talk.mails(talk.requester)) == 1
    for line in block.splitlines():
        assert line in transcript(talk)


def test_one_fault_makes_the_whole_mail_a_fault(stage):
    talk = stage.opened()
    talk.works("#priority high\n#assign nobody-of-that-name\n#tag +vpn\nWords.")
    ticket = talk.ticket()
    assert (ticket["priority"], ticket["tags"], ticket["assignee"]) == ("normal", [], talk.agent)
    assert len(talk.mails(talk.requester)) == 1
    assert "nobody-of-that-name" in transcript(talk)


@pytest.mark.parametrize(
    ("question", "answered"),
    [
        ("#show", "Printer on floor 2"),
        ("#ver", "Printer on floor 2"),
        ("#mine", "ACME-"),
        ("#list queue=support", "ACME-"),
        ("#history", "opened"),
        ("#sla", "first response"),
        ("#who-is-on", "first-line"),
        ("#help", "#resolve"),
    ],
)
def test_a_question_is_answered_with_a_transcript_and_changes_nothing(stage, question, answered):
    talk = stage.opened()
    before = talk.ticket()
    talk.works(question)
    assert answered in transcript(talk)
    after = talk.ticket()
    assert [after[name] for name in ("status", "assignee", "priority")] == [
        before[name] for name in ("status", "assignee", "priority")
    ]
    assert len(talk.mails(talk.requester)) == 1


def test_a_number_sign_before_a_digit_is_text(stage):
    talk = stage.opened()
    talk.works("#1 is that you restart it.\n## and so on")
    assert "#1 is that you restart it." in stage.desk.mail_to(talk.requester, number=2).text


def test_end_ends_the_commands(stage):
    talk = stage.opened()
    talk.works("#priority high\n#end\n#close is what I typed.")
    assert "#close is what I typed." in stage.desk.mail_to(talk.requester, number=2).text
    assert talk.ticket()["status"] == "open"


def test_words_can_be_sent_later(stage):
    talk = stage.opened()
    mail = stage.answer(talk.told, "#send-at 2h\nLater.", author=talk.agent)
    stage.hand_in(mail)
    row = eventually(
        lambda: [
            r
            for r in stage.rows("outbox", "list", "--ticket", talk.key, "--state", "queued")
            if r["template"] == "agent-replied"
        ],
        "the words",
    )[0]
    assert len(talk.mails(talk.requester)) == 1
    stage.desk.clock.advance(hours=2, minutes=1)
    eventually(lambda: talk.mails(talk.requester)[1:], "the words two hours later")
    assert row["next_attempt_at"] is not None


def test_a_watcher_sees_what_is_answered_until_he_mutes(stage):
    talk = stage.opened()
    talk.works(f"#assign {talk.colleague}")
    talk.works("#watch")
    told = talk.mails(talk.colleague)[-1]
    talk.works("Words one.", told)
    assert "Words one." in talk.mails(talk.agent)[-1].text
    talk.works("#mute")
    talk.works("Words two.", told)
    assert not [m for m in talk.mails(talk.agent) if "Words two." in m.text]


def test_escalating_by_hand_brings_the_next_level_the_dossier(stage):
    talk = stage.opened()
    talk.works("#escalate tried: switching it off and on")
    ticket = talk.ticket()
    assert (ticket["team"], ticket["level"], ticket["assignee"]) == ("second-line", 2, "eva@example.com")
    dossier = talk.mails("eva@example.com")[-1].text
    assert "switching it off and on" in dossier
    assert stage.words.hello[:40] in dossier
    assert talk.mails("lead@example.com")


def test_a_merge_wants_a_code_and_then_everything_goes_to_the_other_ticket(stage):
    kept, gone = stage.opened(), stage.opened()
    row = gone.works(f"#merge {kept.key}")
    assert row["state"] == "quarantined"
    assert gone.ticket()["status"] == "new"
    confirm = stage.desk.sink.to(gone.agent)[-1]
    code = re.search(r"^([A-Z2-9]{4}-[A-Z2-9]{4})\r?$", confirm.text, re.MULTILINE)
    assert code is not None, confirm.text
    gone.works(f"#ok {code[1]}", confirm)
    stage.until(lambda: gone.ticket()["status"] == "merged", "the merge")
    assert gone.ticket()["merged_into"] == kept.key
    row = gone.says(gone.ack, stage.words.more)
    assert row["ticket"] == kept.key
    assert stage.words.more in kept.ticket()["messages"][-1]["text"]


def test_spam_is_marked_and_its_sender_hears_nothing_more(stage):
    talk = stage.opened()
    talk.works("#spam")
    ticket = talk.ticket()
    assert ticket["status"] == "spam"
    assert {c["state"] for c in ticket["clocks"]} == {"void"}
    talk.says(talk.ack, "Buy now!")
    assert talk.ticket()["status"] == "spam"
    assert len(talk.mails(talk.requester)) == 1


def test_a_duplicate_is_closed_and_linked_and_she_is_told(stage):
    first, second = stage.opened(), stage.opened()
    second.works(f"#duplicate {first.key}")
    ticket = second.ticket()
    assert ticket["status"] == "closed"
    assert {"kind": "duplicate", "ticket": first.key} in ticket["links"]
    said = second.mails(second.requester)[-1].text
    assert "We know of the same matter already" in said
    assert first.key not in said, "it is somebody else's"


def test_her_wish_for_another_language_is_granted(stage):
    talk = stage.opened()
    talk.says(talk.ack, "#lang es")
    assert talk.ticket()["language"] == "es"
    talk.works("#resolve")
    assert "resuelt" in talk.mails(talk.requester)[-1].text.lower()
