"""The verb that has the service figures sent: report."""

from maild.desk.commands.listing import query_key
from maild.desk.commands.model import Command
from maild.desk.commands.running import Asking, Refused
from maild.desk.reporting import tell_report


def _report(asking: Asking, command: Command) -> str:
    """Send the report that the snapshot holds as a mail of its own; refused where the question means none."""
    prepared = asking.bench.snapshot.reports.get(query_key(command))
    if prepared is None:
        names = ", ".join(("day", "week", "month", *(report.name for report in asking.bench.settings.report)))
        raise Refused(asking.say("no-report", text=command.rest, names=names))
    tell_report(asking.bench, asking.agent, prepared)
    return asking.say("report-sent", title=prepared.title)


HANDLERS = {"report": _report}
