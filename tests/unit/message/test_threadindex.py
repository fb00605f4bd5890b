"""Outlook finds our answer in the conversation where it belongs."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maild.message.threadindex import CHILDREN_MAX, answer_index, read_index

BEGAN = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
FILETIME = int((BEGAN - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()) * 10_000_000
HEAD = (FILETIME >> 16).to_bytes(6) + bytes(range(16))
INDEX = base64.b64encode(HEAD).decode()


def test_an_answer_adds_five_octets_that_tell_how_much_later_it_was():
    octets = base64.b64decode(answer_index(INDEX, BEGAN + timedelta(hours=2), "ref"))
    assert octets[:22] == HEAD
    assert len(octets) == 27
    apart = int.from_bytes(octets[22:26])
    assert not apart & 0x80000000
    assert abs((apart << 18) / 10_000_000 - 7200) < 0.1


def test_an_answer_after_years_is_written_in_coarser_steps():
    octets = base64.b64decode(answer_index(INDEX, BEGAN + timedelta(days=1000), "ref"))
    apart = int.from_bytes(octets[22:26])
    assert apart & 0x80000000
    assert abs(((apart & 0x7FFFFFFF) << 23) / 10_000_000 - 86_400_000) < 2


def test_an_answer_before_the_first_mail_came_no_time_later():
    octets = base64.b64decode(answer_index(INDEX, BEGAN - timedelta(days=1), "ref"))
    assert octets[22:26] == bytes(4)


def test_a_tree_that_is_deep_enough_grows_no_more():
    deep = base64.b64encode(HEAD + bytes(5 * CHILDREN_MAX)).decode()
    assert read_index(deep) == answer_index(deep, BEGAN, "ref") == deep


@pytest.mark.parametrize(
    "value", ["", "no index", "AAAA", INDEX[:-4], base64.b64encode(HEAD + b"abc").decode(), "\u00e9"]
)
def test_what_is_no_index_is_not_carried_on(value):
    assert read_index(value) == answer_index(value, BEGAN, "ref") == ""


def test_folds_are_taken_out():
    assert read_index(f" {INDEX[:10]}\r\n {INDEX[10:]}") == INDEX


@given(
    st.binary(max_size=600).map(lambda octets: base64.b64encode(octets).decode()), st.datetimes(timezones=st.just(UTC))
)
def test_no_index_of_a_stranger_stops_an_answer(value, at):
    index = answer_index(value, at, "ref")
    assert index == "" or read_index(index) == index
