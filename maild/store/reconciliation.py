"""What the last nightly reconciliation found, for those who tell people; light."""

import json
from typing import Any

from maild.database.dialect import Reader

RECONCILIATION = "reconciliation"  # Under this name stands the last report.


def reconciliation(reader: Reader) -> dict[str, Any]:
    """Return the last report: `day` and `at`, and `differences` as (about, problem); empty before the first."""
    rows = reader.execute("SELECT value FROM meta WHERE name = ?", (RECONCILIATION,))
    found: dict[str, Any] = json.loads(rows[0]["value"]) if rows else {}
    return found


def in_words(report: dict[str, Any]) -> list[str]:
    """Return a sentence a mailbox or entry that differs; many mails of one mailbox make one sentence."""
    said: dict[str, list[str]] = {}
    for about, problem in report.get("differences", ()):
        said.setdefault(about, []).append(problem)
    more = {about: f", and {len(each) - 1} more" if len(each) > 1 else "" for about, each in said.items()}
    return [f"{about}: {each[0]}{more[about]}" for about, each in said.items()]
