"""`maild ticket new`, `set`, `reply`, `note`: the same table, verbs and notices as by mail."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import IO, TYPE_CHECKING, Any

import click

from maild.base.keys import format_key
from maild.base.words import Priority, TicketType
from maild.cli import output
from maild.cli.invocation import Invocation, pass_invocation
from maild.cli.looking import word_of
from maild.cli.ticket_story import print_summary
from maild.cli.working import Desk, now, work

if TYPE_CHECKING:
    from maild.desk.commands.model import Fault
    from maild.desk.decide.admin import NewTicket, WorkTicket
    from maild.desk.effects import Decision
    from maild.desk.model import Snapshot
    from maild.message.model import Address
    from maild.settings.model import Settings

_VALUE = re.compile(r"([a-z_]+)=(.*)", re.DOTALL)
_FILE = click.argument("file", metavar="[FILE]", default="-", type=click.File("rb"))
_NO_NOTIFY = click.option("--no-notify", is_flag=True, help="Send the requester nothing.")


@click.command()
@click.option("--queue", required=True, metavar="Q", help="The queue that it belongs to.")
@click.option("--requester", required=True, metavar="ADDR", help='Who asks: an address, or "Name <address>".')
@click.option("--subject", required=True, metavar="S", help="The subject.")
@click.option("--priority", metavar="P", help="low, normal, high or urgent.")
@click.option("--type", "type_", metavar="T", help="incident, request, question, problem or change.")
@click.option("--lang", default="", metavar="L", help="The requester's language, such as es.")
@_NO_NOTIFY
@_FILE
@output.json_option
@pass_invocation
def new(
    invocation: Invocation,
    queue: str,
    requester: str,
    subject: str,
    priority: str | None,
    type_: str | None,
    lang: str,
    no_notify: bool,
    file: IO[bytes],
    as_json: bool,
) -> None:
    """Open a ticket in somebody's name; its first message is read from FILE or standard input."""
    from maild.desk.decide.admin import NewTicket

    text = _text(file)
    wanted_priority = Priority(word_of(Priority, priority)) if priority else None
    wanted_type = TicketType(word_of(TicketType, type_)) if type_ else None
    with work(invocation) as desk:
        _require_queue(desk.settings, queue)
        _require_language(desk.settings, lang)
        who = _requester(desk.settings, requester)
        order = NewTicket(queue, who, subject, text, wanted_priority, wanted_type, lang.lower(), not no_notify)
        _print(desk, _open(desk, order), as_json=as_json)


@click.command("set")
@click.argument("arguments", nargs=-1, required=True, metavar="TICKET... NAME=VALUE...")
@_NO_NOTIFY
@output.json_option
@pass_invocation
def set_(invocation: Invocation, arguments: Sequence[str], no_notify: bool, as_json: bool) -> None:
    """Set status, priority, type, assignee, queue, subject, category, language, requester, tags=+a,-b or until.

    Each ticket by itself: all of its values or none.
    """
    from maild.desk.decide.admin import WorkTicket

    tickets = [text for text in arguments if "=" not in text]
    order = WorkTicket(_values(text for text in arguments if "=" in text), notify=not no_notify)
    if not tickets or not order.values:
        raise click.UsageError("name at least one TICKET and one NAME=VALUE")
    with work(invocation) as desk:
        numbers = [desk.ticket(text) for text in tickets]
        for number in dict.fromkeys(numbers):
            _change(desk, number, order)
            _print(desk, number, as_json=as_json)


