"""A report as tables for people, in their language, with the definitions under each; and as plain text."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from maild.desk.model import Table
from maild.reports.model import GROUPS, Figures, Period, Report, Times
from maild.reports.wording import said

_IN_GROUPS = ("opened", "resolved", "backlog", "first_response", "resolution", "met", "reopened", "first_contact")
_TOTAL = (
    *("opened", "resolved", "backlog", "backlog_median", "backlog_oldest", "first_response", "next_response"),
    *("resolution", "met", "reopened", "first_contact", "rating", "satisfied"),
)


def tables(report: Report, language: str) -> tuple[Table, ...]:
    """Return the tables of a report, in order; a group that nothing belongs to has none."""

    def name(word: str) -> str:
        """Return the name of a row or column."""
        return said(language, word).name

    total = Table(
        f"{name('total')}, {period_in_words(report.period)}",
        (name("figure"), name("value")),
        tuple((name(figure), _shown(report.total, figure)) for figure in _TOTAL),
        _notes(language, _TOTAL),
    )
    volumes = ("opened", "resolved", "mails_in", "mails_out")
    days = Table(
        name("day"),
        (name("day"), *map(name, volumes)),
        tuple((d.day.isoformat(), *map(str, (d.opened, d.resolved, d.mails_in, d.mails_out))) for d in report.days),
        _notes(language, ("day", "mails_in", "mails_out")),
    )
    machines = (*report.automatic, (name("quarantined"), report.quarantined))
    mail = Table(
        name("mail"),
        (name("kind"), name("mails")),
        tuple((kind, str(count)) for kind, count in machines),
        _notes(language, ("mail",)),
    )
    return (total, days, *_groups(report, language), mail)


def _groups(report: Report, language: str) -> Iterator[Table]:
    for group in GROUPS:
        rows = report.groups[group]
        if rows:
            yield Table(
                said(language, group).name,
                tuple(said(language, word).name for word in (group, *_IN_GROUPS, "rating")),
                tuple(
                    (of or said(language, "none").name, *(_shown(figures, word) for word in (*_IN_GROUPS, "rating")))
                    for of, figures in rows
                ),
                _notes(language, (group,)),
            )


def _notes(language: str, words: Sequence[str]) -> tuple[str, ...]:
    defined = (said(language, word) for word in words)
    return tuple(f"{each.name}: {each.meaning}" for each in defined if each.meaning)


def _shown(figures: Figures, word: str) -> str:
    values = {
        "opened": str(figures.opened),
        "resolved": str(figures.resolved),
        "backlog": str(figures.backlog),
        "backlog_median": _age(figures.backlog_median_seconds),
        "backlog_oldest": _age(figures.backlog_oldest_seconds),
        "first_response": _times(figures.first_response),
        "next_response": _times(figures.next_response),
        "resolution": _times(figures.resolution),
        "met": _percent(figures.met_percent),
        "reopened": _percent(figures.reopened_percent),
        "first_contact": _percent(figures.first_contact_percent),
        "rating": "-" if figures.rating_mean is None else f"{figures.rating_mean:.2f} ({figures.ratings})",
        "satisfied": _percent(figures.satisfied_percent),
    }
    return values[word]


def _times(times: Times) -> str:
    return "-" if times.median is None or times.p90 is None else f"{_hours(times.median)} / {_hours(times.p90)}"


def _hours(seconds: int) -> str:
    minutes = (seconds + 30) // 60
    return f"{minutes // 60}:{minutes % 60:02} h"


def _age(seconds: int | None) -> str:
    return "-" if seconds is None else f"{seconds / 86_400:.1f} d"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1f} %"


def period_in_words(period: Period) -> str:
    """Return the first and the last day of a period."""
    first, last = period.day_of(period.start), period.day_of(period.end - timedelta(microseconds=1))
    return str(first) if first == last else f"{first} – {last}"


def as_text(shown: Sequence[Table]) -> str:
    """Return tables as plain text: columns one below the other, the definitions under each table."""
    return "\n\n".join("\n".join(_lines(table)) for table in shown) + "\n"


def _lines(table: Table) -> Iterator[str]:
    yield table.title
    lines = [[" ".join(cell.split()) for cell in line] for line in (table.columns, *table.rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(table.columns))]
    for line in lines:
        first, *rest = (f"{cell:{'>' if at else '<'}{widths[at]}}" for at, cell in enumerate(line))
        yield f"  {'  '.join((first, *rest))}".rstrip()
    for note in table.notes:
        yield f"  * {note}"
