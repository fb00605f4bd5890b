"""What was measured of a mail once, as the journal keeps it."""

import json
from dataclasses import fields
from typing import Any

from maild.proof.model import Results

_NAMES = tuple(field.name for field in fields(Results))


def results_to_json(results: Results) -> str:
    """Return results as one line of JSON."""
    return json.dumps({name: getattr(results, name) for name in _NAMES}, ensure_ascii=False)


def results_from_json(text: str) -> Results:
    """Read results again; fields that a later version no longer knows are left out."""
    stored: dict[str, Any] = {
        name: tuple(v) if isinstance(v, list) else v for name, v in json.loads(text).items() if name in _NAMES
    }
    return Results(**stored)
