"""Texts that the administrator keeps in folders, <folder>/<language>/<name>.md: canned texts and articles."""

from collections.abc import Iterator
from pathlib import Path

from maild.base.text import plain
from maild.desk.canned import Canned, unknown_placeholders
from maild.desk.knowledge import Knowledge, know, read_article
from maild.settings.faults import Fault
from maild.settings.model import Settings

OCTETS_MAX = 200_000  # of one text: more is a mistake, and would go out in every mail
_KINDS = (".md", ".txt")


def read_canned(folder: Path) -> Canned:
    """Return the canned texts of a folder; none when it is not there. Files that cannot be read are left out."""
    found: dict[str, dict[str, str]] = {}
    for file in _files(folder):
        text = _text(file)
        if text is not None:
            found.setdefault(plain(file.stem), {})[file.parent.name] = text
    return found


def read_knowledge(folder: Path | None) -> Knowledge:
    """Return the articles of a folder, ready to be searched."""
    files = _files(folder) if folder is not None else ()
    read = ((file, _text(file)) for file in files)
    return know(read_article(file.stem, file.parent.name, text) for file, text in read if text is not None)


def shelf_faults(base: Path, settings: Settings) -> Iterator[Fault]:
    """Yield what is wrong with the texts that the configuration names."""
    articles = settings.desk.knowledge_base
    if articles is not None and not (base / articles).is_dir():
        mend = "make the folder with <language>/<name>.md in it, or leave the key out"
        yield Fault(str(base), None, "desk.knowledge_base", str(articles), "there is no such folder", mend)
    for folder in (base / settings.desk.canned, *((base / articles,) if articles is not None else ())):
        for file in _files(folder):
            text = _text(file)
            if text is None:
                mend = f"write it in UTF-8 and below {OCTETS_MAX} octets"
                yield Fault(str(file), None, "", "", "it cannot be read as text", mend)
            elif folder != (base / articles if articles else None) and (unknown := unknown_placeholders(text)):
                mend = "there are {requester}, {key}, {agent} and {service}"
                yield Fault(str(file), None, "", ", ".join(unknown), "unknown placeholders", mend)


def _files(folder: Path) -> Iterator[Path]:
    for language in sorted(each for each in folder.iterdir() if each.is_dir()) if folder.is_dir() else ():
        yield from (file for file in sorted(language.iterdir()) if file.suffix in _KINDS and file.is_file())


def _text(file: Path) -> str | None:
    try:
        octets = file.read_bytes()
        return octets.decode("utf-8-sig") if len(octets) <= OCTETS_MAX else None
    except (OSError, UnicodeDecodeError):
        return None
