"""Which parts are the words of the mail, and which lie beside them."""

import html as markup
import re
from dataclasses import dataclass, field, replace

from maild.base.limits import Limits
from maild.message import armour
from maild.message.attachments import content_of, describe, in_container, written_name
from maild.message.charsets import decode_declared, guess
from maild.message.clean import clean_text
from maild.message.html import capped, declared_charset, looks_like_html, to_text
from maild.message.invitations import words_of
from maild.message.model import Attachment
from maild.message.smime import SIGNED, is_smime, signed_content
from maild.message.structure import Node, normalised, read_structure
from maild.message.tnef import is_tnef, read_tnef
from maild.message.transfer import cut_files
from maild.message.words import decode_value

_ENRICHED = re.compile(r"<param>.{0,200}?</param>|</?[A-Za-z-]{1,60}>", re.DOTALL)
_BODY_TYPES = {
    "text", "text/plain", "text/html", "text/enriched", "text/richtext", "text/markdown", "text/x-markdown",
    "application/xhtml+xml",
}  # fmt: skip
_QUOTE_MARKS = re.compile(r"^>+")


@dataclass(slots=True)
class Body:
    """One stretch of the mail's words, as text, as HTML, or both."""

    text: str | None = None
    html: str | None = None


@dataclass(slots=True)
class Contents:
    """A mail's words and what lies beside them, in order."""

    bodies: list[Body] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    mails: list[Node] = field(default_factory=list)  # nested ones that are open to be read
    contained: list[Body] = field(default_factory=list)  # words in a container, read when there are no others
    defects: list[str] = field(default_factory=list)
    is_contained: bool = False  # they stand in a container themselves

    def say(self, defect: str) -> None:
        """Name a defect once."""
        if defect and defect not in self.defects:
            self.defects.append(defect)


def collect(root: Node, limits: Limits) -> Contents:
    """Sort the parts of a mail into bodies and attachments; never raises."""
    contents = Contents()
    contents.bodies = _visit(root, contents, limits) or contents.contained
    return contents


def _visit(node: Node, contents: Contents, limits: Limits) -> list[Body]:
    if node.part.kind == "multipart":
        return _visit_multipart(node, contents, limits)
    if node.part.kind == "mail" and node.children:
        contents.mails.append(node)
        _attach(node, contents, limits)
        return []
    if not _is_body(node, contents):
        _attach(node, contents, limits)
        if node.type == "text/calendar":
            invitation = words_of(_decoded(node, node.octets()[0][: limits.text_chars], "", contents))
            contents.contained.append(Body(invitation, None))
        return []
    if written_name(node) and node.parent is not None:
        _attach(node, contents, limits)
    return _body(node, contents, limits)


def _visit_multipart(node: Node, contents: Contents, limits: Limits) -> list[Body]:
    if node.type == "multipart/encrypted":
        contents.say("encrypted: " + (node.parameter("protocol")[:60] or "unknown protocol"))
    if node.type == "multipart/signed":
        contents.say(_signed_by(node))
    per_child = [_visit(child, contents, limits) for child in node.children]
    if node.type != "multipart/alternative":
        return [body for bodies in per_child for body in bodies]
    joined = [join(bodies) for bodies in per_child if bodies]
    text = next((body.text for body in joined if body.text and body.text.strip() and not body.html), None)
    html = next((body.html for body in reversed(joined) if body.html and body.html.strip()), None)
    if text is None and html is None:
        text = next((body.text for body in joined if body.text is not None), None)
    return [Body(text, html)] if joined else []


def _signed_by(node: Node) -> str:
    """Name the kind of signature of a multipart/signed (RFC 1847); nobody checked it."""
    protocol = node.parameter("protocol").lower()
    return SIGNED if "pkcs7" in protocol else f"signed: {'PGP' if 'pgp' in protocol else 'unknown kind'}, not checked"


def _is_body(node: Node, contents: Contents) -> bool:
    """Tell whether a leaf belongs to the words: text without a name that is not marked as an attachment."""
    if node.type not in _BODY_TYPES:
        return _undeclared_text(node)
    if node.parent is None:
        return node.disposition.value != "attachment" or not written_name(node)
    if node.disposition.value == "attachment" or _inside_related(node):
        return False
    if not written_name(node):
        return True
    first = node.parent.children[0] is node and not contents.attachments
    return first or (node.disposition.value == "inline" and not _has_text_before(node))


def _undeclared_text(node: Node) -> bool:
    """Tell whether a mail of one part is text all the same: a multipart that is none, or of an unknown text type."""
    if node.type.startswith("multipart/"):
        return True
    return (
        node.type.startswith("text/")
        and node.parent is None
        and not written_name(node)
        and node.type != "text/calendar"
    )


def _inside_related(node: Node) -> bool:
    """Tell whether the part serves another: in multipart/related only the first is to be read (RFC 2387)."""
    parent = node.parent
    if parent is None or parent.type != "multipart/related" or parent.children[0] is node:
        return False
    return bool(node.header.first("content-id")) and bool(written_name(node))


def _has_text_before(node: Node) -> bool:
    assert node.parent is not None
    before = node.parent.children[: next(i for i, child in enumerate(node.parent.children) if child is node)]
    return any(found.type in {"text/plain", "text/html"} for child in before for found in child.walk())


