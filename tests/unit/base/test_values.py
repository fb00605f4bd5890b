"""A changed value is what `dataclasses.replace` would make."""

from dataclasses import dataclass, replace

import pytest

from maild.base.values import apart, changed


@dataclass(frozen=True, slots=True)
class Point:
    x: int
    y: int = 2
    z: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.x < 0:
            raise ValueError("left of everything")


@dataclass(frozen=True, slots=True)
class Lone:
    x: int


def test_a_value_is_changed_where_it_was_asked_and_nowhere_else():
    point = Point(1, 5, (3,))
    assert changed(point, z=(4,), x=7) == replace(point, z=(4,), x=7) == Point(7, 5, (4,))
    assert changed(point) == point == Point(1, 5, (3,))


def test_what_a_value_refuses_is_refused_in_a_changed_one_too():
    with pytest.raises(ValueError, match="left"):
        changed(Point(1), x=-1)
    with pytest.raises(KeyError, match="w"):
        changed(Point(1), w=1)


def test_a_dataclass_that_cannot_be_taken_apart_is_refused_at_once():
    with pytest.raises(AssertionError, match="several"):
        apart(Lone)
