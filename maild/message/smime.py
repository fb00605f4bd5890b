"""What lies inside an S/MIME message that is only signed (RFC 8551 section 3.5.2): read, never checked."""

from collections.abc import Iterator

SIGNED = "signed: S/MIME, not checked"
_TYPES = {"application/pkcs7-mime", "application/x-pkcs7-mime"}
_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")  # 1.2.840.113549.1.7.2, RFC 5652 section 5.1
_DATA = bytes.fromhex("2a864886f70d010701")  # 1.2.840.113549.1.7.1
_SEQUENCE, _OID, _OCTETS, _EXPLICIT = 0x30, 0x06, 0x04, 0xA0
_CONSTRUCTED = 0x20
_DEPTH_MAX = 4  # Octet strings in octet strings; senders stream with one level.
_CHILDREN_MAX = 4  # Version, digest algorithms, contents, certificates.

Element = tuple[int, int, int, int]  # tag, where its content starts and ends, where the next element starts


def is_smime(content_type: str) -> bool:
    """Say whether a part is an S/MIME container."""
    return content_type in _TYPES


def signed_content(octets: bytes) -> bytes | None:
    """Return the MIME entity that a signed-data container carries; None when it is encrypted, broken or none.

    Reads the lengths of BER, definite and indefinite (RFC 5652 section 5.2). Never raises; linear in the size.
    """
    info = _only(_element(octets, 0, len(octets)), _SEQUENCE)
    parts = info and _children(octets, *info)
    if not parts or len(parts) < 2 or not _is(octets, parts[0], _SIGNED_DATA):
        return None
    signed = _inside(octets, parts[1], (_EXPLICIT, _SEQUENCE))
    for child in _children(octets, *signed) if signed else ():
        inner = _children(octets, child[1], child[2]) if child[0] == _SEQUENCE else []
        if len(inner) > 1 and _is(octets, inner[0], _DATA) and inner[1][0] == _EXPLICIT:
            return b"".join(_strings(octets, inner[1][1], inner[1][2], _DEPTH_MAX))
    return None


def _only(element: Element | None, tag: int) -> tuple[int, int] | None:
    return (element[1], element[2]) if element is not None and element[0] == tag else None


def _inside(octets: bytes, element: Element, tags: tuple[int, int]) -> tuple[int, int] | None:
    """Return the content of the one element within an explicitly tagged one."""
    outer = _only(element, tags[0])
    return _only(_element(octets, *outer), tags[1]) if outer else None


def _is(octets: bytes, element: Element, oid: bytes) -> bool:
    return element[0] == _OID and octets[element[1] : element[2]] == oid


def _element(octets: bytes, start: int, end: int) -> Element | None:
    """Read tag and length at `start`; None at the end of the contents or when it is broken."""
    if start + 2 > end or octets[start : start + 2] == b"\0\0":
        return None
    tag, length, content = octets[start], octets[start + 1], start + 2
    if length == 0x80:
        return (tag, content, *_indefinite(octets, content, end))
    if length > 0x80:
        count = length & 0x7F
        length = int.from_bytes(octets[content : content + count], "big") if count <= 8 else end
        content += count
    stop = min(content + length, end)
    return tag, content, stop, stop


def _indefinite(octets: bytes, start: int, end: int) -> tuple[int, int]:
    """Return where content of indefinite length ends, and where the next element starts; one pass, no recursion."""
    place, open_ = start, 1
    while place + 2 <= end:
        if octets[place : place + 2] == b"\0\0":
            place, open_ = place + 2, open_ - 1
            if not open_:
                return place - 2, place
        elif octets[place + 1] == 0x80:
            place, open_ = place + 2, open_ + 1
        else:
            element = _element(octets, place, end)
            place = element[3] if element else end
    return end, end


def _children(octets: bytes, start: int, end: int) -> list[Element]:
    """Return the first elements; what is asked for stands before the certificates."""
    found: list[Element] = []
    while len(found) < _CHILDREN_MAX and (element := _element(octets, start, end)) is not None:
        found.append(element)
        start = element[3]
    return found


def _strings(octets: bytes, start: int, end: int, depth: int) -> Iterator[bytes]:
    """Yield the pieces of an octet string, which a sender may cut into many."""
    while depth and (element := _element(octets, start, end)) is not None:
        if element[0] == _OCTETS:
            yield octets[element[1] : element[2]]
        elif element[0] == _OCTETS | _CONSTRUCTED:
            yield from _strings(octets, element[1], element[2], depth - 1)
        start = element[3]
