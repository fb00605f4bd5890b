"""Blocks of header words that clients print above a mail that is answered or forwarded (From:, Sent:, To:, …)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from maild.message.languages import LANGUAGES, Language
from maild.message.lines import LINE_CHARS_MAX, Line, fold, is_blank, unquoted, words

BLOCK_LINES_MAX = 40  # A block with long wrapped recipient lists.
LABEL_CHARS_MAX = 30
CONTINUATION_LINES_MAX = 3  # Wrapped lines between two labels that are not recipients.

_ADDRESS = re.compile(r"[^\s@<>()\[\]\"',;:|]{1,128}@[^\s@<>()\[\]\"',;:|]{1,255}")
_CLOCK = re.compile(r"\d{1,2}[:.h]\d{2}")

KINDS = ("from", "date", "to", "cc", "subject", "reply_to")


def _labels() -> dict[str, str]:
    found: dict[str, str] = {}
    for kind in KINDS:
        for language in LANGUAGES:
            for label in words(_table(language, kind)):
                found.setdefault(label, kind)
    return found


def _table(language: Language, kind: str) -> str:
    return language.from_ if kind == "from" else str(getattr(language, kind))


LABELS = _labels()


@dataclass(slots=True)
class HeaderBlock:
    """A block: the values by kind, the lines it covers, and whether its lines were quoted with ">"."""

    first: int
    last: int
    values: dict[str, str] = field(default_factory=dict)
    is_quoted: bool = False

    @property
    def is_convincing(self) -> bool:
        """Say whether only a mail client writes such a block, and not a person filling in a form.

        That is a sender with an address, and a date with its time or two more fields; or a date with its time, and a
        recipient or subject with a sender or an address.
        """
        has = self.values
        # A label such as "Date:" alone, a travel plan (De:, Para:) or an appointment is not enough.
        if has_address(has.get("from", "")) and (len(has) >= 3 or self.has_moment):
            return True
        if not (self.has_moment and {"to", "subject"} & has.keys()):
            return False
        return self._names_a_mailbox or (len(has) >= 3 and bool(has.get("from")))

    @property
    def has_moment(self) -> bool:
        """Say whether its date has a day and a time."""
        date = self.values.get("date", "")
        return bool(_CLOCK.search(date) and re.search(r"\d", date))

    @property
    def _names_a_mailbox(self) -> bool:
        return has_address(self.values.get("to", "")) or has_address(self.values.get("from", ""))


def has_address(words_: str) -> bool:
    """Say whether a mail address stands in these words."""
    return "@" in words_ and bool(_ADDRESS.search(words_[:LINE_CHARS_MAX]))


def address_in(words_: str) -> str:
    """Return the first mail address in these words, "" when there is none."""
    found = _ADDRESS.search(words_[:LINE_CHARS_MAX])
    return found.group().strip(".'`*") if found else ""


def label_of(text: str) -> tuple[str, str] | None:
    """Return the kind and the value when the line is "label: value" of any language."""
    text = text.lstrip(" \t\xa0\ufeff*_|")
    for colon in (":", "："):
        head, found, value = text.partition(colon)
        if found and len(head) <= LABEL_CHARS_MAX:
            kind = LABELS.get(fold(head.replace("*", "").replace("_", "")))
            if kind:
                return kind, value.strip(" \t\xa0*_|\u202f")
    return None


def read(lines: list[Line], first: int, *, is_quoted: bool = False) -> HeaderBlock | None:
    """Return the block that begins on this line, None when none does. It may not convince: ask it."""
    block = HeaderBlock(first, first, is_quoted=is_quoted)
    kind = ""
    for index, text in _texts(lines, first, is_quoted):
        labelled = label_of(text) if ":" in text or "：" in text else None
        if labelled and labelled[0] not in block.values:
            kind = labelled[0]
            block.values[kind] = labelled[1]
            block.last = index
        elif index == first or labelled or not _continues(lines, index, block, kind, is_quoted):
            break
        elif not is_blank(text):
            block.values[kind] = f"{block.values[kind]} {text.strip(' *')}".strip()
            block.last = index
    _split_inline(block)
    return block if block.values else None


def _texts(lines: list[Line], first: int, is_quoted: bool) -> Iterator[tuple[int, str]]:
    for index in range(first, min(first + BLOCK_LINES_MAX, len(lines))):
        text = lines[index].text[:LINE_CHARS_MAX]
        yield index, (unquoted(text) if is_quoted else text)


def _continues(lines: list[Line], index: int, block: HeaderBlock, kind: str, is_quoted: bool) -> bool:
    """Say whether a line without a label still belongs to the block."""
    text = lines[index].text[:LINE_CHARS_MAX]
    bare = (unquoted(text) if is_quoted else text).strip()
    if not bare:
        return _next_label(lines, index, 1, block, is_quoted)
    if kind in ("from", "to", "cc", "reply_to"):
        above = block.values[kind].rstrip()
        if above.endswith((",", ";", "<")) or bare.startswith("<") or (not above and has_address(bare)):
            return True
    if kind == "subject" and text[:1] in " \t" and not is_quoted and not lines[block.first].text[:1].isspace():
        return True
    return _next_label(lines, index, CONTINUATION_LINES_MAX, block, is_quoted)


def _next_label(lines: list[Line], index: int, within: int, block: HeaderBlock, is_quoted: bool) -> bool:
    """Say whether another field of the block follows within so many lines without a blank one between."""
    for text in (t for _, t in _texts(lines, index + 1, is_quoted)):
        if within == 0 or not text.strip():
            return False
        labelled = label_of(text)
        if labelled:
            return labelled[0] not in block.values
        within -= 1
    return False


def _split_inline(block: HeaderBlock) -> None:
    """Take further labels out of a value, as in "À : a@example.be Objet : words" on one line."""
    for kind in list(block.values):
        if kind == "subject" or len(block.values) == len(KINDS):
            continue
        head, parts = split_line(block.values[kind], missing=set(KINDS) - block.values.keys())
        if parts and "subject" in parts:
            block.values[kind] = head
            for other, value in parts.items():
                block.values.setdefault(other, value)


def split_line(text: str, *, missing: set[str]) -> tuple[str, dict[str, str]]:
    """Return the words before the first further label on this line, and the values of these labels."""
    cuts = [(at, until, kind) for at, until, kind in _inline_labels(text[:LINE_CHARS_MAX]) if kind in missing]
    if not cuts:
        return text, {}
    parts: dict[str, str] = {}
    for number, (_, until, kind) in enumerate(cuts):
        following = cuts[number + 1][0] if number + 1 < len(cuts) else len(text)
        parts.setdefault(kind, text[until:following].strip(" \t\xa0*"))
        if kind == "subject":
            break
    return text[: cuts[0][0]].strip(), parts


def _inline_labels(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield where a known label with a colon stands inside a line: its start, the end of its colon, its kind."""
    at = text.find(":")
    behind = 0
    while at >= 0:
        head = text[max(behind, at - LABEL_CHARS_MAX) : at].rstrip(" \xa0")
        found = _longest_label_at_end(head)
        if found:
            yield at - (at - max(behind, at - LABEL_CHARS_MAX)) + len(head) - len(found[0]), at + 1, found[1]
            behind = at + 1
        at = text.find(":", at + 1)


def _longest_label_at_end(head: str) -> tuple[str, str] | None:
    """Return the label with which these words end; it begins a word, or with a capital behind a small letter."""
    for start in range(len(head)):
        begins = start == 0 or not head[start - 1].isalpha() or not head[start].islower()
        if begins and not head[start].isspace():
            kind = LABELS.get(fold(head[start:]))
            if kind:
                return head[start:], kind
    return None


def read_line(text: str) -> dict[str, str]:
    """Return the fields of a block that stands on one line, as Yahoo's plain text has it; {} when it is none."""
    labelled = label_of(text)
    if not labelled or labelled[0] != "from":
        return {}
    head, parts = split_line(labelled[1], missing=set(KINDS) - {"from"})
    if not parts:
        return {}
    if "subject" not in parts:
        _bare_subject(parts)
    return {"from": head, **parts}


def _bare_subject(parts: dict[str, str]) -> None:
    """Find a subject label whose colon the client forgot (Yahoo in Portuguese prints "Assunto words")."""
    date = parts.get("date", "")
    for language in LANGUAGES:
        for label in language.subject.split("|"):
            head, found, value = date.partition(label)
            if found and value[:1] == " " and head:
                parts["date"], parts["subject"] = head.strip(), value.strip()
                return
