"""One reader of addresses; in doubt, no address."""

import pytest

from maild.message.addresses import is_address, read_addresses, read_raw_addresses
from maild.message.model import Address
from tests.support.cost import costs_at_most


def pairs(raw):
    return [(found.name, found.address) for found in read_addresses(raw)]


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ("ana@example.org", [("", "ana@example.org")]),
        ("Ana <ana@example.org>", [("Ana", "ana@example.org")]),
        (
            '"Ruiz, Ana" <ana@example.org>, ben@example.org (Ben)',
            [("Ruiz, Ana", "ana@example.org"), ("Ben", "ben@example.org")],
        ),
        ("team: a@x.org, B <b@x.org>;", [("", "a@x.org"), ("B", "b@x.org")]),
        ("undisclosed-recipients:;", []),
        ("<@r.org,@s.org:a@x.org>", [("", "a@x.org")]),
        ("john . doe @ example . org", [("", "john.doe@example.org")]),
        ('"john doe"@example.org', [("", '"john doe"@example.org')]),
        ("=?utf-8?q?J=C3=B6?= =?utf-8?q?rg?= M <j@x.org>", [("Jörg M", "j@x.org")]),
        ("=?utf-8?Q?Doe,_John?= <j@x.org>", [("Doe, John", "j@x.org")]),
        ('"=?utf-8?Q?Ana?=" <a@x.org>', [("Ana", "a@x.org")]),
        ("=?utf-8?B?Sm9obiA8YUBiLm9yZz4=?=", [("John", "a@b.org")]),
        ("'Ben' <b@x.org>", [("'Ben'", "b@x.org")]),
        ("=?utf-8?Q?=22Ben=22?= <b@x.org>", [("Ben", "b@x.org")]),
        ("Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>", [("Pete", "pete@silly.test")]),
        ("A (b (c) d) <a@x.org>", [("A", "a@x.org")]),
        ("a@x.org; b@x.org", [("", "a@x.org"), ("", "b@x.org")]),
        ("Big Bug bug@example.org", [("Big Bug", "bug@example.org")]),
        ("<mailto:a@x.org>", [("", "a@x.org")]),
        ("a@[192.0.2.1]", [("", "a@[192.0.2.1]")]),
        ("Jöhn <jdöe@mächine.example>", [("Jöhn", "jdöe@mächine.example")]),
        ("a@example.org.", [("", "a@example.org")]),
        ('"a\\"b" <a@x.org>', [('a"b', "a@x.org")]),
        ("\u202eevil <a@x.org>", [("evil", "a@x.org")]),
        ("A\x00B <a@x.org>", [("A B", "a@x.org")]),
    ],
)
def test_an_address_list_is_read(raw, found):
    assert pairs(raw) == found


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ("alice@example.org)bob@other.org", []),
        ("alice@example.org]bob@other.org", []),
        ("a@evil.org <b@good.org> <c@other.org>", []),
        ("a@b@c.org", []),
        ("<a@b@c.org>", []),
        ("a@x.org b@x.org", []),
        ("agent@desk.org <evil@x.org>", [("agent@desk.org", "evil@x.org")]),
        ('"agent@desk.org" <evil@x.org>', [("agent@desk.org", "evil@x.org")]),
        ('"agent@desk.org,"@evil.org', [("", '"agent@desk.org,"@evil.org')]),
        ("me", []),
        ("<>", []),
        ("a@", []),
        ("@x.org", []),
        (", , ,", []),
    ],
)
def test_what_can_be_read_in_two_ways_is_nobody(raw, found):
    assert pairs(raw) == found


def test_at_most_a_hundred_addresses_are_read():
    assert len(read_addresses(", ".join(f"a{i}@x.org" for i in range(150)))) == 100


def test_raw_octets_in_a_name_are_read_in_the_charset_of_the_mail():
    found = read_raw_addresses("Żółw <a@x.org>".encode("iso-8859-2"), ["iso-8859-2"])
    assert found[0].name == "Żółw"
    japanese = read_raw_addresses("山田太郎".encode("iso2022_jp") + b" <y@x.org>")
    assert (japanese[0].name, japanese[0].address) == ("山田太郎", "y@x.org")


@pytest.mark.parametrize("piece", [", ", '"', "(", "<", "a:", "@", "\\", "=?", "=?a?q?", "a@b ", " "])
def test_reading_takes_time_in_proportion(piece):
    assert costs_at_most(50, lambda: read_addresses(piece * 16_000))


@pytest.mark.parametrize("domain", ["ñandú.example", "xn--and-6ma2c.example", "Ñandú.EXAMPLE", "XN--AND-6MA2C.example"])
def test_a_domain_is_one_however_its_letters_are_written(domain):
    (author,) = read_addresses(f"Ana <ana@{domain}>")
    assert (author.key, author.domain) == ("ana@ñandú.example", "ñandú.example")


@pytest.mark.parametrize("domain", ["xn--.example", "xn--example-.example", "xn--a.example", "axn--x.example"])
def test_what_is_no_a_label_stays_as_it_is(domain):
    assert Address("", f"ana@{domain}").domain == domain


@pytest.mark.parametrize(
    ("text", "right"),
    [("a@b.org", True), ("a", False), ("a@b c.org", False), ("a" * 400 + "@b.org", False), ("a\n@b.org", False)],
)
def test_an_addr_spec_is_told(text, right):
    assert is_address(text) is right
