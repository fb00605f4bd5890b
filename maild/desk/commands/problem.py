"""Verbs of problems: announce, workaround, known-error."""

from maild.desk.commands.model import Command, Mode
from maild.desk.commands.running import Refused, Run
from maild.desk.decide.family import UNCONFIRMED_PEOPLE_MAX, people_of, put_workaround
from maild.desk.lifecycle import TYPES
from maild.desk.problems import begins_block, change_words

_OFF = frozenset({"-", "off", "no"})


def _announce(run: Run, command: Command) -> str:
    """The words below go to everybody who waits for this; to many people only with a code."""
    if command.rest:
        raise Refused(run.say("no-value", verb=command.verb))
    people = people_of(run.case, run.agent)
    if not people:
        raise Refused(run.say("no-children"))
    if len(people) > UNCONFIRMED_PEOPLE_MAX and run.by_mail:
        run.outcome.destroys.append(command.line)
    run.outcome.mode = Mode.ANNOUNCEMENT
    return run.say("announced", count=len(people))


def _workaround(run: Run, command: Command) -> str:
    """What helps until the problem is solved: on the line, in other languages below it, or the words below."""
    _require_problem(run)
    if not command.rest:
        run.outcome.mode = Mode.WORKAROUND
        return run.say("workaround")
    text = "" if command.rest.lower() in _OFF else command.rest.strip(' "“”«»')
    if text and run.outcome.mode is None and begins_block(run.below, run.bench.settings.languages):
        run.outcome.mode, run.outcome.workaround = Mode.WORKAROUND, text
        text = f"{text}\n{run.below}"
    put_workaround(run.case, run.agent, text)
    return run.say("workaround" if text else "no-workaround")


def _known_error(run: Run, command: Command) -> str:
    """New tickets with all of these words are its children, and are told what is known."""
    _require_problem(run)
    run.value(command)
    ticket = run.case.ticket
    if command.rest.lower() in _OFF:
        run.case.change(known_error=(), public_title="")
        run.case.event(run.agent, "known-error", "none")
        return run.say("no-known-error")
    wish = change_words(ticket.known_error, ticket.public_title, _values(command))
    run.case.change(known_error=wish.words, public_title=wish.title)
    run.case.event(run.agent, "known-error", " ".join(wish.words) or "none")
    return run.say("known-error", words=" ".join(wish.words) or "-", title=wish.title or "-")


def _values(command: Command) -> list[str]:
    """Return the values, a quoted title joined to its name again."""
    head, equals, rest = command.rest.partition('="')
    if not equals:
        return list(command.values)
    title, _, after = rest.partition('"')
    *before, name = head.split()
    return [*before, f"{name}={title}", *after.split()]


def _require_problem(run: Run) -> None:
    if not TYPES[run.case.ticket.type].is_cause:
        raise Refused(run.say("not-problem"))


HANDLERS = {"announce": _announce, "workaround": _workaround, "known-error": _known_error}
