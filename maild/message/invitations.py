"""The words of an invitation that comes without any others (RFC 5545)."""

import re

SHOWN = ("SUMMARY", "DTSTART", "DTEND", "LOCATION", "DESCRIPTION")
_LINE = re.compile(r"(?P<name>[A-Z-]{1,40})(?:;[^:\r\n]{0,400})?:(?P<value>.*)")
_FOLD = re.compile(r"\r?\n[ \t]")  # RFC 5545 section 3.1
_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d\d(Z?))?")
_ESCAPED = re.compile(r"\\([\\;,nN])")


def words_of(calendar: str) -> str:
    """Return what an iCalendar text invites to, a line a property of its first event; "" when it has none."""
    _, _, event = _FOLD.sub("", calendar).partition("BEGIN:VEVENT")
    found: dict[str, str] = {}
    for line in event.partition("END:VEVENT")[0].splitlines():
        read = _LINE.fullmatch(line.strip())
        if read is not None and read["name"] in SHOWN:
            found.setdefault(read["name"], _written(read["name"], read["value"]))
    return "\n".join(found[name] for name in SHOWN if found.get(name))


def _written(name: str, value: str) -> str:
    if name.startswith("DT"):
        when = _DATE.match(value)
        if when is None:
            return value
        year, month, day, hour, minute, zulu = when.groups()
        return f"{year}-{month}-{day}" + (f" {hour}:{minute}{' UTC' if zulu else ''}" if hour else "")
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value).strip()
