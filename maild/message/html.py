"""HTML bodies: as text for reading and threading, and as clean HTML without remote content for showing."""

import re

from maild.base.limits import DEFAULT_LIMITS, Limits

_TAG = re.compile(r"<")
_NESTING = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9:]{0,30})[^<>]{0,2000}>?")
# Void elements, and those that the next of their kind closes.
_NO_NEST = {
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
    "p", "li", "td", "th", "tr", "dt", "dd", "option", "tbody", "thead", "html", "body",
}  # fmt: skip
_CELLS = {"td", "th"}
_LINES = {"table", "tr", "thead", "tbody", "tfoot", "caption"}
_BLOCKS = {
    "p", "div", "table", "ul", "ol", "li", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "br", "dl",
    "center",
}  # fmt: skip
_HIDDEN = ("script", "style", "title", "template", "noscript", "object", "embed")
_META_CHARSET = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE)
_LOOKS = re.compile(rb"\s*(?:<!doctype html|<html|<head|<body|<meta )", re.IGNORECASE)
_SCHEMES = {"http", "https", "mailto", "tel", "cid"}
_SPACES = re.compile(r"[ \t]+\n")
_BLANK_LINES = re.compile(r"\n{3,}")


def declared_charset(raw: bytes) -> str:
    """Return the charset that an HTML body names in its head, "" when none."""
    found = _META_CHARSET.search(raw[:2_000])
    return found[1].decode("ascii") if found else ""


def looks_like_html(raw: bytes) -> bool:
    """Tell whether octets without a declared type begin as an HTML page does."""
    return _LOOKS.match(raw[:200]) is not None


def capped(markup: str, limits: Limits) -> tuple[str, str]:
    """Return at most as much markup, and as deeply nested, as the limits allow; a defect in words when it was cut."""
    defect = ""
    if len(markup) > limits.html_chars:
        markup, defect = markup[: limits.html_chars], f"HTML over {limits.html_chars} characters"
    if markup.count("<") > limits.html_tags:
        for count, tag in enumerate(_TAG.finditer(markup)):
            if count == limits.html_tags:
                markup, defect = markup[: tag.start()], f"more than {limits.html_tags} HTML tags"
                break
    if markup.count("<") > limits.html_depth:
        flat = _flattened(markup, limits.html_depth)
        if flat is not None:
            return flat, f"HTML nested deeper than {limits.html_depth}"
    return markup, defect


def _flattened(markup: str, most: int) -> str | None:
    """Return the markup without the tags that open beyond a depth, and without their ends; None when there are none.

    The sanitiser's time grows with the square of the depth.
    """
    out: list[str] = []
    depth = place = dropped = 0
    for tag in _NESTING.finditer(markup):
        name = tag[2].lower()
        if name in _NO_NEST:
            continue
        depth = max(0, depth + (-1 if tag[1] else 1))
        if depth > most or (tag[1] and depth == most):
            out.append(markup[place : tag.start()])
            place, dropped = tag.end(), dropped + 1
    return "".join([*out, markup[place:]]) if dropped else None


def to_text(markup: str, limits: Limits = DEFAULT_LIMITS) -> str:
    """Return the text of markup, capped: links as `text (url)`, lists marked, rows as lines; never raises."""
    from inscriptis.css_profiles import CSS_PROFILES
    from inscriptis.html_engine import Inscriptis
    from inscriptis.html_properties import Display
    from inscriptis.model.config import ParserConfig
    from inscriptis.model.html_element import HtmlElement as HtmlStyle
    from lxml.etree import LxmlError
    from lxml.html import HtmlElement, HTMLParser, document_fromstring

    markup, _ = capped(markup, limits)
    if not markup.strip():
        return ""
    try:
        parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
        tree = document_fromstring(markup.encode("utf-8", "replace"), parser=parser)
    except (LxmlError, ValueError, AssertionError):
        return ""
    assert isinstance(tree, HtmlElement)
    _prepare(tree)
    # A rule ends a line: clients put one above the header words of the mail that is answered.
    css = {**CSS_PROFILES["strict"], "hr": HtmlStyle(display=Display.block)}
    text: str = Inscriptis(tree, ParserConfig(css=css)).get_text()
    return _BLANK_LINES.sub("\n\n", _SPACES.sub("\n", text.replace("\xa0", " "))).strip("\n")


def _prepare(tree: "object") -> None:
    """Drop what nobody sees, make lines of table rows, and write link targets behind their words."""
    from lxml.html import HtmlElement

    assert isinstance(tree, HtmlElement)
    elements = list(tree.iter())
    with_blocks: set[HtmlElement] = set()
    for element in reversed(elements):
        parent = element.getparent()
        if parent is not None and (element.tag in _BLOCKS or element in with_blocks):
            with_blocks.add(parent)
        if element.tag in _HIDDEN and parent is not None:
            element.drop_tree()
        elif element.tag == "a":
            _show_target(element)
        elif element.tag in _CELLS:
            _make_cell(element, element in with_blocks)
        elif element.tag in _LINES:
            element.tag = "div"


def _make_cell(element: "object", has_blocks: bool) -> None:
    """Make a block of a cell that holds blocks, and words on the row's line of any other.

    Most tables of mail are frames; laying them out as columns costs the square of their width and reads worse.
    """
    from lxml.html import HtmlElement

    assert isinstance(element, HtmlElement)
    element.tag = "div" if has_blocks else "span"
    if not has_blocks and element.getnext() is not None:
        element.tail = "\xa0\xa0" + (element.tail or "").lstrip()


def _show_target(element: "object") -> None:
    from lxml.html import HtmlElement

    assert isinstance(element, HtmlElement)
    target = (element.get("href") or "").strip()
    if not target.lower().startswith(("http://", "https://", "mailto:")) or len(target) > 2_000:
        return
    words = (element.text or "").strip() if not len(element) else "".join(element.itertext()).strip()
    bare = target.lower().removeprefix("mailto:").removeprefix("http://").removeprefix("https://").rstrip("/")
    said = words.lower().removeprefix("mailto:").removeprefix("http://").removeprefix("https://").rstrip("/")
    if words and bare != said:
        element.tail = f" ({target}){element.tail or ''}"


def sanitise(markup: str) -> str:
    """Return capped markup with allowed tags only, no scripts, no styles, and images only out of the mail itself."""
    import nh3

    return nh3.clean(
        markup,
        clean_content_tags={"script", "style", "title", "template", "noscript"},
        url_schemes=_SCHEMES,
        attribute_filter=_local_only,
        link_rel="noopener noreferrer",
    )


def _local_only(tag: str, attribute: str, value: str) -> str | None:
    """Drop every attribute that would fetch something when the mail is only looked at."""
    if attribute in {"src", "background", "srcset", "poster", "longdesc", "cite"}:
        return value if tag == "img" and attribute == "src" and value.lower().startswith("cid:") else None
    return value
