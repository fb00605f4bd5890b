"""An agent wrote to the batch mailbox: each line by itself, all or nothing on its tickets; one transcript."""

from dataclasses import replace

from maild.base.text import plain
from maild.base.words import EntryState
from maild.desk.bench import Bench, Case
from maild.desk.commands import ask, away, digest, report, shelf
from maild.desk.commands.batch import TICKETS_MAX, BatchLine, named_tickets, read_batch, wants_code
from maild.desk.commands.listing import NAMES
from maild.desk.commands.model import Block, Command, Mode, Outcome
from maild.desk.commands.phrases import say
from maild.desk.commands.run import asking_for
from maild.desk.commands.running import Asking, Refused
from maild.desk.commands.verbs import Tier
from maild.desk.decide.agent import Answer, act
from maild.desk.decide.codes import ask_code
from maild.desk.model import Mail, Ticket
from maild.desk.notices import Found, InternalFacts
from maild.desk.telling import tell_sender
from maild.message.model import Span

UNCONFIRMED_TICKETS_MAX = 20  # What destroys or widens is also whatever is done to more tickets than that.
# These are about the words of a mail, which a batch has not; `note` and `reply` take theirs from the line.
NOT_HERE = frozenset({"ok", "full", "forwarded", "send-at", "canned", "announce", "end"})
REHEARSAL = "dry-run"
# About no ticket.
ANYWHERE = {**ask.ANYWHERE, **shelf.ANYWHERE, **away.HANDLERS, **digest.HANDLERS, **report.HANDLERS}


def batch_came(bench: Bench, mail: Mail) -> tuple[int | None, EntryState, str]:
    """Work through a mail to the batch mailbox; what a requester writes there is kept aside and not answered."""
    if mail.agent is None or not (mail.agent_proved or mail.confirmed):
        return None, EntryState.QUARANTINED, f"control-not-agent: {mail.message.author.key or 'nobody'} is no agent"
    lines = read_batch(mail.message.new_text, bench.settings.desk.prefix)
    there = _tickets_worked_on(bench, lines)
    rehearsal = any(line.verb is not None and line.verb.word == REHEARSAL for line in lines)
    if not (mail.confirmed or mail.signed) and not rehearsal:
        reasons = wants_code(lines)
        asking = asking_for(bench, mail.agent)
        if len(there) > UNCONFIRMED_TICKETS_MAX:
            reasons.append(asking.say("batch-many", count=len(there)))
        if reasons:
            return (None, *ask_code(bench, mail, None, reasons))
    return _work(bench, mail, lines, rehearsal=rehearsal)


def _tickets_worked_on(bench: Bench, lines: tuple[BatchLine, ...]) -> set[int]:
    working = tuple(line for line in lines if line.verb is not None and line.verb.tier is not Tier.READS)
    return set(named_tickets(working, bench.settings.desk.prefix)) & bench.snapshot.tickets.keys()


def _work(
    bench: Bench, mail: Mail, lines: tuple[BatchLine, ...], *, rehearsal: bool
) -> tuple[int | None, EntryState, str]:
    assert mail.agent is not None
    asking = asking_for(bench, mail.agent)
    said: list[tuple[str, str | Found]] = []
    guard, failed, done = "", 0, 0
    for line in lines:
        if line.limit is not None:
            guard = line.limit
            continue
        if line.verb is not None and line.verb.word == REHEARSAL:
            continue
        done += 1
        try:
            said += _one(bench, mail, line, guard, rehearsal=rehearsal)
        except Refused as refused:
            failed += 1
            said.append((line.line, asking.say("batch-failed", reason=refused.reason)))
    summary = asking.say("batch-sum", failed=failed, count=done) if done else asking.say("batch-empty")
    facts = InternalFacts(lines=(("", summary), *said), reason=REHEARSAL if rehearsal else "")
    tell_sender(None, bench, "transcript", mail.agent, facts, mail)
    return None, EntryState.APPLIED, f"batch: {failed} of {done} failed"


