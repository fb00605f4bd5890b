"""What the SMTP and LMTP doors ask of the rest of the house."""

import contextlib
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from pathlib import Path

from maild.doors.incoming import Accept, Incoming, TryAgain
from maild.doors.session import Callbacks
from maild.journal.journal import Journal
from maild.journal.model import JournalUnavailable
from maild.journal.space import free_octets
from maild.proof.tokens import looks_like_token_address
from maild.service.office import Office
from maild.settings.model import Settings


def callbacks(
    journal: Journal, office: Callable[[], Office], now: Callable[[], datetime], database_folder: Path | None
) -> Callbacks:
    """Return the doors' callbacks; `database_folder` is where free space is looked at, None for a remote database."""

    def has_room() -> bool:
        if database_folder is None:
            return True
        with contextlib.suppress(OSError):
            return free_octets(database_folder) >= office().settings.limits.free_space
        return False

    def is_known(address: str) -> bool:
        return is_known_recipient(address, office().settings)

    return Callbacks(accept_into(journal), is_known, now, has_room)


def is_known_recipient(address: str, settings: Settings) -> bool:
    """True for every address that RCPT accepts: queues, aliases, our reply address bare or with any well-formed token.

    Tokens are judged later, by the pipeline: the answer here tells nobody which ones are good.
    """
    wanted, desk = address.strip().lower(), settings.desk
    local, _, domain = wanted.rpartition("@")
    return (
        wanted in settings.own_addresses
        or (local == "postmaster" and domain in settings.own_domains)
        or looks_like_token_address(wanted, desk.reply_address, desk.recipient_delimiter)
    )


def accept_into(journal: Journal) -> Accept:
    """Return what keeps a mail: its future gives the entry id after the durable commit, or raises TryAgain."""

    def accept(incoming: Incoming) -> "Future[str]":
        promise: Future[str] = Future()

        def kept(done: "Future[str]") -> None:
            fault = done.exception()
            if fault is None:
                promise.set_result(done.result())
            elif isinstance(fault, JournalUnavailable):
                promise.set_exception(TryAgain(fault.status, fault.detail))
            else:
                promise.set_exception(TryAgain("4.3.0", f"{type(fault).__name__}: {fault}"))

        journal.append(incoming).add_done_callback(kept)
        return promise

    return accept
