"""The log-ins by OAuth2 as the database keeps them: sealed refresh tokens, and how renewing them goes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from maild.database.connection import Database
from maild.database.dialect import Reader, stored_instant
from maild.store.housekeeping import save_meta
from maild.store.logins import LOGINS
from maild.store.work import upsert


@dataclass(frozen=True, slots=True)
class SealedGrant:
    """A row of oauth2_grant."""

    sealed: str  # the refresh token, sealed; "" for none
    seed: str  # the configured refresh token that it descends from, hashed
    expires_at: datetime | None


def read_grant(reader: Reader, name: str) -> SealedGrant | None:
    """Return what is kept of a log-in; None when nothing is."""
    rows = reader.execute("SELECT sealed, seed, expires_at FROM oauth2_grant WHERE name = ?", (name,))
    return SealedGrant(rows[0]["sealed"], rows[0]["seed"], stored_instant(rows[0]["expires_at"])) if rows else None


def save_grant(db: Database, name: str, grant: SealedGrant, now: datetime) -> None:
    """Keep a grant that was given just now; its problem is over."""
    values: dict[str, object] = {"name": name, "sealed": grant.sealed, "seed": grant.seed}
    values |= {"expires_at": grant.expires_at, "renewed_at": now, "problem": "", "problem_since": None}
    with db.transaction() as transaction:
        transaction.change(*upsert("oauth2_grant", ("name",), values))


def grant_is(db: Database, name: str, now: datetime, problem: str = "") -> None:
    """Note that a token was renewed, or why it was not; `problem_since` stays while there is a problem."""
    note = (
        "INSERT INTO oauth2_grant (name, sealed, seed, renewed_at, problem, problem_since) VALUES (?, '', '', ?, ?, ?)"
        " ON CONFLICT (name) DO UPDATE SET problem = excluded.problem,"
        " renewed_at = coalesce(excluded.renewed_at, oauth2_grant.renewed_at),"
        " problem_since = CASE WHEN excluded.problem = '' THEN NULL"
        " ELSE coalesce(oauth2_grant.problem_since, excluded.problem_since) END"
    )
    with db.transaction() as transaction:
        transaction.change(note, (name, None if problem else now, problem, now if problem else None))


def publish_logins(db: Database, ends: Mapping[str, date | None], now: datetime) -> None:
    """Leave the log-ins of a configuration, with the days that it names, for those who read none."""
    save_meta(db, LOGINS, json.dumps({name: str(day) if day else None for name, day in ends.items()}), now)
