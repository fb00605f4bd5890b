"""Tell what a sender wrote now from what she only repeats, and from her signature.

Spans are marked, nothing is deleted: the view may hide a quote, the text keeps it. In doubt a line is new.
"""

from maild.message import anylabels, armour, attributions, bars, forwards, headerblocks, quotedhtml, signatures
from maild.message.lines import LINE_CHARS_MAX, Line, depth, is_blank, split
from maild.message.model import Span
from maild.message.subjects import is_reply

REPLY_LINE = {
    "en": "##- Please write your answer above this line -##",
    "es": "##- Escriba su respuesta encima de esta línea -##",
}
"""The line that our notices print above everything else; in an answer all below it is quoted with certainty."""

MARKER = "maild-ref:"  # our hidden marker; a token follows it
WRAP_COLUMN = 64  # A quoted line at least so long was wrapped by a client when the next has lost its ">".


def partition(text: str, html: str | None, *, subject: str, is_html_only: bool) -> tuple[str, tuple[Span, ...]]:
    """Return the text, and the spans that cover it without gap or overlap.

    The text is the given one, or a better one made from the HTML when the mail has nothing else or when the HTML
    says with certainty what is quoted. Linear in the length of both; nothing is raised.
    """
    read = quotedhtml.read(html) if html and is_html_only else None
    text, lines = read or (text, bars.marked(split(text)))
    kinds = _kinds(lines, subject)
    if html and not is_html_only and "quoted" not in kinds:
        lines, kinds = _as_html_says(lines, kinds, quotedhtml.read(html))
    if html and not is_html_only and not _says_anything(lines, kinds):
        text, lines, kinds = _with_answers(text, lines, kinds, quotedhtml.read(html), subject)
    return text, _spans(text, lines, kinds)


def _says_anything(lines: list[Line], kinds: list[str]) -> bool:
    return any(kind.startswith("new") and not is_blank(line.text) for line, kind in zip(lines, kinds, strict=True))


def _with_answers(
    text: str, lines: list[Line], kinds: list[str], read: tuple[str, list[Line]] | None, subject: str
) -> tuple[str, list[Line], list[str]]:
    """Take the reading of the HTML when all of the plain text is quoted: answers stand between its quotes."""
    if read is not None:
        told = _kinds(read[1], subject)
        if _says_anything(read[1], told):
            return read[0], read[1], told
    return text, lines, kinds


def _as_html_says(
    lines: list[Line], kinds: list[str], read: tuple[str, list[Line]] | None
) -> tuple[list[Line], list[str]]:
    """Mark in the plain text what the HTML beside it holds in a quote, if both begin with the same words."""
    own = quotedhtml.own_words(*read) if read else None
    if not own:
        return lines, kinds
    said = 0
    for index, line in enumerate(lines):
        if said >= len(own):
            marked = [one._replace(mark="quoted") if number >= index else one for number, one in enumerate(lines)]
            return marked, _kinds(marked, "")
        words = quotedhtml.squashed(line.text)
        if not own.startswith(words, said):
            return lines, kinds
        said += len(words)
    return lines, kinds


def _kinds(lines: list[Line], subject: str) -> list[str]:
    """Return for each line "new", "quoted" or "signature", or "new@N" when only its first N signs are new."""
    kinds = ["new"] * len(lines)
    forward = forwards.locate(lines, subject)
    limit = forward.first if forward else len(lines)
    if forward and _is_hidden_forward(lines, forward):
        _mark(kinds, limit, len(lines))
    _mark_quotes(lines, kinds, limit, subject)
    # The mail that she forwards is what she sends now, with its own signature.
    _mark_signatures(lines, kinds, limit)
    for first, last in armour.found(lines):
        _mark(kinds, first, last, "signature")
    return kinds


def _mark_quotes(lines: list[Line], kinds: list[str], limit: int, subject: str) -> None:
    plausible = _has_honest_quotes(lines)
    index = 0
    while index < limit:
        index = _step(lines, kinds, index, limit, subject, plausible)


def _is_hidden_forward(lines: list[Line], place: forwards.Place) -> bool:
    """Say whether a forward below the sender's own words is no news: then these alone are new.

    It is quoted with ">", or it is a mail of ours, which somebody answers by forwarding it to us.
    """
    begins = next((line.text for line in lines[place.body :] if not is_blank(line.text)), "")
    known = depth(lines[place.first].text) > 0 or _is_marker(begins)
    return known and any(not is_blank(line.text) for line in lines[: place.first])


def _mark(kinds: list[str], first: int, last: int, kind: str = "quoted") -> None:
    for index in range(first, min(last, len(kinds))):
        kinds[index] = kind


def _step(lines: list[Line], kinds: list[str], index: int, limit: int, subject: str, plausible: bool) -> int:
    """Judge what begins on this line, mark it, and return the next line to judge."""
    text = lines[index].text
    if is_blank(text):
        return index + 1
    if _is_marker(text) and depth(text) == 0:
        _mark(kinds, _with_attribution(lines, kinds, index), limit)
        return limit
    if lines[index].mark == "quoted" or (plausible and depth(text) and not _is_decoration(text)):
        return _quote_run(lines, kinds, index, limit)
    if forwards.opens_original(text) or (anylabels.is_ruled(text) and anylabels.read(lines, index)):
        _mark(kinds, index, limit)
        return limit
    block = _original(lines, index)
    if block:
        # A contact form begins with the same words. So at the head of a mail, only an answer has such a block.
        if not is_reply(subject) and all(is_blank(line.text) for line in lines[:index]):
            return block.last + 1
        _mark(kinds, _with_rule(lines, index), limit)
        return limit
    found = attributions.find(lines, index)
    return _attributed(lines, kinds, found, limit) if found else index + 1


