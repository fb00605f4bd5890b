"""The access token of one log-in: kept in memory, renewed ahead of its end, its refresh token kept in the database."""

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from maild.log import events
from maild.oauth2.grants import Ask, renewed
from maild.oauth2.model import Application, Flow, Issued, Kind, OAuth2Trouble

AHEAD = timedelta(minutes=10)  # how long before its end a token is renewed; half of its life when that is shorter
USABLE = timedelta(seconds=30)  # a token that ends sooner is not shown to a server any more
AGAIN_SECONDS = 60.0  # between two tries after a failure, unless the provider names its own time


@dataclass(frozen=True, slots=True)
class Grant:
    """What the database knows of a log-in."""

    refresh_token: str = ""
    seed: str = ""  # the configured refresh token, hashed, at the time; another one in the file goes before this row
    expires_at: datetime | None = None  # of the refresh token, where the provider says it


class Kept(Protocol):
    """Where grants outlive the process; all methods may raise DatabaseUnavailable."""

    def load(self, name: str) -> Grant | None:
        """Return what is kept; None when nothing is. Raises OAuth2Trouble when it cannot be read any more."""

    def save(self, name: str, grant: Grant) -> None:
        """Keep a grant in place of the one before; whatever problem was noted is over."""

    def well(self, name: str) -> None:
        """Note that a token was had; whatever problem was noted is over."""

    def ill(self, name: str, problem: str) -> None:
        """Note why no token is to be had, in words."""


class Wallet:
    """Gives the access token of one application. For several threads; the endpoint is asked by one of them."""

    def __init__(self, application: Application, kept: Kept, ask: Ask, now: Callable[[], datetime]) -> None:
        self._application = application
        self._kept = kept
        self._ask = ask
        self._now = now
        self._lock = threading.Lock()
        self._issued: Issued | None = None
        self._renew_at = now()
        self._trouble: OAuth2Trouble | None = None
        self._tried_with = ""  # the refresh token that the trouble is about

    def access_token(self) -> str:
        """Return a token that is good for some seconds at least; raises OAuth2Trouble when there is none."""
        return self._good() or self._renew_alone()  # nobody waits for an endpoint while there is a good one

    def _good(self) -> str:
        issued = self._issued
        return issued.access_token if issued is not None and self._now() < issued.expires_at - USABLE else ""

    def _renew_alone(self) -> str:
        with self._lock:
            return self._good() or self._renew().access_token

    def keep_fresh(self) -> None:
        """Renew a token in use whose end is near; a failure is noted, and what is left of the old one still serves."""
        with self._lock:
            if self._issued is not None and self._now() >= self._renew_at:
                try:
                    self._renew()
                except OAuth2Trouble as trouble:
                    self._trouble = trouble  # noted and told already

    @property
    def problem(self) -> str:
        """Why the last renewal failed, in words; "" when it went well. The old token may serve all the same."""
        trouble = self._trouble
        return trouble.words if trouble is not None else ""

    def refused(self) -> None:
        """Hear that a server does not take the token: the next one is asked for anew."""
        with self._lock:
            self._issued = None

    def _renew(self) -> Issued:
        grant = self._grant()
        if self._trouble is not None and self._now() < self._renew_at and grant.refresh_token == self._tried_with:
            raise self._trouble
        self._tried_with = grant.refresh_token
        try:
            issued = renewed(self._application, grant.refresh_token, self._ask, self._now())
        except OAuth2Trouble as trouble:
            self._failed(trouble)
            raise
        self._took(issued, grant)
        return issued

    def _grant(self) -> Grant:
        """Return the grant in force: what is kept, unless the configuration names another refresh token since."""
        try:
            return grant_in_force(self._application, self._kept)
        except OAuth2Trouble as trouble:
            self._failed(trouble)
            raise

    def _took(self, issued: Issued, grant: Grant) -> None:
        lasts = issued.expires_at - self._now()
        self._issued, self._trouble = issued, None
        self._renew_at = issued.expires_at - min(AHEAD, lasts / 2)
        if issued.refresh_token and self._application.flow is not Flow.CLIENT_CREDENTIALS:
            until = issued.refresh_expires_at or grant.expires_at
            self._kept.save(
                self._application.name, replace(grant, refresh_token=issued.refresh_token, expires_at=until)
            )
        else:
            self._kept.well(self._application.name)
        events.token_renewed(login=self._application.name, seconds=lasts.total_seconds())

    def _failed(self, trouble: OAuth2Trouble) -> None:
        self._trouble = trouble
        self._renew_at = self._now() + timedelta(seconds=trouble.wait_seconds or AGAIN_SECONDS)
        events.token_refused(login=self._application.name, kind=trouble.kind, because=trouble.words)
        self._kept.ill(self._application.name, trouble.words)


def grant_in_force(application: Application, kept: Kept) -> Grant:
    """Return what to renew with; raises OAuth2Trouble when nobody has logged in yet."""
    if application.flow is Flow.CLIENT_CREDENTIALS:
        return Grant()
    seed = seed_of(application)
    grant = kept.load(application.name)
    if grant is not None and grant.refresh_token and grant.seed == seed:
        return grant
    if application.refresh_token:
        return Grant(application.refresh_token, seed)
    name = application.name.removeprefix("mailbox.")
    raise OAuth2Trouble(Kind.GRANT, f"nobody has logged in yet, run: maild oauth login {name}")


def seed_of(application: Application) -> str:
    """Return the configured refresh token, hashed; "" when there is none."""
    token = application.refresh_token
    return hashlib.sha256(token.encode()).hexdigest() if token else ""
