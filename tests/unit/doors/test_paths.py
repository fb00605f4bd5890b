"""The arguments of MAIL and RCPT."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maild.doors.paths import Argument, NotAPath, read_argument


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("<ana@example.org>", "ana@example.org"),
        ("<>", ""),
        ("<a+b=c@example.org>", "a+b=c@example.org"),
        ('<"ana"@example.org>', "ana@example.org"),
        ('<"a..b"@example.org>', '"a..b"@example.org'),
        ('<"a b"@example.org>', '"a b"@example.org'),
        ('<"a>b"@example.org>', '"a>b"@example.org'),
        ("<ana@[192.0.2.1]>", "ana@[192.0.2.1]"),
        ("<ana@[IPv6:::1]>", "ana@[IPv6:::1]"),
        ("<Postmaster>", "Postmaster"),
    ],
)
def test_addresses_are_read(written, address):
    assert read_argument("FROM:", "FROM:" + written) == Argument(address, {})


def test_parameters_are_read_by_name():
    argument = read_argument("FROM:", 'from: <"a b"@example.org> size=10 SMTPUTF8')
    assert argument.parameters == {"SIZE": "10", "SMTPUTF8": ""}


@pytest.mark.parametrize(
    "written",
    [
        "",
        "<",
        "<a@b",
        "a b",
        "<a@b>SIZE=1",
        "<a@b> =",
        "<a@@b>",
        "<a@b@c>",
        '<"a@b>',
        "<a@-b>",
        "<.@>",
        "<" + "a" * 400 + "@b.c>",
    ],
)
def test_what_is_no_path_is_refused_for_good(written):
    with pytest.raises(NotAPath) as refused:
        read_argument("TO:", "TO:" + written)
    assert refused.value.reply.startswith("5")


@given(st.text(alphabet='<>"\\@ .a%!:[]=', max_size=40))
@settings(max_examples=400)
def test_anything_is_an_argument_or_a_refusal(written):
    try:
        address, reply = read_argument("TO:", "TO:" + written).address, "5"
    except NotAPath as refused:
        address, reply = "", refused.reply
    assert reply.startswith("5")
    assert address.count("@") <= 1 or address.startswith('"')
