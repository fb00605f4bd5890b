"""`maild ticket new`, `set`, `reply`, `note`: the same table, verbs and notices as by mail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO, Any

import click

from maild.base.words import Priority, TicketType
from maild.cli import output
from maild.cli.invocation import Invocation, pass_invocation
from maild.cli.looking import read_ticket, word_of
from maild.cli.ticket_orders import (
    change_ticket,
    open_ticket,
    read_agent,
    read_requester,
    read_values,
    require_language,
    require_queue,
)
from maild.cli.ticket_story import print_summary
from maild.cli.working import work


class _Words(click.File):
    """A file that is read; one that cannot be is 74, not a slip of the command line."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> IO[Any]:
        """Open it; raises CommandError (74) with the reason."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter as fault:
            raise output.CommandError(fault.message, output.IO) from fault


_FILE = click.argument("file", metavar="[FILE]", default="-", type=_Words("rb"))
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
        require_queue(desk.settings, queue)
        require_language(desk.settings, lang)
        who = read_requester(desk.settings, requester)
        order = NewTicket(queue, who, subject, text, wanted_priority, wanted_type, lang.lower(), not no_notify)
        print_summary(desk.whole(open_ticket(desk, order)), as_json=as_json)


@click.command("set")
@click.argument("arguments", nargs=-1, required=True, metavar="TICKET... NAME=VALUE...")
@_NO_NOTIFY
@output.json_option
@pass_invocation
def set_(invocation: Invocation, arguments: Sequence[str], no_notify: bool, as_json: bool) -> None:
    """Set status, priority, type, assignee, queue, subject, category, language, requester, tags=+a,-b, until,
    service, impact, urgency, approval, workaround, known_error, duplicate=TICKET or field=NAME=VALUE.

    Each ticket by itself: all of its values or none.
    """
    from maild.desk.decide.admin import WorkTicket

    tickets = [text for text in arguments if "=" not in text]
    order = WorkTicket(read_values(text for text in arguments if "=" in text), notify=not no_notify)
    if not tickets or not order.values:
        raise click.UsageError("name at least one TICKET and one NAME=VALUE")
    with work(invocation) as desk:
        numbers = [desk.ticket(text) for text in tickets]
        others = [read_ticket(value, desk.prefix) for name, value in order.values if name == "duplicate"]
        for number in dict.fromkeys(numbers):
            change_ticket(desk, number, order, others=others)
            print_summary(desk.whole(number), as_json=as_json)


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

    text, values = _text(said.file), read_values(said.values)
    if not text and not values:
        raise output.CommandError("there are no words; give a FILE, or the text on standard input")
    with work(invocation) as desk:
        number = desk.ticket(said.ticket)
        agent = read_agent(desk.settings, said.agent) if said.agent is not None else None
        mode = Mode.PUBLIC if public else Mode.NOTE
        change_ticket(desk, number, WorkTicket(values, text, mode, agent, not said.no_notify))
        print_summary(desk.whole(number), as_json=said.as_json)


def _text(file: IO[bytes]) -> str:
    if file.isatty():
        output.say("Write the text; Ctrl-D ends it.")
    return "\n".join(file.read().decode("utf-8-sig").splitlines()).strip()
