"""What the SMTP and LMTP doors ask of the rest of the house."""

import contextlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from maild.doors.session import Callbacks
from maild.journal.journal import Journal
from maild.journal.space import free_octets
from maild.proof.tokens import looks_like_token_address
from maild.service.office import Office
from maild.settings.model import Settings


def callbacks(
    journal: Journal, office: Callable[[], Office], now: Callable[[], datetime], database_folder: Path | None
) -> Callbacks:
    """Return the doors' callbacks; `database_folder` is where free space is looked at, None for a remote database."""

    def has_room() -> bool:
        """Tell whether the disk may take another mail; no, when nobody can say."""
        if database_folder is None:
            return True
        with contextlib.suppress(OSError):
            return free_octets(database_folder) >= office().settings.limits.free_space
        return False

    def is_known(address: str) -> bool:
        """Tell whether RCPT takes an address."""
        return is_known_recipient(address, office().settings)

    return Callbacks(journal.append, is_known, now, has_room, database_folder)


def is_known_recipient(address: str, settings: Settings) -> bool:
    """True for every address that RCPT accepts: queues, aliases, our reply address bare or with any well-formed token.

    Tokens are judged later, by the pipeline: the answer here tells nobody which ones are good.
    """
    wanted, desk = address.strip().lower(), settings.desk
    local, _, domain = wanted.rpartition("@")
    return (
        wanted in settings.own_addresses
        or wanted == "postmaster"  # RFC 5321 section 4.5.1: without a domain too
        or (local == "postmaster" and domain in settings.own_domains)
        or looks_like_token_address(wanted, desk.reply_address, desk.recipient_delimiter)
    )
