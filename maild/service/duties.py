"""What every decision looks at beside the store: who is on duty at the instant, and the texts that are prepared."""

from datetime import datetime

from maild.base.values import changed
from maild.database.connection import Database
from maild.desk.model import Prepared, Snapshot
from maild.service.figures import prepared
from maild.service.office import Office
from maild.sla.duty import away, on_duty
from maild.store.model import Asked
from maild.store.snapshot import snapshot


def take_snapshot(db: Database, asked: Asked, office: Office, now: datetime) -> Snapshot:
    """Take a snapshot of the store, and of who is on duty at `now`."""
    taken = snapshot(db, asked, now, office.settings.desk.first_number, office.tally)
    roster = office.roster.with_absences(taken.absences)
    duties = {team: on_duty(roster, team, now) for team in roster.members}
    reports = _reports(db, asked, office, now)
    return changed(
        taken, duties=duties, away=away(roster, now), reports=reports, canned=office.canned, knowledge=office.knowledge
    )


def _reports(db: Database, asked: Asked, office: Office, now: datetime) -> dict[str, Prepared]:
    """Return the reports that an agent asks for, in his language."""
    agent = office.settings.agent_for(asked.agent)
    if not asked.reports or agent is None:
        return {}
    with db.reading() as reader:
        made = {key: prepared(reader, wish, office, (agent.language,), now) for key, wish in asked.reports}
    return {key: each[agent.language] for key, each in made.items() if each}
