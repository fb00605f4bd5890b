"""Verbs about the words of an answer: note, reply, lang, send-at, cancel, full, forwarded, ok, dry-run."""

from dataclasses import replace

from maild.base.instants import to_text
from maild.desk.commands.model import Command, Mode
from maild.desk.commands.running import Refused, Run
from maild.desk.decide.drafts import cancel_words, latest_draft
from maild.desk.effects import RememberPerson


def _note(run: Run, _: Command) -> str:
    run.outcome.mode = Mode.NOTE
    return run.say("note")


def _reply(run: Run, _: Command) -> str:
    run.outcome.mode = Mode.PUBLIC
    return run.say("reply")


def _lang(run: Run, command: Command) -> str:
    language, known = run.value(command).lower(), run.case.bench.settings.languages
    if language not in known:
        raise Refused(run.say("no-language", text=language, known=", ".join(known)))
    set_language(run, language)
    return run.say("lang", language=language)


def set_language(run: Run, language: str) -> None:
    """Write to this ticket's requester in another language from now on."""
    bench, ticket = run.case.bench, run.case.ticket
    run.case.change(language=language)
    run.case.event(run.agent, "language", language)
    person = replace(bench.person(ticket.requester), language=language)
    bench.effects.append(RememberPerson(person))
    run.outcome.language = language


def _send_at(run: Run, command: Command) -> str:
    run.value(command)
    when = run.when(command.whole)
    run.outcome.send_at = to_text(when) or ""
    return run.say("send-at", when=run.shown(when))


def _cancel(run: Run, _: Command) -> str:
    count = cancel_words(run.case, run.agent)
    if not count:
        raise Refused(run.say("nothing-waits"))
    return run.say("cancelled", count=count)


def _full(run: Run, _: Command) -> str:
    run.outcome.full = True
    return run.say("full")


def _ok(run: Run, command: Command) -> str:
    if command.rest:
        raise Refused(run.say("no-code"))  # a good one never comes this far
    if latest_draft(run.case, run.agent) is None:
        raise Refused(run.say("no-draft"))
    run.outcome.release_draft = True
    return run.say("draft-sent")


def _dry_run(run: Run, _: Command) -> str:
    run.outcome.dry_run = True
    return run.say("dry-run")


def _forwarded(run: Run, _: Command) -> str:
    """Only a forward to a queue opens a ticket; it is taken before its commands are run."""
    raise Refused(run.say("forwarded-new"))


HANDLERS = {
    "note": _note,
    "reply": _reply,
    "lang": _lang,
    "send-at": _send_at,
    "cancel": _cancel,
    "full": _full,
    "forwarded": _forwarded,
    "ok": _ok,
    "dry-run": _dry_run,
}
