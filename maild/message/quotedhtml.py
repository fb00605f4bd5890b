"""What the HTML of a mail says about its quotes: the containers into which each client puts them.

The markup is hostile until proved otherwise: it is capped, parsed by libxml2, walked without recursion, and its
containers are only marked, with signs that no mail may carry, before the one converter makes text of it.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from maild.base.limits import DEFAULT_LIMITS, Limits
from maild.message.clean import clean_text
from maild.message.forwards import SEPARATORS, separates
from maild.message.html import capped, to_text
from maild.message.lines import Line, split

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# Private use signs, taken out of the mail before and out of the text after: where quotes begin and end.
_QUOTE, _END_QUOTE, _BLOCK, _END_BLOCK = "\ue0f0", "\ue0f1", "\ue0f2", "\ue0f3"
_SIGNS = str.maketrans("", "", _QUOTE + _END_QUOTE + _BLOCK + _END_BLOCK)

_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # no XML text may hold them

QUOTE_CLASSES = [
    "moz-cite-prefix",
    "yahoo_quoted",
    "protonmail_quote",
    "tutanota_quote",
    "zmail_extra",
    "freshdesk_quote",
    "missive_quote",
    "ms-outlook-mobile-reference-message",
    "quoted-reply",
    "gmail_attr",
    "skiff_quote",
    "mailspring-quote",
    "nylas-quote",
    "bloop_original_html",
]
"""Classes of elements that hold nothing but a quote or its attribution: one word a client."""

QUOTE_IDS = [
    "olk_src_body_section",
    "mail-editor-reference-message-container",
    "reply-intro",
    "reply-intro1",
    "blockquote_zmail",
    "replyblockquote",
    "mail-app-auto-quote",
    "quoted_body",
    "isreplycontent",
]
"""Ids of such elements; in lower case."""

REST_IDS = ("divrplyfwdmsg", "zwchr", "stopspelling", "lblfooterreply")
"""Ids of elements with which the mail answered begins: all from there on is quoted (Outlook, Zimbra, Hotmail)."""

_HINTS = (
    "<blockquote", "quote", "rplyfwd", "olk_src", "zwchr", "reference-message", "reply-intro", "replysection",
    "stopspelling", "lblfooterreply", "isreplycontent", "gmail_attr", "moz-cite-prefix", "__divider__", "zmail_extra",
)  # fmt: skip
_HIDDEN = ("script", "style", "title", "template", "noscript", "object", "embed", "head")


def read(html: str, limits: Limits = DEFAULT_LIMITS) -> tuple[str, list[Line]] | None:
    """Return the text of the markup and its lines with their marks; None when no container is in it."""
    html, _ = capped(html, limits)
    lowered = html.lower()
    if not any(hint in lowered for hint in _HINTS):
        return None
    tree = _parsed(html.translate(_SIGNS))
    if tree is None or not _mark(tree):
        return None
    return _lines(clean_text(to_text(_serialised(tree), limits)))


def _parsed(markup: str) -> "HtmlElement | None":
    from lxml.etree import LxmlError
    from lxml.html import HtmlElement, HTMLParser, document_fromstring

    try:
        parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
        tree = document_fromstring(markup.encode("utf-8", "replace"), parser=parser)
    except (LxmlError, ValueError, AssertionError):
        return None
    return tree if isinstance(tree, HtmlElement) else None


def _serialised(tree: "HtmlElement") -> str:
    from lxml.html import tostring

    return str(tostring(tree, encoding="unicode"))


class _Texts:
    """The places of words in a tree, in order, so that a container is a stretch of them."""

    def __init__(self, tree: "HtmlElement") -> None:
        self.places: list[tuple[HtmlElement, str]] = []
        self.begins: dict[HtmlElement, int] = {}
        self.ends: dict[HtmlElement, int] = {}
        from lxml.etree import iterwalk

        hidden = 0
        for event, element in iterwalk(tree, events=("start", "end")):
            if event == "start":
                hidden += element.tag in _HIDDEN
                self.begins[element] = len(self.places)
                self._add(element, "text", hidden)
            else:
                hidden -= element.tag in _HIDDEN
                self.ends[element] = len(self.places)
                self._add(element, "tail", hidden)

    def _add(self, element: "HtmlElement", which: str, hidden: int) -> None:
        words = element.text if which == "text" else element.tail
        if not hidden and words and not words.isspace():
            self.places.append((element, which))

    def words(self, number: int) -> str:
        """Return the text of a place, "" when there is none."""
        element, which = self.places[number]
        return (element.text if which == "text" else element.tail) or ""

    def put(self, number: int, sign: str, *, before: bool) -> None:
        """Put a sign before the first or behind the last word of a place."""
        element, which = self.places[number]
        words = _UNWRITABLE.sub("", self.words(number))
        bare = words.lstrip() if before else words.rstrip()
        gap = words[: len(words) - len(bare)] if before else words[len(bare) :]
        words = f"{gap}{sign}{bare}" if before else f"{bare}{sign}{gap}"
        if which == "text":
            element.text = words
        else:
            element.tail = words


def _mark(tree: "HtmlElement") -> bool:
    """Put the signs around the words of every outermost container; say whether there is one."""
    texts = _Texts(tree)
    marked = 0
    for begins, last, signs in sorted(_stretches(tree, texts), key=lambda found: (found[0], -found[1])):
        first = max(begins, marked)
        if first < last:
            texts.put(first, signs[0], before=True)
            texts.put(last - 1, signs[1], before=False)
            marked = last
    return marked > 0


def _stretches(tree: "HtmlElement", texts: _Texts) -> Iterator[tuple[int, int, str]]:
    """Yield the first and last place of each container with the signs for it; a forward is no quote."""
    gmail_until = 0
    for element in tree.iter():
        kind = _kind(element) if isinstance(element.tag, str) else ""
        first, last = (texts.begins[element], texts.ends[element]) if kind else (0, 0)
        if kind == "rest":
            last = len(texts.places)
        if first >= last or separates(texts.words(first), SEPARATORS):
            continue
        if kind == "gmail":
            gmail_until = max(gmail_until, last)
            last = _gmail_end(element, texts, last)
        bare = kind == "block" and first >= gmail_until
        yield first, last, _BLOCK + _END_BLOCK if bare else _QUOTE + _END_QUOTE


def _kind(element: "HtmlElement") -> str:
    """Return what an element is: "quoted", "rest", "gmail", "block" (a bare block quotation), "" (nothing)."""
    ids = (element.get("id") or "").lower()[:100]
    classes = (element.get("class") or "")[:500].split()
    if ids.removeprefix("x_") in REST_IDS or element.get("data-marker") == "__DIVIDER__":
        return "rest"
    if (
        ids.removeprefix("x_") in QUOTE_IDS
        or ids.startswith("yahoo_quoted")
        or element.get("name") == "messageReplySection"
    ):
        return "quoted"
    if any(one.removeprefix("x_").endswith(name) for one in classes for name in QUOTE_CLASSES):
        return "quoted"
    if element.get("data-marker") == "__QUOTED_TEXT__":
        return "quoted"
    if element.tag == "blockquote":
        return _block_kind(element)
    if element.tag == "div" and any(one.removeprefix("x_").startswith("gmail_quote") for one in classes):
        return "gmail"
    return ""


def _block_kind(element: "HtmlElement") -> str:
    if (element.get("type") or "").lower() == "cite" or (element.get("cite") or "").startswith("mid:"):
        return "quoted"
    style = (element.get("style") or "")[:500].lower().replace(" ", "")
    # Outlook and Gmail use a block without a rule to indent a paragraph.
    return "" if "border:none" in style else "block"


def _gmail_end(element: "HtmlElement", texts: _Texts, last: int) -> int:
    """Return where Gmail's container stops quoting: after its first block, for an answer may stand between blocks."""
    for child in element.iter("blockquote"):
        return texts.ends[child]
    return last


