"""Judge and thread one read mail against the store, and take the snapshot that its decision looks at."""

from dataclasses import dataclass
from datetime import datetime

from maild.base.values import changed
from maild.base.words import Kind, Purpose
from maild.database.connection import Database
from maild.desk.model import Mail, Snapshot
from maild.journal.model import Entry
from maild.message.model import Message
from maild.proof.codes import hash_code, make_code
from maild.proof.conflict import reply_to_conflict
from maild.proof.judge import agent_token, is_agent_proved, judge, why_signature_fails
from maild.proof.model import Proof, Token
from maild.proof.tokens import Keyring
from maild.service.addressing import as_asked, is_to_control
from maild.service.duties import take_snapshot
from maild.service.office import Office
from maild.service.reading import Reading
from maild.service.wanting import asked_of
from maild.store.candidates import candidates, copies
from maild.store.persons import load_aliases, used_before
from maild.thread.choose import choose
from maild.thread.keys import keys, wanted
from maild.thread.model import Candidates, Keys, Match

WrittenTo = tuple[tuple[str, ...], str]  # the queues in envelope order, and the address that named the first


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who a mail says that it is from, and how far that is believed."""

    proof: Proof
    agent: str | None  # the registered address, when From is an agent's
    proved: bool  # the agent is who he says, by the policy, his signature or a code
    signed: bool = False  # by his own key, freshly, for the first time
    signature: str = ""  # what was found out about his signature


def look_up(
    db: Database,
    entry: Entry,
    reading: Reading,
    written_to: WrittenTo,
    office: Office,
    now: datetime,
    *,
    reserve: bool = True,
) -> tuple[Mail, Snapshot]:
    """Return the mail as the desk decides on it, and what else the decision may look at.

    `reserve`: whether numbers are taken for tickets that it may open; without it nothing is written at all.
    """
    settings, keyring = office.settings, office.keyring
    message = as_asked(reading.message, written_to[0], settings)
    hints = keys(message, entry.envelope, keyring=keyring, settings=settings)
    speaker = _with_signature(db, entry, reading, _speaker(entry, reading, message, hints, office, now))
    addresses = _addresses(db, message, office)
    match = choose(
        hints,
        _candidates(db, hints, entry.id, written_to[0]),
        sender=message.author.key,
        proof=speaker.proof,
        agent=speaker.agent,
        agent_proved=speaker.proved,
        finding=reading.finding,
        keyring=keyring,
        now=now,
        also=addresses,
    )
    mail = _mail(entry, changed(reading, message=message), written_to, speaker, match, office)
    to_control = is_to_control(message, entry.envelope, settings) or _answers_a_list(hints, speaker, keyring)
    mail = changed(mail, canonical_subject=hints.canonical_subject, to_control=to_control, addresses=addresses)
    if match.token is not None and not mail.own_token:
        mail = changed(mail, own_token=any(keyring.belongs_to(match.token, address) for address in addresses))
    asked = asked_of(mail, hints.report_ids, settings)
    if reading.finding.kind is Kind.BOUNCE:
        asked = changed(asked, delivery=_came_back(db, hints.report_ids, office), reported_ref="")
    if not reserve:
        asked = changed(asked, new_numbers=0)
    return mail, take_snapshot(db, asked, office, now)


def _answers_a_list(hints: Keys, speaker: Speaker, keyring: Keyring) -> bool:
    """Tell whether an agent answers a mail of ours to him that is about no one ticket, such as a digest.

    Such an answer is read as the batch mailbox reads: its lines name their tickets.
    """
    agent = speaker.agent
    return agent is not None and any(
        token.ticket == 0 and token.purpose is Purpose.INTERNAL and keyring.belongs_to(token, agent)
        for token in hints.tokens
    )


def _with_signature(db: Database, entry: Entry, reading: Reading, speaker: Speaker) -> Speaker:
    """Return the speaker with what his signature proves: it counts once, whoever sends it again."""
    results = reading.results
    if speaker.agent is None or not results.signature:
        return speaker
    why = why_signature_fails(results, reading.message, entry.envelope, speaker.agent)
    if not why:
        with db.reading() as reader:
            why = "this signature has counted before" if used_before(reader, results.signature_id, entry.id) else ""
    proved = speaker.proved or not why
    return changed(speaker, proved=proved, signed=not why, signature=why or results.signature_because)


def _addresses(db: Database, message: Message, office: Office) -> frozenset[str]:
    """Return all addresses of the person in From; none when From names nobody."""
    if not message.author.address:
        return frozenset()
    author = message.author.key
    with db.reading() as reader:
        linked = load_aliases(reader, office.settings.addresses_of(author, {}))
    return office.settings.addresses_of(author, linked)


def _came_back(db: Database, tokens: tuple[Token, ...], office: Office) -> str:
    """Return the outbox row whose reverse-path a report came back to; "" when to none.

    Message-IDs are known to everyone who got a copy; a copy's reverse-path only to the hosts that carried it.
    """
    with db.reading() as reader:
        for token in tokens:
            if token.purpose is Purpose.ENVELOPE and token.ref:
                for row, rcpt_to in copies(reader, token.ref):
                    if office.keyring.belongs_to(token, rcpt_to):
                        return row
    return ""


def _speaker(entry: Entry, reading: Reading, message: Message, hints: Keys, office: Office, now: datetime) -> Speaker:
    settings, keyring = office.settings, office.keyring
    # The verdict is on the mail as it came, also when a web form's Reply-To asks.
    proof = judge(reading.message, entry.envelope, reading.results)
    if message.author == reading.message.author and message.reply_to:
        proof = changed(proof, conflict=reply_to_conflict(message, settings))
    agent = settings.agent_address(message.author.key) if message.author.address else None
    if agent is None:
        return Speaker(proof, None, proved=False)
    token = agent_token(hints.tokens, agent, keyring, now)
    proved = entry.confirmed or is_agent_proved(proof, token, agent, settings, keyring=keyring, now=now)
    return Speaker(proof, agent, proved)


def _mail(
    entry: Entry, reading: Reading, written_to: WrittenTo, speaker: Speaker, match: Match, office: Office
) -> Mail:
    keyring, message = office.keyring, reading.message
    code = make_code(keyring.secret, entry.id) if speaker.agent is not None else ""
    return Mail(
        entry=entry.id,
        envelope=entry.envelope,
        message=message,
        finding=reading.finding,
        proof=speaker.proof,
        match=match,
        queues=written_to[0],
        address=written_to[1],
        language=reading.language,
        agent=speaker.agent,
        agent_proved=speaker.proved,
        own_token=_is_own(match.token, message.author.key, speaker.agent, keyring),
        confirmed=entry.confirmed,
        signed=speaker.signed,
        signature=speaker.signature,
        signature_id=reading.results.signature_id if speaker.signed else "",
        code=code,
        code_hash=hash_code(code) if code else "",
    )


def _is_own(token: Token | None, author: str, agent: str | None, keyring: Keyring) -> bool:
    """Tell whether a token was made for the sender: under the address he used, or an agent's registered one."""
    return token is not None and any(keyring.belongs_to(token, address) for address in (author, agent or ""))


def _candidates(db: Database, hints: Keys, entry: str, queues: tuple[str, ...]) -> Candidates:
    with db.reading() as reader:
        return candidates(
            reader,
            wanted(hints),
            entry=entry,
            content_hash=hints.content_hash,
            message_id=hints.message_id,
            queues=queues,
        )
