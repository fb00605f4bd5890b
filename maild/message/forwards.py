"""Find the mail that was forwarded inside another, as an attachment or in the words of the forwarding client."""

import textwrap
from dataclasses import dataclass
from functools import lru_cache

from maild.base.limits import DEFAULT_LIMITS
from maild.message import anylabels, attributions, headerblocks
from maild.message.alternatives import phrases
from maild.message.html import capped, to_text
from maild.message.languages import LANGUAGES
from maild.message.lines import LINE_CHARS_MAX, Line, depth, fold, is_blank, split, unquoted, words
from maild.message.model import Address, Forwarded, Message
from maild.message.signatures import is_device_line
from maild.message.subjects import is_forward, is_reply, prefix_of, without_prefix

BLOCK_WITHIN_LINES = 6  # Between a client's "forwarded message" and its header words stand at most a few blank lines.
OWN_WORDS_MAX = 600  # Whoever forwards says so at once.
_RULES = "-=_*~ \t\xa0>—–‐\ufeff"

SEPARATORS = frozenset().union(*(words(language.forwarded) for language in LANGUAGES))
ORIGINALS = frozenset().union(*(words(language.original) for language in LANGUAGES))
_ON_BEHALF = (
    " on behalf of ",
    " En nombre de ",
    " en nombre de ",
    " Im Auftrag von ",
    " im Auftrag von ",
    " de la part de ",
)
_FORWARDING = phrases(
    r"""
        (?:te|os|le|les|lo|la|se lo)? ?(?:reenvio|reenviamos|remito|traslado|trasladamos)|reenviando
        (?:te|os|le|les) paso (?:el|este|un) (?:correo|mensaje|mail|e-?mail)|para (?:tu|su|vuestra) informacion
        fyi|for your information|(?:i am |i'm )?forward(?:ing|ed)(?: this| you| the| on)?|passing (?:this )?(?:on|along)
        zur (?:info|kenntnis|information)|z\.? ?k\.?|je (?:te|vous) transfere|pour (?:info|information)
        ti inoltro|vi inoltro|le inoltro|per conoscenza|encaminho|reencaminho|para conhecimento|ter info
    """,
    before=r"(?:^|[\W_])",
    after=r"(?:$|[\W_])",
)
_FINNISH = frozenset().union(
    *(words(x.from_) | words(x.subject) | words(x.original) for x in LANGUAGES if x.code == "fi")
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a forwarded mail stands in the lines: its first line, where its body begins, and what is known of it."""

    first: int
    body: int
    values: dict[str, str]
    is_quoted: bool  # its header words stand behind ">"
    is_indented: bool = False


def find(text: str, html: str | None, subject: str, nested: Message | None) -> Forwarded | None:
    """Return the mail that this one forwards, None when it forwards none.

    `nested` is the parsed message/rfc822 part, if the mail has one. `subject` is that of the outer mail; it
    decides only where the body itself leaves doubt. Linear in the length of the text; nothing is raised.
    """
    if nested is not None:
        return _from_part(text, nested)
    lines = split(text)
    place = locate(lines, subject)
    if place is None and html and is_forward(subject):
        # Some clients leave the header words out of the plain part.
        text = to_text(capped(html, DEFAULT_LIMITS)[0], DEFAULT_LIMITS)
        lines = split(text)
        place = locate(lines, subject)
    return _from_place(text, lines, place, subject) if place else None


def may_separate(text: str) -> bool:
    """Say at small cost whether a line looks like a separator; of ordinary words it does not."""
    bare = text.strip()
    return bare[:1] in _RULES or bare.endswith((":", "："))


def separates(text: str, table: frozenset[str]) -> bool:
    """Say whether a line is one of a client's separators: its words between dashes, or alone before a colon."""
    if not may_separate(text):
        return False
    bare = text.strip().lstrip(_RULES)
    if not bare or len(bare) > 120:
        return False
    inner = fold(bare.rstrip("-=_*~ \t\xa0—–‐:："))
    if inner not in table:
        # Notes, Horde and mutt name a person behind the words.
        return text.lstrip().startswith("---") and bare.endswith("---") and _begins_with(inner, table)
    return text.strip(" \t>\ufeff*").startswith(("--", "==", "__", "**", "—", "–", "‐‐")) or bare.rstrip(
        " \xa0*"
    ).endswith((":", "："))


def _begins_with(inner: str, table: frozenset[str]) -> bool:
    """Say whether these are words of the table and more behind a blank."""
    parts = inner.split(" ")
    return any(" ".join(parts[:count]) in table for count in range(1, min(len(parts), 5)))


def locate(lines: list[Line], subject: str) -> Place | None:
    """Return where an inline forward begins. A forward inside what is quoted from an answer is none of this mail."""
    return _located(tuple(lines), subject)


@lru_cache(maxsize=1)  # of each mail it is asked twice: what it forwards, and where its own words end
def _located(given: tuple[Line, ...], subject: str) -> Place | None:
    lines, forward = list(given), is_forward(subject)
    for index, line in enumerate(lines):
        if not line.text or len(line.text) > LINE_CHARS_MAX:
            continue
        place = _separated(lines, index, subject) if may_separate(line.text) else None
        if place:
            return place
        stop = _ends_own_words(lines, index)
        if stop:
            if forward and not _is_finnish_answer(line, subject):
                return _by_subject(lines, index, stop)
            return None if forward or is_reply(subject) else _by_words(lines, index, stop)
    return None


def _separated(lines: list[Line], index: int, subject: str) -> Place | None:
    text = lines[index].text
    if depth(text) > 1:
        return None
    one = one_line(text, SEPARATORS)
    if one:
        return Place(index, index + 1, one, is_quoted=False)
    if not separates(text, SEPARATORS):
        return _unknown(lines, index, subject)
    block = _block_below(lines, index)
    if block is None:
        return _attributed_below(lines, index)
    return Place(index, _behind_second_rule(lines, block.last + 1), block.values, block.is_quoted)


def _unknown(lines: list[Line], index: int, subject: str) -> Place | None:
    """Return the forward of a client whose language no table knows, if the subject or the lack of own words says so."""
    text = lines[index].text
    if not anylabels.is_ruled(text) or separates(text, ORIGINALS) or is_reply(subject):
        return None
    if not is_forward(subject) and not all(is_blank(line.text) for line in lines[:index]):
        return None
    block = anylabels.read(lines, index)
    return Place(index, block.last + 1, block.values, is_quoted=False) if block else None


def _behind_second_rule(lines: list[Line], body: int) -> int:
    """Return where the body begins: some clients print their separator below the header words once more."""
    for index in range(body, min(body + 2, len(lines))):
        if separates(lines[index].text, SEPARATORS):
            return index + 1
    return body


def _attributed_below(lines: list[Line], index: int) -> Place | None:
    """Return the forward whose separator an attribution follows in place of header words (Yandex)."""
    for below in range(index + 1, min(index + 3, len(lines))):
        found = attributions.find(lines, below)
        if found and found.certain:
            values = {"from": f"{found.name} <{found.address}>", "date": found.words}
            return Place(index, found.last + 1, values, is_quoted=False, is_indented=True)
    return None


def _block_below(lines: list[Line], index: int) -> headerblocks.HeaderBlock | None:
    """Return the header words below a separator, quoted or not; they need a sender or a subject."""
    for below in range(index + 1, min(index + 1 + BLOCK_WITHIN_LINES, len(lines))):
        is_quoted = depth(lines[below].text) > 0
        text = unquoted(lines[below].text) if is_quoted else lines[below].text
        if is_blank(text) or set(text.strip()) <= set("-_="):
            continue
        block = headerblocks.read(lines, below, is_quoted=is_quoted)
        return block if block and {"from", "subject"} & block.values.keys() and len(block.values) >= 2 else None
    return None


def one_line(text: str, table: frozenset[str]) -> dict[str, str]:
    """Return the fields of a client that puts separator and header words on one line (Yahoo, Samsung); {} if none."""
    bare = text[:LINE_CHARS_MAX].lstrip(" \t\xa0\ufeff")
    if not bare.startswith("---"):
        return {}
    head, _, rest = bare.lstrip("- ").partition("---")
    if fold(head) not in table:
        return {}
    values = headerblocks.read_line(rest.lstrip("- "))
    return values if len(values) >= 2 else {}


def opens_original(text: str) -> bool:
    """Say whether a client's "original message" stands on this line, alone or with header words behind it."""
    return may_separate(text) and (separates(text, ORIGINALS) or bool(one_line(text, ORIGINALS)))


def _ends_own_words(lines: list[Line], index: int) -> str:
    """Say what ends the sender's own words here: "block", "attribution", "original", "quote"; "" if nothing does."""
    text = lines[index].text
    if opens_original(text):
        return "original"
    labelled = headerblocks.label_of(text[:LINE_CHARS_MAX]) if ":" in text or "：" in text else None
    if labelled and labelled[0] in ("from", "date", "subject"):
        block = headerblocks.read(lines, index)
        if block and block.is_convincing:
            return "block"
    found = attributions.find(lines, index)
    if found:
        return "attribution"
    return "quote" if depth(text) else ""


def _is_finnish_answer(line: Line, subject: str) -> bool:
    """Say whether "VS:" is the Finnish sign of an answer and not the Danish and Norwegian one of a forward."""
    labelled, _, _ = fold(line.text).partition(":")
    return prefix_of(subject) == "vs" and (labelled in _FINNISH or "kirjoitti" in line.text)


def _by_subject(lines: list[Line], index: int, stop: str) -> Place | None:
    """Return the forward that only the subject calls one."""
    if stop == "original":
        one = one_line(lines[index].text, ORIGINALS)
        if one:
            return Place(index, index + 1, one, is_quoted=False)
        block = _block_below(lines, index)
        return Place(index, block.last + 1, block.values, block.is_quoted) if block else None
    if stop in ("block", "quote"):
        block = headerblocks.read(lines, index, is_quoted=stop == "quote")
        if block is None or not block.is_convincing or not _is_meant(lines, block):
            return None
        return Place(_with_rule(lines, index), block.last + 1, block.values, block.is_quoted)
    found = attributions.find(lines, index)
    if found is None:
        return None
    values = {"from": f"{found.name} <{found.address}>", "date": found.words}
    return Place(index, found.last + 1, values, is_quoted=False, is_indented=True)


def _by_words(lines: list[Line], index: int, stop: str) -> Place | None:
    """Return the forward that no subject calls one: nothing of the sender's stands above it, or he says so."""
    place = _by_subject(lines, index, stop) if stop in ("block", "original") else None
    if place is None or not {"from", "date", "subject"} <= place.values.keys():
        return None
    above = [line.text[:LINE_CHARS_MAX] for line in lines[: place.first] if not is_blank(line.text)]
    own = " ".join(text for text in above if not is_device_line(text) and text.strip(_RULES))
    if own:
        return place if _FORWARDING.search(fold(own[:OWN_WORDS_MAX])) else None
    # A contact form writes header words too, but neither a rule above them nor a recipient with an address.
    is_clients = place.first < index or headerblocks.has_address(place.values.get("to", ""))
    return place if is_clients and headerblocks.has_address(place.values["from"]) else None


def _is_meant(lines: list[Line], block: headerblocks.HeaderBlock) -> bool:
    """Say no to an empty block."""
    return bool(block.values.get("from") or block.values.get("subject")) and block.first < len(lines)


def _with_rule(lines: list[Line], index: int) -> int:
    """Return the line of the rule above a block, or the block's own."""
    above = index - 1
    while above >= 0 and is_blank(lines[above].text):
        above -= 1
    if above >= 0 and len(lines[above].text.strip()) >= 5 and not lines[above].text.strip(" _-=*"):
        return above
    return index


def _from_part(text: str, nested: Message) -> Forwarded:
    author = nested.author if nested.author.address else (nested.from_[0] if nested.from_ else Address("", ""))
    date = nested.date.isoformat() if nested.date else ""
    return Forwarded(author, nested.subject, date, nested.text, text.strip())


def _from_place(text: str, lines: list[Line], place: Place, subject: str) -> Forwarded:
    body = _body(text, lines, place)
    said = place.values.get("subject")
    return Forwarded(
        address_of(place.values.get("from", "")),
        said.strip() if said is not None else without_prefix(subject),
        place.values.get("date", ""),
        body,
        text[: lines[place.first].start].strip(),
    )


def _body(text: str, lines: list[Line], place: Place) -> str:
    if place.body >= len(lines):
        return ""
    rest = text[lines[place.body].start :].split("\n")
    below = next((line for line in rest if not is_blank(line)), "")
    if place.is_quoted or depth(below):
        rest = [unquoted(line) for line in rest]
    body = "\n".join(rest)
    return textwrap.dedent(body).strip() if place.is_indented else body.strip("\r\n\ufeff ")


def address_of(value: str) -> Address:
    """Return the mailbox in a header word's value, as clients print it: "Name <a@b>", "Name [mailto:a@b]", "a@b"."""
    value = value[:LINE_CHARS_MAX]
    for words_ in _ON_BEHALF:
        value = value.partition(words_)[0]
    address = headerblocks.address_in(value.replace("mailto:", " "))
    cuts = [at for at in (value.find("<"), value.find("["), value.find("(mailto")) if at >= 0]
    name = value[: min(cuts)] if cuts else ("" if address else value)
    name = name.strip(" \t\xa0'\"“”„«»*,")
    return Address("" if name.lower() == address.lower() else name, address)
