"""Decide what kind a mail is: the tests in their order, the first that holds names the kind, all give evidence."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from maild.base.words import Kind
from maild.message.envelope import Envelope
from maild.message.model import Message
from maild.triage import marks, wording
from maild.triage.model import LOOP_FIELD, Finding, OwnMarks
from maild.triage.roles import local_part

HUMAN_BECAUSE = "nothing marks it as automatic"
_PUNCTUATION = " .!:*_=#>-"
EVIDENCE_CHARACTERS_MAX = 200  # One line of a timeline.


@dataclass(frozen=True, slots=True)
class Mark:
    """One fact: the kind that it speaks for, the fact in words, and its weight."""

    kind: Kind
    fact: str
    points: int = marks.HELD_BACK_AT
    out_of_office: bool = False
    is_words: bool = False  # what a subject or text says never settles it alone: all points are added first


@dataclass(frozen=True, slots=True)
class Facts:
    """What the tests look at: the mail, its envelope, our marks, and the fields by name in lower case."""

    message: Message
    envelope: Envelope
    own: OwnMarks
    fields: dict[str, tuple[str, ...]]

    @property
    def sender(self) -> str:
        """The address in From in lower case; "" without one."""
        return self.message.from_[0].key if self.message.from_ else ""

    def first(self, name: str) -> str:
        """The first value of a field, "" when it is absent."""
        return self.fields.get(name.lower(), ("",))[0]


def classify(message: Message, envelope: Envelope, own: OwnMarks) -> Finding:
    """Return what the mail is. A person is held back only by a decisive mark or by several weak ones together.

    The answer depends on the arguments alone; it never raises.
    """
    facts = Facts(message, envelope, own, _by_name(message))
    found = [mark for test in _TESTS for mark in test(facts)]
    decisive = [mark for mark in found if mark.points >= marks.HELD_BACK_AT and not mark.is_words]
    evidence = tuple(dict.fromkeys(mark.fact for mark in found))
    if decisive:
        kind = _refined(decisive[0].kind, found)
        return Finding(kind, decisive[0].fact, evidence, _is_away(kind, found))
    if _says_no(facts):
        because = "its Auto-Submitted field says no (RFC 3834 section 5)"
        return Finding(Kind.HUMAN, because, evidence, unanswered=_unanswered(facts))
    if sum(mark.points for mark in found) >= marks.HELD_BACK_AT:
        kind = _kind_of(found)
        return Finding(kind, _together(found), evidence, _is_away(kind, found))
    return Finding(Kind.HUMAN, HUMAN_BECAUSE, evidence, unanswered=_unanswered(facts))


def _by_name(message: Message) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for field in message.fields:
        name = field.name.lower()
        found[name] = (*found.get(name, ()), field.value)
    return found


def _refined(kind: Kind, found: list[Mark]) -> Kind:
    """Exchange says "auto-generated" of its out-of-office replies too: then the words tell that it is a reply."""
    words = sum(mark.points for mark in found if mark.is_words and mark.kind is Kind.AUTO_REPLY)
    return Kind.AUTO_REPLY if kind is Kind.AUTO_GENERATED and words >= marks.REPLY_AT else kind


def _kind_of(found: list[Mark]) -> Kind:
    """Of several weak marks the heaviest names the kind; out of office goes before all."""
    if any(mark.out_of_office for mark in found):
        return Kind.AUTO_REPLY
    return max(found, key=lambda mark: mark.points).kind


def _together(found: list[Mark]) -> str:
    heaviest = max(found, key=lambda mark: mark.points)
    alone = heaviest.points >= marks.HELD_BACK_AT
    return heaviest.fact if alone else "several marks of automatic mail together"


def _is_away(kind: Kind, found: list[Mark]) -> bool:
    return kind is Kind.AUTO_REPLY and any(mark.out_of_office for mark in found)


def _says_no(facts: Facts) -> bool:
    return facts.first("Auto-Submitted").split(";")[0].strip().lower() == "no"


def _unanswered(facts: Facts) -> str:
    """Return the field by which a person's mail asks for no automatic answer; "" without one.

    What our own group address has put there says nothing.
    """
    ours = _is_own_list(facts)
    for name, pattern in marks.UNANSWERED_FIELDS.items():
        if ours and not name.startswith("x-auto-"):
            continue
        for value in facts.fields.get(name, ()):
            if pattern.search(value):
                return _fact(name.title(), value)
    return ""


def _loop(facts: Facts) -> Iterator[Mark]:
    """Our own mail that came back."""
    own = facts.own
    if own.loop and any(value.strip() == own.loop for value in facts.fields.get(LOOP_FIELD.lower(), ())):
        yield Mark(Kind.LOOP, f"its {LOOP_FIELD} field is ours")
    if facts.message.message_id and facts.message.message_id in own.is_ours:
        yield Mark(Kind.LOOP, "its Message-ID is one that we signed")
    ours = [address.address for address in facts.message.from_ if own.is_own(address.key)]
    if ours:
        yield Mark(Kind.LOOP, f"it comes from our own address {ours[0]}")


def _report(facts: Facts) -> Iterator[Mark]:
    """Delivery reports (RFC 3464), complaints (RFC 5965) and receipts (RFC 8098), read already."""
    if facts.message.report is not None:
        yield Mark(facts.message.report.kind, _REPORT_WORDS[facts.message.report.kind])


_REPORT_WORDS = {
    Kind.BOUNCE: "it is a delivery report (RFC 3464, or the words of a mail system)",
    Kind.COMPLAINT: "it is a complaint (RFC 5965)",
    Kind.RECEIPT: "it is a receipt (RFC 8098)",
}


def _auto_submitted(facts: Facts) -> Iterator[Mark]:
    """RFC 3834 section 5: any value other than "no"; a keyword that nobody has registered counts too."""
    for value in facts.fields.get("auto-submitted", ()):
        keyword = value.split(";")[0].split("(")[0].strip().lower()
        if keyword in ("", "no"):
            continue
        reply = "repl" in keyword or "vacation" in value.lower()
        yield Mark(
            Kind.AUTO_REPLY if reply else Kind.AUTO_GENERATED,
            _fact("Auto-Submitted", value),
            out_of_office="vacation" in value.lower(),
        )


def _exchange(facts: Facts) -> Iterator[Mark]:
    """Exchange's out of office carries both fields; either of them alone stands in people's mail too."""
    if "all" in facts.first("X-Auto-Response-Suppress").lower() and facts.first("X-MS-Exchange-Inbox-Rules-Loop"):
        yield Mark(Kind.AUTO_REPLY, "Exchange marks it as an out-of-office reply", out_of_office=True)


def _field_marks(facts: Facts) -> Iterator[Mark]:
    """The fields that settle it alone (`marks.FIELD_MARKS`)."""
    ours = _is_own_list(facts)
    for mark in marks.FIELD_MARKS:
        if ours and mark.name.lower() in (*marks.LIST_FIELDS, "precedence", "x-precedence"):
            continue
        for value in facts.fields.get(mark.name.lower(), ()):
            if mark.holds(value):
                yield Mark(mark.kind, _fact(mark.name, value))


def _named_fields(facts: Facts) -> Iterator[Mark]:
    """The fields that programs name after what they do (`marks.AUTOMATIC_FIELD`)."""
    for name, values in facts.fields.items():
        if marks.AUTOMATIC_FIELD.fullmatch(name) and not marks.NO.fullmatch(values[0]):
            kind = Kind.AUTO_GENERATED if "generat" in name else Kind.AUTO_REPLY
            yield Mark(kind, _fact(name, values[0]))


def _is_own_list(facts: Facts) -> bool:
    """A queue behind a group address: the group adds list fields to what people write to us."""
    posts = " ".join((*facts.fields.get("list-post", ()), *facts.fields.get("mailing-list", ()))).lower()
    list_id = facts.first("List-Id").lower()
    if not (posts or list_id):
        return False
    return any(
        re.search(rf"(?<![\w.+-]){re.escape(address)}(?![\w.-])", posts) or f"<{address.replace('@', '.')}>" in list_id
        for address in facts.own.addresses
    )


def _null_path(facts: Facts) -> Iterator[Mark]:
    """RFC 3834 section 2 and RFC 5321 section 4.5.5: what came from the null reverse-path is never answered."""
    if facts.envelope.mail_from == "":
        yield Mark(_unasked(facts), "its reverse-path is null")
    elif facts.envelope.mail_from is None and any(v.strip() == "<>" for v in facts.fields.get("return-path", ())):
        yield Mark(_unasked(facts), "its Return-Path is null")


def _unasked(facts: Facts) -> Kind:
    """An automatic mail that answers something is a reply, any other is generated."""
    answers = bool(facts.message.in_reply_to or facts.message.references)
    asked = any(weight.points >= 2 and weight.pattern.search(facts.message.subject) for weight in wording.SUBJECTS)
    return Kind.AUTO_REPLY if answers or asked else Kind.AUTO_GENERATED


def _senders(facts: Facts) -> Iterator[Mark]:
    """Addresses that no person writes from, and those that people seldom do."""
    for address in dict.fromkeys((facts.sender, (facts.envelope.mail_from or "").lower())):
        local = local_part(address)
        if local and marks.MACHINE_SENDERS.fullmatch(local):
            points = marks.HELD_BACK_AT if address == facts.sender else marks.WEAK_SENDER_POINTS
            yield Mark(Kind.AUTO_GENERATED, f"it comes from {address}", points)
        elif local and address == facts.sender and marks.WEAK_SENDERS.fullmatch(local):
            yield Mark(Kind.AUTO_GENERATED, f"it comes from {address}", marks.WEAK_SENDER_POINTS)


def _sender_name(facts: Facts) -> Iterator[Mark]:
    """A name that says that nobody reads the answers."""
    name = facts.message.from_[0].name if facts.message.from_ else ""
    if marks.MACHINE_NAMES.search(name):
        yield Mark(Kind.AUTO_GENERATED, f"it comes from {name[:80]}", marks.WEAK_SENDER_POINTS)


def _weak_fields(facts: Facts) -> Iterator[Mark]:
    """Fields that people's mail carries too: they count together only (`marks.WEAK_FIELDS`)."""
    for name, weight in marks.WEAK_FIELDS.items():
        value = facts.first(name)
        if value and weight.pattern.search(value) and not (name.startswith("list-") and _is_own_list(facts)):
            kind = Kind.LIST if name.startswith("list-") else Kind.AUTO_GENERATED
            yield Mark(kind, _fact(name, value), weight.points)


