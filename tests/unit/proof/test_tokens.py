"""Tokens: who may hold one, how long it lives, and what breaks it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maild.base.words import Purpose
from maild.proof.model import Token
from maild.proof.tokens import TOKEN_LENGTH, Keyring, fits, hour_of, is_expired, looks_like_token_address

OLD, NEW = ("a", b"old secret, thirty-two octets long"), ("b", b"new secret, thirty-two octets long")
RING = Keyring((OLD,))
DESK = "desk@desk.example.com"
REF = RING.ref_of("entry-1", 0)
NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)


def token_for(address: str, purpose: Purpose = Purpose.REQUESTER, ring: Keyring = RING, ticket: int = 10427) -> Token:
    return Token(purpose, ticket, ring.person_hash(address), hour_of(NOW), REF, ring.keys[0][0])


def test_an_answer_brings_back_what_we_wrote_into_the_reply_address():
    token = token_for("marta@example.org")
    address = RING.reply_address(DESK, "+", token)
    assert RING.read_address(address, DESK, "+") == token
    assert RING.belongs_to(token, "Marta@Example.org")
    assert not RING.belongs_to(token, "eva@example.org")


def test_the_local_part_of_a_reply_address_keeps_to_64_octets():
    address = RING.reply_address("fifteen-letters@desk.example.com", "+", token_for("m@example.org"))
    assert TOKEN_LENGTH <= 50
    assert len(address.partition("@")[0]) == 64
    assert fits("fifteen-letters@desk.example.com", "+")
    assert not fits("sixteen--letters@desk.example.com", "+")
    assert not fits("no-domain", "+")


def test_a_mail_system_that_folds_case_does_not_break_a_token():
    token = token_for("marta@example.org")
    address = RING.reply_address(DESK, "+", token)
    assert RING.read_address(address.upper(), DESK, "+") == token
    assert RING.read_message_id(RING.message_id(Purpose.PUBLIC, 7, REF, "d.example").upper(), "d.example") is not None


def test_letters_that_only_look_folded_are_refused():
    signed = RING.sign(token_for("marta@example.org"))
    assert "\u212a".lower() == "k"
    assert RING.read(signed.replace("k", "\u212a") if "k" in signed else "\u212a" + signed[1:]) is None


@settings(max_examples=150)
@given(position=st.integers(0, TOKEN_LENGTH - 1), other=st.sampled_from("abcdefghijklmnopqrstuvwxyz234567018=+-"))
def test_any_one_character_changed_is_refused(position, other):
    text = RING.sign(token_for("marta@example.org"))
    changed = text[:position] + other + text[position + 1 :]
    assert (RING.read(changed) is None) == (changed != text)


@settings(max_examples=100)
@given(position=st.integers(0, 35), other=st.sampled_from("abcdefghijklmnopqrstuvwxyz234567018=+-"))
def test_any_one_character_changed_in_a_message_id_is_refused(position, other):
    text = RING.message_id(Purpose.INTERNAL, 12, REF, "desk.example.com")[1:]
    changed = text[:position] + other + text[position + 1 :]
    assert (RING.read_message_id(changed, "desk.example.com") is None) == (changed != text)


@given(st.text(max_size=80))
def test_any_text_is_read_without_an_error(text):
    assert RING.read(text) is None
    assert RING.read_message_id(text, "desk.example.com") is None
    assert RING.read_marker(text) is None
    assert RING.read_address(text, DESK, "+") is None


@given(
    st.sampled_from(Purpose),
    st.integers(0, 999_999_999_999),
    st.integers(0, 2**20 - 1),
    st.emails(),
    st.integers(0, 9),
)
def test_every_token_is_read_as_it_was_signed(purpose, ticket, day, address, index):
    token = Token(purpose, ticket, RING.person_hash(address), day, RING.ref_of(address, index), "a")
    assert RING.read(RING.sign(token)) == token
    shared = Token(purpose, ticket, "", 0, token.ref, "a")
    assert RING.read_message_id(RING.message_id(purpose, ticket, token.ref, "d.example"), "D.example") == shared
    assert RING.read_marker(RING.marker(purpose, ticket, token.ref)) == shared


def test_after_a_rotation_old_tokens_are_still_read_and_new_ones_are_signed_anew():
    before = token_for("marta@example.org")
    text = RING.sign(before)
    rotated = Keyring((NEW, OLD))
    assert rotated.read(text) == before
    assert rotated.belongs_to(before, "marta@example.org")
    assert rotated.sign(token_for("marta@example.org", ring=rotated)).startswith("b")


def test_a_dropped_key_believes_nothing_any_more():
    token = token_for("marta@example.org")
    later = Keyring((NEW,))
    assert later.read(RING.sign(token)) is None
    assert not later.belongs_to(token, "marta@example.org")


def test_a_key_of_the_same_id_from_another_desk_is_refused():
    assert Keyring((("a", b"another desk"),)).read(RING.sign(token_for("marta@example.org"))) is None


def test_a_message_id_cannot_be_made_into_a_marker_or_an_address():
    local = RING.message_id(Purpose.PUBLIC, 7, REF, "d.example")[1:].partition("@")[0]
    assert RING.read_marker(f"maild-ref:{local}") is None
    assert RING.read(local) is None
    assert RING.read_message_id(f"<{RING.sign(token_for('m@example.org'))}@d.example>", "d.example") is None


def test_a_message_id_of_another_domain_is_not_ours():
    assert RING.read_message_id(RING.message_id(Purpose.PUBLIC, 7, REF, "d.example"), "e.example") is None


def test_a_marker_is_read_with_the_space_a_client_put_around_it():
    marker = RING.marker(Purpose.REQUESTER, 7, REF)
    assert RING.read_marker(f"  {marker.upper()}\n") == RING.read_marker(marker.removeprefix("maild-ref:"))
    assert RING.read_marker(marker) is not None


def test_a_key_may_be_called_by_a_digit():
    ring = Keyring((("1", b"secret"),))
    token = token_for("m@example.org", ring=ring)
    assert ring.read(ring.sign(token)) is not None
    assert ring.read_marker(ring.marker(Purpose.REQUESTER, 7, ring.ref_of("e", 0))) is not None


def test_an_agents_token_dies_after_thirty_days_and_a_requesters_never():
    agent, requester = token_for("ana@example.com", Purpose.PUBLIC), token_for("m@example.org")
    assert not is_expired(agent, NOW + timedelta(days=30))
    assert is_expired(agent, NOW + timedelta(days=30, hours=1, seconds=1))
    assert not is_expired(requester, NOW + timedelta(days=4000))


def test_a_token_that_names_nobody_belongs_to_nobody():
    token = RING.read_message_id(RING.message_id(Purpose.PUBLIC, 7, REF, "d.example"), "d.example")
    assert token is not None
    assert not RING.belongs_to(token, "")
    assert not RING.belongs_to(token, "ana@example.com")


def test_an_envelope_sender_tells_whose_copy_came_back():
    address = RING.envelope_sender(DESK, "+", recipient="marta@example.org", ticket=9, ref=REF)
    token = RING.read_address(address, DESK, "+")
    assert token is not None
    assert (token.purpose, token.ticket, token.ref) == (Purpose.ENVELOPE, 9, REF)
    assert RING.belongs_to(token, "marta@example.org")


def test_the_same_stimulus_always_gives_the_same_message_id():
    assert RING.ref_of("entry-1", 0) == REF
    assert len({RING.ref_of("entry-1", 0), RING.ref_of("entry-1", 1), RING.ref_of("entry-2", 0)}) == 3


@pytest.mark.parametrize(
    ("address", "accepted"),
    [
        (DESK, True),
        (DESK.upper(), True),
        ("desk+" + "a" * TOKEN_LENGTH + "@desk.example.com", True),
        ("desk+" + "a" * (TOKEN_LENGTH - 1) + "@desk.example.com", False),
        ("desk+sales@desk.example.com", False),
        ("desk+" + "a" * TOKEN_LENGTH + "@example.com", False),
        ("info+" + "a" * TOKEN_LENGTH + "@desk.example.com", False),
        ("desk", False),
    ],
)
def test_the_door_accepts_every_well_formed_token_and_nothing_else(address, accepted):
    assert looks_like_token_address(address, DESK, "+") is accepted


@pytest.mark.parametrize(
    "keys", [(), (("a", b""),), (("ab", b"x"),), (("A", b"x"),), (("a", b"x"), ("a", b"y"))], ids=str
)
def test_a_keyring_that_cannot_work_is_refused(keys):
    with pytest.raises(ValueError, match="key"):
        Keyring(keys)
