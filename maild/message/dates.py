"""Date fields become aware instants, leniently; what cannot be is None."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_COMMENT = re.compile(r"\([^()]*\)")
_DATE_CHARS = 120  # A date of RFC 5322 has some 45; what is longer is none.


def read_date(text: str) -> datetime | None:
    """Read a Date value; UTC when it names no zone; None when it is no date or no calendar holds it. Never raises."""
    written = _COMMENT.sub(" ", text[:_DATE_CHARS]).strip()
    if not written:
        return None
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            found = read(written)
            aware = found if found.tzinfo is not None else found.replace(tzinfo=UTC)
            return aware.astimezone(UTC) if aware.year > 1900 else None
        except (ValueError, TypeError, OverflowError, IndexError, AttributeError):
            continue
    return None
