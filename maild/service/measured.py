"""What was measured of a mail once, as the journal keeps it."""

import json
from dataclasses import asdict, fields
from typing import Any

from maild.proof.model import Results


def results_to_json(results: Results) -> str:
    """Return results as one line of JSON."""
    return json.dumps(asdict(results), ensure_ascii=False)


def results_from_json(text: str) -> Results:
    """Read results again; fields that a later version no longer knows are left out."""
    known = {f.name for f in fields(Results)}
    stored: dict[str, Any] = {
        name: tuple(v) if isinstance(v, list) else v for name, v in json.loads(text).items() if name in known
    }
    return Results(**stored)
