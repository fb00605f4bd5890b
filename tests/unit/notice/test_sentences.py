"""Sentences are filled in as Python would, and no sentence of a template reaches into what it is given."""

import pytest
from jinja2.exceptions import SecurityError
from markupsafe import Markup

from maild.notice.sentences import sentence_of
from maild.notice.templates import Templates


@pytest.mark.parametrize("said", ["{who} wrote:", "On {when}, {who} wrote:", "nothing to fill in", "{{who}} is {who}"])
def test_a_sentence_says_what_python_makes_of_it(said):
    values = {"who": "Marta <marta@example.org>", "when": "Monday"}
    assert sentence_of(said)(**values) == said.format(**values)
    filled = sentence_of(Markup(said))(**values)
    assert filled == Markup(said).format(**values)
    assert type(filled) is Markup


def test_markup_in_a_sentence_stays_what_it_is_and_words_of_people_are_escaped():
    sentence = sentence_of(Markup("<b>{key}</b> of {who}"))
    assert sentence(key=Markup("<i>7</i>"), who="<Marta>") == "<b><i>7</i></b> of &lt;Marta&gt;"


def test_a_number_in_a_sentence_is_written_as_python_writes_it():
    assert sentence_of("{percent} %")(percent=90) == "90 %"


@pytest.mark.parametrize("said", ["{who.name}", "{who[0]}", "{who!r}", "{who:>9}", "{}", "{0}", "{", 7, None])
def test_whatever_else_stands_in_braces_is_left_to_the_sandbox(said):
    assert sentence_of(said) is None


def test_a_template_of_the_administrators_reaches_no_inside_of_a_value(tmp_path):
    (tmp_path / "en").mkdir()
    for form in (".txt", ".html"):
        (tmp_path / "en" / f"mine{form}").write_text('{{ "{who.__class__}".format(who="Marta") }}')
    with pytest.raises(SecurityError):
        Templates((tmp_path,)).strictly("en", "mine", {})


def test_a_sentence_with_a_value_missing_is_a_fault_of_its_template(tmp_path):
    (tmp_path / "en").mkdir()
    for form in (".txt", ".html"):
        (tmp_path / "en" / f"mine{form}").write_text('{{ "{who} wrote".format(whom="Marta") }}')
    with pytest.raises(KeyError):
        Templates((tmp_path,)).strictly("en", "mine", {})
