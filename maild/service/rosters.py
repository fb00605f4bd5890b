"""The roster file and its iCalendar files as they lie on disk."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from maild.settings.faults import Fault
from maild.settings.model import Settings
from maild.settings.places import Path as Key
from maild.settings.source import Source, merge_below
from maild.sla.roster import Roster
from maild.sla.roster_compile import roster_from

_KEY: Key = ("desk", "roster_file")


def add_roster(source: Source, base: Path) -> None:
    """Add the roster file, when one is named, to what was read; its tables stand below `roster`."""
    written = source.value(_KEY)
    if not isinstance(written, str):
        return
    file = base / written
    try:
        octets = file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        source.faults.append(
            source.fault(_KEY, "there is no such file", "a relative path begins at this file's folder")
        )
    except OSError as error:
        mend = "let the service's user read it"
        source.faults.append(source.fault(_KEY, f"it cannot be read: {error.strerror}", mend))
    else:
        merge_below(source, "roster", str(file), octets)


def roster_faults(source: Source, settings: Settings | None) -> tuple[list[Fault], list[Fault]]:
    """Return a fault for each iCalendar file of the roster that is not there, or is none; then the warnings.

    These name the events that were left out.
    """
    if settings is None or settings.roster is None:
        return [], []
    named: list[tuple[Key, tuple[Path, ...]]] = [
        *((("roster", "shift", at, "ics"), shift.ics) for at, shift in enumerate(settings.roster.shift)),
        *((("roster", "absence", at, "ics"), absence.ics) for at, absence in enumerate(settings.roster.absence)),
    ]
    looked = [(key, *_problem(file)) for key, files in named for file in files]
    faults = [source.fault(key, problem, "write an iCalendar file") for key, problem, _ in looked if problem]
    mend = "mend the event, or leave it"
    return faults, [source.fault(key, f"left out: {each}", mend) for key, _, left_out in looked for each in left_out]


def _problem(file: Path) -> tuple[str, tuple[str, ...]]:
    """Return why a file cannot be used, "" when it can, and what of it is left out."""
    from maild.sla.ics import UnreadableCalendar, read_occurrences  # late: the library costs a fifth of a second

    now = datetime.now(UTC)
    try:
        read = read_occurrences(_text(file), ZoneInfo("UTC"), now, now + timedelta(days=1))
    except FileNotFoundError:
        return f"there is no file {file}", ()
    except (OSError, UnicodeDecodeError, UnreadableCalendar) as error:
        return f"{file} cannot be read: {error}", ()
    return "", read.left_out


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8-sig")


def open_roster(settings: Settings, now: datetime) -> Roster:
    """Compile the roster of a checked configuration, its iCalendar files written out for the months around `now`."""
    table = settings.roster
    named = [entry.ics for entry in table.shift] + [entry.ics for entry in table.absence] if table is not None else []
    return roster_from(settings, {str(file): _text(file) for files in named for file in files}, now)
