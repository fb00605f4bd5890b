"""A decision's notices become finished mails, and its posts learn their Message-IDs."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from maild.desk.effects import AddPost, Composed, Decision
from maild.message.model import Attachment
from maild.notice.render import render
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
        )
    )


def with_message_ids(decision: Decision, composed: tuple[Composed, ...]) -> Decision:
    """Return the decision with the Message-ID of our mail in each post whose words that mail carries."""
    ids = {c.post: c.message_id for c in composed if c.post}
    effects = tuple(
        replace(e, post=replace(e.post, message_id=ids[e.post.id]))
        if isinstance(e, AddPost) and e.post.id in ids
        else e
        for e in decision.effects
    )
    return replace(decision, effects=effects)
