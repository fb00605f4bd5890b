"""A decision's notices become finished mails."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from maild.desk.effects import Composed, Decision
from maild.message.model import Attachment
from maild.notice.render import render, stamped, unsigned

if TYPE_CHECKING:
    from maild.notice.templates import Templates
    from maild.proof.signing import Signer
    from maild.proof.tokens import Keyring
    from maild.settings.model import Settings

Fetch = Callable[[str, Attachment], bytes]


class Means(Protocol):
    """What of the configuration in force a mail is made with; an Office has it."""

    @property
    def settings(self) -> Settings:
        """The settings."""

    @property
    def keyring(self) -> Keyring:
        """What signs addresses and Message-IDs."""

    @property
    def templates(self) -> Templates:
        """The words."""

    @property
    def signer(self) -> Signer | None:
        """What signs with DKIM; None: nothing does."""


def compose_all(decision: Decision, means: Means, now: datetime, fetch: Fetch) -> tuple[Composed, ...]:
    """Return one finished mail for each recipient of each notice, in order."""
    return tuple(
        composed
        for index, notice in enumerate(decision.notices)
        for composed in render(
            notice,
            index,
            stimulus=decision.stimulus,
            settings=means.settings,
            keyring=means.keyring,
            templates=means.templates,
            now=now,
            fetch=fetch,
            sign=means.signer.sign if means.signer is not None else unsigned,
        )
    )


def stamp_all(decision: Decision, means: Means, now: datetime) -> tuple[Composed, ...]:
    """Return the same mails before they are composed, with empty octets: who gets them, and by which names."""
    return tuple(
        composed
        for index, notice in enumerate(decision.notices)
        for composed in stamped(
            notice, index, stimulus=decision.stimulus, settings=means.settings, keyring=means.keyring, now=now
        )
    )
