"""How the log-ins by OAuth2 are, for people; light."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from maild.base.instants import to_text
from maild.database.dialect import Reader, Row, stored_instant

LOGINS = "oauth2"  # Under this name stand the log-ins of the running configuration.


@dataclass(frozen=True, slots=True)
class Login:
    """A log-in of the running configuration."""

    name: str  # "mailbox.support" or "outgoing"
    renewed_at: datetime | None = None
    expires_on: date | None = None  # the first end that is known: of the client secret, or of the refresh token
    problem: str = ""
    since: datetime | None = None  # how long there is the problem

    def as_row(self) -> dict[str, Any]:
        """Return it as `maild oauth list` and `maild status` print it."""
        return {
            "name": self.name,
            "renewed_at": to_text(self.renewed_at),
            "expires_on": str(self.expires_on) if self.expires_on else None,
            "problem": self.problem or None,
            "since": to_text(self.since),
        }


def logins(reader: Reader) -> list[Login]:
    """Return the log-ins of the running configuration, by name."""
    published = reader.execute("SELECT value FROM meta WHERE name = ?", (LOGINS,))
    ends = json.loads(published[0]["value"]) if published else {}
    known = {row["name"]: row for row in reader.execute("SELECT * FROM oauth2_grant")}
    return [_login(name, day, known.get(name)) for name, day in sorted(ends.items())]


def _login(name: str, day: str | None, row: Row | None) -> Login:
    days = [date.fromisoformat(day)] if day else []
    if row is None:
        return Login(name, expires_on=min(days, default=None))
    ends = stored_instant(row["expires_at"])
    days += [ends.date()] if ends is not None else []
    since = stored_instant(row["problem_since"])
    return Login(name, stored_instant(row["renewed_at"]), min(days, default=None), row["problem"], since)
