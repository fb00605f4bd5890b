"""HTML bodies: as text for reading and threading, and as clean HTML without remote content for showing."""

import re

from maild.base.limits import Limits

_TAG = re.compile(r"<")
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
    """Return at most as much markup as the limits allow, and a defect in words when it was cut."""
    defect = ""
    if len(markup) > limits.html_chars:
        markup, defect = markup[: limits.html_chars], f"HTML over {limits.html_chars} characters"
    if markup.count("<") > limits.html_tags:
        for count, tag in enumerate(_TAG.finditer(markup)):
            if count == limits.html_tags:
                return markup[: tag.start()], f"more than {limits.html_tags} HTML tags"
    return markup, defect


def to_text(markup: str, limits: Limits) -> str:
    """Return the text of capped markup: links as `text (url)`, lists and tables laid out; never raises."""
    from inscriptis.css_profiles import CSS_PROFILES
    from inscriptis.html_engine import Inscriptis
    from inscriptis.model.config import ParserConfig
    from lxml.etree import LxmlError
    from lxml.html import HtmlElement, HTMLParser, document_fromstring

    if not markup.strip():
        return ""
    try:
        parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
        tree = document_fromstring(markup.encode("utf-8", "replace"), parser=parser)
    except (LxmlError, ValueError, AssertionError):
        return ""
    assert isinstance(tree, HtmlElement)
    _prepare(tree, limits)
    text: str = Inscriptis(tree, ParserConfig(css=CSS_PROFILES["strict"])).get_text()
    return _BLANK_LINES.sub("\n\n", _SPACES.sub("\n", text.replace("\xa0", " "))).strip("\n")


def _prepare(tree: "object", limits: Limits) -> None:
    """Drop what nobody sees, flatten what is nested too deep, and write link targets behind their words."""
    from lxml.html import HtmlElement

    assert isinstance(tree, HtmlElement)
    depths = {tree: 0}
    doomed = []
    for element in tree.iter():
        parent = element.getparent()
        depths[element] = depths.get(parent, 0) + 1 if parent is not None else 0
        if element.tag in _HIDDEN or depths[element] > limits.html_depth:
            doomed.append(element)
        elif element.tag == "a":
            _show_target(element)
    for element in doomed:
        if element.getparent() is not None:
            element.drop_tree() if element.tag in _HIDDEN else element.drop_tag()


def _show_target(element: "object") -> None:
    from lxml.html import HtmlElement

    assert isinstance(element, HtmlElement)
    target = (element.get("href") or "").strip()
    if not target.lower().startswith(("http://", "https://", "mailto:")) or len(target) > 2_000:
        return
    words = "".join(element.itertext()).strip()
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
