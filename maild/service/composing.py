"""A decision's notices become finished mails."""

from collections.abc import Callable
from datetime import datetime

from maild.desk.effects import Composed, Decision
from maild.message.model import Attachment
from maild.notice.render import render, unsigned
from maild.service.office import Office

Fetch = Callable[[str, Attachment], bytes]


def compose_all(decision: Decision, office: Office, now: datetime, fetch: Fetch) -> tuple[Composed, ...]:
    """Return one finished mail for each recipient of each notice, in order."""
    return tuple(
        composed
        for index, notice in enumerate(decision.notices)
        for composed in render(
            notice,
            index,
            stimulus=decision.stimulus,
            settings=office.settings,
            keyring=office.keyring,
            templates=office.templates,
            now=now,
            fetch=fetch,
            sign=office.signer.sign if office.signer is not None else unsigned,
        )
    )
