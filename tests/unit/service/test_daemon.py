"""The service as a whole, where two of its threads want the same thing."""

import threading

from tests.support.desk import Clock, Desk

BILLING = """
[[queue]]
name = "billing"
address = "billing@example.com"
team = "second-line"
sla = "standard"
"""


class Interrupted(Clock):
    """A clock on which the thread that reads it is kept once, until something else has been done."""

    def __init__(self):
        super().__init__()
        self.meanwhile = None
        self.thread = threading.current_thread()

    def __call__(self):
        if self.meanwhile is not None and threading.current_thread() is self.thread:
            something, self.meanwhile = self.meanwhile, None
            something()
        return super().__call__()


def test_calendars_that_are_renewed_while_a_reload_comes_do_not_bring_the_old_configuration_back(tmp_path):
    clock = Interrupted()
    desk = Desk(tmp_path, clock=clock)
    try:
        desk.start(("intake",))

        def reload() -> None:
            desk.config.write_text(desk.config.read_text("utf-8") + BILLING, "utf-8")
            desk.reload()

        clock.meanwhile = reload
        desk.renew()
        assert clock.meanwhile is None
        assert desk.send(desk.compose("An invoice is wrong.", To="billing@example.com"))
    finally:
        desk.close()
