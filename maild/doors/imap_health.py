"""How a mailbox is, told whenever it changes and after every look."""

from collections.abc import Callable
from datetime import datetime

from maild.doors.imap_model import DEAD_AFTER, LOGINS_REFUSED, Health, MailboxState
from maild.log import events


class Pulse:
    """Keeps the health of one mailbox, and hands each report to `report`."""

    def __init__(self, mailbox: str, now: Callable[[], datetime], report: Callable[[Health], None]) -> None:
        self._now = now
        self._report = report
        self._refused = 0  # logins in a row
        self._begun = now()
        self._health = Health(mailbox, MailboxState.DEGRADED, self._begun, reason="not reached yet")

    @property
    def health(self) -> Health:
        """The last report."""
        return self._health

    def answered(self, taken: int, problem: str) -> None:
        """Note a look that went well, or well but for `problem`."""
        now = self._now()
        self._refused = 0
        self._become(
            MailboxState.DEGRADED if problem else MailboxState.OK,
            problem,
            contact_at=now,
            mail_at=now if taken else self._health.last_mail,
        )

    def failed(self, because: str, *, login_refused: bool) -> None:
        """Note a connection that was lost, or that did not come about."""
        self._refused = self._refused + 1 if login_refused else 0
        silent = self._now() - (self._health.last_contact or self._begun) >= DEAD_AFTER
        dead = silent or self._refused >= LOGINS_REFUSED
        was_dead = self._health.state is MailboxState.DEAD
        self._become(
            MailboxState.DEAD if dead else MailboxState.DEGRADED,
            because,
            contact_at=self._health.last_contact,
            mail_at=self._health.last_mail,
        )
        if dead and not was_dead:
            events.mailbox_dead(mailbox=self._health.mailbox, because=because)

    def _become(
        self, state: MailboxState, reason: str, *, contact_at: datetime | None, mail_at: datetime | None
    ) -> None:
        before = self._health
        self._health = Health(
            before.mailbox,
            state,
            since=before.since if state is before.state else self._now(),
            last_contact=contact_at,
            last_mail=mail_at,
            reason=reason,
            contact=contact_at != before.last_contact,
            mail=mail_at != before.last_mail,
        )
        self._report(self._health)
