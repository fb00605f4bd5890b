"""A worker hears of work that another process has made for it."""

import itertools
import threading
from contextlib import closing

import pytest

from maild.database.connection import open_database
from maild.database.dialect import Word
from maild.database.place import read_place
from maild.database.waking import Listener
from tests.support.waiting import PATIENCE_SECONDS

on_postgresql = pytest.mark.parametrize("url", ["postgresql"], indirect=True)


class Ear:
    """Counts what it hears."""

    def __init__(self):
        self._heard = 0
        self._more = threading.Condition()

    def __call__(self):
        with self._more:
            self._heard += 1
            self._more.notify_all()

    def hears(self, times):
        """Whether it has heard so often, soon."""
        with self._more:
            return self._more.wait_for(lambda: self._heard >= times, PATIENCE_SECONDS)

    @property
    def heard(self):
        return self._heard


@pytest.fixture
def ears(url):
    ears = {Word.ENTRY: Ear(), Word.OUTBOX: Ear()}
    listener = Listener(read_place(url), ears)
    listener.start()
    assert all(ear.hears(1) for ear in ears.values())  # whatever was said before it came
    yield ears
    listener.stop()


def say(db, word=Word.ENTRY):
    with db.transaction() as transaction:
        transaction.say(word)


@on_postgresql
def test_a_word_is_heard_by_another_process_and_only_where_it_is_meant(db, ears):
    say(db, Word.ENTRY)
    assert ears[Word.ENTRY].hears(2)
    say(db, Word.OUTBOX)
    assert ears[Word.OUTBOX].hears(2)
    assert ears[Word.ENTRY].heard == 2


@on_postgresql
def test_a_word_of_what_is_not_kept_is_never_said(db, ears):
    def half():
        with db.transaction() as transaction:
            transaction.say(Word.ENTRY)
            raise KeyError

    with pytest.raises(KeyError):
        half()
    say(db, Word.OUTBOX)
    assert ears[Word.OUTBOX].hears(2)  # in order, so the other would have come before
    assert ears[Word.ENTRY].heard == 1


@on_postgresql
def test_a_listener_that_was_cut_comes_back_and_misses_nothing(db, ears):
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
    for times in itertools.islice(itertools.count(2), 2):
        with db.transaction() as transaction:
            assert transaction.execute(cut)
        assert ears[Word.ENTRY].hears(times)  # it comes back by itself, and looks what there is
    before = ears[Word.ENTRY].heard
    say(db)
    assert ears[Word.ENTRY].hears(before + 1)


@on_postgresql
def test_a_listener_leaves_a_server_that_is_away(url):
    listener = Listener(read_place("postgresql://maild@127.0.0.1:9/nothing"), {})
    listener.start()
    listener.stop()


def test_where_no_word_can_be_carried_none_is_said(url):
    with closing(open_database(url)) as db:
        say(db)
