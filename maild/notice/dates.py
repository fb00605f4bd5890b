"""Instants and durations in the words of the reader's language, on the reader's clock."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time, get_timezone_location
from babel.units import format_unit
from jinja2 import pass_context
from jinja2.runtime import Context

# Where a weekday, day and month have a customary order that CLDR gives only with the year.
_DAYS = {"en": "EEEE d MMMM", "es": "EEEE d 'de' MMMM"}
_YEARS = {"en": " y", "es": " 'de' y"}
_ZONES = {"en": "({city} time)", "es": "(hora de {city})"}
_LOCALES = {"en": "en_GB"}  # A day stands before its month wherever the desk does not say otherwise.
HOURS_ALONE = 48  # From so many hours on nobody counts minutes.


@lru_cache(maxsize=64)
def locale_of(language: str) -> Locale:
    """Return the locale of a language; English for one that CLDR does not know."""
    try:
        return Locale.parse(_LOCALES.get(language, language))
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en_GB")


@pass_context
def when(context: Context, instant: datetime) -> str:
    """Return ``Monday 23 November, 10:00``; the year only when it is not the present one.

    People outside may live by another clock, so they read whose it is: ``10:00 (Madrid time)``.
    """
    local, present = instant.astimezone(context["zone"]), context["now"].astimezone(context["zone"])
    day = _day(context["language"], local.date(), with_year=local.year != present.year)
    clock = _clock(context["language"], local.time().replace(second=0, microsecond=0))
    return f"{day}, {clock}{_whose(context['language'], context['zone']) if context['outside'] else ''}"


@lru_cache(maxsize=256)
def _whose(language: str, zone: ZoneInfo) -> str:
    if zone.key in {"UTC", "Etc/UTC"}:
        return " (UTC)"
    city = get_timezone_location(zone, locale=locale_of(language), return_city=True)
    return " " + _ZONES.get(language, "({city})").format(city=city)


@lru_cache(maxsize=256)
def _day(language: str, day: date, *, with_year: bool) -> str:
    pattern, locale = _DAYS.get(language), locale_of(language)
    if pattern is not None:
        return str(format_date(day, pattern + (_YEARS[language] if with_year else ""), locale=locale))
    return str(format_skeleton("yMMMMEEEEd" if with_year else "MMMMEEEEd", day, locale=locale))


@pass_context
def short(context: Context, instant: datetime) -> str:
    """Return ``23 Nov, 10:00``, for lists."""
    local = instant.astimezone(context["zone"])
    day = format_skeleton("MMMd", local, locale=locale_of(context["language"]))
    return f"{day}, {_clock(context['language'], local.time().replace(second=0, microsecond=0))}"


@lru_cache(maxsize=2048)
def _clock(language: str, minute: time) -> str:
    return str(format_time(minute, "HH:mm", locale=locale_of(language)))


@pass_context
def span(context: Context, seconds: float | timedelta) -> str:
    """Return ``3 hours 12 minutes`` for a number of seconds, whatever its sign."""
    total = seconds.total_seconds() if isinstance(seconds, timedelta) else seconds
    return _hours_and_minutes(context["language"], round(abs(total) / 60))


@lru_cache(maxsize=2048)
def _hours_and_minutes(language: str, minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    locale, parts = locale_of(language), []
    if hours:
        parts.append(format_unit(hours, "duration-hour", "long", locale=locale))
    if (rest and hours < HOURS_ALONE) or not hours:
        parts.append(format_unit(rest, "duration-minute", "long", locale=locale))
    return " ".join(parts)


FILTERS: dict[str, Callable[..., object]] = {"when": when, "short": short, "span": span}
