"""The tree of a mail's parts: mail-parser reads the measured skeleton, the contents stay ranges of the raw octets."""

import email
from dataclasses import dataclass, field
from datetime import datetime
from email.message import Message as Tree

from maild.base.limits import Limits
from maild.message.charsets import codec_name, guess
from maild.message.clean import clean_text
from maild.message.fields import Header
from maild.message.measure import INDEX_FIELD, Part, measure
from maild.message.parameters import Parameters, read_parameters
from maild.message.transfer import decode_transfer


@dataclass(slots=True)
class Node:
    """One part of the tree."""

    number: str  # "2.1" is the first part in the second
    part: Part
    mail: bytes  # the whole mail that the part's offsets count in
    hints: tuple[str, ...]
    children: list["Node"] = field(default_factory=list)
    parent: "Node | None" = None
    _disposition: Parameters | None = None

    @property
    def raw(self) -> bytes:
        """The octets of the content, still encoded."""
        return self.mail[self.part.content : self.part.end]

    @property
    def type(self) -> str:
        """The content type in lower case, without parameters."""
        return self.part.type.value

    @property
    def header(self) -> Header:
        """The fields of the part."""
        return self.part.header

    @property
    def disposition(self) -> Parameters:
        """The Content-Disposition (RFC 2183), empty when there is none."""
        if self._disposition is None:
            raw = self.header.first("content-disposition")
            self._disposition = read_parameters(raw, self.hints) if raw else Parameters()
        return self._disposition

    def parameter(self, name: str) -> str:
        """Return a parameter of the Content-Type, "" when it has none of this name."""
        return self.part.type.of.get(name, "")

    def octets(self) -> tuple[bytes, str]:
        """Return the decoded content and a defect in words."""
        return decode_transfer(self.raw, self.header.first("content-transfer-encoding").decode("latin-1"))

    def walk(self) -> "list[Node]":
        """Return this node and all below it, in order."""
        found = [self]
        for child in self.children:
            found.extend(child.walk())
        return found


@dataclass(slots=True)
class Structure:
    """A whole mail, taken apart."""

    root: Node
    tree: Tree  # of the email package, with the measured fields and contents
    date: datetime | None
    defects: list[str]


def normalised(octets: bytes) -> bytes:
    """Return the octets with LF line ends where a mail knows only CR; else the same object."""
    if b"\n" not in octets and b"\r" in octets:
        return octets.replace(b"\r", b"\n")
    return octets


def read_structure(octets: bytes, limits: Limits) -> Structure:
    """Take a mail apart; never raises, linear in its size. `octets` are normalised."""
    skeleton = measure(octets, limits)
    defects = list(skeleton.defects)
    parts = skeleton.parts
    hints = _declared_charsets(parts)
    for part in parts:
        if hints and any(not value.isascii() for value in (part.header.first("content-type"),)):
            part.type.of = read_parameters(part.header.first("content-type"), hints).of
    tree, date = _parse(skeleton.octets, defects)
    root = _node(tree, "", parts, octets, hints)
    root = root or Node("1", parts[0], octets, hints)
    if root.part.kind != "multipart":
        root.number = "1"
    return Structure(root, tree, date, defects)


def _parse(skeleton: bytes, defects: list[str]) -> tuple[Tree, datetime | None]:
    """Let mail-parser read the skeleton; what it trips over is read by the email package below it."""
    import mailparser
    from mailparser import core, utils

    core.log.disabled = utils.log.disabled = True  # What it would say is said in `defects`.
    try:
        read = mailparser.parse_from_bytes(skeleton)
    except Exception as error:  # It raises outside its own family; see the manual of threats.
        defects.append(f"mail-parser gave up: {type(error).__name__}")
        return email.message_from_bytes(skeleton), None
    tree: Tree = read.message
    return tree, None


def _declared_charsets(parts: list[Part]) -> tuple[str, ...]:
    """Return the charsets that the mail names for its texts, in order: they tell about raw header octets too."""
    named = [part.type.of.get("charset", "").lower() for part in parts[:50]]
    return tuple(dict.fromkeys(name for name in named if name))


def _node(tree: Tree, number: str, parts: list[Part], octets: bytes, hints: tuple[str, ...]) -> Node | None:
    """Build the node of one part and those below it; the tree is given its true fields and contents."""
    index = str(tree.get(INDEX_FIELD, ""))
    if not index.isascii() or not index.isdigit() or int(index) >= len(parts):
        return None
    part = parts[int(index)]
    node = Node(number, part, octets, hints)
    if part.kind != "leaf" and tree.is_multipart():
        for place, below in enumerate(tree.get_payload(), 1):
            child = _node(below, f"{number}.{place}" if number else str(place), parts, octets, hints)
            if child is not None:
                child.parent = node
                node.children.append(child)
    _fill(tree, node)
    return node


_FILLED_BYTES = 1_000_000  # Larger contents are files; nobody reads them in the tree.


def _fill(tree: Tree, node: Node) -> None:
    """Give a part of the tree its true fields, and a leaf its content."""
    for name in set(tree.keys()):
        del tree[name]
    for entry in node.header.fields:
        raw = entry.raw.replace(b"\0", b"").strip()
        tree[entry.name] = raw.decode("ascii") if raw.isascii() else clean_text(guess(raw, node.hints))
    if "*" in str(tree.get("Content-Type", "")) or not codec_name(str(tree.get_param("charset", "ascii"))):
        # The email package raises on extended parameters, and on some names of charsets that are none.
        del tree["Content-Type"]
        tree["Content-Type"] = node.type
    if node.part.kind == "leaf" and not tree.is_multipart():
        start, end = node.part.content, min(node.part.end, node.part.content + _FILLED_BYTES)
        tree.set_payload(node.mail[start:end].decode("ascii", "surrogateescape"))
