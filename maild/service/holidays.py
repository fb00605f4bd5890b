"""What an administrator wrote about holidays: countries that nobody knows, and iCalendar files as they lie on disk."""

from collections.abc import Mapping

from maild.settings.faults import Fault
from maild.settings.model import Settings
from maild.settings.places import Path as Key
from maild.settings.source import Source
from maild.sla.holidays_ics import read_holidays


def published_holidays(settings: Settings) -> Mapping[str, str]:
    """Return the texts of the iCalendar files by calendar, those of one calendar as one text; raises OSError."""
    return {
        calendar.name: "\n".join(file.read_text("utf-8", "replace") for file in calendar.holidays.files)
        for calendar in settings.calendar
        if calendar.holidays.files
    }


def holiday_files(source: Source) -> list[Key]:
    """Return the keys under which files of holidays are named."""
    calendars = source.data.get("calendar")
    found: list[Key] = []
    for at, entry in enumerate(calendars if isinstance(calendars, list) else []):
        days = entry.get("holidays") if isinstance(entry, dict) else None
        files = days.get("files") if isinstance(days, dict) else None
        found += [("calendar", at, "holidays", "files", number) for number in range(len(files or []))]
    return found


def days_left_out(source: Source, settings: Settings) -> list[Fault]:
    """Return a warning for each event of a file that is no holiday for us: it takes no whole day, say."""
    mend = "write the days into `extra` if nobody works then"
    return [
        source.fault(("calendar", at, "holidays", "files", number), said, mend)
        for at, calendar in enumerate(settings.calendar)
        for number, file in enumerate(calendar.holidays.files)
        for said in read_holidays(file.read_text("utf-8", "replace")).left_out
    ]


def unknown_holidays(source: Source) -> list[Fault]:
    """Return a fault for each country or subdivision whose holidays nobody knows."""
    calendars = source.data.get("calendar")
    found = []
    for at, entry in enumerate(calendars if isinstance(calendars, list) else []):
        days = entry.get("holidays") if isinstance(entry, dict) else None
        if isinstance(days, dict) and isinstance(days.get("country"), str) and days["country"]:
            found += _unknown_place(source, ("calendar", at, "holidays"), days)
    return found


def _unknown_place(source: Source, key: Key, days: Mapping[str, object]) -> list[Fault]:
    from holidays import list_supported_countries  # late: it costs a tenth of a second, and few files need it

    known = list_supported_countries(include_aliases=True)
    country, part = str(days["country"]), str(days.get("subdivision", ""))
    if country not in known:
        return [source.fault((*key, "country"), "its holidays are not known", 'write an ISO 3166 code such as "ES"')]
    if part and part not in known[country]:
        mend = f"write one of {', '.join(known[country])}" if known[country] else "leave it out"
        return [source.fault((*key, "subdivision"), "there is no such part of the country", mend)]
    return []
