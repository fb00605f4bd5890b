"""A report for programs: one JSON object, or CSV that a spreadsheet opens without obeying it."""

import csv
import io
from typing import Any

from maild.base.instants import to_text
from maild.reports.model import GROUPS, Figures, Report, Times
from maild.reports.wording import said

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # CWE-1236: a cell that begins so is run by spreadsheets
_FIGURES = (
    *("opened", "resolved", "backlog", "backlog_median_seconds", "backlog_oldest_seconds"),
    *(f"{c}_{w}" for c in ("first_response", "next_response", "resolution") for w in ("count", "median_seconds")),
    *(f"{c}_p90_seconds" for c in ("first_response", "next_response", "resolution")),
    *("targets_met", "targets_missed", "met_percent", "reopened", "reopened_percent"),
    *("first_contact", "first_contact_percent", "ratings", "rating_mean", "satisfied_percent"),
)
_DEFINED = (
    *("opened", "resolved", "mails_in", "mails_out", "backlog", "backlog_median", "first_response", "next_response"),
    *("resolution", "met", "reopened", "first_contact", "rating", "satisfied", "agent", "team", "mail", "day"),
)


def as_object(report: Report, language: str = "en") -> dict[str, Any]:
    """Return all figures as one JSON object; durations are seconds, working seconds but for the backlog's age."""
    return {
        "from": to_text(report.period.start),
        "to": to_text(report.period.end),
        "teams": list(report.teams),
        "total": _figures(report.total),
        "days": [
            {
                "day": day.day.isoformat(),
                "opened": day.opened,
                "resolved": day.resolved,
                "mails_in": day.mails_in,
                "mails_out": day.mails_out,
            }
            for day in report.days
        ],
        **{f"by_{g}": [{g: name or None, **_figures(f)} for name, f in report.groups[g]] for g in GROUPS},
        "automatic": dict(report.automatic),
        "quarantined": report.quarantined,
        "definitions": {word: said(language, word).meaning for word in _DEFINED},
    }


def _figures(figures: Figures) -> dict[str, Any]:
    times = {
        "first_response": figures.first_response,
        "next_response": figures.next_response,
        "resolution": figures.resolution,
    }
    spread = {name: value for clock, each in times.items() for name, value in _times(clock, each).items()}
    return {name: spread[name] if name in spread else getattr(figures, name) for name in _FIGURES}


def _times(clock: str, times: Times) -> dict[str, int | None]:
    values = {"count": times.count, "median_seconds": times.median, "p90_seconds": times.p90}
    return {f"{clock}_{name}": value for name, value in values.items()}


def as_csv(report: Report, language: str = "en") -> str:
    """Return all figures as CSV (RFC 4180): `scope` and `name` say of what, then a column a figure.

    A cell that a spreadsheet would take for a formula begins with an apostrophe. The last rows are the definitions.
    """
    columns = ("scope", "name", "mails_in", "mails_out", *_FIGURES)
    rows: list[dict[str, Any]] = [{"scope": "total", "name": "", **_figures(report.total)}]
    for day in report.days:
        volumes = {"opened": day.opened, "resolved": day.resolved, "mails_in": day.mails_in, "mails_out": day.mails_out}
        rows.append({"scope": "day", "name": day.day.isoformat(), **volumes})
    rows += [{"scope": g, "name": name, **_figures(f)} for g in GROUPS for name, f in report.groups[g]]
    machines = (*report.automatic, ("quarantined", report.quarantined))
    rows += [{"scope": "automatic", "name": kind, "mails_in": count} for kind, count in machines]
    rows += [{"scope": "definition", "name": f"{word}: {said(language, word).meaning}"} for word in _DEFINED]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_cell(row.get(column)) for column in columns] for row in rows)
    return text.getvalue()


def _cell(value: object) -> str:
    """Return a value as a cell that no spreadsheet runs."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text