def _body(node: Node, contents: Contents, limits: Limits) -> list[Body]:
    """Decode one body part; files that stand encoded inside a text become attachments."""
    octets, defect = node.octets()
    contents.say(defect)
    undeclared = not node.header.first("content-type")
    if node.type in {"text/html", "application/xhtml+xml"} or (undeclared and looks_like_html(octets)):
        text = _decoded(node, octets, declared_charset(octets), contents)
        cut, defect = capped(text, limits)
        contents.say(defect)
        return [Body(None, cut)]
    octets, files = cut_files(octets)
    for name, inner in files:
        if len(contents.attachments) < limits.attachments:
            contents.attachments.append(in_container(node, decode_value(name, node.hints), inner))
    text = _decoded(node, octets[: limits.text_chars * 4], "", contents)
    if len(text) > limits.text_chars:
        text = text[: limits.text_chars]
        contents.say(f"text over {limits.text_chars} characters")
    if node.type in {"text/enriched", "text/richtext"}:
        text = _ENRICHED.sub("", text).replace("<<", "<")
    contents.say(armour.label(text))
    if node.parameter("format").lower() == "flowed":
        text = unflow(text, node.parameter("delsp").lower() == "yes")
    return [Body(text, None)]


def _decoded(node: Node, octets: bytes, inner: str, contents: Contents) -> str:
    label = node.parameter("charset") or inner
    if inner and label.lower() in {"us-ascii", "ascii"}:
        label = inner
    if not label:
        if not octets.isascii():
            contents.say("8-bit text without a charset")
        stateful = b"\x1b$" in octets
        return clean_text(decode_declared(octets, "iso-2022-jp")[0] if stateful else guess(octets, node.hints))
    text, defect = decode_declared(octets, label, (inner, *node.hints) if inner else node.hints)
    contents.say(defect)
    return clean_text(text)


def unflow(text: str, delsp: bool) -> str:
    """Join the soft-broken lines of format=flowed (RFC 3676), paragraph by paragraph of one quote depth."""
    paragraphs: list[list[str]] = []
    open_depth = -1
    for line in text.split("\n"):
        marks = _QUOTE_MARKS.match(line)
        depth = marks.end() if marks else 0
        rest = line[depth:].removeprefix(" ")
        soft = rest.endswith(" ") and rest != "-- "
        words = rest[:-1] if soft and delsp else rest
        if open_depth == depth:
            paragraphs[-1].append(words)
        else:
            paragraphs.append([">" * depth + (" " if depth and rest else ""), words])
        open_depth = depth if soft else -1
    return "\n".join("".join(pieces) for pieces in paragraphs)


def join(bodies: list[Body]) -> Body:
    """Return several stretches as one: HTML if any has it, and text of all when any has text of its own."""
    if len(bodies) <= 1:
        return bodies[0] if bodies else Body()
    with_html = any(body.html is not None for body in bodies)
    html = "".join(body.html if body.html is not None else f"<div>{_as_html(body.text or '')}</div>" for body in bodies)
    if all(body.text is None for body in bodies):
        return Body(None, html)
    texts = [body.text if body.text is not None else to_text(body.html or "") for body in bodies]
    text = "\n".join(text.rstrip("\n") for text in texts if text.strip()) + "\n"
    return Body(text, html if with_html else None)


def _as_html(text: str) -> str:
    return markup.escape(text).replace("\n", "<br>\n")


def _attach(node: Node, contents: Contents, limits: Limits) -> None:
    """Record a part as an attachment, and the files of a container after it."""
    if len(contents.attachments) >= limits.attachments:
        contents.say(f"more than {limits.attachments} attachments")
        return
    octets, defect = content_of(node)
    contents.say(defect)
    subject = decode_value(node.children[0].header.first("subject"), node.hints) if node.children else ""
    contents.attachments.append(describe(node, octets, subject))
    if is_smime(node.type):
        _open_signed(node, octets, contents, limits)
    if is_tnef(node.type, written_name(node)):
        _open_tnef(node, octets, contents, limits)


def _open_signed(node: Node, octets: bytes, contents: Contents, limits: Limits) -> None:
    """Read what a signed S/MIME container carries; one within another stays closed."""
    inner = None if contents.is_contained else signed_content(octets)
    if not inner:
        contents.say("S/MIME: " + (node.parameter("smime-type")[:40] or "content is not shown"))
        return
    contents.say(SIGNED)
    within = collect_signed(inner, limits)
    contents.contained.extend(within.bodies)
    for attachment in within.attachments[: limits.attachments - len(contents.attachments)]:
        contents.attachments.append(replace(attachment, part=f"{node.number}!{attachment.filename}"))
    for defect in within.defects:
        contents.say(defect)


def collect_signed(entity: bytes, limits: Limits) -> Contents:
    """Sort the parts of the MIME entity that a signed container carries; its containers stay closed."""
    contents = Contents(is_contained=True)
    contents.bodies = _visit(read_structure(normalised(entity), limits).root, contents, limits)
    return contents


def _open_tnef(node: Node, octets: bytes, contents: Contents, limits: Limits) -> None:
    box = read_tnef(octets, limits)
    contents.say(box.defect)
    if box.html:
        contents.contained.append(Body(None, capped(clean_text(guess(box.html, node.hints)), limits)[0]))
    elif box.text:
        contents.contained.append(Body(clean_text(box.text)[: limits.text_chars], None))
    for name, inner in box.files[: limits.attachments - len(contents.attachments)]:
        contents.attachments.append(in_container(node, name, inner))
