"""A desk with rules, services and priorities of a test's own beside the manual's example."""

from dataclasses import replace
from functools import cache

from maild.desk.decide.message import decide_message
from maild.desk.effects import AddEvent, Decision
from maild.desk.model import Event, Mail, Snapshot
from maild.settings.model import Settings
from maild.settings.reading import read_text
from maild.sla.compile import slas_from

from .bench import EXAMPLE, MONDAY


@cache
def desk(extra: str) -> Settings:
    """The example's settings with more behind them, which must be without a fault."""
    read = read_text(EXAMPLE.read_text("utf-8") + "\n" + extra)
    assert read.faults == (), read.faults
    assert read.settings is not None
    return read.settings


def decide(extra: str, arrived: Mail, snapshot: Snapshot | None = None) -> Decision:
    """What a desk with `extra` in its configuration does about a mail."""
    settings, taken = desk(extra), snapshot or Snapshot()
    if not taken.new_numbers:
        taken = replace(taken, new_numbers=(101, 102, 103))
    return decide_message(arrived, taken, settings, slas_from(settings, MONDAY), MONDAY)


def events(decision: Decision, verb: str = "") -> list[Event]:
    """The lines of the timeline, those of one verb alone when it is given."""
    return [e.event for e in decision.effects if isinstance(e, AddEvent) and verb in {"", e.event.verb}]
