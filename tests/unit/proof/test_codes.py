"""One-time codes."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from maild.proof.codes import find_code, hash_code, is_good, make_code

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
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


def test_a_code_is_good_for_an_hour_and_once():
    def good(code: str = CODE, *, used: bool = False, after: timedelta = timedelta(minutes=5)) -> bool:
        return is_good(code, stored_hash=hash_code(CODE), made_at=NOW, used=used, now=NOW + after)

    assert good()
    assert good(CODE.lower())
    assert good(after=timedelta(hours=1))
    assert not good(after=timedelta(hours=1, seconds=1))
    assert not good(after=timedelta(seconds=-1))
    assert not good(used=True)
    assert not good("AAAA-AAAA")