def _is_marker(text: str) -> bool:
    bare = text.strip(" \t*_\xa0>")
    return (bare.startswith("##-") and bare.endswith("-##")) or MARKER in text[:LINE_CHARS_MAX]


def _with_attribution(lines: list[Line], kinds: list[str], index: int) -> int:
    """Return the first line of the attribution that stands directly above, or this line."""
    above = index
    while above > 0 and is_blank(lines[above - 1].text):
        above -= 1
    for start in range(max(0, above - attributions.WRAPPED_LINES_MAX), above):
        found = attributions.find(lines, start)
        if found and found.last == above - 1 and kinds[start] == "new":
            return start
    return index


def _original(lines: list[Line], index: int) -> headerblocks.HeaderBlock | None:
    """Return the header block of the mail answered, if one begins here that only a client can have written."""
    text = lines[index].text
    if not (":" in text or "：" in text) or len(text) > LINE_CHARS_MAX or not headerblocks.label_of(text):
        return None
    block = headerblocks.read(lines, index)
    if block and (block.is_convincing or (_with_rule(lines, index) < index and len(block.values) >= 3)):
        return block
    return None


def _with_rule(lines: list[Line], index: int) -> int:
    """Return the line of the rule above (underscores, dashes, equals signs), or this line."""
    above = index - 1
    while above >= 0 and is_blank(lines[above].text):
        above -= 1
    text = lines[above].text.strip() if above >= 0 else ""
    return above if len(text) >= 3 and not text.strip("_-=*") else index


def _attributed(lines: list[Line], kinds: list[str], found: attributions.Attribution, limit: int) -> int:
    """Mark an attribution and what it introduces."""
    _mark(kinds, found.first, found.last + 1)
    if found.column:
        kinds[found.first] = f"new@{found.column}"
    below = found.last + 1
    while below < limit and is_blank(lines[below].text):
        below += 1
    if below < limit and (depth(lines[below].text) or lines[below].mark):
        _mark(kinds, found.last + 1, below)
        _believe_blocks(lines, below, limit)
        return _quote_run(lines, kinds, below, limit)
    _mark(kinds, found.last + 1, limit)
    return limit


def _believe_blocks(lines: list[Line], first: int, limit: int) -> None:
    """Take all further blocks for quotes when the first is one: the sender answers between them."""
    if lines[first].mark == "block":
        for index in range(first, limit):
            if lines[index].mark == "block":
                lines[index] = lines[index]._replace(mark="quoted")


def _quote_run(lines: list[Line], kinds: list[str], index: int, limit: int) -> int:
    """Mark the quoted lines from here on, with the ends of lines that a client wrapped without a new ">"."""
    while index < limit:
        text = lines[index].text
        if depth(text) or lines[index].mark:
            kinds[index] = "quoted"
        elif is_blank(text):
            if not _goes_on(lines, index, limit):
                return index
            kinds[index] = "quoted"
        elif kinds[index - 1] == "quoted" and _is_wrapped(lines, index, limit):
            kinds[index] = "quoted"
        else:
            return index
        index += 1
    return index


def _goes_on(lines: list[Line], index: int, limit: int) -> bool:
    """Say whether the next line with words is quoted too."""
    while index < limit and is_blank(lines[index].text):
        index += 1
    return index < limit and bool(depth(lines[index].text) or lines[index].mark)


def _is_wrapped(lines: list[Line], index: int, limit: int) -> bool:
    """Say whether this line is the end of the quoted one above, which a client wrapped."""
    above, text = lines[index - 1].text.rstrip(), lines[index].text.strip()
    if not above or lines[index - 1].mark:
        return False
    if text.endswith(">") and text.startswith(("(", "<")):
        return True
    if above.count("(") > above.count(")") and text.endswith(")"):
        return True
    if len(above) + len(text.split(" ", 1)[0]) < WRAP_COLUMN:
        return False
    sandwiched = index + 1 < limit and depth(lines[index + 1].text) > 0
    return sandwiched or text[:1].islower()


def _has_honest_quotes(lines: list[Line]) -> bool:
    """Say whether ">" quotes here at all: ">>>" without any ">" or ">>" is a prompt or an ornament."""
    return any(0 < depth(line.text) < 3 for line in lines)


def _is_decoration(text: str) -> bool:
    bare = text.strip()
    return bare.endswith("<") or bare.startswith(">From ")


def _mark_signatures(lines: list[Line], kinds: list[str], limit: int) -> None:
    """Mark the signature at the end of each stretch of new lines that a quote or the end follows."""
    first = 0
    while first < limit:
        if kinds[first] != "new":
            first += 1
            continue
        last = first
        while last < limit and kinds[last] == "new":
            last += 1
        begins = signatures.begins(lines, first, last)
        _mark(kinds, begins, last, "signature")
        first = last


def _spans(text: str, lines: list[Line], kinds: list[str]) -> tuple[Span, ...]:
    """Return the spans; blank lines stay with what they follow."""
    spans: list[Span] = []
    for line, kind in zip(lines, kinds, strict=True):
        what, _, column = kind.partition("@")
        if column:
            _add(spans, line.start, line.start + int(column), "new")
            _add(spans, line.start + int(column), line.end, "quoted")
        else:
            _add(spans, line.start, line.end, what)
    if spans and spans[-1].end < len(text):
        _add(spans, spans[-1].end, len(text), spans[-1].what)
    return tuple(spans)


def _add(spans: list[Span], start: int, end: int, what: str) -> None:
    if start == end:
        return
    if spans and spans[-1].what == what:
        spans[-1] = Span(spans[-1].start, end, what)
    else:
        spans.append(Span(start, end, what))
