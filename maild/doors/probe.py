"""Tries whether a mailbox would let us in, without touching what lies in it."""

from collections.abc import Callable

from maild.doors.imap_connect import connect
from maild.doors.imap_model import Lost, Refused
from maild.settings.doors import Mailbox

LITERAL_OCTETS = 1_000_000  # no mail is fetched


def try_mailbox(mailbox: Mailbox, secret: Callable[[], str], *, timeout: float) -> str:
    """Connect and log in as the door does, and look at the folder read-only; return what went wrong, "" for nothing.

    `secret` gives the password or the access token; what it raises besides Lost and Refused goes through.
    """
    try:
        wire = connect(mailbox, secret, literal_octets=LITERAL_OCTETS, seconds=timeout)
        try:
            wire.examine(mailbox.folder)
        finally:
            wire.close()
    except (Lost, Refused) as trouble:
        return trouble.words
    return ""
