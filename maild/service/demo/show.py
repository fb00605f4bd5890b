"""The demo as a whole: the desk is started, the story played and told, and the desk stays up until it is stopped."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from maild.service.demo import embedded
from maild.service.demo.clock import DemoClock, seconds_since_start
from maild.service.demo.embedded import Embedded
from maild.service.demo.stage import Left, Stage, StoryFault, Taken, Told
from maild.service.demo.story import BEHIND, Step, play

NAME_CHARACTERS_MAX = 8  # in a timeline of 100 columns


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the timeline."""

    seconds: float  # since the start of this process
    who: str  # "marta → desk"
    rule: str  # the rule that fired, or the template of what was sent
    path: Path  # the .eml file
    why: str = ""


@dataclass
class Show:
    """One demonstration; the callbacks tell how it goes, in a thread of the story's own."""

    folder: Path
    begun: Callable[[str], None]  # a step begins: its words
    line: Callable[[Line], None]
    ended: Callable[[Embedded, float], None]  # the story is over; after how many seconds there was a first ticket
    pause_seconds: float = 0.0  # before each step but the first
    stays: bool = True  # False: the desk goes down when the story is over
    port: int = 0  # of the SMTP door; 0: a free one
    _fault: BaseException | None = field(default=None, init=False)
    _thread: threading.Thread | None = field(default=None, init=False)

    def run(self) -> None:
        """Return when the demo has ended, by itself, by SIGINT or by SIGTERM; raises StoryFault, OSError."""
        asyncio.run(embedded.run(self.folder, DemoClock(BEHIND), self._start, smtp_port=self.port))
        if self._thread is not None:
            self._thread.join()
        if self._fault is not None:
            raise self._fault

    def _start(self, desk: Embedded) -> None:
        self._thread = threading.Thread(target=self._play, args=(desk,), name="story", daemon=True)
        self._thread.start()

    def _play(self, desk: Embedded) -> None:
        try:
            self._tell(Stage(desk))
        except Left:
            return
        except Exception as fault:  # `run` raises it in the main thread
            if not desk.daemon.stopping:  # or somebody ended the desk in the middle of a sentence
                self._fault = fault
                desk.daemon.stop()
            return
        if not self.stays:
            desk.daemon.stop()

    def _tell(self, stage: Stage) -> None:
        teller = _Teller(self, stage)
        play(stage, teller)
        assert teller.first is not None, "the story's first step opens a ticket"
        self.ended(stage.desk, teller.first)
        if self.stays:
            _stay(stage, teller)


class _Teller:
    """Makes lines of what happens on the stage."""

    def __init__(self, show: Show, stage: Stage) -> None:
        self._show = show
        self._stage = stage
        self.first: float | None = None  # when the first ticket stood

    def begun(self, step: Step) -> None:
        """Pause, unless nothing was told yet, and say what comes."""
        if self.first is not None and self._stage.desk.leaving.wait(self._show.pause_seconds):
            raise Left
        self._show.begun(step.words)

    def took(self, taken: Taken) -> None:
        """Tell of a mail to the desk."""
        line = _taken(self._stage, taken)
        if self.first is None:
            self.first = line.seconds
        self._show.line(line)

    def sent(self, told: Told) -> None:
        """Tell of a mail from the desk."""
        self._show.line(_sent(told))


def _stay(stage: Stage, teller: _Teller) -> None:
    """Tell of every mail that comes and goes while the demo is tried by hand; raises Left in the end."""
    stage.watch()
    while True:
        for taken in stage.arrived():
            teller.took(taken)
        for told in stage.hear_now():
            teller.sent(told)


def _taken(stage: Stage, taken: Taken) -> Line:
    rule, why = taken.row["reason"] or "", taken.row["because"] or ""
    ticket = stage.ticket(taken.row["ticket"]) if taken.row["ticket"] else None
    state = f"{taken.row['ticket']}, {ticket['status']}, {ticket['priority']}" if ticket else str(taken.row["state"])
    return Line(seconds_since_start(), f"{_name(taken.kept.person)} → desk", rule, taken.kept.path, f"{state}: {why}")


def _sent(told: Told) -> Line:
    return Line(seconds_since_start(), f"desk → {_name(told.kept.person)}", told.row["template"], told.kept.path)


def _name(address: str) -> str:
    name = address.partition("@")[0] or "nobody"
    return name if len(name) <= NAME_CHARACTERS_MAX else f"{name[: NAME_CHARACTERS_MAX - 1]}…"


__all__ = ["Line", "Show", "StoryFault"]