def _words(facts: Facts) -> Iterator[Mark]:
    """What the subject and the opening words say, when the fields are silent; a report has spoken already."""
    if facts.message.report is not None:
        return
    subject, text = facts.message.subject, facts.message.new_text or facts.message.text
    first = wording.opening(text)
    about = [weight for weight in wording.SUBJECTS if weight.pattern.search(subject)]
    if about:
        heaviest = max(about, key=lambda weight: weight.points)
        away = any(weight.out_of_office for weight in about)
        yield Mark(heaviest.kind, _fact("Subject", subject), heaviest.points, away, is_words=True)
    for weight in wording.TEXTS:
        said = weight.found_in(first)
        if said:
            fact = f"it says: {said[0].strip(_PUNCTUATION)[:80]}"
            yield Mark(weight.kind, fact, weight.points, weight.out_of_office, is_words=True)
    if about and wording.ASKING.search(f"{subject}\n{first}"):
        yield Mark(Kind.HUMAN, "it asks for something", wording.ASKING_POINTS)


def _closing(facts: Facts) -> Iterator[Mark]:
    """How to leave a mailing."""
    if facts.message.report is not None:
        return
    said = wording.CLOSING.found_in(facts.message.text[-wording.CLOSING_CHARACTERS :])
    if said:
        points = wording.CLOSING.points if facts.first("List-Unsubscribe") else wording.CLOSING_POINTS_ALONE
        yield Mark(wording.CLOSING.kind, f"it says: {said[0]}", points, is_words=True)


def _fact(name: str, value: str) -> str:
    shown = " ".join(value.split())
    return f"{name}: {shown}"[:EVIDENCE_CHARACTERS_MAX]


_TESTS: tuple[Callable[[Facts], Iterator[Mark]], ...] = (
    _loop,
    _report,
    _auto_submitted,
    _exchange,
    _field_marks,
    _named_fields,
    _null_path,
    _senders,
    _sender_name,
    _weak_fields,
    _words,
    _closing,
)
