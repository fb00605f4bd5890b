"""Which words of clients from everywhere introduce a quote, with and without a mark on the lines below."""

from pathlib import Path

import pytest

from maild.message import quotes
from maild.message.model import Message

DATA = Path(__file__).parent / "data"
OWN = "Sigue sin arrancar tras el cambio.\n¿Podéis mirarlo?"
MARKED = "> Buenas tardes:\n> \n> hemos cambiado la pieza.\n"
BARE = "Buenas tardes:\n\nhemos cambiado la pieza.\n"

# One row a client or language in tests/unit/message/data; a written "\\n" ends a line, a written "\\t" is a tabulator.
SURE = "introductions_sure.txt"
NEED_A_MARK = "introductions_need_a_mark.txt"


def _rows(name):
    table = (DATA / name).read_text(encoding="utf-8")
    return [row.replace("\\n", "\n").replace("\\t", "\t") for row in table.strip("\n").split("\n")]


def _read(text, subject="Re: Avería"):
    text, spans = quotes.partition(text, None, subject=subject, is_html_only=False)
    assert "".join(text[span.start : span.end] for span in spans) == text
    return Message(sha256="", content_hash="", size=0, text=text, spans=spans)


@pytest.mark.parametrize("introduction", _rows(SURE) + _rows(NEED_A_MARK))
def test_the_introduction_of_a_marked_quote_is_no_word_of_the_sender(introduction):
    assert _read(f"{OWN}\n\n{introduction}\n\n{MARKED}").new_text == OWN


@pytest.mark.parametrize("introduction", _rows(SURE))
def test_these_introductions_are_believed_without_any_mark_below(introduction):
    message = _read(f"{OWN}\n\n{introduction}\n\n{BARE}")
    assert message.new_text == OWN
    assert "hemos cambiado" in message.quoted


@pytest.mark.parametrize("introduction", _rows(NEED_A_MARK))
def test_these_might_be_a_persons_words_and_nothing_is_cut(introduction):
    assert "hemos cambiado" in _read(f"{OWN}\n\n{introduction}\n\n{BARE}").new_text


TRAPS = "introductions_traps.txt"


@pytest.mark.parametrize("greeting", ["", "Hola:\n\n"], ids=["bare", "greeted"])
@pytest.mark.parametrize("words", _rows(TRAPS))
def test_prose_that_looks_like_an_introduction_is_left_alone(words, greeting):
    assert _read(greeting + words).new_text.strip() == (greeting + words).strip()


def test_bars_quote_where_an_introduction_proves_it():
    own = ["Sí.", "Bien.", "También."]
    text = f"{own[0]}\n\nOn 3 May 2024 at 10:30, Eva wrote:\n| hola\n| que tal\n\n{own[1]}\n\n| y tu\n\n{own[2]}\n"
    assert _read(text).new_text.split() == own


def test_initials_quote_where_an_introduction_proves_it():
    text = "Friday, May 3, 2024, 10:30:00 AM, you wrote:\n\nER> hola\nER> que\n\nsi\n\nER> y tu?\nno\n"
    assert _read(text).new_text.split() == ["si", "no"]


def test_a_table_with_bars_is_no_quote():
    assert not _read("Columnas:\n\nOn 3 May 2024 at 10:30, Eva wrote:\n> x\n\n| a | b |\n| c | d |\n").quoted.count("|")
