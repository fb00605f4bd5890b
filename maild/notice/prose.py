"""The words of people in our mails: quoted in plain text; in HTML escaped, with paragraphs, lists and links."""

import re
from collections.abc import Callable, Iterable

from markupsafe import Markup, escape

from maild.base.text import size_in_words

WORDS_MAX = 200_000  # characters: a long novel; more goes along as an attachment
QUOTE_MAX = 10_000  # characters of what is only repeated
CUT = "[…]"
KEEP = "\x00"  # Stands before a line end of somebody's own words while blank lines of ours are thinned out.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_LINK = re.compile(
    r"(?P<web>https?://[^\s<>\"']+)|(?P<mail>[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,255}\.[A-Za-z]{2,63})"
)
_BETWEEN_PARAGRAPHS = re.compile(r"\n(?:[ \t]*\n)+")
_AFTER_LINK = ".,;:!?)]}*_"
_BULLETS = frozenset("-*•")
_BULLET = re.compile(r"\s{0,8}[-*•]\s+(?P<item>\S.*)")
_NUMBER = re.compile(r"\s{0,8}\d{1,3}[.)]\s+(?P<item>\S.*)")
LIST_LINES_MIN = 2  # One line that begins with a dash may be anything.


def clean(text: object, most: int = WORDS_MAX) -> str:
    """Return a text with line ends of one kind and without control characters; a longer one ends in an ellipsis."""
    said = _CONTROL.sub("", str(text).replace("\r\n", "\n").replace("\r", "\n")).strip("\n")
    return said if len(said) <= most else f"{said[:most]} {CUT}"


def is_cut(text: str) -> bool:
    """Tell whether a mail shows less than the whole of somebody's words."""
    return len(text) > WORDS_MAX


def words(text: object) -> str:
    """Return a person's words for plain text, to the letter."""
    return clean(text).replace("\n", f"{KEEP}\n")


def quote(text: object, lines: int = 40) -> str:
    """Return words as a quote, each line behind ``> ``; more than `lines` end in an ellipsis."""
    said = clean(text, QUOTE_MAX).split("\n")
    shown = [*said[:lines], *([CUT] if len(said) > lines else [])]
    return f"{KEEP}\n".join(f"> {line}".rstrip() for line in shown)


def prose(text: object, lines: int = 0) -> Markup:
    """Return a person's plain words as HTML that says the same: paragraphs, lists and links, all else escaped.

    `lines` shows no more than the first so many; 0 shows all.
    """
    said = clean(text, QUOTE_MAX if lines else WORDS_MAX)
    if lines and said.count("\n") >= lines:
        said = "\n".join([*said.split("\n")[:lines], CUT])
    blocks = (block for block in _BETWEEN_PARAGRAPHS.split(said) if block.strip())
    return Markup("\n".join(_paragraph(block.split("\n")) for block in blocks))  # noqa: S704 - _linked escapes it all


def _paragraph(lines: list[str]) -> str:
    if not any(map(_may_be_item, lines)):
        return _broken(lines)
    for pattern, tag in ((_BULLET, "ul"), (_NUMBER, "ol")):
        first = next((n for n, line in enumerate(lines) if pattern.fullmatch(line)), len(lines))
        items = [found["item"] for line in lines[first:] if (found := pattern.fullmatch(line))]
        if len(items) >= LIST_LINES_MIN and len(items) == len(lines) - first:
            above = _broken(lines[:first]) if first else ""
            return above + _element(tag, "".join(_element("li", _linked(item)) for item in items))
    return _broken(lines)


def _may_be_item(line: str) -> bool:
    """Say at small cost whether a line may be an item of a list; of ordinary words it is none."""
    sign = line.lstrip()[:1]
    return sign.isdigit() or sign in _BULLETS


def _broken(lines: Iterable[str]) -> str:
    said = "\n".join([line.rstrip() for line in lines])
    if "\t" in said or "\n " in f"\n{said}" or _has_link(said):
        return _element("p", "<br>\n".join(map(_with_blanks, said.split("\n"))))
    return _element("p", _escaped(said).replace("\n", "<br>\n"))


def _with_blanks(line: str) -> str:
    """Keep the indent of code and tables, which HTML would swallow."""
    text = line.expandtabs(4)
    bare = text.lstrip(" ")
    return "&nbsp;" * (len(text) - len(bare)) + _linked(bare)


def _linked(text: str) -> str:
    """Return text as HTML: its web and mail addresses as links, everything escaped."""
    if not _has_link(text):
        return _escaped(text)
    made, begin = "", 0
    for found in _LINK.finditer(text):
        shown = found[0].rstrip(_AFTER_LINK)
        target = shown if found["web"] else f"mailto:{shown}"
        made += f'{_escaped(text[begin : found.start()])}<a href="{_escaped(target)}">{_escaped(shown)}</a>'
        begin = found.start() + len(shown)
    return made + _escaped(text[begin:])


def _has_link(text: str) -> bool:
    return "@" in text or "://" in text


def _escaped(text: str) -> str:
    return str(escape(text))


def _element(tag: str, content: str) -> str:
    return f"<{tag}>{content}</{tag}>"


FILTERS: dict[str, Callable[..., object]] = {
    "words": words,
    "quote": quote,
    "prose": prose,
    "octets": size_in_words,
}
