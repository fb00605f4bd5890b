"""Outlook's Thread-Index: a conversation's first mail in 22 octets, and five more for each answer (MS-OXOMSG 2.2.1.3).

Outlook and Exchange gather mails by it, whatever References say; a mail to somebody who wrote with one carries it on.
"""

import base64
import binascii
import hashlib
from datetime import UTC, datetime

HEAD_OCTETS, CHILD_OCTETS = 22, 5
CHILDREN_MAX = 100  # Beyond it the index is sent on as it came; nobody shows so deep a tree.
TOPIC_CHARACTERS_MAX = 250

_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)  # of Windows' FILETIME, in steps of 100 ns
_SHORT = 1 << 49  # Differences of less than 1.7 years are written exactly, longer ones coarsely.


def read_index(value: str) -> str:
    """Return a Thread-Index without its folds; "" when it is none."""
    text = "".join(value.split())
    try:
        octets = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return ""
    children, rest = divmod(len(octets) - HEAD_OCTETS, CHILD_OCTETS)
    return text if children in range(CHILDREN_MAX + 1) and rest == 0 else ""


def answer_index(index: str, at: datetime, seed: str) -> str:
    """Return the Thread-Index of an answer at an instant to the mail of `index`; "" when that is none.

    The octet that Outlook fills at random is made of `seed`, so that the same answer always has the same index.
    """
    if not read_index(index):
        return ""
    octets = base64.b64decode(index)
    if len(octets) > HEAD_OCTETS + (CHILDREN_MAX - 1) * CHILD_OCTETS:
        return index
    began = int.from_bytes(octets[:6]) << 16
    now = int((at - _EPOCH).total_seconds()) * 10_000_000
    apart = max(0, now - began)
    delta = (apart >> 18) & 0x7FFFFFFF if apart < _SHORT else ((apart >> 23) & 0x7FFFFFFF) | 0x80000000
    last = hashlib.sha256(seed.encode("utf-8", "replace")).digest()[:1]
    return base64.b64encode(octets + delta.to_bytes(4) + last).decode("ascii")
