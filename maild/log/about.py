"""Say once what a stretch of work is about; every record written inside carries it."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog


@contextmanager
def about(*, entry: str = "", ticket: str | int = "") -> Iterator[None]:
    """Bind an entry id and a ticket to all records of this block, in this thread or task; empty ones are left out."""
    facts = {name: value for name, value in (("entry", entry), ("ticket", ticket)) if value}
    with structlog.contextvars.bound_contextvars(**facts):
        yield
