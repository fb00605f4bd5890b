"""The command language: what is a command, what is text, and what a time means."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maild.base.text import plain
from maild.desk.commands.parse import COMMANDS_MAX, has_commands, parse_block
from maild.desk.commands.phrases import PHRASES, say
from maild.desk.commands.run import HANDLERS
from maild.desk.commands.spanish import codes_in, names_in
from maild.desk.commands.times import read_when
from maild.desk.commands.values import commands_of
from maild.desk.commands.verbs import VERBS, find_verb

MADRID = ZoneInfo("Europe/Madrid")
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def test_every_verb_has_an_english_and_a_spanish_word_of_its_own():
    words = [plain(w) for v in VERBS for w in (v.word, v.spanish)]
    assert len(set(words)) == len(words)
    assert all(v.spanish and v.hace and v.does for v in VERBS)


def test_every_phrase_names_the_same_values_in_both_languages():
    for english, spanish in PHRASES.values():
        assert set(_fields(english)) == set(_fields(spanish)), english


def _fields(text):
    import string

    return [name for _, name, _, _ in string.Formatter().parse(text) if name]


def test_commands_end_at_the_first_line_that_is_none():
    block = parse_block("#priority high\n\n#tag +a\nHello\n#close")
    assert [c.verb for c in block.commands] == ["priority", "tag"]
    assert block.text == "Hello\n#close"


@pytest.mark.parametrize("end", ["#end", "#fin", "--"])
def test_end_and_dashes_end_the_commands(end):
    block = parse_block(f"#close\n{end}\n#notacommand")
    assert ([c.verb for c in block.commands], block.text, block.faults) == (["close"], "#notacommand", ())


@pytest.mark.parametrize("text", ["#1 is broken", "##close", "# close", "Hello #close", "", "#"])
def test_this_is_text(text):
    assert not has_commands(text)
    assert parse_block(text).text == text.strip()


@pytest.mark.parametrize("text", ["#Asignar eva", "#ASIGNAR eva", "  #assign eva", "#assign: eva", "\u200b#assign eva"])
def test_verbs_are_read_in_any_dress(text):
    (command,) = parse_block(text).commands
    assert (command.verb, command.values) == ("assign", ("eva",))


def test_accents_are_optional():
    assert find_verb("CATEGORÍA") is find_verb("categoria") is find_verb("category")


def test_quoted_values_stay_together():
    (command,) = parse_block('#subject "A new title" «y otro»').commands
    assert command.values == ("A new title", "y otro")


def test_more_commands_than_any_mail_needs_are_a_fault():
    assert not parse_block("#close\n" * COMMANDS_MAX).faults
    assert parse_block("#close\n" * (COMMANDS_MAX + 1)).faults


@given(st.text())
def test_any_text_is_read_and_none_of_its_words_is_lost(text):
    block = parse_block(text)
    assert block.text in text.replace("\r\n", "\n") or "\n".join(text.splitlines()).find(block.text) >= 0


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("15m", "2026-11-23 10:15"),
        ("2h", "2026-11-23 12:00"),
        ("3d", "2026-11-26 10:00"),
        ("fri 9:00", "2026-11-27 09:00"),
        ("viernes", "2026-11-27 09:00"),
        ("mon 9:00", "2026-11-30 09:00"),
        ("lunes a las 9", "2026-11-30 09:00"),
        ("mañana 10:00", "2026-11-24 10:00"),
        ("tomorrow", "2026-11-24 09:00"),
        ("today 18:00", "2026-11-23 18:00"),
        ("2026-12-01T09:30:00Z", "2026-12-01 10:30"),
        ("2026-12-01T09:30:00+03:00", "2026-12-01 07:30"),
        ("2026-12-01T09:30:00", "2026-12-01 09:30"),
        ("2026-12-01", "2026-12-01 09:00"),
        ("2026-12-01 14:30", "2026-12-01 14:30"),
        ("2026-12-01T14:30", "2026-12-01 14:30"),
        ("17:00", "2026-11-23 17:00"),
        ("5pm", "2026-11-23 17:00"),
    ],
)
def test_times_are_meant_in_the_agents_zone(text, local):
    assert read_when(text, MADRID, MONDAY).astimezone(MADRID).strftime("%Y-%m-%d %H:%M") == local


@pytest.mark.parametrize("text", ["", "soon", "2026-11-01", "today 9:00", "25:00", "fri nine", "99999999999d"])
def test_what_is_no_time_to_come_is_refused(text):
    with pytest.raises(ValueError):
        read_when(text, MADRID, MONDAY)


def test_the_shell_says_the_same_verbs():
    commands, faults = commands_of([("status", "pending"), ("until", "2h"), ("tags", "+a,-b"), ("assignee", "")])
    assert [(c.verb, c.rest) for c in commands] == [("pending", "2h"), ("tag", "+a,-b"), ("unassign", "")]
    assert commands[1].values == ("+a", "-b")
    assert not faults


def test_an_empty_value_at_the_shell_takes_the_category_away():
    (command,), _ = commands_of([("category", "")])
    assert (command.verb, command.whole) == ("category", "-")


def test_the_shell_refuses_names_and_statuses_that_are_none():
    _, faults = commands_of([("status", "asleep"), ("colour", "red")])
    assert [f.number for f in faults] == [1, 2]


def test_every_served_verb_stands_in_the_table():
    # "until" is the shell's own.
    assert {find_verb(v).word for v in HANDLERS if v != "until"} <= {v.word for v in VERBS}


def test_the_spanish_help_page_says_its_values_in_spanish():
    shown = {verb.word: verb.shown("es") for verb in VERBS}
    assert shown["away"] == ("ausente", "desde..hasta sus=quién", "dice cuándo faltas")
    english = {"until", "who", "name", "title", "text", "words", "query", "level", "tried", "why", "code", "message"}
    for word, values, _ in shown.values():
        assert not english & set(re.findall(r"\w+", values)), word


def test_a_phrase_names_verbs_and_words_of_ours_in_its_own_language():
    assert say("es", "missing", verb="assign", values="quién") == "falta un valor: #asignar quién"
    assert say("es", "priority-stays", priority="high", who="ana") == "la prioridad sigue en alta: la fijó ana"
    assert say("es", "no-verb", verb="xyzzy") == "no existe la orden #xyzzy"
    assert say("fr", "missing", verb="assign", values="who") == "a value is missing: #assign who"
    assert codes_in("es", ("fixed", "of-ours")) == "arreglado, of-ours"
    assert names_in("es", ("assignee",)) == "asignado"
