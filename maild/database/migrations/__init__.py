"""The versions of the tables, one module each, oldest first; a module that was released never changes."""

from typing import Protocol

import peewee

from maild.database.migrations import (
    m0001_journal,
    m0002_desk,
    m0003_mail_out,
    m0004_housekeeping,
    m0005_commands,
    m0006_mail_around,
    m0007_catalogue,
    m0008_approvals,
    m0009_people,
    m0010_large_mails,
    m0011_oauth2,
    m0012_roster,
    m0013_sla_versions,
    m0014_audit,
    m0015_digests,
    m0016_floods,
    m0017_surveys,
    m0018_landmarks,
    m0019_senders,
    m0020_files,
)


class Migration(Protocol):
    """One step between two versions."""

    def up(self, db: peewee.Database) -> None:
        """Make the next version's tables; runs inside a transaction."""

    def down(self, db: peewee.Database) -> None:
        """Go back to the version before; runs inside a transaction."""


MIGRATIONS: tuple[Migration, ...] = (
    m0001_journal,
    m0002_desk,
    m0003_mail_out,
    m0004_housekeeping,
    m0005_commands,
    m0006_mail_around,
    m0007_catalogue,
    m0008_approvals,
    m0009_people,
    m0010_large_mails,
    m0011_oauth2,
    m0012_roster,
    m0013_sla_versions,
    m0014_audit,
    m0015_digests,
    m0016_floods,
    m0017_surveys,
    m0018_landmarks,
    m0019_senders,
    m0020_files,
)
