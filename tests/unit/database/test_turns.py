"""Whoever waits has his turn in order."""

import os
import signal
import threading

import pytest

from maild.database.turns import Turns
from tests.support.waiting import PATIENCE_SECONDS, eventually


def asks(turns, order, name):
    def take():
        with turns:
            order.append(name)

    thread = threading.Thread(target=take)
    before = len(turns._waiting)
    thread.start()
    eventually(lambda: len(turns._waiting) > before)
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
            leave.wait(PATIENCE_SECONDS)

    def interrupt(*_):
        raise KeyboardInterrupt

    def interrupt_who_waits():
        eventually(lambda: turns.is_awaited)
        os.kill(os.getpid(), signal.SIGALRM)

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(PATIENCE_SECONDS)
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        threading.Thread(target=interrupt_who_waits).start()
        with pytest.raises(KeyboardInterrupt), turns:
            pass
    finally:
        signal.signal(signal.SIGALRM, before)
    assert not turns.is_awaited
    leave.set()
    thread.join()
    with turns:
        pass
