"""An agent wrote to a ticket: his commands are run, his words are sent or noted, all or nothing."""

from dataclasses import dataclass, replace

from maild.base.words import Direction, Purpose
from maild.desk.bench import Bench, Case
from maild.desk.commands.model import Block, Fault, Mode, Outcome
from maild.desk.commands.parse import parse_block
from maild.desk.commands.phrases import say
from maild.desk.commands.run import run_block
from maild.desk.decide.answer import Words, send_words, take_note
from maild.desk.decide.drafts import latest_draft
from maild.desk.effects import MarkPost
from maild.desk.model import Mail
from maild.desk.notices import InternalFacts
from maild.desk.people import language_of
from maild.desk.posting import post_of
from maild.desk.telling import tell_sender


@dataclass(frozen=True, slots=True)
class Answer:
    """How an agent's mail is meant before its commands are looked at."""

    mode: Mode
    phrase: str  # why, as the transcript says it
    has_it: bool = False  # the requester stood in To or Cc of this very mail: she has the words already


def agent_wrote(case: Case, mail: Mail) -> None:
    """Do what an agent's mail says. On any fault nothing is done or sent and his words are kept as a draft."""
    assert mail.agent is not None
    block = parse_block(mail.message.new_text, language_of(case.bench, mail.agent))
    bench = case.bench
    trial = Bench(bench.stimulus, bench.snapshot, bench.settings, bench.slas, bench.now, bench.at)
    outcome = _try(trial.case(case.ticket), mail, block)
    if outcome.faults:
        _refuse(case, mail, block, outcome.faults)
    elif outcome.dry_run:
        tell_sender(case, bench, "transcript", mail.agent, _transcript(case, outcome, "dry run: nothing was done"))
    else:
        _adopt(case, trial)


def _try(case: Case, mail: Mail, block: Block) -> Outcome:
    """Do everything on a bench of its own; whoever called throws it away when the outcome has faults."""
    assert mail.agent is not None
    outcome = Outcome(faults=list(block.faults), lines=[])
    if outcome.faults:
        return outcome
    answer = _meant(case, mail)
    run_block(case, mail, block, outcome)
    if outcome.faults:
        return outcome
    text = block.text if outcome.text is None else outcome.text
    if outcome.full and text:
        text = mail.message.text
    words = Words(mail, text, outcome, already_there=answer.has_it)
    mode = outcome.mode or answer.mode
    fault = _speak(case, words, mode)
    if fault is not None:
        outcome.faults.append(fault)
        return outcome
    if outcome.release_draft:
        _release_draft(case, mail)
    _report(case, mail, block, outcome, answer)
    return outcome


def _speak(case: Case, words: Words, mode: Mode) -> Fault | None:
    if mode is Mode.NOTE:
        take_note(case, words)
        return send_words(case, replace(words, text="")) if words.outcome.status is not None else None
    return send_words(case, words)


def _meant(case: Case, mail: Mail) -> Answer:
    """Read from the token, or from our Message-ID that he answered, where his words go."""
    token = mail.match.token
    if token is not None and token.purpose is Purpose.PUBLIC:
        return Answer(Mode.PUBLIC, "reply")
    if token is not None and token.purpose in {Purpose.INTERNAL, Purpose.CONTROL}:
        return Answer(Mode.NOTE, "kept-internal")
    there = {a.key for a in (*mail.message.to, *mail.message.cc)}
    if case.ticket.requester in there:
        return Answer(Mode.PUBLIC, "has-it", has_it=True)
    return Answer(Mode.NOTE, "kept-no-token")


def _report(case: Case, mail: Mail, block: Block, outcome: Outcome, answer: Answer) -> None:
    """Send the transcript when one is due."""
    assert mail.agent is not None
    agent = case.bench.settings.agent_for(mail.agent)
    language = language_of(case.bench, mail.agent)
    wants_all = agent is None or agent.transcripts == "all"
    noted = bool(block.text) and answer.mode is Mode.NOTE and outcome.mode is None
    if (noted and not block.commands) or (answer.has_it and block.text):
        outcome.lines.append(("", say(language, answer.phrase)))
    if outcome.lines and (wants_all or outcome.questions or noted or answer.has_it):
        tell_sender(case, case.bench, "transcript", mail.agent, _transcript(case, outcome, ""))


def _transcript(case: Case, outcome: Outcome, reason: str) -> InternalFacts:
    return InternalFacts(ticket=case.ticket, lines=tuple(outcome.lines), reason=reason, readings=case.readings())


def _refuse(case: Case, mail: Mail, block: Block, faults: list[Fault]) -> None:
    """Apply nothing, send nothing, keep the words as a draft, and say what is wrong line by line."""
    assert mail.agent is not None
    reasons = {f.number: f for f in faults}
    lines = [(c.line, "" if c.number not in reasons else _said(reasons[c.number])) for c in block.commands]
    lines += [(f.line, _said(f)) for f in faults if f.number not in {c.number for c in block.commands}]
    kept = bool(block.text)
    if kept:
        case.post(post_of(case, mail, public=False, direction=Direction.NOTE, new_text=block.text, draft=True))
    case.event(mail.agent, "commands-refused", "; ".join(f"{f.line}: {_said(f)}" for f in faults))
    facts = InternalFacts(ticket=case.ticket, lines=tuple(lines), words=block.text, draft=kept, reason="fault")
    tell_sender(case, case.bench, "transcript", mail.agent, facts)


def _said(fault: Fault) -> str:
    return f"{fault.reason}; nearest: {fault.nearest}" if fault.nearest else fault.reason


def _adopt(case: Case, trial: Bench) -> None:
    """Take over what the trial did."""
    bench = case.bench
    bench.effects.extend(trial.effects)
    bench.notices.extend(trial.notices)
    bench.would.extend(trial.would)
    bench.cases.update(trial.cases)
    case.ticket = trial.cases[case.ticket.number].ticket


def _release_draft(case: Case, mail: Mail) -> None:
    """Send the latest text of this agent that was kept as a draft."""
    assert mail.agent is not None
    draft = latest_draft(case, mail.agent)
    if draft is None:
        return
    case.bench.effects.append(MarkPost(draft.id, public=False, draft=False))
    words = Words(mail, draft.new_text, Outcome([], []), draft=draft)
    send_words(case, words)
