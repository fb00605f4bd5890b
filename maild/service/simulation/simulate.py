"""Past mail played through the whole desk, in a database of its own; nothing is sent and nothing asked."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from urllib.parse import quote

from maild.outbox.schedule import Reply
from maild.service.child import Plan
from maild.service.children import Children
from maild.service.configuration import Configuration
from maild.service.office import open_office
from maild.service.pipeline import Read
from maild.service.simulation.agents import Agents
from maild.service.simulation.arrivals import EARLIEST, Arrival, highest_key
from maild.service.simulation.world import VirtualClock, World
from maild.store.model import Row

TAKEN = Reply(250, "2.0.0", "simulated", "simulation")
RUN_ON = timedelta(days=7)  # Behind the last mail, so that its clocks run out.


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be played, and how; the same order gives the same tables."""

    mails: Sequence[Arrival]
    seed: int = 0
    queue: str = ""  # takes the mails that name none
    believe: bool = False  # everybody in From is who he says he is
    answers: timedelta | None = None  # agents answer, half of them within this working time; None: nobody does
    run_on: timedelta = RUN_ON


@dataclass(frozen=True, slots=True)
class Played:
    """A simulated desk after its last mail, and from which file each entry came."""

    world: World
    files: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def simulated(configuration: Configuration, database: Path, order: Order) -> Iterator[Played]:
    """Play an order into a new database, and yield the desk as it stands in the end.

    Raises what `open_house` raises. No socket is opened but the pipes of the children that read mail.
    """
    scratch = _scratch(configuration, database, order)
    with _reader(scratch) as read:
        dice = Random(order.seed)  # noqa: S311 - repeatable on purpose; nothing secret is made of it
        agents = Agents(dice, order.answers) if order.answers is not None else None
        desk: list[World] = []

        def taken(row: Row) -> Reply:
            """Take every mail, and let the agents hear of it."""
            if agents is not None:
                agents.heard(desk[0], row)
            return TAKEN

        clock = VirtualClock(order.mails[0].at)
        desk.append(World(scratch, read, clock, taken, dice.getrandbits))
        try:
            yield Played(desk[0], _play(desk[0], order, agents))
        finally:
            desk[0].close()


def _scratch(configuration: Configuration, database: Path, order: Order) -> Configuration:
    """Return the configuration with a database and a secret of its own.

    The real secret would have tokens of past mail name other tickets than those that they were made for.
    """
    settings = configuration.settings
    store = settings.store.model_copy(update={"url": f"sqlite:///{quote(str(database.absolute()))}"})
    first = max(settings.desk.first_number, highest_key(order.mails, settings.desk.prefix) + 1)
    desk = settings.desk.model_copy(update={"first_number": first})
    secret = hashlib.sha256(f"maild simulate {order.seed}".encode()).digest()
    return replace(
        configuration,
        settings=settings.model_copy(update={"store": store, "desk": desk}),
        secret_keys=(("a", secret),),
        secret_path=None,
        dkim_key=None,
    )


@contextmanager
def _reader(configuration: Configuration) -> Iterator[Read]:
    """Yield what reads a mail as the service does, in a child with its limits; the child asks no DNS."""
    office = open_office(configuration, EARLIEST)  # of which reading looks at no calendar
    plan = Plan(office.settings, office.keyring, office.own, office.limits, office.agent_keys, asks_dns=False)
    children = Children(1, plan)
    try:
        yield children.read
    finally:
        children.stop()


def _play(world: World, order: Order, agents: Agents | None) -> dict[str, str]:
    files: dict[str, str] = {}
    for mail in order.mails:
        _run_to(world, mail.at, agents)
        files[world.take(mail.octets, mail.envelope(order.queue, believe=order.believe))] = mail.name
    _run_to(world, order.mails[-1].at + order.run_on, agents)
    return files


def _run_to(world: World, instant: datetime, agents: Agents | None) -> None:
    """Move the clock from due to due, and let the agents write as their times come."""
    while True:
        due = world.next()
        answer = agents.next() if agents is not None else None
        if agents is not None and answer is not None and answer <= min(due, instant):
            world.clock.to(answer)
            agents.answer(world)
        elif due <= instant:
            world.clock.to(due)
            world.settle()
        else:
            break
    world.clock.to(instant)
