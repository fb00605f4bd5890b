"""Set the log up: logfmt on standard error, one record a line, nothing in it that a terminal or a parser obeys."""

import logging
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import TextIO, cast

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

VALUE_CHARACTERS_MAX = 500  # A long subject; a body pasted by mistake stays out.
_PRIORITIES = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}  # syslog(3), read by journald
_IN_FRONT = ("at", "level", "event", "entry", "ticket")
_NEEDS_QUOTES = re.compile(r'[ ="]')
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def configure(stream: TextIO | None = None, *, systemd: bool = False, level: str = "info") -> None:
    """Send every record of this process, libraries' too, to `stream` (standard error) as logfmt, line by line.

    With `systemd` each line begins with a priority such as ``<6>`` and carries no time: journald has its own.
    Calling it again replaces what was set before.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        _shorten_exception,
    ]
    stream = stream or sys.stderr
    # Our own records go to the stream directly: by way of the logging module each would cost three times as much.
    structlog.configure(
        processors=[*shared, _rendering(systemd=systemd)],
        logger_factory=structlog.WriteLoggerFactory(cast(TextIO, _Patient(stream))),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    rendering = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, _rendering(systemd=systemd)]
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=rendering))
    _install(handler, level)


_HELD = threading.local()  # the records of a block of `in_one_write`, by thread, and where they go


@contextmanager
def in_one_write() -> Iterator[None]:
    """Write this thread's records of the block in one go, at its end; blocks do not nest.

    At each write another thread may take the interpreter and keep it.
    """
    _HELD.records, _HELD.patient = [], None
    try:
        yield
    finally:
        records, _HELD.records = _HELD.records, None
        if _HELD.patient is not None:
            _HELD.patient.write("".join(records))


class _Patient:
    """A stream whose faults hold nobody up, as in the logging module: who cannot be told goes on with his work."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write as a stream does; 0 when it cannot, or not yet."""
        if getattr(_HELD, "records", None) is not None:
            _HELD.records.append(text)
            _HELD.patient = self
            return 0
        try:
            return self._stream.write(text)
        except (OSError, ValueError):
            return 0

    def flush(self) -> None:
        """Do nothing: the stream writes line by line, as standard error does."""


def _install(handler: logging.Handler, level: str) -> None:
    root = logging.getLogger()
    for old in root.handlers[:]:
        if isinstance(old.formatter, structlog.stdlib.ProcessorFormatter):
            root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)  # libraries speak up only when something is wrong
    logging.getLogger("maild").setLevel(level.upper())


def _rendering(*, systemd: bool) -> Processor:
    def render(_logger: WrappedLogger, _name: str, event: EventDict) -> str:
        """Return one record as logfmt; for the journal with its priority and without the time, which it has itself."""
        if not systemd:
            return _record(event)
        event.pop("at", None)
        return f"<{_PRIORITIES.get(str(event.get('level')), 6)}>{_record(event)}"

    return render


def _record(event: EventDict) -> str:
    # In one pass over the facts: the library's renderer, with a pass that cleans them, took three times as long, and
    # every mail is told about several times.
    facts = [_fact(name, event.pop(name)) for name in _IN_FRONT if event.get(name) is not None]
    facts += [_fact(_name(name), value) for name, value in event.items()]
    return " ".join(facts)


def _fact(name: str, value: object) -> str:
    if value is None:
        return f"{name}="
    if isinstance(value, bool):
        return f"{name}=true" if value else f"{name}=false"
    if isinstance(value, int | float):
        return f"{name}={value}"
    text = printable(value)
    if _NEEDS_QUOTES.search(text):
        text = '"' + text.replace("\\", r"\\").replace('"', r"\"") + '"'
    return f"{name}={text}"


def _shorten_exception(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Replace a traceback by what went wrong and where: a traceback has many lines and quotes values."""
    found = event.pop("exc_info", None)
    if found is True:
        found = sys.exc_info()
    if isinstance(found, BaseException):
        found = (type(found), found, found.__traceback__)
    if isinstance(found, tuple) and found[1] is not None:
        event["error"] = f"{type(found[1]).__name__}: {found[1]}"
        event["where"] = _where(found[2])
    return event


def _where(trace: TracebackType | None) -> str:
    if trace is None:
        return ""
    while trace.tb_next is not None:
        trace = trace.tb_next
    code = trace.tb_frame.f_code
    return f"{Path(code.co_filename).name}:{trace.tb_lineno} {code.co_name}"


@lru_cache(maxsize=256)
def _name(name: str) -> str:
    return re.sub(r"[^\w.-]", "_", name)


def printable(value: object) -> str:
    """Return `value` as text without control characters, at most 500 characters long.

    So it stays in its line (CWE-117): a subject must not forge a record.
    """
    text = value if isinstance(value, str) else str(value)
    if len(text) > VALUE_CHARACTERS_MAX:
        text = text[:VALUE_CHARACTERS_MAX] + "…"
    if text.isprintable():
        return text
    return _UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)
