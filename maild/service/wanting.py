"""What the decision on a mail has to know: read from the mail before the store is asked."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from maild.base.keys import read_key
from maild.base.words import Purpose
from maild.desk.commands.batch import TICKETS_MAX, named_tickets, read_batch
from maild.desk.commands.listing import query_key, query_of
from maild.desk.commands.model import Block, Command
from maild.desk.commands.parse import parse_block
from maild.desk.commands.verbs import find_verb
from maild.desk.equals import fingerprint
from maild.desk.model import Mail, Query
from maild.desk.reporting import ReportWish, wish_of
from maild.message.model import Report
from maild.proof.codes import find_code, hash_code
from maild.proof.model import Token
from maild.settings.model import Settings
from maild.store.model import Asked

PEOPLE_MAX = 200  # As many addresses as a mail may name, twice.
NEW_TICKETS_MAX = 20  # One mail opens at most so many, one a queue.
FOR_CHILDREN = frozenset({"announce", "resolve", "type", "field"})  # what reaches its children, or depends on them


def asked_of(mail: Mail, report_ids: tuple[Token, ...], settings: Settings) -> Asked:
    """Return what the snapshot for this mail must hold."""
    block, batch, offshoots = _commands(mail, settings)
    reported = _reported(mail, report_ids, block)
    agent, verbs = mail.agent or "", {command.verb for command in block.commands}
    asked = Asked(
        ticket=mail.match.ticket,
        tickets=(*_named_tickets(mail, block, settings), *batch),
        people=tuple(_people(mail, block, settings))[:PEOPLE_MAX],
        # A closed ticket makes a linked new one, so a number is ready in any case.
        new_numbers=min(max(len(mail.queues), 1), NEW_TICKETS_MAX) + offshoots,
        also=tuple(sorted(mail.addresses)),
        canonical_subject=mail.canonical_subject,
        queue=mail.queues[0] if mail.queues else "",
        reported_ref=reported.ref if reported is not None else "",
        reported_rcpt_to=_reported_to(mail.message.report) or agent,
        code_hash=_code_hash(mail),
        agent=agent,
        children=not verbs.isdisjoint(FOR_CHILDREN),
        parents="parent" in verbs,
        lists=tuple(_lists(block, agent, settings)),
        reports=tuple(_reports(block, mail, settings)) if mail.agent_proved or mail.confirmed else (),
    )
    return asked if mail.match.ticket is not None else _with_doubles(asked, mail)


def _with_doubles(asked: Asked, mail: Mail) -> Asked:
    """Return what is asked for a mail on no ticket: also what tells whether it is one that came before."""
    return replace(
        asked,
        requester="" if mail.finding.automatic else mail.message.author.key,
        fingerprint=fingerprint(mail) if mail.queues else "",
        content_hash=mail.message.content_hash,
        message_id=mail.message.message_id,
    )


def _people(mail: Mail, block: Block, settings: Settings) -> dict[str, None]:
    """Return whom the mail and its commands name, each once, in order."""
    message = mail.message
    people = dict.fromkeys(a.key for a in (*message.from_, *message.to, *message.cc) if a.address)
    people.update(dict.fromkeys((*sorted(mail.addresses), *_named_people(block))))
    if message.forwarded is not None and mail.agent is not None:
        people[message.forwarded.from_.key] = None
    if any(c.verb == "ask-approval" for c in block.commands):
        people.update(dict.fromkeys(_policies_people(settings)))
    return people


def _reported(mail: Mail, report_ids: tuple[Token, ...], block: Block) -> Token | None:
    """Return the token of the mail of ours that this one reports on, or answers where that matters."""
    answered = mail.match.token if _wants_what_it_answers(mail, block) else None
    return next((token for token in (*report_ids, answered) if token is not None and token.ref), None)


def _code_hash(mail: Mail) -> str:
    code = find_code(mail.message.new_text) if mail.agent is not None else None
    return hash_code(code) if code else ""


def _wants_what_it_answers(mail: Mail, block: Block) -> bool:
    """Tell whether the decision looks at our mail that was answered: which message, request or draft is meant."""
    token = mail.match.token
    one_is_meant = token is not None and token.purpose in {Purpose.APPROVER, Purpose.CONTROL}
    return one_is_meant or any(c.verb == "split" for c in block.commands)


def _policies_people(settings: Settings) -> Iterator[str]:
    """Yield the addresses that policies of approval name."""
    for policy in settings.approval:
        for step in policy.steps:
            yield from (who for who in step.approvers if "@" in who)


def _reported_to(report: Report | None) -> str:
    if report is None:
        return ""
    return next((r.address.lower() for r in report.recipients if r.address), report.original_rcpt_to.lower())


def _commands(mail: Mail, settings: Settings) -> tuple[Block, tuple[int, ...], int]:
    """Return an agent's commands, the tickets that a batch of them is about, and how many tickets they open."""
    message = mail.message
    if mail.agent is None:
        return Block((), (), ""), (), 0
    if mail.to_control:
        lines = read_batch(message.new_text, settings.desk.prefix)
        commands = tuple(line.command for line in lines if line.command is not None)
        opened = sum(len(line.target.numbers) for line in lines if line.target and _opens(line.command))
        return Block(commands, (), ""), named_tickets(lines, settings.desk.prefix)[: TICKETS_MAX + 1], opened
    block = parse_block(message.forwarded.comment if message.forwarded is not None else message.new_text)
    return block, (), sum(map(_opens, block.commands))


def _opens(command: Command | None) -> bool:
    return command is not None and command.verb in {"split", "child"}


def _lists(block: Block, agent: str, settings: Settings) -> Iterator[tuple[str, Query]]:
    """Yield the lists that are asked for; what means nothing is answered when the command is run."""
    for command in block.commands:
        if command.verb in {"mine", "list"}:
            with suppress(ValueError):
                yield query_key(command), query_of(command, agent, settings)


def _reports(block: Block, mail: Mail, settings: Settings) -> Iterator[tuple[str, ReportWish]]:
    """Yield the reports that a proved agent asks for; what means none is answered when the command is run."""
    for command in block.commands:
        if command.verb == "report" and mail.agent is not None:
            with suppress(ValueError):
                yield query_key(command), wish_of(command.values, mail.agent, settings, mail.envelope.received_at)


def _named_people(block: Block) -> Iterator[str]:
    """Yield the addresses that commands name."""
    for value in (value for command in block.commands for value in command.values):
        if "@" in value:
            yield value.lstrip("+-").strip(",<>").lower()


def _named_tickets(mail: Mail, block: Block, settings: Settings) -> tuple[int, ...]:
    """Return the tickets that a stranger's key or an agent's commands name."""
    numbers = dict.fromkeys(mail.match.mentions)
    for command in block.commands:
        verb = find_verb(command.verb)
        if verb is not None and "N" in verb.values:
            found = (read_key(value, settings.desk.prefix) for value in command.values)
            numbers.update(dict.fromkeys(n for n in found if n is not None))
    return tuple(numbers)
