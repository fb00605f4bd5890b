"""What every verb's function is given, and how it says no."""

import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from maild.base.instants import to_text
from maild.base.keys import read_key
from maild.base.text import plain
from maild.base.words import Status
from maild.desk.bench import Bench, Case
from maild.desk.commands.model import Command, Outcome
from maild.desk.commands.phrases import say
from maild.desk.commands.times import read_when
from maild.desk.commands.verbs import find_verb
from maild.desk.lifecycle import Act, after
from maild.desk.model import Mail, Ticket
from maild.desk.people import ME, agents_called

ADDRESS = re.compile(r"[^\s@<>,;\"]{1,64}@[^\s@<>,;\"]{1,255}")


class Refused(Exception):
    """A command cannot be done; `reason` is for the transcript."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Asking:
    """An agent who asks or commands something."""

    bench: Bench
    agent: str
    zone: ZoneInfo
    language: str

    def say(self, phrase: str, /, **values: object) -> str:
        """Return a phrase in the agent's language."""
        return say(self.language, phrase, **values)

    def shown(self, when: datetime) -> str:
        """Return an instant as the agent reads it."""
        return when.astimezone(self.zone).strftime("%Y-%m-%d %H:%M")

    def missing(self, command: Command) -> Refused:
        """Return the refusal of a command without the values that it needs, which it names."""
        verb = find_verb(command.verb)
        values = verb.shown(self.language)[1] if verb is not None else ""
        return Refused(self.say("missing", verb=command.verb, values=values))

    def agent_named(self, word: str) -> str:
        """Return the address of the agent meant by an address, a local part, a (first) name, or "me"."""
        found = agents_called(self.bench.settings, self.agent if plain(word) in ME else word)
        if len(found) == 1:
            return found[0]
        if found:
            raise Refused(self.say("many-agents", who=word, found=", ".join(found)))
        raise Refused(self.say("no-agent", who=word))


@dataclass(frozen=True, slots=True)
class Run(Asking):
    """One agent's commands on one ticket; `case` is a trial that is thrown away on any fault."""

    case: Case
    outcome: Outcome
    mail: Mail
    by_mail: bool = True  # False: at the shell, where nothing needs to be confirmed
    below: str = ""  # the words under the commands

    def value(self, command: Command) -> str:
        """Return the one value that a verb needs."""
        if not command.rest:
            raise self.missing(command)
        return command.values[0]

    def when(self, text: str) -> datetime:
        """Return an instant to come, by the agent's time zone."""
        try:
            return read_when(text, self.zone, self.bench.now)
        except ValueError:
            raise Refused(self.say("no-time", text=text)) from None

    def act(self, act: Act, *, until: datetime | None = None) -> str:
        """Move the status by the one table; the words of the answer then change it no further."""
        before = self.case.ticket.status
        status = after(before, act)
        if not isinstance(status, Status):
            raise Refused(self.say("not-allowed", status=str(before)))
        why = f"#{act}" if until is None else f"#{act} until {to_text(until)}"
        if status is before:
            self.case.set_until(self.agent, until, why)
        else:
            self.case.set_status(self.agent, status, why, until=until)
        self.outcome.status = status
        if until is not None:
            return self.say("until", status=str(status), until=self.shown(until))
        return self.say("status", status=str(status))

    def ticket(self, text: str) -> Ticket:
        """Return another ticket by its number or key: where it lives now."""
        ticket = self.bench.snapshot.tickets.get(self.number(text))
        if ticket is None:
            raise Refused(self.say("no-ticket", key=text))
        if ticket.number == self.case.ticket.number:
            raise Refused(self.say("itself"))
        return self.bench.case(ticket).ticket

    def number(self, text: str) -> int:
        """Return the number of a key."""
        number = read_key(text, self.bench.settings.desk.prefix)
        if number is None:
            raise Refused(self.say("no-ticket", key=text))
        if number == self.case.ticket.number:
            raise Refused(self.say("itself"))
        return number

    def address(self, text: str) -> str:
        """Return an address as it is stored; a sign before it is left out."""
        address = text.lstrip("+-").strip(",<>").lower()
        if not ADDRESS.fullmatch(address) or self.bench.settings.is_own(address):
            raise Refused(self.say("no-address", text=text))
        return address
