"""An agent wrote to a ticket: his commands are run, his words are sent or noted, all or nothing."""

from dataclasses import dataclass, replace

from maild.base.words import Direction, EntryState, Purpose, Status
from maild.desk.bench import Bench, Case
from maild.desk.commands.model import Block, Fault, Mode, Outcome
from maild.desk.commands.parse import parse_block
from maild.desk.commands.phrases import say
from maild.desk.commands.run import asking_for, run_block
from maild.desk.commands.running import ADDRESS
from maild.desk.commands.verbs import only_asks
from maild.desk.decide.answer import keep_draft, send_words, take_note
from maild.desk.decide.codes import ask_code
from maild.desk.decide.drafts import came_with, latest_draft, take_draft
from maild.desk.decide.family import announce, in_her_language, keep_workaround, resolve_children
from maild.desk.decide.leaving import leaving_word
from maild.desk.decide.opening import open_for
from maild.desk.decide.remembering import remember_block
from maild.desk.decide.supplier import ask_suppliers
from maild.desk.decide.words import Words, not_before, whole_text
from maild.desk.lifecycle import TYPES
from maild.desk.model import Mail, Post
from maild.desk.notices import InternalFacts
from maild.desk.people import language_of, name_of
from maild.desk.telling import tell_sender
from maild.message.model import Forwarded, Span
from maild.message.signatures import names_alone


@dataclass(frozen=True, slots=True)
class Answer:
    """How an agent's mail is meant before its commands are looked at."""

    mode: Mode
    phrase: str  # why, as the transcript says it
    silent: bool = False  # no transcript: whoever asks for it reports what came of it
    by_mail: bool = True  # False: at the shell, where nothing needs to be confirmed
    internal: bool = False  # it answers a mail for agents alone: nobody comes on copy by it
    has_it: bool = False  # the requester stood in To or Cc of this very mail: she has the words already


def agent_wrote(case: Case, mail: Mail) -> tuple[EntryState, str]:
    """Do what an agent's mail says, and return what becomes of its entry.

    On any fault nothing is done or sent and his words are kept as a draft. What cannot easily be taken back waits for
    a code.
    """
    assert mail.agent is not None
    words = mail.message.new_text or leaving_word(mail, by_token=False)
    block = _block(case.bench, mail, words)
    answer = _meant(case, mail)
    outcome, trial = act(case, mail, block, answer)
    if outcome.faults:
        _refuse(case, mail, block, outcome.faults, answer)
    elif outcome.dry_run:
        tell_sender(case, case.bench, "transcript", mail.agent, _transcript(case, outcome, "dry-run"))
    elif outcome.destroys and not (mail.confirmed or mail.signed):
        return ask_code(case.bench, mail, case, outcome.destroys)
    else:
        adopt(case, trial)
    return EntryState.APPLIED, f"{mail.match.rule}: {mail.match.because}"


def _block(bench: Bench, mail: Mail, text: str) -> Block:
    """Read commands and words; below commands his name alone, or "Regards" and his name, are no words."""
    assert mail.agent is not None
    block = parse_block(text, language_of(bench, mail.agent))
    names = (name_of(bench, mail.agent), mail.message.author.name)
    if (block.commands or block.faults) and names_alone(block.text, names):
        return replace(block, text="")
    return block


def agent_forwarded(bench: Bench, mail: Mail) -> tuple[int | None, EntryState, str] | None:
    """Open the ticket of whoever wrote the mail that an agent forwards with `#forwarded`; None when he does not.

    His other commands are run on it, and his words above the forward become a note.
    """
    if mail.agent is None or not (mail.agent_proved or mail.confirmed) or not mail.queues:
        return None
    inner, language = mail.message.forwarded, language_of(bench, mail.agent)
    block = _block(bench, mail, inner.comment if inner is not None else mail.message.new_text)
    if not any(c.verb == "forwarded" for c in block.commands):
        return None
    if inner is None or not ADDRESS.fullmatch(inner.from_.key) or bench.settings.is_own(inner.from_.key):
        return _not_forwarded(bench, mail, [("#forwarded", say(language, "no-forward"))])
    trial = bench.trial()
    case = open_for(trial, _as_written(mail, inner), by=mail.agent)
    rest = replace(block, commands=tuple(c for c in block.commands if c.verb != "forwarded"))
    outcome, worked = act(case, mail, rest, Answer(Mode.NOTE, "kept-internal", silent=True))
    outcome.lines.insert(0, ("#forwarded", say(language, "forwarded", who=inner.from_.key)))
    if outcome.faults:
        return _not_forwarded(bench, mail, [(f.line, _said(f, language_of(bench, mail.agent))) for f in outcome.faults])
    if outcome.destroys and not (mail.confirmed or mail.signed):
        return (None, *ask_code(bench, mail, None, outcome.destroys))
    trial.adopt(worked)
    bench.adopt(trial)
    tell_sender(case, bench, "transcript", mail.agent, _transcript(case, outcome, ""))
    return case.ticket.number, EntryState.APPLIED, f"{mail.agent} forwarded a mail of {inner.from_.key}"


