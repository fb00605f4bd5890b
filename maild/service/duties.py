"""What every decision looks at beside the store: who is on duty at the instant, and the texts that are prepared."""

from dataclasses import replace
from datetime import datetime

from maild.database.connection import Database
from maild.desk.model import Snapshot
from maild.service.office import Office
from maild.sla.duty import away, on_duty
from maild.store.model import Asked
from maild.store.snapshot import snapshot


def take_snapshot(db: Database, asked: Asked, office: Office, now: datetime) -> Snapshot:
    """Take a snapshot of the store, and of who is on duty at `now`."""
    taken = snapshot(db, asked, now, office.settings.desk.first_number, office.tally)
    roster = office.roster.with_absences(taken.absences)
    duties = {team: on_duty(roster, team, now) for team in roster.members}
    canned, known = office.canned, office.knowledge
    return replace(taken, duties=duties, away=away(roster, now), canned=canned, knowledge=known)
