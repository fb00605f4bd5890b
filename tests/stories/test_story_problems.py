"""A disturbance on a running desk: one problem, many requesters, two languages."""

from collections.abc import Iterator

import pytest

from tests.stories.stage import HALF_PAST_NINE, LANGUAGES, Stage, Talk, steady
from tests.support.desk import Clock, Desk


@pytest.fixture(scope="module")
def stage(tmp_path_factory) -> Iterator[Stage]:
    desk = Desk(tmp_path_factory.mktemp("problems"), steady("en"), clock=Clock(HALF_PAST_NINE))
    try:
        desk.start()
        yield Stage(desk, LANGUAGES["en"])
    finally:
        desk.close()


def problem(stage: Stage, word: str) -> Talk:
    """A problem that explains mail with a word."""
    talk = stage.opened(subject=f"Core switch {word}")
    talk.works(
        f'#type problem\n#known-error +{word} title="Trouble with {word}"\n#workaround\nUse cable.\n[es]\nUse cable ya.'
    )
    return talk


def child(stage: Stage, word: str, language: str = "en") -> Talk:
    """Somebody writes about it."""
    stage.words, before = LANGUAGES[language], stage.words
    try:
        return stage.opened(subject=f"{stage.words.subject} {word}")
    finally:
        stage.words = before


def test_new_mail_about_it_reads_what_is_known_and_is_its_child(stage):
    talk = problem(stage, "zebra")
    hers, his = child(stage, "zebra"), child(stage, "Zebra", "es")
    assert ("Trouble with zebra" in hers.ack.text, "Use cable." in hers.ack.text) == (True, True)
    assert ("Conocemos una avería" in his.ack.text, "Use cable ya." in his.ack.text) == (True, True)
    assert "Core switch" not in hers.ack.text
    assert talk.ticket()["children"] == [hers.key, his.key]
    assert hers.ticket()["links"] == [{"kind": "parent", "ticket": talk.key}]
    assert "disturbance" not in stage.opened().ack.text


def test_one_announcement_answers_all_and_one_resolution_resolves_them(stage):
    talk = problem(stage, "yak")
    hers, his = child(stage, "yak"), child(stage, "yak", "es")
    talk.works("#announce\nOne hour more.\n[es]\nUna hora más.")
    assert "One hour more." in hers.mails(hers.requester)[-1].text
    assert "Una hora más." in his.mails(his.requester)[-1].text
    assert str(hers.mails(hers.requester)[-1].mail["In-Reply-To"]) == str(hers.asked["Message-ID"])
    assert len(talk.mails(talk.requester)) == 1
    talk.works("#type incident")
    assert talk.ticket()["type"] == "problem"
    talk.works("#resolve\nIt works again.\n[es]\nYa funciona.")
    assert [t.ticket()["status"] for t in (talk, hers, his)] == ["resolved"] * 3
    assert "It works again." in hers.mails(hers.requester)[-1].text
    last = his.mails(his.requester)[-1].text
    assert ("Ya funciona." in last, "It works again." in last) == (True, False)
    assert [c["state"] for c in hers.ticket()["clocks"] if c["clock"] == "first_response"] == ["met"]


def test_children_may_be_tied_by_hand_and_untied(stage):
    talk, hers = stage.opened(), stage.opened()
    talk.works("#type problem")
    hers.works(f"#parent {talk.key}")
    assert talk.ticket()["children"] == [hers.key]
    hers.works(f"#parent -{talk.key}")
    assert talk.ticket()["children"] == []
    talk.works("#announce\nAnybody?")
    assert talk.ticket()["events"][-1]["verb"] == "commands-refused"


def test_the_shell_shows_what_is_known(stage):
    talk = problem(stage, "xerus")
    ticket = talk.ticket()
    assert (ticket["known_error"], ticket["public_title"]) == (["xerus"], "Trouble with xerus")
    assert ticket["workaround"] == "Use cable.\n[es]\nUse cable ya."
    (changed,) = stage.rows("ticket", "set", talk.key, "workaround=Wait.", "known_error=+gnu -xerus")
    assert (changed["workaround"], changed["known_error"]) == ("Wait.", ["gnu"])
