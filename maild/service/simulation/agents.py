"""Agents who answer: after a time that is drawn for each answer, in the working time of the ticket's service level."""

import heapq
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from email.utils import format_datetime
from random import Random

from maild.base.words import DoorName
from maild.message.envelope import Envelope
from maild.service.simulation.world import World
from maild.sla.calendar import ALWAYS, Calendar, NoWorkingTime, advance
from maild.store.model import Row
from maild.store.outbox import octets_of

ASKING = frozenset({"assigned", "requester-wrote", "reopened"})  # the notices that an agent answers
SPREAD = 1.0  # Of the logarithm of the times: one answer in six takes longer than 2.7 times the median.
RESOLVED = 0.6  # The share of answers that resolve their ticket; the others wait for the requester.
WORDS = {"en": "Simulated answer.", "es": "Respuesta simulada."}


@dataclass(frozen=True, slots=True, order=True)
class Plan:
    """An answer that will be written."""

    at: datetime
    turn: int  # breaks ties, in the order of planning
    delivery: str
    ticket: int
    agent: str


class Agents:
    """All agents of a desk; `median` is the working time within which one answer in two comes."""

    def __init__(self, dice: Random, median: timedelta) -> None:
        self._dice = dice
        self._median = median
        self._plans: list[Plan] = []
        self._turn = 0

    def heard(self, world: World, row: Row) -> None:
        """Plan the answer to a mail that an agent got; to one mail of a ticket at a time."""
        agent = world.office.settings.agent_address(row.rcpt_to)
        if agent is None or row.template not in ASKING or any(p.ticket == row.ticket for p in self._plans):
            return
        self._turn += 1
        seconds = int(self._median.total_seconds() * math.exp(self._dice.gauss(0, SPREAD)))
        try:
            at = advance(_calendar(world, row.ticket), world.clock.now, seconds + 60)
        except NoWorkingTime:
            return
        heapq.heappush(self._plans, Plan(at, self._turn, row.id, row.ticket, agent))

    def next(self) -> datetime | None:
        """Return when the next answer is written; None when none is planned."""
        return self._plans[0].at if self._plans else None

    def answer(self, world: World) -> str | None:
        """Write the next answer into the desk as a mail; None when its ticket is over or another's by now."""
        plan = heapq.heappop(self._plans)
        ticket = next(iter(_ticket(world, plan.ticket)), None)
        is_resolving = self._dice.random() < RESOLVED
        if ticket is None or ticket["assignee"] != plan.agent or ticket["status"] not in {"new", "open"}:
            return None
        mail = _written(octets_of(world.house.db, plan.delivery), plan, is_resolving, str(ticket["language"]))
        envelope = Envelope(
            DoorName.SMTP,
            world.clock.now,
            mail_from=plan.agent,
            rcpt_to=(str(mail["To"]),),
            authenticated_as=plan.agent,
        )
        return world.take(mail.as_bytes(policy=SMTP), envelope)


def _ticket(world: World, number: int) -> Iterator[dict[str, object]]:
    yield from world.house.db.execute("SELECT assignee, status, language, sla FROM ticket WHERE number = ?", (number,))


def _calendar(world: World, number: int) -> Calendar:
    for ticket in _ticket(world, number):
        sla = world.office.slas.get(str(ticket["sla"]))
        if sla is not None:
            return sla.calendar
    return ALWAYS


def _written(octets: bytes, plan: Plan, is_resolving: bool, language: str) -> EmailMessage:
    asked = message_from_bytes(octets, policy=default)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = plan.agent
    mail["To"] = asked["Reply-To"].addresses[0].addr_spec
    mail["Subject"] = f"Re: {asked['Subject']}"
    mail["Date"] = format_datetime(plan.at)
    mail["Message-ID"] = f"<answer.{plan.turn}@simulation.invalid>"
    mail["In-Reply-To"] = mail["References"] = str(asked["Message-ID"])
    words = WORDS.get(language, WORDS["en"])
    mail.set_content(f"{'#resolve' if is_resolving else '#pending'}\n\n{words}\n")
    return mail