def _lines(marked: str) -> tuple[str, list[Line]]:
    """Return the text without signs, and its lines with what the signs said of them."""
    text = marked.translate(_SIGNS)
    lines: list[Line] = []
    state = ""
    for line, raw in zip(split(text), marked.split("\n"), strict=False):
        bare = raw.lstrip()
        opens = bare[:1]
        mark = "quoted" if opens == _QUOTE else "block" if opens == _BLOCK else state
        lines.append(Line(line.start, line.end, line.text, mark))
        state = _state_after(raw, state)
    return text, lines


def _state_after(raw: str, state: str) -> str:
    for sign in raw:
        if sign == _QUOTE:
            state = "quoted"
        elif sign == _BLOCK:
            state = "block"
        elif sign in (_END_QUOTE, _END_BLOCK):
            state = ""
    return state


def own_words(text: str, lines: list[Line]) -> str | None:
    """Return the words above the quotes, without any white space, when all below them is quoted; else None."""
    first = next((number for number, line in enumerate(lines) if line.mark == "quoted"), None)
    if first is None or any(line.mark != "quoted" and line.text.strip() for line in lines[first:]):
        return None
    return squashed(text[: lines[first].start])


def squashed(text: str) -> str:
    """Return the text without white space and without the signs that converters add for emphasis."""
    return "".join(sign for sign in text if not sign.isspace() and sign not in "*_")
