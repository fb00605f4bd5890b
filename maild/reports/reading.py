"""Make a report of a database: the one way by which the shell, the answers by mail and the clock have theirs."""

from collections.abc import Mapping, Sequence

from maild.database.dialect import Reader
from maild.reports.figures import report
from maild.reports.model import Period, Report
from maild.reports.stories import load_stories, load_traffic
from maild.sla.model import Sla


def read_report(reader: Reader, slas: Mapping[str, Sla], period: Period, teams: Sequence[str] = ()) -> Report:
    """Return the figures of a period; `teams`: of their tickets alone, else of all."""
    return report(load_stories(reader, period, teams), load_traffic(reader, period, teams), slas, period, teams)
