"""The journal's answers reach the loop together."""

import asyncio
from concurrent.futures import Future

from maild.doors.promises import Promises


def test_answers_that_come_together_wake_the_loop_once_and_in_order():
    async def wait():
        promises, told = Promises(), []
        futures = [Future() for _ in range(3)]
        loop, calls = asyncio.get_running_loop(), []
        call = loop.call_soon_threadsafe
        loop.call_soon_threadsafe = lambda *args: (calls.append(args), call(*args))
        for future in futures:
            promises.watch(future, lambda kept: told.append(kept.exception() or kept.result()))
        fault = OSError("late")
        futures[0].set_result("e1")
        futures[2].set_exception(fault)
        futures[1].set_result("e2")
        assert told == [], "not within the journal's thread"
        await asyncio.sleep(0)
        assert told == ["e1", fault, "e2"]
        assert len(calls) == 1

    asyncio.run(wait())
