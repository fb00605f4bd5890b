"""What the writing commands of `maild ticket` order of the desk, and the values that people write for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from maild.base.keys import format_key
from maild.cli import output
from maild.cli.working import Desk

if TYPE_CHECKING:
    from maild.desk.bench import Bench
    from maild.desk.commands.model import Fault
    from maild.desk.decide.admin import NewTicket, WorkTicket
    from maild.desk.effects import Decision
    from maild.message.model import Address
    from maild.settings.model import Settings

POSTS_MAX = 500  # so many of a ticket's latest messages can be named
_VALUE = re.compile(r"([a-z_]+)=(.*)", re.DOTALL)


def open_ticket(desk: Desk, order: NewTicket) -> int:
    """Open a ticket and return its number."""
    from maild.desk.decide.admin import decide_new
    from maild.store.model import Asked
    from maild.thread.subjects import canonical_subject

    opened: list[int | None] = []

    def decide(bench: Bench) -> Decision:
        """Open it, and keep its number."""
        decision = decide_new(bench, desk.actor, order)
        opened[:] = [decision.ticket]
        return decision

    who = order.requester.key
    asked = Asked(
        people=(who,),
        new_numbers=1,
        requester=who,
        canonical_subject=canonical_subject(order.subject, desk.prefix),
    )
    desk.act(asked, decide)
    number = opened[0]
    assert number is not None, "opening a ticket gives it a number"
    return number


def change_ticket(
    desk: Desk, number: int, order: WorkTicket, *, others: Sequence[int] = (), opens: int = 0
) -> list[int]:
    """Do what is ordered to one ticket, or nothing; raises CommandError (65) with every reason why not.

    `others` are the tickets that the order names, `opens` how many it opens; returns the numbers of those.
    """
    from maild.desk.decide.admin import decide_work
    from maild.desk.effects import OpenTicket
    from maild.store.model import Asked

    faults: list[Fault] = []
    opened: list[int] = []

    def decide(bench: Bench) -> Decision | None:
        """Do it, and keep what is wrong and what was opened."""
        bench.settings = _without_undo(desk.settings)
        decision, found = decide_work(bench, desk.actor, order)
        faults[:] = found
        opened[:] = [e.ticket.number for e in (decision.effects if decision else ()) if isinstance(e, OpenTicket)]
        return decision

    named = tuple(value.strip("<>").lower() for name, value in order.values if name == "requester")
    asked = Asked(
        ticket=number,
        children=True,
        parents=True,
        tickets=tuple(others),
        people=named,
        new_numbers=opens,
        posts=POSTS_MAX,
    )
    desk.act(asked, decide)
    if faults:
        key = format_key(desk.prefix, number)
        reasons = [f"{fault.line}: {fault.reason}" if fault.line else fault.reason for fault in faults]
        raise output.CommandError(f"{key}: nothing was done; {'; '.join(reasons)}")
    return opened


def _without_undo(settings: Settings) -> Settings:
    """Words from the shell leave at once: there is nobody to answer `#cancel`."""
    outgoing = settings.outgoing.model_copy(update={"undo_window": timedelta()})
    return settings.model_copy(update={"outgoing": outgoing})


def read_values(written: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Read NAME=VALUE; raises CommandError (65) for anything else."""
    found = []
    for text in written:
        value = _VALUE.fullmatch(text)
        if value is None:
            raise output.CommandError(f"{text} is no NAME=VALUE")
        found.append((value[1], value[2].strip()))
    return tuple(found)


def require_queue(settings: Settings, name: str) -> str:
    """Return a queue's name as the configuration writes it; raises CommandError (65) when there is none."""
    queue = settings.queue_named(name)
    if queue is None:
        there = ", ".join(queue.name for queue in settings.queue)
        raise output.CommandError(f"there is no queue {name}; there are {there}")
    return queue.name


def require_language(settings: Settings, language: str) -> None:
    """Raise CommandError (65) unless the desk writes that language; "" is none and will do."""
    if language and language.lower() not in settings.languages:
        raise output.CommandError(f"{language} is none of the desk's languages: {', '.join(settings.languages)}")


def read_requester(settings: Settings, text: str) -> Address:
    """Return the one mailbox that is written, with or without a name; raises CommandError (65) else."""
    from maild.message.addresses import read_addresses

    found = read_addresses(text)
    if len(found) != 1 or "@" not in found[0].address:
        raise output.CommandError(f"{text} is no address; write ana@example.com")
    if settings.is_own(found[0].key):
        raise output.CommandError(f"{text} is an address of the desk itself")
    return found[0]


def read_agent(settings: Settings, text: str) -> str:
    """Return the address of an agent by an address of his or the part before the @; raises CommandError (65) else."""
    wanted = text.strip().lower()
    found = {agent.address for agent in settings.agents if agent.address.partition("@")[0] == wanted}
    address = settings.agent_address(wanted) or (found.pop() if len(found) == 1 else None)
    if address is None:
        raise output.CommandError(f"{text} is no agent of this desk")
    return address
