"""Instants and durations in the words of the reader's language, on the reader's clock."""

from collections.abc import Callable
from datetime import datetime, timedelta

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time
from babel.units import format_unit
from jinja2 import pass_context
from jinja2.runtime import Context

# Where a weekday, day and month have a customary order that CLDR gives only with the year.
_DAYS = {"en": "EEEE d MMMM", "es": "EEEE d 'de' MMMM"}
_YEARS = {"en": " y", "es": " 'de' y"}
_LOCALES = {"en": "en_GB"}  # A day stands before its month wherever the desk does not say otherwise.
HOURS_ALONE = 48  # From so many hours on nobody counts minutes.


def locale_of(language: str) -> Locale:
    """Return the locale of a language; English for one that CLDR does not know."""
    try:
        return Locale.parse(_LOCALES.get(language, language))
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en_GB")


@pass_context
def when(context: Context, instant: datetime) -> str:
    """Return ``Monday 23 November, 10:00``; the year only when it is not the present one."""
    language, locale = context["language"], locale_of(context["language"])
    local, present = instant.astimezone(context["zone"]), context["now"].astimezone(context["zone"])
    other_year = local.year != present.year
    pattern = _DAYS.get(language)
    if pattern is not None:
        day = format_date(local, pattern + (_YEARS[language] if other_year else ""), locale=locale)
    else:
        day = format_skeleton("yMMMMEEEEd" if other_year else "MMMMEEEEd", local, locale=locale)
    return f"{day}, {_clock(local, locale)}"


@pass_context
def short(context: Context, instant: datetime) -> str:
    """Return ``23 Nov, 10:00``, for lists."""
    locale = locale_of(context["language"])
    local = instant.astimezone(context["zone"])
    return f"{format_skeleton('MMMd', local, locale=locale)}, {_clock(local, locale)}"


def _clock(local: datetime, locale: Locale) -> str:
    return format_time(local, "HH:mm", locale=locale)


@pass_context
def span(context: Context, seconds: float | timedelta) -> str:
    """Return ``3 hours 12 minutes`` for a number of seconds, whatever its sign."""
    total = seconds.total_seconds() if isinstance(seconds, timedelta) else seconds
    hours, rest = divmod(round(abs(total) / 60), 60)
    locale = locale_of(context["language"])
    parts = []
    if hours:
        parts.append(format_unit(hours, "duration-hour", "long", locale=locale))
    if (rest and hours < HOURS_ALONE) or not hours:
        parts.append(format_unit(rest, "duration-minute", "long", locale=locale))
    return " ".join(parts)


FILTERS: dict[str, Callable[..., object]] = {"when": when, "short": short, "span": span}
