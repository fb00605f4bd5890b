"""The IMAP mailboxes of the configuration: a door each, held by one process at a time, their health written down."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from maild.doors.imap import JOIN_SECONDS, Health, LoginRefused, MailboxDoor, MailboxState
from maild.log import events
from maild.oauth2.model import OAuth2Trouble
from maild.service.access import Access
from maild.service.house import House
from maild.service.leaving import end_together
from maild.service.office import Office
from maild.service.workers import Repeater
from maild.settings.doors import Mailbox
from maild.store.housekeeping import drop_lease, mailbox_is, take_lease

LEASE = timedelta(seconds=60)
CLOSE_SECONDS = 2 * JOIN_SECONDS + 0.3  # a door waits for its thread, cuts its connection, and waits again
LOOK_SECONDS = 10.0  # How often a lease is taken or renewed.


class Mailboxes:
    """Starts a door for each mailbox whose lease this process holds."""

    def __init__(
        self, house: House, office: Callable[[], Office], access: Access, now: Callable[[], datetime], name: str
    ) -> None:
        self._house = house
        self._access = access
        self._office = office
        self._now = now
        self._name = name
        self._doors: dict[str, tuple[Mailbox, MailboxDoor]] = {}
        self._keeper = Repeater("mailboxes", self._look, pause=LOOK_SECONDS)
        self._started = False

    def start(self) -> None:
        """Open a door for each mailbox; nothing when there are none."""
        if self._office().settings.mailbox:
            self._started = True
            self._keeper.start()

    def stop(self) -> None:
        """Close all doors and give their leases back."""
        if self._started:
            self._keeper.stop()
        names = list(self._doors)
        end_together({name: partial(self._close, name) for name in names}, CLOSE_SECONDS)  # a server may be silent
        for name in names:
            drop_lease(self._house.db, f"mailbox:{name}", self._name)

    def reload(self) -> None:
        """Take up another configuration: doors whose mailbox changed or is gone are closed, new ones opened."""
        if not self._started:
            self.start()

    def _look(self) -> None:
        wanted = {mailbox.name: mailbox for mailbox in self._office().settings.mailbox}
        for name, (mailbox, _) in list(self._doors.items()):
            if wanted.get(name) != mailbox or not self._holds(name):
                self._close(name)
        for name, mailbox in wanted.items():
            if name not in self._doors and self._holds(name):
                self._open(mailbox)

    def _holds(self, name: str) -> bool:
        held = take_lease(self._house.db, f"mailbox:{name}", self._name, self._now(), LEASE) is not None
        if not held and name in self._doors:
            events.lease_lost(lease=f"mailbox:{name}", because="another process holds it")
        return held

    def _open(self, mailbox: Mailbox) -> None:
        login = f"mailbox.{mailbox.name}"

        def refused() -> None:
            """Forget the token that the server has refused."""
            self._access.refused(login)

        secret = secret_of(self._access.secret, login)
        door = MailboxDoor(mailbox, secret, self._house.journal, self._now, self._told, random.random, refused)
        self._doors[mailbox.name] = (mailbox, door)
        door.start()

    def _close(self, name: str) -> None:
        _, door = self._doors.pop(name)
        door.stop()

    def _told(self, health: Health) -> None:
        """Write down how a mailbox is; one whose next log-in will fail is not well, though its connection lasts."""
        state, problem = health.state, health.reason
        if state is MailboxState.OK and (ahead := self._access.problem(f"mailbox.{health.mailbox}")):
            state, problem = MailboxState.DEGRADED, f"the next log-in will fail: {ahead}"
        mailbox_is(
            self._house.db,
            health.mailbox,
            state,
            self._now(),
            problem=problem,
            contact=health.contact,
            mail=health.mail,
        )


def secret_of(secrets: Callable[[str], str], login: str) -> Callable[[], str]:
    """Return what gives a mailbox's password or token in the terms of its door: no token is a login refused."""

    def secret() -> str:
        """Return an access token; raises LoginRefused when there is none."""
        try:
            return secrets(login)
        except OAuth2Trouble as trouble:
            code = "UNAVAILABLE" if trouble.passing else "AUTHENTICATIONFAILED"
            raise LoginRefused(trouble.words, code, trouble.wait_seconds) from trouble

    return secret
