"""Answers that people write by mail: `Field: value` lines, read by label or name, and what is wrong with them."""

import re
from collections.abc import Mapping, Sequence

from maild.base.patterns import matches
from maild.base.text import plain
from maild.settings.catalogue import Service, ServiceField

VALUE_CHARACTERS_MAX = 500
_LINES_MAX = 2_000  # A form is not longer.
_AFTER_LABEL = re.compile("[:=]")
_LABEL_CHARACTERS_MAX = 120
_QUOTED = " \t\u00a0>"
_AROUND = f"{_QUOTED}*•–-_"  # quote marks, bullets and emphasis
_VALUE_AROUND = " \t\u00a0*_"


def read_answers(fields: Sequence[ServiceField], text: str) -> dict[str, str]:
    """Return what a text says of fields, by their names; the first answer to each counts.

    A label is known in every language, without regard to case and accents. A value goes on until the next label or a
    blank line; one that begins on the next line is read too.
    """
    by_label = {_label(word): field.name for field in fields for word in (field.name, *field.label.values())}
    found: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in text.splitlines()[:_LINES_MAX]:
        colon = _AFTER_LABEL.search(line[:_LABEL_CHARACTERS_MAX])
        name = by_label.get(_label(line[: colon.start()])) if colon is not None else None
        if colon is not None and name is not None:
            current = found.setdefault(name, []) if not any(found.get(name, ())) else []
            current.append(line[colon.end() :].strip(_VALUE_AROUND))
        elif current is not None and line.strip(_AROUND):
            current.append(line.strip(_QUOTED))
        else:
            current = None
    return {name: value for name, lines in found.items() if (value := "\n".join(lines).strip())}


def _label(text: str) -> str:
    return " ".join(plain(text).replace("_", " ").strip(_AROUND).split())


def fit(field: ServiceField, value: str) -> str | None:
    """Return a value as it is kept, None when the field does not take it; of several lines the first may fit alone."""
    for text in dict.fromkeys((value.strip(), value.strip().partition("\n")[0].strip())):
        fitting = _fit(field, text[:VALUE_CHARACTERS_MAX])
        if fitting is not None:
            return fitting
    return None


def _fit(field: ServiceField, text: str) -> str | None:
    if not text:
        return None
    if field.choices:
        return next((choice for choice in field.choices if plain(choice) == plain(text).rstrip(".")), None)
    return text if not field.pattern or matches(field.pattern, text) else None


def missing(service: Service, values: Mapping[str, str]) -> tuple[ServiceField, ...]:
    """Return the fields of a service that are required and have no value."""
    return tuple(field for field in service.fields if field.required and not values.get(field.name))
