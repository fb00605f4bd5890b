"""Whoever waits has his turn in order."""

import signal
import threading
import time

import pytest

from maild.database.turns import Turns


def wait_for(condition):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline


def asks(turns, order, name):
    def take():
        with turns:
            order.append(name)

    thread = threading.Thread(target=take)
    before = len(turns._waiting)
    thread.start()
    wait_for(lambda: len(turns._waiting) > before)
    return thread


def test_turns_come_in_the_order_in_which_they_were_asked_for():
    turns, order = Turns(), []
    with turns:
        threads = [asks(turns, order, name) for name in "abcd"]
        order.append("first")
    with turns:
        order.append("last")
    assert order == ["first", "a", "b", "c", "d", "last"]
    assert not turns.is_awaited
    for thread in threads:
        thread.join()


def test_a_thread_that_takes_a_turn_inside_its_own_is_told_and_does_not_wait_for_ever():
    turns = Turns()
    with turns, pytest.raises(AssertionError), turns:
        pass
    with turns:
        pass


def test_one_who_is_interrupted_while_he_waits_keeps_nobody_from_a_turn():
    turns, held, leave = Turns(), threading.Event(), threading.Event()

    def hold():
        with turns:
            held.set()
            leave.wait(10)

    def interrupt(*_):
        raise KeyboardInterrupt

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(10)
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with pytest.raises(KeyboardInterrupt), turns:
            pass
    finally:
        signal.signal(signal.SIGALRM, before)
    assert not turns.is_awaited
    leave.set()
    thread.join()
    with turns:
        pass
