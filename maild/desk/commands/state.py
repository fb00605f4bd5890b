"""Verbs of state: open, pending, hold, resolve, close, reopen, spam, duplicate, snooze."""

from datetime import datetime

from maild.base.instants import to_text
from maild.base.text import plain
from maild.base.words import LinkKind, Status
from maild.desk.commands.model import Command
from maild.desk.commands.running import Refused, Run
from maild.desk.commands.spanish import CODES_ES, codes_in
from maild.desk.decide.approval import missing_approval
from maild.desk.decide.family import unfinished_tasks, wants_code
from maild.desk.lifecycle import Act
from maild.desk.people import workers_of
from maild.desk.telling import tell_agents


def _until(run: Run, command: Command) -> datetime | None:
    rest = command.whole.removeprefix("until ").removeprefix("hasta ")
    return run.when(rest) if rest else None


def _open(run: Run, _: Command) -> str:
    return run.act(Act.OPEN)


def _pending(run: Run, command: Command) -> str:
    return run.act(Act.PENDING, until=_until(run, command))


def _hold(run: Run, command: Command) -> str:
    return run.act(Act.HOLD, until=_until(run, command))


def _resolve(run: Run, command: Command) -> str:
    policy = missing_approval(run.case)
    if policy:
        raise Refused(run.say("needs-approval", policy=policy, type=str(run.case.ticket.type)))
    if tasks := unfinished_tasks(run.case):
        raise Refused(run.say("open-tasks", keys=", ".join(run.bench.key(task.number) for task in tasks)))
    code = _code(run, command.whole)
    if run.by_mail and wants_code(run.case):
        run.outcome.destroys.append(command.line)
    said = run.act(Act.RESOLVE)
    if code:
        run.case.change(resolution_code=code)
        run.case.event(run.agent, "resolution-code", code)
    return said


def _code(run: Run, text: str) -> str:
    """Return the resolution code that is meant, by the list of the ticket's type; "" when none is given."""
    known = run.bench.settings.resolution.codes_of(run.case.ticket.type)
    if not text or not known:
        return text
    word = plain(text)
    by_word = {plain(code): code for code in known}
    code = by_word.get(word) or by_word.get(CODES_ES.get(word, ""))
    if code is None:
        raise Refused(run.say("no-resolution", text=text, known=codes_in(run.language, known)))
    return code


def _close(run: Run, _: Command) -> str:
    return run.act(Act.CLOSE)


def _reopen(run: Run, _: Command) -> str:
    said = run.act(Act.REOPEN)
    ticket = run.case.ticket
    told = workers_of(run.case.bench, ticket)
    tell_agents(run.case, "reopened", told, but=run.agent, reason=f"by {run.agent}")
    return said


def _spam(run: Run, _: Command) -> str:
    run.case.set_status(run.agent, Status.SPAM, "#spam")
    run.outcome.status = Status.SPAM
    return run.say("spam")


def _duplicate(run: Run, command: Command) -> str:
    other = run.ticket(run.value(command))
    run.act(Act.CLOSE)
    run.case.link(LinkKind.DUPLICATE, other.number)
    key = run.case.bench.key(other.number)
    run.case.event(run.agent, "duplicate", f"of {key}")
    run.outcome.duplicate_of = other
    return run.say("duplicate", key=key)


def _until_only(run: Run, command: Command) -> str:
    """Only the shell says `until` by itself: the status stays and waits until then."""
    act = {Status.PENDING: Act.PENDING, Status.ON_HOLD: Act.HOLD}.get(run.case.ticket.status)
    if act is None:
        raise Refused(run.say("not-allowed", status=str(run.case.ticket.status)))
    return run.act(act, until=_until(run, command))


def _snooze(run: Run, command: Command) -> str:
    run.value(command)
    when = run.when(command.whole)
    run.case.change(snoozed_until=when)
    run.case.event(run.agent, "snoozed", f"until {to_text(when)}")
    return run.say("snooze", when=run.shown(when))


HANDLERS = {
    "open": _open,
    "pending": _pending,
    "hold": _hold,
    "resolve": _resolve,
    "close": _close,
    "reopen": _reopen,
    "spam": _spam,
    "duplicate": _duplicate,
    "snooze": _snooze,
    "until": _until_only,
}
