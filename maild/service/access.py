"""How this process logs in elsewhere: by the passwords of the configuration, or by access tokens that it renews."""

from collections.abc import Callable
from datetime import datetime
from threading import Lock

from maild.database.connection import Database
from maild.oauth2.endpoint import ask
from maild.oauth2.grants import Ask
from maild.oauth2.model import Application, Kind, OAuth2Trouble
from maild.oauth2.providers import applications
from maild.oauth2.sealing import SecretKeys, Unsealable, seal, unseal
from maild.oauth2.wallet import Grant, Wallet
from maild.service.office import Office
from maild.store.grants import SealedGrant, grant_is, read_grant, save_grant


class Vault:
    """Keeps grants in the database, sealed with the desk's secret."""

    def __init__(self, db: Database, keys: Callable[[], SecretKeys], now: Callable[[], datetime]) -> None:
        self._db = db
        self._keys = keys
        self._now = now

    def load(self, name: str) -> Grant | None:
        """Return what is kept; None when nothing is, OAuth2Trouble when the desk's secret is another one by now."""
        kept = read_grant(self._db, name)
        if kept is None or not kept.sealed:
            return None
        try:
            return Grant(unseal(kept.sealed, self._keys()), kept.seed, kept.expires_at)
        except Unsealable:
            words = "the refresh token was kept under another secret, log in again"
            raise OAuth2Trouble(Kind.GRANT, words) from None

    def save(self, name: str, grant: Grant) -> None:
        """Keep a grant; its problem is over."""
        sealed = SealedGrant(seal(grant.refresh_token, self._keys()), grant.seed, grant.expires_at)
        save_grant(self._db, name, sealed, self._now())

    def well(self, name: str) -> None:
        """Note that a token was had."""
        grant_is(self._db, name, self._now())

    def ill(self, name: str, problem: str) -> None:
        """Note why none is to be had."""
        grant_is(self._db, name, self._now(), problem)


class Access:
    """Passwords and tokens by the names of the log-ins, "mailbox.support" or "outgoing"; follows every reload."""

    def __init__(
        self, db: Database, office: Callable[[], Office], now: Callable[[], datetime], asking: Ask = ask
    ) -> None:
        self._office = office
        self._now = now
        self._asking = asking
        self._vault = Vault(db, lambda: office().secret_keys, now)
        self._made_for: Office | None = None
        self._wallets: dict[str, tuple[Application, Wallet]] = {}
        self._lock = Lock()

    def secret(self, name: str) -> str:
        """Return the password of a log-in, or its access token when it uses OAuth2; raises OAuth2Trouble."""
        wallet = self._wallet(name)
        if wallet is None:
            return self._office().secrets.get(f"{name}.password", "")
        return wallet.access_token()

    def refused(self, name: str) -> None:
        """Hear that a server did not take what `secret` gave; a password stays what it is."""
        wallet = self._wallet(name)
        if wallet is not None:
            wallet.refused()

    def problem(self, name: str) -> str:
        """Return why the token of a log-in cannot be renewed, in words; "" when it can, and for a password."""
        wallet = self._wallet(name)
        return wallet.problem if wallet is not None else ""

    def keep_fresh(self) -> None:
        """Renew the tokens in use whose end is near, ahead of their next use."""
        with self._lock:
            wallets = [wallet for _, wallet in self._wallets.values()]
        for wallet in wallets:
            wallet.keep_fresh()

    def _wallet(self, name: str) -> Wallet | None:
        with self._lock:
            office = self._office()
            if office is not self._made_for:
                self._wallets = dict(self._renewed(office))
                self._made_for = office
            found = self._wallets.get(name)
            return found[1] if found is not None else None

    def _renewed(self, office: Office) -> list[tuple[str, tuple[Application, Wallet]]]:
        """Return the wallets of a configuration; one whose application is the same keeps its token."""
        made = []
        for name, application in applications(office.settings, office.secrets).items():
            before = self._wallets.get(name)
            same = before is not None and before[0] == application
            wallet = before[1] if same and before else Wallet(application, self._vault, self._asking, self._now)
            made.append((name, (application, wallet)))
        return made
