"""A Reply-To that contradicts From, and the many that do not."""

import pytest

from maild.message.parse import parse
from maild.proof.conflict import reply_to_conflict
from tests.unit.settings.test_parties import settings


def conflict(author: str, reply_to: str) -> str:
    octets = f"From: X <{author}>\r\nReply-To: {reply_to}\r\nSubject: x\r\n\r\nx\r\n".encode()
    return reply_to_conflict(parse(octets), settings())


@pytest.mark.parametrize(
    ("author", "reply_to"),
    [
        ("eve@shop.example", "Eve <eve@shop.example>"),
        ("eve@shop.example", "office@shop.example"),
        ("eve@shop.example", "eve@mail.shop.example"),
        ("ana@example.com", "ana@example.com"),
        ("marta@example.org", "marta.gil@gmail.com"),
        ("one@globex.example", "two@sales.globex.example"),
    ],
)
def test_one_house_is_no_conflict(author, reply_to):
    assert conflict(author, reply_to) == ""


@pytest.mark.parametrize(
    ("author", "reply_to"),
    [
        ("eve@shop.example", "eve@evil.example"),
        ("eve@shop.co.uk", "eve@evil.co.uk"),
        ("eve@gmail.com", "eve.other@yahoo.example"),
        ("eve@example.com", "ana@example.com"),
        ("ana@example.com", "Ben <ben@example.com>"),
        ("eve@shop.example", "eve@shop.example, eve@evil.example"),
    ],
)
def test_another_house_and_an_agent_are_a_conflict(author, reply_to):
    assert "Reply-To" in conflict(author, reply_to)


def test_a_mail_without_an_author_contradicts_nothing():
    octets = b"From: a@x.example, b@y.example\r\nReply-To: c@z.example\r\n\r\nx\r\n"
    assert reply_to_conflict(parse(octets), settings()) == ""
