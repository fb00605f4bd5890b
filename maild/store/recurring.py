"""Which incidents came lately: what may recur because of one cause."""

from datetime import datetime

from maild.database.dialect import Reader
from maild.desk.problems import Incident

LATEST_MAX = 1_000  # tickets looked at, the newest: all that are found are compared with each other
_LATELY = (
    "SELECT number, subject, category, organisation, queue, team FROM"
    " (SELECT * FROM ticket WHERE number > 0 ORDER BY number DESC LIMIT ?) AS latest"
    " WHERE created_at >= ? AND type = 'incident' AND status NOT IN ('spam', 'merged')"
    " AND NOT EXISTS (SELECT 1 FROM link WHERE ticket = latest.number AND kind = 'parent')"
    " AND NOT EXISTS (SELECT 1 FROM link WHERE other = latest.number AND kind = 'child') ORDER BY number"
)


def incidents_since(reader: Reader, since: datetime) -> tuple[Incident, ...]:
    """Return the incidents opened since an instant, oldest first, of the LATEST_MAX newest tickets.

    Those that have a parent are left out: their cause is known, or they are tasks.
    """
    return tuple(
        Incident(row["number"], row["subject"], row["category"] or row["organisation"] or row["queue"], row["team"])
        for row in reader.execute(_LATELY, (LATEST_MAX, since))
    )
