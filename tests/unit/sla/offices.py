"""Offices of all kinds, drawn from a seed: zones, nights, breaks, holidays, hours that were edited meanwhile."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from random import Random

import pytest

from maild.sla.calendar import Calendar, instant_of, weekly

from .minutes import YEARS, Notes, changes

SOAK = 40  # times as many seeds in `make soak`


@dataclass(frozen=True)
class Place:
    """A time zone, and the year from which on its clocks are looked at."""

    timezone: str
    first_year: int

    @property
    def notes(self) -> Notes:
        """What somebody there notes."""
        return Notes(self.first_year)

    def instant(self, dice: Random) -> int:
        """Draw a second since 1970 of these years, often one about a change of the clocks, often a round one."""
        at = dice.randrange(self.notes.begin, self.notes.end)
        found = changes(self.timezone, self.first_year)
        if found and dice.random() < 0.5:
            at = dice.choice(found) + dice.randrange(-200_000, 200_000)
        to = dice.choice([1, 1, 60, 900, 3600])
        return at // to * to

    def day(self, dice: Random) -> date:
        """Draw a day of these years, often one with a change of the clocks."""
        return instant_of(self.instant(dice)).date()


PLACES = (
    Place("Europe/Madrid", 2024),
    Place("America/New_York", 2024),
    Place("Australia/Lord_Howe", 2024),  # half an hour forward and back
    Place("Asia/Kathmandu", 2024),  # 05:45 from UTC, never put forward
    Place("America/Havana", 2024),  # at midnight: a day that begins at one, an hour after midnight that comes twice
    Place("Africa/Casablanca", 2024),  # back for Ramadan
    Place("Asia/Pyongyang", 2015),  # half an hour back for good, and again
    Place("Pacific/Apia", 2010),  # without 30 December 2011
)


def drawn(some: int) -> Callable[[Callable[[Random], None]], Callable[[int], None]]:
    """Have a test run with the dice of so many seeds, of far more in `make soak`; MAILD_SEED=17 runs that one alone."""

    def with_dice(check: Callable[[Random], None]) -> Callable[[int], None]:
        @pytest.mark.parametrize("seeds", [some, pytest.param(SOAK * some, marks=pytest.mark.soak)])
        def test(seeds: int) -> None:
            alone = os.environ.get("MAILD_SEED")
            for seed in range(seeds) if alone is None else [int(alone)]:
                try:
                    check(Random(seed))
                except Exception as fault:
                    fault.add_note(f"MAILD_SEED={seed} plays it again")
                    raise

        test.__name__, test.__doc__ = check.__name__, check.__doc__
        return test

    return with_dice


def plain_office(dice: Random, place: Place) -> Calendar:
    """Draw a calendar as it stands in a file; some of its holidays are on the days of the place's changes."""
    weekdays = dice.sample(range(7), dice.randint(1, 7))
    hours = weekly({weekday: [_span(dice) for _ in range(dice.randint(1, 3))] for weekday in weekdays})
    holidays = {place.day(dice) for _ in range(dice.randrange(6))}
    yearly = {(day.month, day.day) for day in (place.day(dice) for _ in range(dice.randrange(4)))} - {(2, 29)}
    worked = {date(place.first_year + dice.randrange(YEARS), *day) for day in yearly if dice.random() < 0.5}
    return Calendar(place.timezone, hours, frozenset(holidays - worked), frozenset(yearly), worked=frozenset(worked))


def office(dice: Random, place: Place) -> Calendar:
    """Draw a calendar that may have been edited up to twice, even to another zone."""
    moved = [place, *(each for each in PLACES if each.first_year == place.first_year)]
    edits = sorted({place.instant(dice) for _ in range(dice.choice([0, 0, 1, 2]))})
    earlier = tuple((until, plain_office(dice, dice.choice(moved))) for until in edits)
    return replace(plain_office(dice, place), earlier=earlier)


def _span(dice: Random) -> tuple[int, int]:
    """Draw opening hours in minutes; those that end past 1440 are a night."""
    to = dice.choice([1, 15, 60, 60])
    opens, length = dice.randrange(0, 1440, to), dice.randrange(to, 1440, to)
    return opens, opens + length
