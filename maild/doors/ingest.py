"""Read mail that lies about: standard input, `.eml` files, mboxes and Maildirs.

Nothing is understood here but where one mail ends. Octets come as they lie on the disk, but for the From_ lines of an
mbox and its escaping.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

STANDARD_INPUT = "-"
# RFC 4155 appendix A: an address and a date in asctime's form; prose that begins with "From " has no time of day.
_FROM_LINE = re.compile(rb"From \S.{0,300}\d\d?:\d\d.{0,60}\d{4}\r?\n?")
_ESCAPED = re.compile(rb">+From ")

Found = tuple[str, bytes]
"""Where a mail was found, as the user would write it, and its octets."""


def read_mails(arguments: Iterable[str], standard_input: BinaryIO) -> Iterator[Found]:
    """Yield every mail of the named files and folders in their order, or the one on standard input when none is named.

    A mail of an mbox is named `FILE:3`, one of a Maildir by its own path. OSError when something cannot be read.
    """
    for argument in list(arguments) or [STANDARD_INPUT]:
        if argument == STANDARD_INPUT:
            yield STANDARD_INPUT, without_from_line(standard_input.read())
        elif is_maildir(Path(argument)):
            yield from _maildir(Path(argument))
        elif Path(argument).is_dir():
            yield from _folder(Path(argument))
        else:
            yield from _file(argument)


def is_maildir(path: Path) -> bool:
    """Whether a folder has the `cur` and `new` of a Maildir."""
    return (path / "cur").is_dir() and (path / "new").is_dir()


def _maildir(path: Path) -> Iterator[Found]:
    # What lies in `tmp` is not there yet.
    entries = [entry for part in ("cur", "new") for entry in (path / part).iterdir() if entry.is_file()]
    # Names begin with the second of delivery; by them mails stand in the order in which they came.
    for entry in sorted(entries, key=_delivered):
        if not entry.name.startswith("."):
            yield str(entry), entry.read_bytes()


def _delivered(entry: Path) -> tuple[int, str]:
    seconds, _, _ = entry.name.partition(".")
    return (int(seconds) if seconds.isascii() and seconds.isdigit() else 0), entry.name


def _folder(path: Path) -> Iterator[Found]:
    for entry in sorted(path.glob("*.eml")):
        yield str(entry), entry.read_bytes()


def _file(argument: str) -> Iterator[Found]:
    with Path(argument).open("rb") as file:
        first = file.readline()
        file.seek(0)
        if _FROM_LINE.fullmatch(first) is None:
            yield argument, without_from_line(file.read())
            return
        for number, octets in enumerate(split_mbox(file), start=1):
            yield f"{argument}:{number}", octets


def split_mbox(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the mails of an mbox, `>From ` unescaped (mboxrd), the blank line before the next From_ line taken off.

    A line that begins with `From ` counts as the beginning of a mail only behind a blank line and with a date.
    """
    mail: list[bytes] = []
    is_blank = True
    has_begun = False
    for line in lines:
        if is_blank and _FROM_LINE.fullmatch(line) is not None:
            if has_begun:
                yield _one_mail(mail)
            mail, has_begun = [], True
        else:
            mail.append(line[1:] if _ESCAPED.match(line) is not None else line)
        is_blank = line in {b"\n", b"\r\n"}
    if has_begun:
        yield _one_mail(mail)


def _one_mail(lines: list[bytes]) -> bytes:
    if lines and lines[-1] in {b"\n", b"\r\n"} and len(lines) > 1:
        lines.pop()
    return b"".join(lines)


def without_from_line(octets: bytes) -> bytes:
    """Return one mail without the From_ line that an MTA's pipe may put before it."""
    return octets.partition(b"\n")[2] if octets.startswith((b"From ", b">From ")) else octets