def _words_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add what `reply` and `note` take; the names are those of _Said."""
    command = output.json_option(_FILE(command))
    command = click.option(
        "--set", "values", multiple=True, metavar="NAME=VALUE", help="Set this too; may be given again."
    )(command)
    command = click.option("--as", "agent", metavar="AGENT", help="Whose words they are; else your own.")(command)
    return click.argument("ticket")(command)


@dataclass(frozen=True, slots=True)
class _Said:
    """What `reply` and `note` were given."""

    ticket: str
    agent: str | None
    values: Sequence[str]
    file: IO[bytes]
    as_json: bool
    no_notify: bool = False  # of a note alone: words that are said to be sent are sent


@click.command()
@_words_options
@pass_invocation
def reply(invocation: Invocation, /, **given: Any) -> None:
    """Answer the requester with the text of FILE or standard input; it leaves at once."""
    _say(invocation, _Said(**given), public=True)


@click.command()
@_words_options
@_NO_NOTIFY
@pass_invocation
def note(invocation: Invocation, /, **given: Any) -> None:
    """Keep the text of FILE or standard input as an internal note."""
    _say(invocation, _Said(**given), public=False)


WRITING: tuple[click.Command, ...] = (new, set_, reply, note)


def _say(invocation: Invocation, said: _Said, *, public: bool) -> None:
    from maild.desk.commands.model import Mode
    from maild.desk.decide.admin import WorkTicket

    text, values = _text(said.file), _values(said.values)
    if not text and not values:
        raise output.CommandError("there are no words; give a FILE, or the text on standard input")
    with work(invocation) as desk:
        number = desk.ticket(said.ticket)
        agent = _agent(desk.settings, said.agent) if said.agent is not None else None
        mode = Mode.PUBLIC if public else Mode.NOTE
        _change(desk, number, WorkTicket(values, text, mode, agent, not said.no_notify))
        _print(desk, number, as_json=said.as_json)


def _open(desk: Desk, order: NewTicket) -> int:
    """Open a ticket and return its number."""
    from maild.desk.decide.admin import decide_new
    from maild.store.model import Asked
    from maild.thread.subjects import canonical_subject

    stimulus, at = desk.stimulus(), now()
    opened: list[int | None] = []

    def decide(snapshot: Snapshot) -> Decision:
        decision = decide_new(stimulus, desk.actor, order, snapshot, desk.settings, desk.house.office.slas, at)
        opened[:] = [decision.ticket]
        return decision

    who = order.requester.key
    asked = Asked(
        people=(who,),
        new_numbers=1,
        requester=who,
        canonical_subject=canonical_subject(order.subject, desk.prefix),
    )
    desk.house.actor.act(asked, desk.house.office, at, decide)
    number = opened[0]
    assert number is not None, "opening a ticket gives it a number"
    return number


def _change(desk: Desk, number: int, order: WorkTicket) -> None:
    """Do what is ordered to one ticket, or nothing; raises CommandError (65) with every reason why not."""
    from maild.desk.decide.admin import decide_work
    from maild.store.model import Asked

    stimulus, at, settings = desk.stimulus(), now(), _without_undo(desk.settings)
    faults: list[Fault] = []

    def decide(snapshot: Snapshot) -> Decision | None:
        decision, found = decide_work(stimulus, desk.actor, order, snapshot, settings, desk.house.office.slas, at)
        faults[:] = found
        return decision

    named = tuple(value.strip("<>").lower() for name, value in order.values if name == "requester")
    desk.house.actor.act(Asked(ticket=number, people=named), desk.house.office, at, decide)
    if faults:
        key = format_key(desk.prefix, number)
        reasons = [f"{fault.line}: {fault.reason}" if fault.line else fault.reason for fault in faults]
        raise output.CommandError(f"{key}: nothing was done; {'; '.join(reasons)}")


def _without_undo(settings: Settings) -> Settings:
    """Words from the shell leave at once: there is nobody to answer `#cancel`."""
    outgoing = settings.outgoing.model_copy(update={"undo_window": timedelta()})
    return settings.model_copy(update={"outgoing": outgoing})


def _print(desk: Desk, number: int, *, as_json: bool) -> None:
    ticket = desk.whole(number)
    if as_json:
        output.print_row(ticket)
    else:
        print_summary(ticket)


def _text(file: IO[bytes]) -> str:
    if file.isatty():
        output.say("Write the text; Ctrl-D ends it.")
    return "\n".join(file.read().decode("utf-8-sig").splitlines()).strip()


def _values(written: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Read NAME=VALUE; raises CommandError (65) for anything else."""
    found = []
    for text in written:
        value = _VALUE.fullmatch(text)
        if value is None:
            raise output.CommandError(f"{text} is no NAME=VALUE")
        found.append((value[1], value[2].strip()))
    return tuple(found)


def _require_queue(settings: Settings, name: str) -> None:
    if settings.queue_named(name) is None:
        there = ", ".join(queue.name for queue in settings.queue)
        raise output.CommandError(f"there is no queue {name}; there are {there}")


def _require_language(settings: Settings, language: str) -> None:
    if language and language.lower() not in settings.languages:
        raise output.CommandError(f"{language} is none of the desk's languages: {', '.join(settings.languages)}")


def _requester(settings: Settings, text: str) -> Address:
    from maild.message.addresses import read_addresses

    found = read_addresses(text)
    if len(found) != 1 or "@" not in found[0].address:
        raise output.CommandError(f"{text} is no address; write ana@example.com")
    if settings.is_own(found[0].key):
        raise output.CommandError(f"{text} is an address of the desk itself")
    return found[0]


def _agent(settings: Settings, text: str) -> str:
    """Return the address of an agent by an address of his or the part before the @."""
    wanted = text.strip().lower()
    found = {agent.address for agent in settings.agents if agent.address.partition("@")[0] == wanted}
    address = settings.agent_address(wanted) or (found.pop() if len(found) == 1 else None)
    if address is None:
        raise output.CommandError(f"{text} is no agent of this desk")
    return address
