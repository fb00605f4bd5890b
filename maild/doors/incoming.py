"""What every door hands over: a mail with its envelope, and the promise that it is kept."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import ClassVar

from maild.journal.model import ImapOrigin, Incoming

__all__ = ["Accept", "ImapOrigin", "Incoming", "RecipientCheck", "TryAgain"]


class TryAgain(Exception):
    """A fault of ours: the client keeps the mail and comes back.

    The reply on the wire follows from `status` alone, so that no path, class or table is ever named to a stranger;
    `detail` is for the log.
    """

    REPLIES: ClassVar[dict[str, str]] = {
        "4.3.0": "451 4.3.0 Temporary failure, please try again later",
        "4.3.1": "452 4.3.1 Insufficient system storage, please try again later",
    }

    def __init__(self, status: str = "4.3.0", detail: str = "") -> None:
        assert status in self.REPLIES, status
        super().__init__(detail or status)
        self.status = status
        self.detail = detail

    @property
    def reply(self) -> str:
        """The whole reply line, without CRLF (RFC 5321 section 4.2.3, RFC 3463)."""
        return self.REPLIES[self.status]


Accept = Callable[[Incoming], "Future[str]"]
"""Keeps a mail, as `Journal.append` does; never blocks.

The future gives the entry id after the durable commit. It, or the call, raises TryAgain or JournalUnavailable for a
fault of ours; anything else counts as TryAgain too.
"""

RecipientCheck = Callable[[str], bool]
"""Whether an address (without brackets) is ours. Looks at memory only; may raise TryAgain."""