def _not_forwarded(bench: Bench, mail: Mail, lines: list[tuple[str, str]]) -> tuple[None, EntryState, str]:
    assert mail.agent is not None
    facts = InternalFacts(lines=tuple(lines), reason="fault")
    tell_sender(None, bench, "transcript", mail.agent, facts, mail)
    return None, EntryState.QUARANTINED, f"commands-refused: {'; '.join(said for _, said in lines)}"


def _as_written(mail: Mail, inner: Forwarded) -> Mail:
    """Return the forwarded mail as if its author had sent it to the queue himself."""
    spans = (Span(0, len(inner.text), "new"),) if inner.text else ()
    message = replace(
        mail.message, from_=(inner.from_,), subject=inner.subject, text=inner.text, spans=spans, to=(), cc=()
    )
    return replace(mail, message=message, agent=None)


def act(case: Case, mail: Mail, block: Block, answer: Answer) -> tuple[Outcome, Bench]:
    """Do everything on a bench of its own, which whoever calls adopts, or throws away when there are faults."""
    bench = case.bench
    trial = bench.trial()
    outcome = Outcome(faults=list(block.faults), lines=[])
    if not outcome.faults:
        assert mail.agent is not None
        run_block(trial.case(case.ticket), mail, block, outcome, by_mail=answer.by_mail)
    if not outcome.faults:
        _say_words(trial.case(case.ticket), mail, block, outcome, answer)
    if not outcome.faults and answer.by_mail:
        remember_block(case, trial, mail.agent or "", block)
    return outcome, trial


def _say_words(case: Case, mail: Mail, block: Block, outcome: Outcome, answer: Answer) -> None:
    assert mail.agent is not None
    text = block.text
    if outcome.full and text:
        text = whole_text(mail.message, block.head)
    words = Words(mail, text, outcome, already_there=answer.has_it, joins=not answer.internal)
    if text and outcome.release_draft:
        said = next(command for command in block.commands if command.verb == "ok")
        reason = say(language_of(case.bench, mail.agent), "ok-alone")
        outcome.faults.append(Fault(said.line, said.number, reason))
        return
    draft = _released(case, mail, block, outcome) if not text else None
    if draft is not None:
        take_draft(case, draft, f"sent anew by {mail.agent}")
        words, answer = _with_draft(words, answer, draft)
    words = replace(words, text=outcome.around(words.text))
    mode = outcome.mode or answer.mode
    fault = _speak(case, words, mode)
    if fault is not None:
        outcome.faults.append(fault)
        return
    waits = not_before(case, outcome)
    if mode is Mode.PUBLIC and words.text and not words.already_there and waits is not None and not outcome.send_at:
        asking = asking_for(case.bench, mail.agent)
        outcome.lines.append(("", asking.say("waits", when=asking.shown(waits))))
    if outcome.status is Status.RESOLVED:
        resolve_children(case, words if mode is Mode.PUBLIC else replace(words, text=""))
    if not answer.silent:
        _report(case, mail, block, outcome, answer)


def _released(case: Case, mail: Mail, block: Block, outcome: Outcome) -> Post | None:
    """Return the draft that is sent now: by `#ok`, or by corrected commands in answer to its own transcript.

    Who only asks something, or takes something back, sends nothing by it.
    """
    draft = latest_draft(case, mail.agent or "")
    if draft is None or outcome.release_draft:
        return draft
    changes = any(not only_asks(command.verb) for command in block.commands)
    back = any(command.verb in {"cancel", "undo"} for command in block.commands)
    return draft if changes and not back and came_with(draft, case.bench.snapshot.reported) else None


def _with_draft(words: Words, answer: Answer, draft: Post) -> tuple[Words, Answer]:
    """Return the words that were kept in place of the answer's own, meant for whom they were meant."""
    mode = Mode.PUBLIC if draft.direction is Direction.OUT else Mode.NOTE
    return replace(words, text=draft.new_text, draft=draft), replace(answer, mode=mode)


