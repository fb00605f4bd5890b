"""One-time codes."""

import re

import pytest

from maild.proof.codes import find_code, hash_code, make_code

CODE = make_code(b"secret", "entry-1")


def test_a_code_can_be_read_out_on_the_phone():
    codes = {make_code(b"secret", f"entry-{n}") for n in range(300)}
    assert len(codes) == 300
    assert all(re.fullmatch("[A-Z2-9]{4}-[A-Z2-9]{4}", code) for code in codes)


def test_the_same_entry_has_the_same_code_and_another_secret_another():
    assert make_code(b"secret", "entry-1") == CODE
    assert len({CODE, make_code(b"secret", "entry-1", 1), make_code(b"other", "entry-1")}) == 3


@pytest.mark.parametrize(
    "text",
    [CODE, f"\n\n  {CODE.lower()}\nthanks", f"#ok {CODE}", f"#VALE {CODE}", f"*{CODE}*", f"> {CODE}", f"{CODE}."],
)
def test_a_code_is_found_as_the_first_word_of_an_answer(text):
    assert find_code(text) == CODE


@pytest.mark.parametrize("text", ["", "ok", f"the code is {CODE}", CODE[:8], CODE + "X", "ABCD-EFG1", "#ok"])
def test_other_words_are_no_code(text):
    assert find_code(text) is None


def test_a_code_is_kept_as_a_hash_that_its_writing_does_not_change():
    assert hash_code(f" {CODE.lower()}\n") == hash_code(CODE)
    assert hash_code(CODE) != hash_code(CODE[::-1])
    assert CODE.replace("-", "") not in hash_code(CODE).upper()
