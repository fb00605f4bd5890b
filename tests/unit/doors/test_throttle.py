"""Token buckets, and what counts as one client."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maild.doors import throttle
from maild.doors.throttle import Bucket, Buckets, Connections, Rate, client_key, is_within, read_networks


def test_a_bucket_gives_so_many_and_fills_again():
    buckets, rate = Buckets(), Rate(2, seconds=60)
    assert [buckets.take("ana", rate, 0.0) for _ in range(3)] == [True, True, False]
    assert buckets.is_empty("ana", rate, 0.0)
    assert not buckets.take("ana", rate, 29.9)
    assert buckets.take("ana", rate, 30.0)
    assert buckets.take("ben", rate, 30.0), "others do not suffer"


def test_zero_is_no_limit():
    buckets, none = Buckets(), Rate(0, seconds=60)
    assert all(buckets.take("ana", none, 0.0) for _ in range(100))
    assert not buckets.is_empty("ana", none, 0.0)


@given(st.lists(st.floats(0, 100), max_size=60), st.integers(1, 5))
def test_never_more_than_the_rate_allows(instants, amount):
    buckets, rate = Buckets(), Rate(amount, seconds=10)
    taken = sum(buckets.take("ana", rate, instant) for instant in sorted(instants))
    assert taken <= amount + 100 / 10 * amount


def test_the_fullest_buckets_are_forgotten_first(monkeypatch):
    monkeypatch.setattr(throttle, "KEYS_MAX", 4)
    buckets, rate = Buckets(), Rate(2, seconds=1e9)
    buckets.take("guesser", rate, 0.0)
    buckets.take("guesser", rate, 0.0)
    for number in range(10):
        buckets.take(str(number), rate, 0.0)
    assert buckets.is_empty("guesser", rate, 0.0)
    assert len(buckets._buckets) <= 4


def test_a_bucket_is_a_value():
    assert Bucket(left=0.5, at=0).taken() is None
    assert Bucket(left=1, at=0).taken() == Bucket(left=0, at=0)


def test_connections_are_counted_in_and_out():
    connections = Connections()
    connections.opened("a")
    connections.opened("a")
    connections.opened("b")
    connections.closed("a")
    assert (connections.total, connections.of("a"), connections.of("b"), connections.of("c")) == (2, 1, 1, 0)
    connections.closed("a")
    assert connections.of("a") == 0


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_a_neighbourhood_of_ipv6_is_one_client(address, key):
    assert client_key(address) == key


def test_networks_hold_addresses_in_either_spelling():
    networks = read_networks(["127.0.0.0/8", "::1"])
    assert is_within("127.0.0.1", networks)
    assert is_within("::ffff:127.9.9.9", networks)
    assert is_within("::1", networks)
    assert not is_within("::2", networks)
    assert not is_within("", networks)