def _speak(case: Case, words: Words, mode: Mode) -> Fault | None:
    if mode is Mode.SUPPLIER:
        return ask_suppliers(case, words) or _tell_state(case, words)
    if mode is Mode.NOTE:
        take_note(case, words)
        return _tell_state(case, words)
    if mode is Mode.ANNOUNCEMENT:
        return announce(case, words) or _tell_state(case, words)
    if mode is Mode.WORKAROUND:
        return keep_workaround(case, words) or _tell_state(case, words)
    return send_words(case, in_her_language(case, words) if TYPES[case.ticket.type].is_cause else words)


def _tell_state(case: Case, words: Words) -> Fault | None:
    """Tell the requester of a state that was given beside words which are not for her."""
    return send_words(case, replace(words, text="")) if words.outcome.status is not None else None


def _meant(case: Case, mail: Mail) -> Answer:
    """Read from the token, or from our Message-ID that he answered, where his words go."""
    token = mail.match.token
    if token is not None and token.purpose is Purpose.PUBLIC:
        return Answer(Mode.PUBLIC, "reply")
    if token is not None and token.purpose in {Purpose.INTERNAL, Purpose.CONTROL}:
        return Answer(Mode.NOTE, "kept-internal", internal=True)
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
    noted = bool(outcome.around(block.text)) and answer.mode is Mode.NOTE and outcome.mode is None
    if noted or (answer.has_it and block.text):
        outcome.lines.append(("", say(language, answer.phrase)))
    named = _named_only(case, mail) if answer.internal and block.text else []
    if named:
        outcome.lines.append(("", say(language, "named-only", who=", ".join(named))))
    if outcome.lines and (wants_all or outcome.questions or outcome.destroys or noted or answer.has_it or named):
        tell_sender(case, case.bench, "transcript", mail.agent, _transcript(case, outcome, ""))


def _named_only(case: Case, mail: Mail) -> list[str]:
    """Return who stands in To or Cc of an answer to an internal mail, and takes no part in the ticket."""
    settings, ticket = case.bench.settings, case.ticket
    known = {ticket.requester, *(p.address for p in ticket.participants)}
    there = dict.fromkeys(a.key for a in (*mail.message.to, *mail.message.cc) if "@" in a.key)
    return [a for a in there if a not in known and not settings.is_own(a) and settings.agent_for(a) is None]


def _transcript(case: Case, outcome: Outcome, reason: str) -> InternalFacts:
    return InternalFacts(ticket=case.ticket, lines=tuple(outcome.lines), reason=reason, readings=case.readings())


def _refuse(case: Case, mail: Mail, block: Block, faults: list[Fault], answer: Answer) -> None:
    """Apply nothing, send nothing, keep the words as a draft, and say what is wrong line by line."""
    assert mail.agent is not None
    language = language_of(case.bench, mail.agent)
    reasons = {f.number: _said(f, language) for f in faults}
    lines = [(c.line, reasons.get(c.number, "")) for c in block.commands]
    lines += [(f.line, _said(f, language)) for f in faults if f.number not in {c.number for c in block.commands}]
    words = _kept(case, mail, block, answer)
    case.event(mail.agent, "commands-refused", "; ".join(f"{f.line}: {_said(f, language)}" for f in faults))
    facts = InternalFacts(ticket=case.ticket, lines=tuple(lines), words=words, draft=bool(words), reason="fault")
    tell_sender(case, case.bench, "transcript", mail.agent, facts)


def _kept(case: Case, mail: Mail, block: Block, answer: Answer) -> str:
    """Keep the words of a refused mail as a draft, and return them; "" when there are none.

    What answers the transcript of a draft and is refused again keeps that draft, with the new transcript.
    """
    words = Words(mail, block.text, Outcome([], []))
    draft = None if block.text else latest_draft(case, mail.agent or "")
    if draft is not None and came_with(draft, case.bench.snapshot.reported):
        take_draft(case, draft, f"kept anew with {mail.entry}")
        words, answer = _with_draft(words, answer, draft)
    if words.text:
        given = [c.verb for c in block.commands if c.verb in {"note", "reply", "supplier"}]
        public = given[-1] == "reply" if given else answer.mode is Mode.PUBLIC
        keep_draft(case, words, public=public)
    return words.text


def _said(fault: Fault, language: str) -> str:
    nearest = say(language, "nearest", near=f"#{fault.nearest}") if fault.nearest else ""
    return fault.reason + nearest


def adopt(case: Case, trial: Bench) -> None:
    """Take over what the trial did."""
    case.bench.adopt(trial)
