"""An application as a provider knows it, what it is given, and what goes wrong on the way."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Flow(StrEnum):
    """How access is granted, in the words of the setting `oauth2_flow`."""

    CLIENT_CREDENTIALS = "client-credentials"  # RFC 6749 section 4.4
    REFRESH_TOKEN = "refresh-token"
    DEVICE_CODE = "device-code"  # RFC 8628
    PASTE_CODE = "paste-code"  # RFC 6749 section 4.1 with the proof key of RFC 7636


class Kind(StrEnum):
    """What is wrong: who has to do something about it."""

    GRANT = "grant"  # the grant is gone: a person has to log in again
    CLIENT = "client"  # the application or its secret is refused: the administrator has to renew it
    CONFIGURATION = "configuration"  # the provider does not understand what we ask for
    THROTTLED = "throttled"  # we are to come later
    AWAY = "away"  # nobody answers, or with an error of the server's own
    TLS = "tls"  # who answers is not who it should be
    PENDING = "pending"  # the person has not let us in yet (RFC 8628 section 3.5)


LATER = frozenset({Kind.THROTTLED, Kind.AWAY, Kind.PENDING})  # waiting may mend these


class OAuth2Trouble(Exception):
    """There is no access token; `words` tell a person why, and what to do."""

    def __init__(self, kind: Kind, words: str, wait_seconds: float = 0.0) -> None:
        super().__init__(words)
        self.kind = kind
        self.words = words
        self.wait_seconds = wait_seconds  # how long the server asks us to wait, 0 when it says nothing

    @property
    def passing(self) -> bool:
        """Whether the same may well succeed later."""
        return self.kind in LATER


@dataclass(frozen=True, slots=True)
class Application:
    """All that is needed to ask for tokens."""

    name: str  # whose log-in it is: "mailbox.support" or "outgoing"
    flow: Flow
    client_id: str
    scope: str
    token_url: str
    device_url: str = ""
    authorize_url: str = ""
    redirect_url: str = ""
    client_secret: str = ""
    refresh_token: str = ""  # of the configuration; one that came since stands in the database
    google: bool = False  # asks for its refresh token in words of its own

    def __repr__(self) -> str:
        """Return it without its secrets."""
        return f"Application({self.name}, {self.flow}, {self.client_id})"


@dataclass(frozen=True, slots=True)
class Issued:
    """What a token endpoint gave (RFC 6749 section 5.1)."""

    access_token: str
    expires_at: datetime
    refresh_token: str = ""  # "" when the one that we have stays good
    refresh_expires_at: datetime | None = None  # None: the provider does not say

    def __repr__(self) -> str:
        """Return it without the tokens."""
        return f"Issued(until {self.expires_at})"


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """What a person has to do on another device (RFC 8628 section 3.2)."""

    user_code: str  # to be typed at `url`
    url: str
    device_code: str  # what we ask with meanwhile
    interval: float  # seconds between questions
    expires_at: datetime
