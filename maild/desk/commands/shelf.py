"""Verbs about prepared texts: canned and kb."""

from maild.base.text import plain
from maild.desk.canned import expand, find_canned, nearest_canned
from maild.desk.commands.model import Command
from maild.desk.commands.running import Asking, Refused, Run
from maild.desk.people import name_of

ABOVE = frozenset({"above", "before", "encima", "antes"})


def _canned(run: Run, command: Command) -> str:
    """Put a canned text below the agent's own words, or above them; without a name, list what there is."""
    canned = run.bench.snapshot.canned
    if not command.values:
        run.outcome.questions = True
        return canned_names(run)
    name, ticket = command.values[0], run.case.ticket
    languages = (run.outcome.language or ticket.language, *run.bench.settings.languages)
    text = find_canned(canned, name, languages)
    if text is None:
        near = nearest_canned(canned, name)
        raise Refused(run.say("no-canned", name=name) + (run.say("nearest", near=near) if near else ""))
    service = run.bench.settings.service_named(ticket.service) if ticket.service else None
    values = {
        "requester": ticket.requester_name or name_of(run.bench, ticket.requester),
        "key": run.case.key,
        "agent": name_of(run.bench, run.agent),
        "service": service.name if service is not None else "",
    }
    is_above = any(plain(value) in ABOVE for value in command.values[1:])
    (run.outcome.above if is_above else run.outcome.below).append(expand(text, values))
    return run.say("canned", name=plain(name))


def canned_names(asking: Asking) -> str:
    """Return the names of the canned texts, for people."""
    return ", ".join(sorted(asking.bench.snapshot.canned)) or asking.say("none-found")


def _kb(asking: Asking, command: Command) -> str:
    if not command.rest:
        raise asking.missing(command)
    languages = (asking.language, *asking.bench.settings.languages)
    hits = asking.bench.snapshot.knowledge.search(command.rest, languages)
    lines = [f"{hit.article.title} ({hit.article.name}): {hit.article.excerpt}" for hit in hits]
    return "\n".join(lines) or asking.say("none-found")


HANDLERS = {"canned": _canned}
ANYWHERE = {"kb": _kb}