def _one(bench: Bench, mail: Mail, line: BatchLine, guard: str, *, rehearsal: bool) -> list[tuple[str, str | Found]]:
    """Do one line to all of its tickets, or to none, and return the transcript's lines about it.

    Raises Refused with every reason why not.
    """
    assert mail.agent is not None
    asking = asking_for(bench, mail.agent)
    if line.problem or line.command is None:
        nearest = asking.say("nearest", near=line.nearest) if line.nearest else ""
        raise Refused(asking.say(line.problem or "batch-no-verb", verb=line.word) + nearest)
    if line.target is None:
        return [(line.line, _question(bench, mail.agent, line.command, rehearsal=rehearsal))]
    trial = bench.trial()
    answers, faults = list[tuple[str, str | Found]](), list[str]()
    for ticket in _targets(asking, line, guard):
        case = trial.case(ticket)
        outcome = _command(trial, case, mail, line.command)
        faults += [f"{case.key}: {fault.reason}" for fault in outcome.faults]
        answers += [(case.key, became) for _, became in outcome.lines]
    if faults:
        raise Refused("; ".join(faults))
    if not rehearsal:
        bench.adopt(trial)
    return _told(line.line, answers)


def _told(line: str, answers: list[tuple[str, str | Found]]) -> list[tuple[str, str | Found]]:
    """Return what became of a line on its tickets: below it where that is words, else each ticket by itself."""
    words = [f"{key}: {became}" if became else key for key, became in answers if isinstance(became, str)]
    return [(line, "\n".join(words)), *((key, found) for key, found in answers if isinstance(found, Found))]


def _question(bench: Bench, agent: str, command: Command, *, rehearsal: bool) -> str | Found:
    """Answer or do what is about no ticket."""
    trial = bench.trial()
    asking = asking_for(trial, agent)
    handler = ANYWHERE.get(command.verb)
    if handler is None:
        raise Refused(asking.say("batch-ticket", verb=command.verb))
    said = handler(asking, command)
    if not rehearsal:
        bench.adopt(trial)
    return said


def _targets(asking: Asking, line: BatchLine, guard: str) -> list[Ticket]:
    """Return the tickets of a line where they live now, each once; raises Refused when one is not there or guarded."""
    bench, target = asking.bench, line.target
    assert target is not None
    key = bench.key
    if len(target.numbers) > TICKETS_MAX:
        raise Refused(asking.say("batch-many", count=len(target.numbers)))
    found = {n: bench.snapshot.tickets[n] for n in target.numbers if n in bench.snapshot.tickets}
    if target.ranged:
        # A range takes what is there; what was merged away is not in it.
        found = {n: ticket for n, ticket in found.items() if ticket.number == n}
    missing = [key(n) for n in target.numbers if n not in found]
    if missing and (not target.ranged or not found):
        raise Refused(asking.say("no-ticket", key=", ".join(missing[:3])))
    tickets = list({ticket.number: ticket for ticket in found.values()}.values())
    outside = [key(t.number) for t in tickets if not _within(asking, t, guard)]
    if outside:
        raise Refused(asking.say("batch-limit", limit=guard, keys=", ".join(outside)))
    return tickets


def _within(asking: Asking, ticket: Ticket, guard: str) -> bool:
    """Tell whether a ticket meets every `name=value` of a guard; raises Refused for one that means nothing."""
    for word in guard.split():
        name, _, value = word.partition("=")
        attribute = NAMES.get(plain(name))
        if attribute is None or not value:
            raise Refused(asking.say("no-query", text=word))
        has = ticket.tags if attribute == "tag" else (str(getattr(ticket, attribute) or ""),)
        local = {each.partition("@")[0] for each in has} | set(has)
        if not {plain(each) for each in local} & {plain(each) for each in value.split(",")}:
            return False
    return True


def _command(trial: Bench, case: Case, mail: Mail, command: Command) -> Outcome:
    """Run one command on one ticket; `note` and `reply` take the rest of their line as words."""
    text, mode = "", Mode.NOTE
    if command.verb in {"note", "reply"}:
        text, mode = command.rest.strip(), Mode.PUBLIC if command.verb == "reply" else Mode.NOTE
    spans = (Span(0, len(text), "new"),) if text else ()
    message = replace(
        mail.message, subject=case.ticket.subject, text=text, spans=spans, to=(), cc=(), attachments=(), message_id=""
    )
    if command.verb in NOT_HERE or (command.verb in {"note", "reply"} and not text):
        language = asking_for(trial, mail.agent or "").language
        raise Refused(say(language, "batch-not-here", verb=command.verb))
    outcome, worked = act(
        case, replace(mail, message=message), Block((command,), (), text), Answer(mode, "reply", silent=True)
    )
    if not outcome.faults:
        trial.adopt(worked)
    return outcome
